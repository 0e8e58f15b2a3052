"""Reading lists of records: columns chosen, printed by SQL, filtered, sorted, cut to a page of fifty."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from dash_app.demo.fields import INDICES
from dash_app.demo.rest.columns import Column
from dash_app.demo.rest.filters import Condition
from dash_app.demo.rest.php import as_list, as_map, intval
from dash_app.demo.rest.protocol import PAGE, Answer, Call

Printer = Callable[[Column], str]


@dataclass(slots=True)
class Entity:
    """A table of records with its columns by classic name, and by the name of the item family."""

    name: str
    table: str
    columns: dict[str, Column]
    items: dict[str, Column] = field(default_factory=dict)
    order: dict[str, str] = field(default_factory=dict)
    """Sort expressions that differ from the column itself (stages sort by their order, not by text)."""
    plans: dict[Any, Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.items:
            self.items = {column.item: column for column in self.columns.values() if column.item}


@dataclass(frozen=True, slots=True)
class Plan:
    """A selection made ready: SQL of the columns, names in the answer, positions that hold JSON text."""

    sql: str
    names: tuple[str, ...]
    json: tuple[int, ...]
    blank: tuple[str, ...] = ()

    def rows(self, cursor: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
        """The answer's rows."""
        names = self.names
        if not self.json:
            return [dict(zip(names, row, strict=True)) for row in cursor]
        found = []
        for raw in cursor:
            row = list(raw)
            for position in self.json:
                row[position] = read_json(row[position])
            found.append(dict(zip(names, row, strict=True)))
        return found


@lru_cache(maxsize=65536)
def _read_json(text: str) -> Any:
    return orjson.loads(text)


def read_json(text: str | None) -> Any:
    """JSON text of a column as a value. Do not change what comes back: equal texts share it."""
    return None if text is None else _read_json(text)


_PLANS = threading.Lock()


def plan(entity: Entity, key: Any, names: Sequence[tuple[str, Column]], printer: Printer) -> Plan:
    """The plan of a selection, made once. ``key`` tells selections of different families apart."""
    cached = entity.plans.get((key, tuple(name for name, _ in names)))
    if cached is None:
        cached = Plan(
            ", ".join(printer(column) for _, column in names),
            tuple(name for name, _ in names),
            tuple(position for position, (_, column) in enumerate(names) if column.is_json),
        )
        with _PLANS:
            if len(entity.plans) > 500:
                entity.plans.clear()
            entity.plans[(key, cached.names)] = cached
    return cached


def selected(entity: Entity, wanted: Any) -> list[tuple[str, Column]]:
    """Columns of a classic ``select``: ``*`` all plain ones, ``UF_*`` all user fields, nothing both; ID always comes."""
    asked = [str(name).upper() for name in as_list(wanted)]
    if not asked:
        asked = ["*", "UF_*"]
    chosen: dict[str, Column] = {"ID": entity.columns["ID"]} if "ID" in entity.columns else {}
    for name in asked:
        if name == "*":
            chosen.update((n, c) for n, c in entity.columns.items() if c.star and not c.user_field)
        elif name == "UF_*":
            chosen.update((n, c) for n, c in entity.columns.items() if c.user_field)
        elif name in entity.columns:
            chosen[name] = entity.columns[name]
    return list(chosen.items())


def order_sql(entity: Entity, wanted: Any, lookup: Callable[[str], Column | None], default: str) -> str:
    """ORDER BY of an ``order`` mapping; unknown fields are left out, an unknown direction means ASC."""
    parts = []
    for name, direction in as_map(wanted).items():
        column = lookup(str(name))
        if column is None:
            continue
        expression = entity.order.get(column.name, column.raw)
        parts.append(f"{expression} {'DESC' if str(direction).strip().upper().startswith('DESC') else 'ASC'}")
    return " ORDER BY " + (", ".join(parts) or default)


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a page begins and whether the rows are counted. ``start=-1``: no counting, always the first page."""

    offset: int
    counted: bool

    @classmethod
    def of(cls, call: Call) -> Paging:
        """From the ``start`` parameter; one that is not a multiple of 50 is rounded down to its page."""
        start = intval(call.params.get("start", 0) or 0)
        return cls(max(0, start) // PAGE * PAGE, start >= 0)


def fetch_page(
    db: sqlite3.Connection,
    chosen: Plan,
    source: str,
    condition: Condition,
    order: str,
    paging: Paging,
    *,
    distinct_count: str = "count(*)",
) -> tuple[list[dict[str, Any]], int | None, int | None]:
    """(rows, total, next). total and next are None when the rows are not counted."""
    page = f"{condition.sql}{order} LIMIT {PAGE} OFFSET {paging.offset}"
    hint = _index_hint(db, source, condition)
    if hint:  # the ids first: the sorter would print every row of the window, not fifty
        ids = [row[0] for row in db.execute(f"SELECT t.ID FROM {source}{hint}{page}", condition.values)]
        marks = ",".join("?" * len(ids))
        rows = chosen.rows(db.execute(f"SELECT {chosen.sql} FROM {source} WHERE t.ID IN ({marks}){order}", ids))
    else:
        rows = chosen.rows(db.execute(f"SELECT {chosen.sql} FROM {source}{page}", condition.values))
    if not paging.counted:
        return rows, None, None
    total = db.execute(f"SELECT {distinct_count} FROM {source}{condition.sql}", condition.values).fetchone()[0]
    following = paging.offset + PAGE
    return rows, total, following if following < total else None


_INDEXED = frozenset((table, columns[0]) for table, indices in INDICES.items() for columns in indices)
_SELECTIVE = 20_000


def _index_hint(db: sqlite3.Connection, source: str, condition: Condition) -> str:
    """Read a short window of time by its index: SQLite would walk a million ids to keep their order."""
    table, _, alias = source.partition(" ")
    if condition.since is None or alias != "t" or (table, condition.since[0]) not in _INDEXED:
        return ""
    column, moment = condition.since
    probe = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {column} >= ? LIMIT {_SELECTIVE + 1})"
    few = db.execute(probe, [moment]).fetchone()[0] <= _SELECTIVE
    return f" INDEXED BY rest_{table}_{column.lower()}" if few else ""


def listed(rows: list[dict[str, Any]], total: int | None, following: int | None, *, uncounted: int | None) -> Answer:
    """The answer of a list method. ``uncounted``: its ``total`` under ``start=-1``: 0 in old methods, None in new ones."""
    return Answer(rows, uncounted if total is None else total, following)
