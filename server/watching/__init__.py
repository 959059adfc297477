"""What an operator sees of a running installation: figures and traces. Log lines are `server/log.py`."""
