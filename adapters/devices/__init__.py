"""The formats in which devices report what they saw."""
