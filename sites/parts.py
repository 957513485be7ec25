"""The parts of a node and how they are put together, the same for every role."""
