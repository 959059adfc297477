"""What is true about a Session: pure functions over its log, with no I/O, clock or randomness."""
