"""People may be given what comes with no role."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the column: nobody is given anything yet."""
    op.add_column("people", sa.Column("permissions", sa.JSON()))
