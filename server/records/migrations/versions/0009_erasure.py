"""When a Session was deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; no Session is deleted."""
    op.add_column("sessions", sa.Column("deleted_ms", sa.BigInteger()))
