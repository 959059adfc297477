"""Actions on their way out: who sends them, through which door, and what came of it."""
