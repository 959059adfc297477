"""SQL: people, sign-ins, Workflows, keys and the audit log."""
