"""The link's wires over NATS: core subjects for words, JetStream for batches. `subjects` names them all."""
