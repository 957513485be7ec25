"""The way of a vehicle through the checkpoints of a terminal, and what was odd about it."""
