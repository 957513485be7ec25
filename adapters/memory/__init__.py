"""Answers to every port in plain memory: for tests of behaviour, demonstrations and benches without a database.

They obey the same contracts as the databases do and forget everything when the process ends.

- `clock`, `ids`: a clock that stands still and ids that repeat themselves.
- `tables`: what a node knows, and how changes to it are undone.
- `changes`: opens and ends changes; `stores` and `screening` are what a change answers to the modules' questions.
- `projections`: what each event does to the tables.
- `logs`: the logs, read for sending and applied from batches.
- `views`: what can be looked up.
"""
