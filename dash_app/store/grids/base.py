"""The declaration of a monthly grid: what its rows are keyed by, which values a month has, what is refused, its words.

Keeping, history, undo (``store/workspace.py``), saving cell by cell (``store/cells.py``), whose it is (``access/typed_values.py``), files
(``exports/monthly_file.py``), the command (``cli/monthly_file.py``) and the page (``web/monthly_page.py``) follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property
from operator import attrgetter
from typing import Any, Final

from dash_app.store import reading
from dash_app.store.entry_kind import EntryKind, EntryValue, EntryValues
from dash_app.text import Text

MANAGER: Final = "manager"
PIPELINE: Final = "pipeline"
SOURCE: Final = "source"
"""Directories whose ids may key rows (``exports/references.py`` reads and names them)."""
BLANK: Final = "all"
"""How the key of an entry spells an empty id."""
MOST_ROW_FIELDS: Final = 2
"""What the browser's script knows of: a row, and perhaps a part of it (``assets/grid/types.d.ts``)."""


class MonthlyValue(EntryValue):
    """What a row of a grid has in a month. Fields before ``month`` say which row it is, those after it are its measures."""

    @classmethod
    def row_fields(cls) -> tuple[str, ...]:
        """Names of the fields that say which row it is."""
        names = tuple(cls.model_fields)
        return names[: names.index("month")]

    @property
    def row(self) -> tuple[str, ...]:
        """Ids of its row, '' for an empty one."""
        return tuple(getattr(self, name) for name in self.row_fields())

    @property
    def key(self) -> str:
        """Row, month: ``7:all:2026-02``."""
        return key_of(self.row, month_of(self))


month_of: Final[Callable[[Any], str]] = attrgetter("month")
"""The month of a value, ``2026-02``."""


def key_of(row: Sequence[str], month: str) -> str:
    """The key of the entry of a row and a month."""
    return ":".join([*(part or BLANK for part in row), month])


class GridNumber(Enum):
    """What a measure counts: how it is read from a text or a cell of a file, None for an empty one; BadInput says what is wrong."""

    MONEY = "money"
    COUNT = "count"

    def read(self, value: object) -> Decimal | int | None:
        """Money with at most two decimals, or a whole number; not negative."""
        return reading.count(value) if self is GridNumber.COUNT else reading.amount(value)


@dataclass(frozen=True, slots=True)
class GridRow:
    """A field that says which row it is. ``of``: the directory of its ids. ``blank``: what an empty id means; None: it cannot be empty."""

    field: str
    of: str
    blank: Text | None = None


@dataclass(frozen=True, slots=True)
class GridMeasure:
    """A value a month has."""

    field: str
    title: Text
    number: GridNumber = GridNumber.MONEY


@dataclass(frozen=True, slots=True)
class GridRule:
    """What may not be at once, and the sentence that says so.

    ``together``: values with one answer are looked at together. ``breaks``: whether such values break the rule. ``column``: of a file,
    where it is said.
    """

    why: Text
    column: str
    together: Callable[[Any], Hashable]
    breaks: Callable[[Sequence[Any]], bool]


@dataclass(frozen=True, slots=True)
class GridWords:
    """Words of the sentences all grids say."""

    it: Text  # «план»: is downloaded, uploaded, changed
    counted: Text  # «планов»: written, changed
    lines: Text  # «строк с планом»: of a file
    same: Text  # «Тот же менеджер, воронка и месяц»: two lines of a file
    no_amount: Text  # the sentence of a line without its first measure
    ids: Text  # the sheet of a workbook that lists ids
    amount_first: Text | None = None  # why there is no other measure without the first


@dataclass(frozen=True)
class MonthlyGrid:
    """A grid of rows by months. The first measure is always there, the others only beside it.

    ``name``: of the kind of entries, and of the command. ``model``: its fields are those of ``rows``, ``month``, those of ``measures``.
    ``closes``: entries of a closed month do not change. ``about``: the command in a few words, English.
    """

    name: str
    title: Text
    model: type[MonthlyValue]
    rows: tuple[GridRow, ...]
    measures: tuple[GridMeasure, ...]
    words: GridWords
    about: str
    rules: tuple[GridRule, ...] = ()
    closes: bool = False
    place: int = 100

    def __post_init__(self) -> None:
        declared = (*(row.field for row in self.rows), "month", *(measure.field for measure in self.measures))
        if tuple(self.model.model_fields) != declared:
            raise TypeError(f"{self.name}: the fields of {self.model.__name__} are not {', '.join(declared)}")
        if not 1 <= len(self.rows) <= MOST_ROW_FIELDS:
            raise TypeError(f"{self.name}: a row has one field or {MOST_ROW_FIELDS}")
        needed = [measure.field for measure in self.measures if self.model.model_fields[measure.field].is_required()]
        if needed != [self.main.field]:
            raise TypeError(f"{self.name}: of the measures the first alone is required")
        if len(self.measures) > 1 and self.words.amount_first is None:
            raise TypeError(f"{self.name}: no sentence says that the first measure goes before the others")

    @property
    def main(self) -> GridMeasure:
        """The measure without which there is no entry."""
        return self.measures[0]

    def measure(self, field: str) -> GridMeasure:
        """The measure of a field."""
        return next(measure for measure in self.measures if measure.field == field)

    def value(self, given: object) -> MonthlyValue:
        """A value; BadInput says which field is wrong."""
        found = self.kind.value(given)
        assert isinstance(found, MonthlyValue)
        return found

    @cached_property
    def kind(self) -> EntryKind:
        """Its kind of entries."""
        return EntryKind(self.name, self.title, self.model, self._refusal, month=month_of if self.closes else None)

    def check(self, row: Sequence[str], month: str) -> None:
        """BadInput where there can be no such row or month."""
        self.kind.value({**self.named(row), "month": month, self.main.field: "0"})

    def named(self, row: Sequence[str]) -> dict[str, str]:
        """Ids of a row by field."""
        return {field.field: part for field, part in zip(self.rows, row, strict=True)}

    # -- rules ---------------------------------------------------------------------------------------------------------

    def broken(self, values: Iterable[EntryValue]) -> list[tuple[GridRule, list[EntryValue]]]:
        """Rules that these values break, with those of them that do so together."""
        values = list(values)
        return [
            (rule, list(group.values()))
            for rule in self.rules
            for group in _grouped(rule, values).values()
            if rule.breaks(list(group.values()))
        ]

    def clashing(self, standing: Iterable[EntryValue], new: Mapping[str, EntryValue]) -> dict[str, GridRule]:
        """Of ``new`` values, by key, those that would break a rule beside what stands and the new ones before them."""
        standing = list(standing)
        groups = [(rule, _grouped(rule, standing)) for rule in self.rules]
        wrong: dict[str, GridRule] = {}
        for key, value in new.items():
            beside = [(rule, by.setdefault(rule.together(value), {})) for rule, by in groups]
            rule = next((r for r, group in beside if r.breaks(list((group | {key: value}).values()))), None)
            if rule is not None:
                wrong[key] = rule
                continue
            for _, group in beside:
                group[key] = value
        return wrong

    def _refusal(self, after: EntryValues) -> Text | None:
        found = [(min(value.key for value in group), rule.why) for rule, group in self.broken(after.values())]
        if not found:
            return None
        key, why = min(found, key=lambda pair: pair[0])
        return Text(f"{self.title.ru} {key}: {_after_colon(why.ru)}", f"{self.title.en} {key}: {_after_colon(why.en)}")


def _grouped(rule: GridRule, values: Sequence[EntryValue]) -> dict[Hashable, dict[str, EntryValue]]:
    groups: dict[Hashable, dict[str, EntryValue]] = {}
    for value in values:
        groups.setdefault(rule.together(value), {})[value.key] = value
    return groups


def _after_colon(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
