"""Rules that the database itself keeps, whoever writes to it: rows that stay as they were written."""

from typing import Any

from django.db import models
from django.db.migrations.operations.base import Operation

REFUSAL = "kept as written"
"""What the database says when it refuses; an ``IntegrityError`` carries it."""


class KeptAsWritten(Operation):
    """Refuse changes and deletions of a model's rows by triggers, on SQLite and PostgreSQL alike.

    ``but`` names fields that may change at any time, ``once`` those that may be filled in as long as they are empty.
    Whoever wrote a row may be forgotten: a foreign key that is set to NULL with what it points to may become NULL.
    A later change of the table's columns must lay the operation anew: SQLite rebuilds a table without its triggers.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model: str, but: tuple[str, ...] = (), once: tuple[str, ...] = ()):
        self.model, self.but, self.once = model, but, once

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models look the same with and without triggers."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model)
        table, vendor = model._meta.db_table, schema_editor.connection.vendor
        wrong = " OR ".join(filter(None, (self._changed(field, vendor) for field in model._meta.local_concrete_fields)))
        for statement in (*_lifted(table, vendor), *_laid(table, vendor, wrong)):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = from_state.apps.get_model(app_label, self.model)._meta.db_table
        for statement in _lifted(table, schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Keep rows of {self.model} as they were written"

    def _changed(self, field: Any, vendor: str) -> str:
        """The condition under which a column was changed against the rule; empty where it may change freely."""
        if field.name in self.but:
            return ""
        differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
        condition = f'OLD."{field.column}" {differs} NEW."{field.column}"'
        if field.name in self.once:
            return f'({condition} AND OLD."{field.column}" IS NOT NULL)'
        if field.remote_field is not None and field.remote_field.on_delete is models.SET_NULL:
            return f'({condition} AND NEW."{field.column}" IS NOT NULL)'
        return f"({condition})"


def _laid(table: str, vendor: str, wrong: str) -> list[str]:
    if vendor == "postgresql":
        name = f'"{table}_kept"'
        return [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
            f"'{REFUSAL}: {table}' USING ERRCODE = 'check_violation'; END $$",
            f'CREATE TRIGGER "kept_{table}_update" BEFORE UPDATE ON "{table}" FOR EACH ROW WHEN ({wrong}) '
            f"EXECUTE FUNCTION {name}()",
            f'CREATE TRIGGER "kept_{table}_delete" BEFORE DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()',
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}: {table}'); END"
    return [
        f'CREATE TRIGGER "kept_{table}_update" BEFORE UPDATE ON "{table}" WHEN {wrong} {refuse}',
        f'CREATE TRIGGER "kept_{table}_delete" BEFORE DELETE ON "{table}" {refuse}',
    ]


def _lifted(table: str, vendor: str) -> list[str]:
    on = f' ON "{table}"' if vendor == "postgresql" else ""
    drops = [f'DROP TRIGGER IF EXISTS "kept_{table}_{event}"{on}' for event in ("update", "delete")]
    return [*drops, f'DROP FUNCTION IF EXISTS "{table}_kept"()'] if vendor == "postgresql" else drops
