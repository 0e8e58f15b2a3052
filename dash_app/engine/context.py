"""One question against one snapshot: its facts, its period as instants, its filters as SQL.

The base of a comparison is a context of its own, so every definition is written once and asked twice.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import duckdb

from dash_app.access.scope import EVERYTHING, Scope
from dash_app.engine.directory import NONE, Directory
from dash_app.engine.facts import FACTS, Fact
from dash_app.engine.page_plan import NO_PAGE, Page
from dash_app.engine.periods import Span, base_span, days_passed, span_of, to_local, to_utc
from dash_app.engine.query import FILTERS, Filters, Query
from dash_app.engine.typed import NOTHING, Typed
from dash_app.store.machine import open_database
from dash_app.text import Lang

Params = dict[str, Any]


class FactsSource(Protocol):
    """A snapshot as metrics see it (``store.snapshots.Snapshot``)."""

    @property
    def id(self) -> str:
        """Identity of the data: part of every cache key."""
        ...

    @property
    def facts_path(self) -> Path:
        """The facts database of the present."""
        ...

    def facts_as_of(self, instant: datetime) -> Path:
        """Facts derived as of an earlier instant (naive UTC); built on first use."""
        ...


_databases: dict[Path, duckdb.DuckDBPyConnection] = {}
_lock = threading.Lock()
_inherited: list[object] = []


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only cursor of a facts database, the database opened once a process. Safe to use from one thread."""
    gone: list[duckdb.DuckDBPyConnection] = []  # let go after the lock: a database waits for its threads to end
    with _lock:
        database = _databases.get(path)
        if database is None:
            database = open_database(path, "questions", read_only=True)
            database.execute("SET autoinstall_known_extensions = false")
            database.execute("SET TimeZone = 'UTC'") if _has_icu(database) else None
            gone = _expired()
            _databases[path] = database
        cursor = database.cursor()
    gone.clear()
    return cursor


def _expired() -> list[duckdb.DuckDBPyConnection]:
    """Takes out databases whose snapshot has expired; running queries keep their own cursor."""
    return [_databases.pop(path) for path in [p for p in _databases if not p.exists()]]


def _leave_to_the_parent() -> None:
    """A forked process has its parent's databases without their threads: touched or closed, they would wait for these for ever."""
    global _lock
    _inherited.append(dict(_databases))
    _databases.clear()
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_the_parent)


def _has_icu(database: duckdb.DuckDBPyConnection) -> bool:
    row = database.execute("SELECT count(*) FROM duckdb_settings() WHERE name = 'TimeZone'").fetchone()
    return bool(row and row[0])


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a block needs to be answered once.

    ``facts_path`` is the database asked; ``state_path`` (lazily) the one that speaks of the span's end in a base.
    """

    source: FactsSource
    directory: Directory
    query: Query
    span: Span
    zone: ZoneInfo
    as_of: datetime  # naive UTC
    facts_path: Path
    lang: Lang = "ru"
    is_base: bool = False
    typed: Typed = NOTHING
    page: Page = NO_PAGE  # what is asked together with this question
    rights: Scope = EVERYTHING  # who asks: ``directory`` and ``typed`` are those of these rights
    everybody: Directory | None = None  # the directory without rights, for yardsticks; None: ``directory`` is it

    @classmethod
    def of(
        cls,
        source: FactsSource,
        directory: Directory,
        query: Query,
        facts_path: Path,
        lang: Lang = "ru",
        typed: Typed = NOTHING,
        rights: Scope = EVERYTHING,
        everybody: Directory | None = None,
    ) -> Context:
        """The context of the period itself. ``directory`` belongs to ``facts_path`` and to ``rights``."""
        zone = ZoneInfo(directory.timezone)
        return cls(
            source,
            directory,
            query,
            span_of(query.period, zone),
            zone,
            directory.as_of,
            facts_path,
            lang,
            False,
            typed,
            rights=rights,
            everybody=everybody,
        )

    def base(self) -> Context | None:
        """The same question for the base of the comparison; None without one."""
        if self.query.compare is None:
            return None
        span = base_span(
            self.query.period,
            self.query.compare,
            self.as_of,
            self.zone,
            whole=self.query.whole_base,
            workdays=self.typed.workdays if self.query.align == "working_days" else None,
        )
        return replace(self, span=span, is_base=True)

    def asked(self) -> Context:
        """The question of the period itself, for a base; itself otherwise."""
        if not self.is_base:
            return self
        return replace(
            Context.of(
                self.source,
                self.directory,
                self.query,
                self.facts_path,
                self.lang,
                self.typed,
                self.rights,
                self.everybody,
            ),
            page=self.page,
        )

    def at_its_end(self) -> Context:
        """For state figures of a base: the same question to the facts as they stood at the span's end."""
        if not self.is_base or self.span.end >= self.as_of:
            return self
        return replace(self, facts_path=self.source.facts_as_of(self.span.end), as_of=self.span.end)

    def as_yardstick(self) -> Context:
        """The question without rights: only for what is said of many people at once and names none of them (``LEAST_MEASURED``)."""
        if not self.rights.is_limited:
            return self
        return replace(self, rights=EVERYTHING, directory=self.everybody or self.directory, page=NO_PAGE)

    @property
    def first_month(self) -> int:
        """First month of the fiscal year."""
        return self.typed.preferences.fiscal_year_month

    @property
    def days_passed(self) -> Fraction | None:
        """Days of the span that have passed: what a figure per day is divided by."""
        return days_passed(self.span, self.as_of, self.zone)

    @property
    def params(self) -> Params:
        """Values of the language's parameters."""
        return {
            "clock": "touched",  # what a report without these options means
            "working_days": "false",
            **self.typed.params(to_local(self.as_of, self.zone).date()),
            **{name: _plain(value) for name, value in self.query.options},
            "start": self.span.start,
            "end": self.span.end,
            "as_of": self.as_of,
            "today_start": to_utc(datetime.combine(to_local(self.as_of, self.zone).date(), time.min), self.zone),
            "first_day": self.span.period.start,
            "last_day": self.span.period.end,
        }

    def execute(
        self, sql: str, params: Mapping[str, Any] | None = None, tables: Mapping[str, Any] | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Runs SQL with exactly the parameters it names. ``tables``: Arrow tables it may name beside those of the facts."""
        connection = connect(self.facts_path)
        for name, table in (tables or {}).items():
            connection.register(name, table)
        return connection.execute(sql, self._used(sql, params) or None)

    def arrow(self, sql: str, params: Mapping[str, Any] | None = None) -> Any:
        """The rows of a SELECT as an Arrow table."""
        return connect(self.facts_path).sql(sql, params=self._used(sql, params) or None).to_arrow_table()

    def key_of(self, sql: str, params: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """What the answer to a statement depends on beside the database, as a key."""
        return sql, *(f"{name}={value!r}" for name, value in sorted(self._used(sql, params).items()))

    def _used(self, sql: str, params: Mapping[str, Any] | None) -> Params:
        values = {**self.params, **(params or {})}
        return {name: values[name] for name in _PARAMETER.findall(sql) if name in values}

    # -- filters as SQL --------------------------------------------------------------------------------------

    def scope(self, fact: Fact, *, without: frozenset[str] = frozenset(), alias: str = "") -> tuple[str, Params]:
        """The fact's base predicate, the rights of who asks and the page's filters that have meaning for it.

        ``without`` drops filters, never rights.
        """
        clauses, params = [fact.base, self.rights.condition(fact.person)], {}
        direct, rest = self._conditions(fact, self.query.filters, without)
        for clause, values in direct:
            clauses.append(clause)
            params.update(values)
        if rest and fact.through:
            column, owner = fact.through
            inner = [self.rights.condition(FACTS[owner].person), *(c for c, _ in rest)]
            for _, values in rest:
                params.update(values)
            clauses.append(f"{column} IN (SELECT id FROM {FACTS[owner].table} WHERE {' AND '.join(inner)})")
        return " AND ".join(f"({c})" for c in clauses if c != "true") or "true", params

    def _conditions(
        self, fact: Fact, filters: Filters, without: frozenset[str]
    ) -> tuple[list[tuple[str, Params]], list[tuple[str, Params]]]:
        """Conditions on own columns, and those that only the owner card knows."""
        direct: list[tuple[str, Params]] = []
        through: list[tuple[str, Params]] = []
        owner = FACTS[fact.through[1]] if fact.through else None
        for name in FILTERS:
            values: frozenset[str] = getattr(filters, name)
            if not values or name in without:
                continue
            for known, target in ((fact, direct), (owner, through)):
                if known is not None and name in known.filters:
                    condition = self._condition(known, name, values)
                    if condition is not None:
                        target.append(condition)
                    break
        for number, (field, values) in enumerate(filters.fields):
            if f"uf.{field}" in without or "fields" in without:
                continue
            for known, target in ((fact, direct), (owner, through)):
                if known is not None and "fields" in known.filters:
                    condition = self._field_condition(known, field, values, f"uf_{number}")
                    if condition is not None:
                        target.append(condition)
                    break
            else:
                by_card = self._cards_condition(fact, field, values, f"uf_{number}")
                if by_card is not None:
                    direct.append(by_card)
        return direct, through

    def _condition(self, fact: Fact, name: str, values: frozenset[str]) -> tuple[str, Params] | None:
        column = fact.filters[name]
        if name == "department":
            people = self.directory.managers_of(values)
            return _integers(column, people), {}
        if name == "tag":
            return _tags(column, values)
        if name in ("pipeline", "manager", "project"):
            return _integers(column, {None if v == NONE else int(v) for v in values}), {}
        if name == "stage":
            entities = ("deal", "lead") if fact.entity in ("activity", "response") else (fact.entity,)
            values = values & frozenset({NONE}).union(*(self.directory.stage_ids(e) for e in entities))
            if not values:  # stages of the other entity only: no meaning here
                return None
            if (
                fact.entity == "activity" and NONE in values
            ):  # a client's own activity has no card that could lack a stage
                column = f"CASE WHEN owner_status IS NOT NULL THEN {column} ELSE '' END"
        return _strings(column, name, values)

    def _cards_condition(self, fact: Fact, field: str, values: frozenset[str], name: str) -> tuple[str, Params] | None:
        """An own field on records that belong to a card: those whose card satisfies it. Cards without the field have none of its values."""
        clauses, params = [], {}
        for cards, which in fact.cards.items():
            condition = self._field_condition(FACTS[cards], field, values, name)
            if condition is not None:
                clauses.append(
                    f"({which} AND {fact.card} IN (SELECT id FROM {FACTS[cards].table} "
                    f"WHERE {self.rights.condition(FACTS[cards].person)} AND {condition[0]}))"
                )
                params.update(condition[1])
        return ("(" + " OR ".join(clauses) + ")", params) if clauses else None

    def _field_condition(self, fact: Fact, field: str, values: frozenset[str], name: str) -> tuple[str, Params] | None:
        known = self.directory.fields.get((fact.entity, field))
        if known is None or not known.type.filters:
            return None
        column = quoted(field)
        if not known.type.directory:
            wanted = []
            for value in sorted(values):
                wanted.append({"1": f"{column}", "0": f"NOT {column}"}.get(value, f"{column} IS NULL"))
            return "(" + " OR ".join(wanted) + ")", {}
        params: Params = {name: sorted(v for v in values if v != NONE)}
        clause = f"list_has_any({column}, ${name}::VARCHAR[])"
        if NONE in values:
            clause = f"({clause} OR {column} IS NULL OR len({column}) = 0)"
        return clause, params

    def meaningless(self, fact: Fact) -> list[str]:
        """Filters set on the page that say nothing about this fact."""
        filters = self.query.filters
        names = []
        owner = FACTS[fact.through[1]] if fact.through else None
        for name in FILTERS:
            values: frozenset[str] = getattr(filters, name)
            if not values:
                continue
            holder = next((f for f in (fact, owner) if f is not None and name in f.filters), None)
            if holder is None or (
                name == "stage"
                and holder.entity in ("deal", "lead")
                and not values & (self.directory.stage_ids(holder.entity) | {NONE})
            ):
                names.append(name)
        names += [f"uf.{field}" for field, _ in filters.fields if not self._has_field(fact, field)]
        return names

    def _has_field(self, fact: Fact, field: str) -> bool:
        """Whether an own field reaches a fact: its records have it, or the cards they belong to."""
        holders = [f for f in (fact, FACTS[fact.through[1]] if fact.through else None) if f and "fields" in f.filters]
        entities = [f.entity for f in (*holders, *(FACTS[cards] for cards in fact.cards))]
        return any((entity, field) in self.directory.fields for entity in entities)

    def partly(self, fact: Fact) -> list[tuple[str, tuple[str, ...]]]:
        """(own field, kinds of cards that have it) of filters that reach a fact through its cards: records of other cards drop out."""
        if not fact.cards:
            return []
        found = []
        for field, _ in self.query.filters.fields:
            having = tuple(c for c in fact.cards if (FACTS[c].entity, field) in self.directory.fields)
            if having:
                found.append((field, having))
        return found


def _plain(value: str) -> str | float:
    """An option's value as a parameter: numbers as numbers."""
    try:
        return float(value)
    except ValueError:
        return value


_PARAMETER = re.compile(r"\$(\w+)")


def _integers(column: str, values: set[int | None]) -> str:
    """``column IN (...)``; integers are safe to write out and let the engine prune."""
    numbers = sorted(v for v in values if v is not None)
    clauses = [f"{column} IN ({', '.join(map(str, numbers))})"] if numbers else []
    if None in values:
        clauses.append(f"{column} IS NULL")
    return "(" + (" OR ".join(clauses) or "false") + ")"


def _tags(column: str, values: frozenset[str]) -> tuple[str, Params]:
    """Records with any of the tags; ``none``: with no tag at all."""
    clause = f"list_has_any({column}, $tags::VARCHAR[])"
    if NONE in values:
        clause = f"({clause} OR {column} IS NULL OR len({column}) = 0)"
    return clause, {"tags": sorted(v for v in values if v != NONE)}


def _strings(column: str, name: str, values: frozenset[str]) -> tuple[str, Params]:
    """``column IN ($name_0, ...)`` with bound values; ``none`` stands for NULL."""
    given = sorted(v for v in values if v != NONE)
    params: Params = {f"{name}_{i}": value for i, value in enumerate(given)}
    clauses = [f"{column} IN ({', '.join('$' + p for p in params)})"] if params else []
    if NONE in values:
        clauses.append(f"{column} IS NULL")
    return "(" + " OR ".join(clauses) + ")", params
