"""The demo receiver: the other end of Actions, to look at, to misbehave and to count effects."""
