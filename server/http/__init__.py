"""Pages and requests, one handler group a file; live Sessions go through the gateway."""
