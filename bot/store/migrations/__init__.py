"""The history of the tables. `env.py` is what Alembic runs."""
