"""Fixtures that every test may ask for."""

from tests.databases import database, postgresql_database, postgresql_server, records, sql_records, sqlite_database

__all__ = ["database", "postgresql_database", "postgresql_server", "records", "sql_records", "sqlite_database"]
