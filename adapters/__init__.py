"""Answers to the ports of the inner rooms, by technology."""
