"""SQLite and PostgreSQL behind one set of tables, statements, stores and views.

Tables are SQLAlchemy Core, migrations Alembic. Statements are compiled once per dialect and run on the drivers
themselves (``sqlite3``, ``asyncpg``).
"""
