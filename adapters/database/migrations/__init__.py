"""Migrations of both dialects, run at start by one process at a time."""
