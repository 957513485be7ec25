"""The business of a frontier: plain Python without I/O. Imports nothing of the other rooms."""
