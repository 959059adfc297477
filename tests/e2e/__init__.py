"""People at real browsers, against a real server."""
