"""Passwords, one-time links, failed sign-ins; browsers of sign-ins, people by name, and the audit log by what it tells.

Whoever is there keeps their sign-ins, and has no password.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the tables, add the columns, fold the names."""
    op.create_table(
        "passwords",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(200), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_passwords"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_passwords_person_id"),
    )
    op.create_table(
        "links",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_links"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_links_person_id"),
        sa.UniqueConstraint("token_hash", name="uq_links_token_hash"),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("told_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_last_ms", "sign_in_failures", ["last_ms"])
    op.add_column("sign_ins", sa.Column("browser", sa.String(100)))
    op.add_column("people", sa.Column("name_folded", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_people_name_folded", "people", ["name_folded", "id"])
    for name in ("act", "actor_id", "subject"):
        op.create_index(f"ix_audit_{name}", "audit", [name, "id"])

    people = sa.table("people", sa.column("id"), sa.column("name"), sa.column("name_folded"))
    connection = op.get_bind()
    for person_id, name in connection.execute(sa.select(people.c.id, people.c.name)).all():
        folded = sa.update(people).where(people.c.id == person_id).values(name_folded=name.casefold())
        connection.execute(folded)
