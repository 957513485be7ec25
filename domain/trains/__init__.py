"""Trains: what the railway declared of them, what portals read, and where the two differ."""
