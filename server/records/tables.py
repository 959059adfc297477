"""The SQL tables, as SQLAlchemy Core sees them.

What is asked of them is in the module of each port (`archive.py`, `catalog.py`,
`session_keys.py`, `sessions.py`, `attention.py`, `sign_ins.py`, `audit.py`, `people.py`,
`roster.py`, `accounts.py`, `identities.py`, `frame_codes.py`, `slow_down.py`, `connections.py`,
`deliveries.py`, `egress_rules.py`, `event_hooks.py`, `erasure.py`, `api_tokens.py`, `api_answers.py`,
`house.py`, `turns.py`, `leftovers.py`, `dwell.py`, `alerts.py`); how they came to be is in `migrations/`, which a
test holds equal to this file.
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
    text,
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
    # Case-folded, since SQLite folds ASCII only.
    Column("name_folded", Text, nullable=False, server_default=text("''")),
    Index("ix_people_name_folded", "name_folded", "id"),
)

passwords = Table(
    "passwords",
    metadata,
    Column("person_id", String(64), ForeignKey("people.id"), primary_key=True),
    Column("hash", String(200), nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("person_id", String(64), ForeignKey("people.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("recovery", JSON, nullable=False),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("person_id", String(64), ForeignKey("people.id"), primary_key=True),
    Column("view_id", String(32), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("search", String(500), nullable=False),
    Column("is_default", Boolean, nullable=False),
)

# One per person: a new one takes the place of the one before.
links = Table(
    "links",
    metadata,
    Column("person_id", String(64), ForeignKey("people.id"), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
)

# Of one issuer a person has one subject: another with the same e-mail address is somebody else.
identities = Table(
    "identities",
    metadata,
    Column("issuer", String(500), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("person_id", String(64), ForeignKey("people.id"), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    UniqueConstraint("person_id", "issuer"),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    # Of an e-mail or a network address: what people type by mistake is not kept.
    Column("key_hash", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("told_ms", BigInteger, nullable=False),
    Index(None, "last_ms"),
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
    Column("browser", String(100)),
    # Such as password, link, oidc; null for those from before it was kept.
    Column("way", String(16)),
    Index(None, "person_id"),
)

# Bound to the sign-in that made it: when that ends, so does the code.
frame_codes = Table(
    "frame_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("token_hash", String(64), ForeignKey("sign_ins.token_hash"), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("number", BigInteger, nullable=False),
)

# What administrators set; what is not here is as it was at the start.
house_settings = Table(
    "house_settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
)

# Of jobs that one process does at a time: until when nobody else begins.
turns = Table(
    "turns",
    metadata,
    Column("job", String(64), primary_key=True),
    Column("until_ms", BigInteger, nullable=False),
)

# The keys are gone; the store may still hold the log.
begun_deletions = Table(
    "begun_deletions",
    metadata,
    Column("session_id", String(32), primary_key=True),
    Column("begun_ms", BigInteger, nullable=False),
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
    Index("ix_audit_act", "act", "id"),
    Index("ix_audit_actor_id", "actor_id", "id"),
    Index("ix_audit_subject", "subject", "id"),
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
    Column("recalled_ms", BigInteger),
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

archived_logs = Table(
    "archived_logs",
    metadata,
    Column("session_id", String(32), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("entry_id", String(16), nullable=False),
    Column("archived_ms", BigInteger, nullable=False),
    Column("log", LargeBinary, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", String(32), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("list", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("title_folded", Text, nullable=False),
    Column("workflow_key", String(64), nullable=False),
    Column("workflow_name", String(200), nullable=False),
    Column("version_id", String(97), nullable=False),
    Column("status", String(16), nullable=False),
    Column("training", Boolean, nullable=False),
    Column("owner_id", String(64), nullable=False),
    Column("owner_name", String(200), nullable=False),
    Column("driver_id", String(64), nullable=False),
    Column("driver_name", String(200), nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    # Never null, so that one index gives the order of the paused list: `NEVER` if nobody said when to call back.
    Column("call_back_ms", BigInteger, nullable=False),
    Column("outcome", String(16)),
    Column("end_reason_key", String(64)),
    Column("deleted_ms", BigInteger),
    Index("ix_sessions_live", "list", "started_ms", "session_id"),
    Index("ix_sessions_paused", "list", "call_back_ms", "changed_ms", "session_id"),
    Index("ix_sessions_finished", "list", "changed_ms", "session_id"),
    Index("ix_sessions_owner", "owner_id", "list", "changed_ms"),
    Index("ix_sessions_driver", "driver_id", "list", "changed_ms"),
)

session_teams = Table(
    "session_teams",
    metadata,
    Column("session_id", String(32), ForeignKey("sessions.session_id"), primary_key=True),
    Column("team_id", String(64), primary_key=True),
)

session_look_ups = Table(
    "session_look_ups",
    metadata,
    Column("session_id", String(32), ForeignKey("sessions.session_id"), primary_key=True),
    Column("field_key", String(64), primary_key=True),
    # Compared byte by byte everywhere: what begins with a text is one range of the index.
    Column("value", String(200).with_variant(String(200, collation="C"), "postgresql"), nullable=False),
    Index("ix_session_look_ups_value", "value", "field_key"),
)

integrations = Table(
    "integrations",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("enabled", Boolean, nullable=False),
)

connections = Table(
    "connections",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("integration", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    # Empty for the account's: two nulls are not equal, so that names would not be unique.
    Column("owner_id", String(64), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("kid", String(64), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("sealed", JSON, nullable=False),
    Column("rotating", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    UniqueConstraint("integration", "name", "owner_id"),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("connection_id", String(32), ForeignKey("connections.id", ondelete="CASCADE"), nullable=False),
    Column("session_id", String(32)),
    Column("action_id", String(16)),
    Column("action_name", String(200), nullable=False),
    Column("action", String(100), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("status", Integer),
    Column("duration_ms", BigInteger, nullable=False),
    Column("message", String(500), nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("host", String(253), nullable=False),
    Index("ix_delivery_attempts_connection", "connection_id", "at_ms", "id"),
    Index(None, "session_id"),
)

event_hooks = Table(
    "event_hooks",
    metadata,
    Column("connection_id", String(32), ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("since_ms", BigInteger, nullable=False),
)

event_cursors = Table(
    "event_cursors",
    metadata,
    Column("session_id", String(32), primary_key=True),
    Column("told_seq", BigInteger, nullable=False),
    Column("is_behind", Boolean, nullable=False),
    Index("ix_event_cursors_is_behind", "is_behind", "session_id"),
)

events_due = Table(
    "events_due",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("connection_id", String(32), ForeignKey("connections.id", ondelete="CASCADE"), nullable=False),
    Column("session_id", String(32), nullable=False),
    Column("key", String(100), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    UniqueConstraint("connection_id", "key"),
    Index("ix_events_due_due_ms", "due_ms", "id"),
    Index(None, "session_id"),
)

egress_rules = Table(
    "egress_rules",
    metadata,
    Column("network", String(50), primary_key=True),
    Column("port", Integer, primary_key=True),
    Column("note", String(200), nullable=False),
)

session_actions = Table(
    "session_actions",
    metadata,
    Column("session_id", String(32), ForeignKey("sessions.session_id"), primary_key=True),
    Column("action_id", String(16), primary_key=True),
    Column("action_key", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("integration", String(100), nullable=False),
    Column("integration_name", String(200), nullable=False),
    Column("connection", String(100)),
    # Null: it is on its way, and shown to nobody; its Session's row is compared with the log until it arrived.
    Column("kind", String(32)),
    Column("cause", String(32)),
    Column("code", Integer),
    Column("status", String(32), nullable=False),
    Column("shown", String(16), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Index("ix_session_actions_since", "since_ms", "session_id", "action_id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("hint", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("scopes", JSON, nullable=False),
    # SQL's null, and not JSON's: all teams.
    Column("team_ids", JSON(none_as_null=True)),
    Column("made_by", String(64), nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger),
    Column("last_used_ms", BigInteger),
    Column("revoked_ms", BigInteger),
)

# Of a request that changes something and that no log would know again; kept for a day.
api_answers = Table(
    "api_answers",
    metadata,
    # Of token and key together.
    Column("key_hash", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("begun_ms", BigInteger, nullable=False),
    # Null while it is being answered.
    Column("status", Integer),
    Column("sealed", LargeBinary),
    Index(None, "begun_ms"),
)

# How often a visit of a Section lasted how long (`server/dwell.py`), by the week in which it ended.
visit_lengths = Table(
    "visit_lengths",
    metadata,
    Column("workflow_key", String(64), primary_key=True),
    Column("section_key", String(64), primary_key=True),
    Column("week", Integer, primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("visits", Integer, nullable=False),
    Index(None, "week"),
)

# What happens in Sessions and is over at once, of each of their teams: what alerts look at.
call_signs = Table(
    "call_signs",
    metadata,
    Column("team_id", String(64), primary_key=True),
    Column("session_id", String(32), primary_key=True),
    Column("sign", String(16), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("what", String(200), nullable=False),
    Column("person", JSON, nullable=False),
    Column("stayed_ms", BigInteger, nullable=False),
    Column("fewest_ms", BigInteger, nullable=False),
    Index("ix_call_signs_kind", "kind", "at_ms"),
)

alerts = Table(
    "alerts",
    metadata,
    # SQLite numbers rows by itself in a column declared INTEGER only.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("team_id", String(64), nullable=False),
    Column("rule", String(16), nullable=False),
    # Empty if it leads to none: two nulls are not equal.
    Column("session_id", String(32), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("raised_ms", BigInteger, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("about", JSON, nullable=False),
    Column("seen_by", JSON(none_as_null=True)),
    Column("seen_ms", BigInteger),
    Column("ended_ms", BigInteger),
    # Why it ended: over, or snoozed.
    Column("outcome", String(16)),
    UniqueConstraint("team_id", "rule", "session_id", "since_ms"),
    Index(None, "ended_ms"),
    Index("ix_alerts_raised", "team_id", "raised_ms"),
)

alert_settings = Table(
    "alert_settings",
    metadata,
    Column("team_id", String(64), ForeignKey("teams.id"), primary_key=True),
    Column("settings", JSON, nullable=False),
)

alert_snoozes = Table(
    "alert_snoozes",
    metadata,
    Column("team_id", String(64), ForeignKey("teams.id"), primary_key=True),
    Column("rule", String(16), primary_key=True),
    Column("until_ms", BigInteger, nullable=False),
    Column("by", JSON, nullable=False),
)
