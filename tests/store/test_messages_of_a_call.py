"""How often a call waits for PostgreSQL: every message is a way there and back."""

from __future__ import annotations

import psycopg
import pytest
from databases import NoPostgresError, database_url
from support import Marketo

from mockmkto.store.registry import Registry
from mockmkto.store.schemas import PostgresBackend
