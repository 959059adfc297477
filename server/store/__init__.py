"""Live Sessions at rest: logs, pushes, leases, and how typed content is sealed."""
