"""Who is who at an OpenID provider; how a sign-in came to be; and codes that carry one into a frame.

Sign-ins that are there already do not tell.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


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
    op.create_table(
        "frame_codes",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name="pk_frame_codes"),
        sa.ForeignKeyConstraint(["token_hash"], ["sign_ins.token_hash"], name="fk_frame_codes_token_hash"),
    )
