"""What several tests share: people, clocks, servers to talk to."""
