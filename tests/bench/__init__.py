"""What a message costs: python -m tests.bench."""
