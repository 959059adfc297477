"""Notices, and in which Sessions each was read."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "notices",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("workflow_key", sa.String(64), nullable=False),
        sa.Column("workflow_name", sa.String(200), nullable=False),
        sa.Column("section_key", sa.String(64)),
        sa.Column("section_name", sa.String(200)),
        sa.Column("team_ids", sa.JSON(), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("by_id", sa.String(64), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger()),
        sa.Column("taken_back_ms", sa.BigInteger()),
        sa.Column("taken_back_by", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name="fk_notices_by_id"),
        sa.ForeignKeyConstraint(["taken_back_by"], ["people.id"], name="fk_notices_taken_back_by"),
    )
    op.create_table(
        "notice_sessions",
        sa.Column("notice_id", sa.String(32), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "session_id", name="pk_notice_sessions"),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_notice_sessions_notice_id"),
    )
