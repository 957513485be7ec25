"""Answers to the modules' ports within a change, one file per module, and the mapping of their rows."""
