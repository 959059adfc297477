"""WebSocket connections: hello, receive, send, close, backpressure."""
