"""Live Sessions in this process: who follows them, and what each is sent."""
