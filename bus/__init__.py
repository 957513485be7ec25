"""How messages travel. Knows the business, but no database and no NATS."""
