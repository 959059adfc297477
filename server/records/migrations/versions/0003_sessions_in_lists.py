"""Sessions as lists and look-ups find them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables; the server fills them from the logs."""
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("list", sa.String(16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_folded", sa.Text(), nullable=False),
        sa.Column("workflow_key", sa.String(64), nullable=False),
        sa.Column("workflow_name", sa.String(200), nullable=False),
        sa.Column("version_id", sa.String(97), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("training", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("owner_name", sa.String(200), nullable=False),
        sa.Column("driver_id", sa.String(64), nullable=False),
        sa.Column("driver_name", sa.String(200), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("call_back_ms", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("end_reason_key", sa.String(64)),
        sa.PrimaryKeyConstraint("session_id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_live", "sessions", ["list", "started_ms", "session_id"])
    op.create_index("ix_sessions_paused", "sessions", ["list", "call_back_ms", "changed_ms", "session_id"])
    op.create_index("ix_sessions_finished", "sessions", ["list", "changed_ms", "session_id"])
    op.create_index("ix_sessions_owner", "sessions", ["owner_id", "list", "changed_ms"])
    op.create_index("ix_sessions_driver", "sessions", ["driver_id", "list", "changed_ms"])
    op.create_table(
        "session_teams",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "team_id", name="pk_session_teams"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.session_id"], name="fk_session_teams_session_id"),
    )
    op.create_table(
        "session_look_ups",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("field_key", sa.String(64), nullable=False),
        sa.Column("value", sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "field_key", name="pk_session_look_ups"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.session_id"], name="fk_session_look_ups_session_id"),
    )
    op.create_index("ix_session_look_ups_value", "session_look_ups", ["value", "field_key"])
