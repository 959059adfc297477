"""The shell around the engine: sockets, stores, people and pages."""
