"""How long visits last, and alerts. What was archived before is not counted."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create the tables, and the revision that tells of alerts."""
    op.create_table(
        "visit_lengths",
        sa.Column("workflow_key", sa.String(64), nullable=False),
        sa.Column("section_key", sa.String(64), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_key", "section_key", "week", "bucket", name="pk_visit_lengths"),
    )
    op.create_index("ix_visit_lengths_week", "visit_lengths", ["week"])
    op.create_table(
        "call_signs",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("sign", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("person", sa.JSON(), nullable=False),
        sa.Column("stayed_ms", sa.BigInteger(), nullable=False),
        sa.Column("fewest_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "session_id", "sign", name="pk_call_signs"),
    )
    op.create_index("ix_call_signs_kind", "call_signs", ["kind", "at_ms"])
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(16), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("raised_ms", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("seen_by", sa.JSON()),
        sa.Column("seen_ms", sa.BigInteger()),
        sa.Column("ended_ms", sa.BigInteger()),
        sa.Column("outcome", sa.String(16)),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("team_id", "rule", "session_id", "since_ms", name="uq_alerts_team_id"),
    )
    op.create_index("ix_alerts_ended_ms", "alerts", ["ended_ms"])
    op.create_index("ix_alerts_raised", "alerts", ["team_id", "raised_ms"])
    op.create_table(
        "alert_settings",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", name="pk_alert_settings"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_alert_settings_team_id"),
    )
    op.create_table(
        "alert_snoozes",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(16), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "rule", name="pk_alert_snoozes"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_alert_snoozes_team_id"),
    )
    op.execute("INSERT INTO revisions (name, number) VALUES ('alerts', 1)")
