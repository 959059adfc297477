"""Every Integration that the server knows, one module each."""
