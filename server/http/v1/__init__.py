"""The HTTP API for other systems, version 1: one table of operations, one door, and a document made of the table."""
