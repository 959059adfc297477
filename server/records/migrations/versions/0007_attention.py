"""Actions that need somebody's attention."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table; the mirror fills it with the rows of Sessions."""
    op.create_table(
        "session_actions",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("action_id", sa.String(16), nullable=False),
        sa.Column("action_key", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("integration", sa.String(100), nullable=False),
        sa.Column("integration_name", sa.String(200), nullable=False),
        sa.Column("connection", sa.String(100)),
        sa.Column("kind", sa.String(32)),
        sa.Column("cause", sa.String(32)),
        sa.Column("code", sa.Integer()),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("shown", sa.String(16), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "action_id", name="pk_session_actions"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.session_id"], name="fk_session_actions_session_id"),
    )
    op.create_index("ix_session_actions_since", "session_actions", ["since_ms", "session_id", "action_id"])
