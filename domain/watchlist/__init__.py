"""Who and what is sought, why, and what to do on a match."""
