"""Data directories as earlier releases left them, and today's code on them."""
