"""Answers to every port in plain memory: for tests of behaviour, demonstrations and benches without a database.

They obey the same contracts as the databases do and forget everything when the process ends.

- `clock`, `ids`: a clock that stands still and ids that repeat themselves.
- `changes`: opens and ends changes, keeps the logs, takes in events of other nodes.
- `stores`: what a change answers to the modules' questions.
- `projections`: what each event does to the tables.
- `views`: what can be looked up.
"""
