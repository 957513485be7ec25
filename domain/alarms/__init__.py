"""What demands a response: a match, a fault, an anomaly, an officer's own call."""
