"""SQL: people, sign-ins, Workflows, keys, rows of Sessions and the audit log."""
