"""SQLAlchemy Core: tables and queries, one module a thing that is stored."""
