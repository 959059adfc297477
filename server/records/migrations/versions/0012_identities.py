"""Who is who at an OpenID provider; and how a sign-in came to be.

Sign-ins that are there already do not tell.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    """Create the table, add the column."""
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_identities_person_id"),
        sa.UniqueConstraint("person_id", "issuer", name="uq_identities_person_id"),
    )
    op.add_column("sign_ins", sa.Column("way", sa.String(16)))
