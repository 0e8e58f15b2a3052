"""What a filter is: one object that knows its values, its SQL over a fact, its words and its choices.

A filter is one module of this package that names a ``FILTER``; nothing else has to be told of it. It applies to every fact that has its column,
and to facts that reach such a one: through their owner's fact (``Fact.through``) or through the cards their records belong to (``Fact.cards``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dash_app import record_kinds
from dash_app.engine.directory import NONE, NOT_SET, Directory
from dash_app.engine.facts import Fact
from dash_app.text import Lang, Text

Clause = tuple[str, dict[str, Any]]
"""(SQL condition, its parameters)."""
Counts = Mapping[str, Mapping[Any, int]]
"""What is counted (``Filter.counted``) -> value of ``Filter.counts_by`` -> records in the period under the page's other filters."""

CARDS: Final[tuple[str, ...]] = tuple(kind.fact for kind in record_kinds.CARDS)
"""Facts of the cards sales reports are about."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a filter control.

    ``count``: records it holds under the other filters. ``group``: heading above it (stages by pipeline); ``parent``: a department's parent.
    """

    value: str
    label: str
    count: int | None = None
    group: str | None = None
    parent: str | None = None
    inactive: bool = False


@dataclass(frozen=True, kw_only=True)
class Filter(ABC):
    """A set of ids; empty means all. ``none`` stands for records without the value.

    ``genitive``: its name in «… нет на портале». ``column``: the column of a fact it asks. ``place``: order in the bar and in addresses;
    ``main``: always in sight there. ``carried``: goes along to other reports. ``row_key``: key of a row that names one of its values.
    ``unset``: what ``none`` is called; None where every record has a value. ``counted``: whose records the choices count; None: the report's own.
    """

    id: str
    title: Text
    genitive: Text
    column: str
    place: int = 100
    main: bool = False
    carried: bool = False
    row_key: str = ""
    unset: Text | None = NOT_SET
    counted: tuple[str, ...] | None = (record_kinds.SALE.fact,)

    # -- values --------------------------------------------------------------------------------------------

    @abstractmethod
    def knows(self, directory: Directory, value: str) -> bool:
        """Whether there is such a value, ``none`` apart."""

    @abstractmethod
    def name(self, directory: Directory, value: str) -> Text:
        """What a value is called, ``none`` apart."""

    def takes(self, directory: Directory, value: str) -> bool:
        """Whether the filter may be set to it."""
        return self.unset is not None if value == NONE else self.knows(directory, value)

    def word(self, directory: Directory, value: str) -> Text:
        """A value as a person knows it."""
        return self.unset if value == NONE and self.unset is not None else self.name(directory, value)

    # -- SQL -----------------------------------------------------------------------------------------------

    def column_of(self, fact: Fact, directory: Directory) -> str | None:
        """SQL of its column in a fact; None where the fact has none. ``directory`` matters to own fields alone."""
        return fact.column(self.column)

    def applies(self, fact: Fact, directory: Directory) -> bool:
        """Whether records of a fact themselves have what is filtered by."""
        return self.column_of(fact, directory) is not None

    @abstractmethod
    def clause(self, directory: Directory, fact: Fact, values: frozenset[str]) -> Clause | None:
        """The condition on a fact it applies to; None where just these values mean nothing to it."""

    # -- choices -------------------------------------------------------------------------------------------

    def counts_by(self, fact: Fact, directory: Directory) -> str | None:
        """SQL of what the choices' records are counted by; None where the fact has no such thing."""
        return self.column_of(fact, directory)

    @abstractmethod
    def choices(self, directory: Directory, counts: Counts, lang: Lang) -> list[Choice]:
        """Every option of its control, in order."""


def together(counts: Counts) -> dict[Any, int]:
    """Counts of several kinds of records as one."""
    found: dict[Any, int] = {}
    for of_one in counts.values():
        for value, number in of_one.items():
            found[value] = found.get(value, 0) + number
    return found


def is_number(value: str) -> bool:
    """Whether an id of the portal is spelled as its numbers are."""
    return value.isascii() and value.isdigit() and len(value) < 10


@dataclass(frozen=True, kw_only=True)
class OfNumbers(Filter):
    """A filter by a column of integers."""

    def numbers(self, directory: Directory, values: frozenset[str]) -> Collection[int | None]:
        """The integers these values stand for; None: no value."""
        return {None if v == NONE else int(v) for v in values}

    def clause(self, directory: Directory, fact: Fact, values: frozenset[str]) -> Clause | None:
        """``column IN (...)``; integers are safe to write out and let the engine prune."""
        column = self.column_of(fact, directory)
        wanted = self.numbers(directory, values)
        numbers = sorted(n for n in wanted if n is not None)
        clauses = [f"{column} IN ({', '.join(map(str, numbers))})"] if numbers else []
        if None in wanted:
            clauses.append(f"{column} IS NULL")
        return "(" + (" OR ".join(clauses) or "false") + ")", {}


@dataclass(frozen=True, kw_only=True)
class OfNames(OfNumbers):
    """A filter by a column of ids that a directory names (``Directory.names``). ``table``: which one."""

    table: str

    def knows(self, directory: Directory, value: str) -> bool:
        return is_number(value) and int(value) in directory.names[self.table]

    def name(self, directory: Directory, value: str) -> Text:
        return directory.called(self.table, int(value))

    def word(self, directory: Directory, value: str) -> Text:
        return directory.called(self.table, None) if value == NONE else self.name(directory, value)

    def choices(self, directory: Directory, counts: Counts, lang: Lang) -> list[Choice]:
        number = together(counts)
        return [
            *(Choice(str(key), name, number.get(key, 0)) for key, name in directory.names[self.table].items()),
            Choice(NONE, directory.called(self.table, None).of(lang), number.get(None, 0)),
        ]


@dataclass(frozen=True, kw_only=True)
class OfTexts(Filter):
    """A filter by a column of ids that are texts."""

    def clause(self, directory: Directory, fact: Fact, values: frozenset[str]) -> Clause | None:
        """``column IN ($id_0, ...)`` with bound values."""
        column = self.column_of(fact, directory)
        assert column is not None
        name = self.id.replace("-", "_")
        params = {f"{name}_{i}": value for i, value in enumerate(sorted(v for v in values if v != NONE))}
        clauses = [f"{column} IN ({', '.join('$' + p for p in params)})"] if params else []
        if NONE in values:
            clauses.append(fact.is_unset(column))
        return "(" + " OR ".join(clauses) + ")", dict(params)


@dataclass(frozen=True, kw_only=True)
class OfWords(OfTexts):
    """A filter by a column of few values that have words of their own, given as they are."""

    words: Mapping[str, Text] = field(default_factory=dict)
    unset: Text | None = None

    def knows(self, directory: Directory, value: str) -> bool:
        return value in self.words

    def name(self, directory: Directory, value: str) -> Text:
        return self.words[value]

    def choices(self, directory: Directory, counts: Counts, lang: Lang) -> list[Choice]:
        number = together(counts)
        listed = [Choice(value, text.of(lang), number.get(value, 0)) for value, text in self.words.items()]
        if self.unset is not None and number.get(None):
            listed.append(Choice(NONE, self.unset.of(lang), number[None]))
        return listed
