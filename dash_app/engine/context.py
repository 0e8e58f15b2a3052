"""One question against one snapshot: its facts, its period as instants, its filters as SQL.

The base of a comparison is a context of its own, so every definition is written once and asked twice.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import duckdb

from dash_app import disk
from dash_app.access.scope import EVERYTHING, Scope
from dash_app.engine.directory import Directory
from dash_app.engine.entered import NOTHING, Entered
from dash_app.engine.facts import FACTS, Fact
from dash_app.engine.filters import Clause, Filter, filter_of, ordered
from dash_app.engine.moments import Speaking, instant_of
from dash_app.engine.page_plan import NO_PAGE, PagePlan
from dash_app.engine.periods import Span, base_span, days_passed, span_of, to_local, to_utc
from dash_app.engine.predicates import parameters_of
from dash_app.engine.query import Query
from dash_app.store.machine import open_database
from dash_app.text import Lang

SqlParams = dict[str, Any]


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
            try:
                # what does not fit into memory goes beside the facts, unless nothing may be written there
                spill = (
                    None if os.access(path.parent, os.W_OK) else Path(tempfile.gettempdir(), f"questions-{os.getpid()}")
                )
                database = open_database(path, "questions", read_only=True, spill=spill)
            except duckdb.Error as error:
                raise disk.foreseen(error) or error from error
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


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a block needs to be answered once.

    ``facts_path`` is the database asked, as of ``as_of``; ``present`` that of the question's own as-of, which is the directory's.
    """

    source: FactsSource
    directory: Directory
    query: Query
    span: Span
    zone: ZoneInfo
    as_of: datetime  # naive UTC
    facts_path: Path
    present: Path
    lang: Lang = "ru"
    is_base: bool = False
    typed: Entered = NOTHING
    page: PagePlan = NO_PAGE  # what is asked together with this question
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
        typed: Entered = NOTHING,
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
                self.present,
                self.lang,
                self.typed,
                self.rights,
                self.everybody,
            ),
            page=self.page,
        )

    def at(self, instant: datetime) -> Context:
        """The same question to the facts as they stood at an instant (naive UTC), not after the question's own as-of."""
        if instant == self.as_of:
            return self
        path = self.present if instant >= self.directory.as_of else self.source.facts_as_of(instant)
        return replace(self, facts_path=path, as_of=min(instant, self.directory.as_of))

    def speaking(self, what: Speaking) -> Context | None:
        """The question as figures that speak of this ask it; None where they have nothing to say."""
        instant = instant_of(self, what)
        return None if instant is None else self.at(instant)

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
    def params(self) -> SqlParams:
        """Values of the language's parameters (``engine.language``) by name without ``$``: instants naive UTC, days local."""
        today = to_local(self.as_of, self.zone).date()
        return {
            **_USUAL,
            **self.typed.params(today),
            **{name: _plain(value) for name, value in self.query.options},
            "start": self.span.start,
            "end": self.span.end,
            "as_of": self.as_of,
            "today": today,
            "today_start": to_utc(datetime.combine(today, time.min), self.zone),
            "first_day": self.span.period.start,
            "last_day": self.span.period.end,
        }

    def execute(
        self, sql: str, params: Mapping[str, Any] | None = None, tables: Mapping[str, Any] | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Runs SQL with exactly the parameters it names, ``params`` before those of the language. ``tables``: Arrow tables it may name beside those of the
        facts. Instants of the rows are naive UTC; duckdb.Error as it is.
        """
        connection = connect(self.facts_path)
        for name, table in (tables or {}).items():
            connection.register(name, table)
        return connection.execute(sql, self._used(sql, params) or None)

    def arrow(self, sql: str, params: Mapping[str, Any] | None = None) -> Any:
        """The rows of a SELECT as an Arrow table (pyarrow.Table), parameters as of ``execute``."""
        return connect(self.facts_path).sql(sql, params=self._used(sql, params) or None).to_arrow_table()

    def key_of(self, sql: str, params: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """What the answer to a statement depends on beside the database, as a key."""
        return sql, *(f"{name}={value!r}" for name, value in sorted(self._used(sql, params).items()))

    def _used(self, sql: str, params: Mapping[str, Any] | None) -> SqlParams:
        values = {**self.params, **(params or {})}
        return {name: values[name] for name in parameters_of(sql) if name in values}

    # -- filters as SQL --------------------------------------------------------------------------------------

    def scope(self, fact: Fact, *, without: frozenset[str] = frozenset(), alias: str = "") -> tuple[str, SqlParams]:
        """The fact's base predicate, the rights of who asks and the page's filters that have meaning for it.

        ``without`` drops filters, never rights.
        """
        clauses: list[str] = [fact.base, self.rights.condition(fact.person)]
        params: SqlParams = {}
        inner: list[str] = []
        owner = FACTS[fact.through[1]] if fact.through else None
        for name, values in self.query.filters.chosen:
            if name in without:
                continue
            chosen = filter_of(name, self.directory)
            if chosen.applies(fact, self.directory):
                found, target = chosen.clause(self.directory, fact, values), clauses
            elif owner is not None and chosen.applies(owner, self.directory):
                found, target = chosen.clause(self.directory, owner, values), inner
            else:
                found, target = self._by_cards(chosen, fact, values), clauses
            if found is not None:
                target.append(found[0])
                params.update(found[1])
        if inner and fact.through:
            rights = self.rights.condition(FACTS[fact.through[1]].person)
            clauses.append(
                f"{fact.through[0]} IN (SELECT id FROM {FACTS[fact.through[1]].table} WHERE {' AND '.join([rights, *inner])})"
            )
        return " AND ".join(f"({c})" for c in clauses if c != "true") or "true", params

    def _by_cards(self, chosen: Filter, fact: Fact, values: frozenset[str]) -> Clause | None:
        """A filter on records that belong to a card: those whose card satisfies it. Cards it does not apply to have none of its values."""
        clauses: list[str] = []
        params: SqlParams = {}
        for cards, which in fact.cards.items():
            known = FACTS[cards]
            found = chosen.clause(self.directory, known, values) if chosen.applies(known, self.directory) else None
            if found is not None:
                seen = self.rights.condition(known.person)
                clauses.append(
                    f"({which} AND {fact.card} IN (SELECT id FROM {known.table} WHERE {seen} AND {found[0]}))"
                )
                params.update(found[1])
        return ("(" + " OR ".join(clauses) + ")", params) if clauses else None

    def _reached(self, fact: Fact, chosen: Filter) -> list[Fact]:
        """Facts by which a filter reaches a fact: itself, its owner's, or those of the cards its records belong to."""
        owners = [FACTS[fact.through[1]]] if fact.through else []
        for known in (fact, *owners):
            if chosen.applies(known, self.directory):
                return [known]
        return [FACTS[cards] for cards in fact.cards if chosen.applies(FACTS[cards], self.directory)]

    def has_meaning(self, fact: Fact, filter_id: str) -> bool:
        """Whether a filter, set as it is on the page, says anything about a fact."""
        chosen, values = filter_of(filter_id, self.directory), self.query.filters.of(filter_id)
        return any(chosen.clause(self.directory, known, values) is not None for known in self._reached(fact, chosen))

    def meaningless(self, fact: Fact) -> list[str]:
        """Filters set on the page that say nothing about this fact."""
        return [name for name in ordered(self.query.filters.ids) if not self.has_meaning(fact, name)]

    def narrowing(self, fact: Fact, known: tuple[str, ...]) -> list[str]:
        """Filters set on the page that narrow a fact, beside those what is typed by people knows too."""
        ids = self.query.filters.without(*known).ids
        return [name for name in ordered(ids) if self.has_meaning(fact, name)]

    def partly(self, fact: Fact) -> list[tuple[str, tuple[str, ...]]]:
        """(filter, facts of cards that know it) of filters that reach a fact through its cards: records of other cards drop out."""
        found = []
        for name in ordered(self.query.filters.ids):
            having = self._reached(fact, filter_of(name, self.directory)) if fact.cards else []
            if having and having != [fact]:
                found.append((name, tuple(known.id for known in having)))
        return found


_USUAL: Mapping[str, str] = {
    "clock": "touched",
    "working_days": "false",
    "ignore_planned": "false",
    "include_snoozed": "false",
    "start_without_plan": "exclude",
    "deadline_basis": "current",
    "self_tasks": "include",
}
"""What a report without these options means."""


def _plain(value: str) -> str | float:
    """An option's value as a parameter: numbers as numbers."""
    try:
        return float(value)
    except ValueError:
        return value
