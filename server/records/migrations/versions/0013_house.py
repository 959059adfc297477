"""Settings that change while the installation runs; turns of jobs that one process does at a time; deletions begun."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the tables; nothing is set yet."""
    op.create_table(
        "house_settings",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_house_settings"),
    )
    op.create_table(
        "turns",
        sa.Column("job", sa.String(64), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job", name="pk_turns"),
    )
    op.create_table(
        "begun_deletions",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("begun_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_begun_deletions"),
    )
    revisions = sa.table("revisions", sa.column("name"), sa.column("number"))
    op.bulk_insert(revisions, [{"name": "house", "number": 0}])
