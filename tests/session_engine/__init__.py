"""What is true about a Session."""
