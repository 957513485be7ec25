"""The formats in which devices push what they saw."""
