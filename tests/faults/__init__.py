"""Parts killed, cut off or slowed down, and nothing acknowledged lost."""
