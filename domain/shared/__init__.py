"""The kernel every module builds on: messages, errors by meaning, actors, ports of time, ids and recording."""
