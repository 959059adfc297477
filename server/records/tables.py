"""The SQL tables, as SQLAlchemy Core sees them.

What is asked of them is in the module of each port (`catalog.py`,
`session_keys.py`, `sign_ins.py`, `audit.py`, `people.py`); how they came to be
is in `migrations/`, which a test holds equal to this file.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

people = Table(
    "people",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("email", String(320), unique=True),
    Column("roles", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("locale", JSON),
)

teams = Table(
    "teams",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
)

team_members = Table(
    "team_members",
    metadata,
    Column("team_id", String(64), ForeignKey("teams.id"), primary_key=True),
    Column("person_id", String(64), ForeignKey("people.id"), primary_key=True),
    Index(None, "person_id"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", String(64), ForeignKey("people.id"), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("last_seen_ms", BigInteger, nullable=False),
    Column("revoked_ms", BigInteger),
    Index(None, "person_id"),
)

audit = Table(
    "audit",
    metadata,
    # SQLite numbers rows by itself in a column declared INTEGER only.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("act", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", JSON, nullable=False),
    Index(None, "at_ms"),
)

workflows = Table(
    "workflows",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("archived", Boolean, nullable=False),
)

workflow_versions = Table(
    "workflow_versions",
    metadata,
    Column("version_id", String(97), primary_key=True),
    Column("workflow_key", String(64), ForeignKey("workflows.key"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("published_ms", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("workflow_key", "number"),
)

workflow_drafts = Table(
    "workflow_drafts",
    metadata,
    Column("workflow_key", String(64), primary_key=True),
    Column("saved_ms", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)

session_keys = Table(
    "session_keys",
    metadata,
    Column("session_id", String(32), primary_key=True),
    Column("kid", String(64), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
