"""The whole topology on one machine with simulated traffic, shown live and judged at the end."""
