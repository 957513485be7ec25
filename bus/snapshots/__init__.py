"""Snapshots of feeds: all rows of a feed at one state, with the place in each of its logs to which they belong."""
