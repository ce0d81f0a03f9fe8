"""The audit policy: what the API server was told to record."""
