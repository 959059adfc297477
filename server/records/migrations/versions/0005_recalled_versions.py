"""When a version of a Workflow was recalled."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; no version is recalled."""
    op.add_column("workflow_versions", sa.Column("recalled_ms", sa.BigInteger()))
