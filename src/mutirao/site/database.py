"""Which database: SQLite in the data folder, or PostgreSQL by one address."""

from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

#: WAL and FULL: readers never wait for a writer, and what was acknowledged survives a power cut.
#: recursive_triggers: without it, INSERT OR REPLACE deletes rows past their triggers.
SQLITE_BEGIN = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON; "
    "PRAGMA cache_size=-32000;"
)


def database_of(address: str, file: Path) -> dict[str, Any]:
    """Django's settings for an address such as ``postgresql://user:word@host/name``; empty: SQLite in ``file``."""
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": file,
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_BEGIN},
            "TEST": {"NAME": str(file.with_name("test.sqlite3"))},
        }
    parts = {key: str(value) for key, value in conninfo_to_dict(address).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "mutirao"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts,
    }
