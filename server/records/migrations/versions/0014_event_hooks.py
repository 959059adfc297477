"""Event webhooks: which Connection is told of what, how far each log was told, and what is still to be sent."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "event_hooks",
        sa.Column("connection_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "kind", name="pk_event_hooks"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_event_hooks_connection_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "event_cursors",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("told_seq", sa.BigInteger(), nullable=False),
        sa.Column("is_behind", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_event_cursors"),
    )
    op.create_index("ix_event_cursors_is_behind", "event_cursors", ["is_behind", "session_id"])
    op.create_table(
        "events_due",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("connection_id", sa.String(32), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events_due"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_events_due_connection_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("connection_id", "key", name="uq_events_due_connection_id"),
    )
    op.create_index("ix_events_due_due_ms", "events_due", ["due_ms", "id"])
    op.create_index("ix_events_due_session_id", "events_due", ["session_id"])
