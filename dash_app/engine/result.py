"""What a block answers: columns, rows, totals and notes. The page, the CLI and Excel read only this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from dash_app.engine.language import Good, Unit
from dash_app.text import Text


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency of its own; sums of the base currency are plain Decimals."""

    amount: Decimal
    currency: str


Value = int | float | Decimal | str | bool | date | datetime | Money | list[Any] | None
"""Counts are int, money Decimal (unrounded), days and ratios float, ids and labels str, instants aware datetimes (portal zone); several
values of an own field are a list of them."""

Row = dict[str, Value]
UNTIL = "until"
"""Key of a row: everything from the period's beginning to the end of this day."""
OTHER = "other"
"""How a row key spells "all the values that are not among the largest". A value spelled so itself is always among them."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a block.

    ``role``: key (an id), label, figure (drills if ``drills``), part (``x_num``/``x_den``), base, delta, delta_pct, flag (how to read the row).
    ``of``: the figure a part/base/delta column belongs to.
    """

    id: str
    label: Text
    unit: Unit
    role: str = "figure"
    of: str | None = None
    help: Text | None = None
    drills: bool = False
    good: Good = 0
    hidden: bool = False  # ids and parts: in the CLI, not on the page
    estimate: bool = False  # shown in two or three digits, about
    approximate: bool = False  # in rows that are ``approximate``: a share of what was meant for longer
    on: Text | None = None  # «на 28.02.2026»: the day it speaks of, where that is not the period or as-of

    @property
    def named(self) -> Text:
        """Its label, with the day it speaks of."""
        return self.label if self.on is None else Text(f"{self.label.ru} {self.on.ru}", f"{self.label.en} {self.on.en}")


@dataclass(frozen=True, slots=True)
class Note:
    """One line about what is left out or how to read the block. ``measure``: the drill behind its number, ``href``: the page that
    helps, if any."""

    text: Text
    level: str = "info"  # info | warning
    measure: str | None = None
    href: str | None = None


@dataclass(slots=True)
class BlockResult:
    """Answer of one block for one query: what all have. Rows carry every column id; with a comparison also ``x_base``, ``x_delta``,
    ``x_delta_pct``. A view that draws more than rows has its own in the type below it."""

    block: str
    columns: list[Column]
    rows: list[Row]
    totals: Row | None = None
    notes: list[Note] = field(default_factory=list)

    def column(self, column_id: str) -> Column:
        """The column of this id; KeyError if none."""
        for column in self.columns:
            if column.id == column_id:
                return column
        raise KeyError(column_id)


@dataclass(slots=True)
class TableResult(BlockResult):
    """Rows of numbers."""


@dataclass(slots=True)
class BarsResult(BlockResult):
    """A bar a row."""


@dataclass(slots=True)
class BulletResult(BlockResult):
    """A plan, what is done and what is expected, a row each."""


@dataclass(slots=True)
class FillResult(BlockResult):
    """A field a row, a pipeline a column."""


@dataclass(slots=True)
class StepsResult(BlockResult):
    """A step a row."""


@dataclass(slots=True)
class FunnelResult(BlockResult):
    """A stage a row."""


@dataclass(slots=True)
class ScatterResult(BlockResult):
    """A point a row."""


@dataclass(slots=True, kw_only=True)
class CardsResult(BlockResult):
    """One row. ``between``: figure -> the columns it lies between; ``beside``: figure -> columns that belong under it."""

    between: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class SeriesResult(BlockResult):
    """A row a bucket of the step ``grain``, and a row each part of it. ``parts``: ids and names of these, the largest first; none where nothing
    splits the buckets. ``first_month``: of the fiscal year. ``running_total``: it is to be drawn as the sum up to each bucket; ``plans``: figure ->
    what was to be reached by the end of each bucket."""

    grain: str
    first_month: int = 1
    parts: tuple[Row, ...] = ()
    running_total: bool = False
    plans: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class MatrixResult(BlockResult):
    """A cell a row. ``across``: ids of the last dimension in the order of its columns; those not among them stand behind, the fullest first."""

    across: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class WaterfallResult(BlockResult):
    """A row a factor, the whole in the totals. ``units``: factor -> unit; ``drills``: factor -> the measure it opens, ``whole`` that of the totals."""

    units: Mapping[str, Unit] = field(default_factory=dict)
    drills: Mapping[str, str] = field(default_factory=dict)
    whole: str = ""


Answer = TypeVar("Answer", bound=BlockResult)


@dataclass(frozen=True, slots=True)
class OfPerson:
    """How many of the records of a list are one person's, and their sum (base currency; None where records have none)."""

    manager_id: str | None
    name: Text
    count: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """Records behind a number (or a list block): one page of the whole list and facts about the whole."""

    columns: list[Column]
    rows: list[
        Row
    ]  # each with id, url (card in the portal) and the columns; ``entity`` and ``key`` where ids are of several kinds
    total: int
    amount: Decimal | None  # sum of amounts of the whole list, base currency; None where records have none
    entity: str  # deal | lead | card (deals and leads) | activity | response | task | person
    title: Text  # the number in words: measure, row, filters
    sort: tuple[tuple[str, str], ...] = ()  # the order when nobody asks for another
    actions: tuple[str, ...] = ()  # what can be done with a row on the page
    base: Text | None = None  # the dates of the comparison, where the number is the base's
    people: tuple[
        OfPerson, ...
    ] = ()  # whose they are, most first; of a number's list that is opened (no rows asked for)
    same: tuple[str, ...] = ()  # columns with one value in all of the records, likewise; what it is stands in ``alike``
    alike: Row = field(default_factory=dict)


"""``total`` equals the number drilled into (count), ``amount`` its sum."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """ "How is this counted?": the sentence, the formula with its own numbers, what was left out."""

    title: Text
    sentence: Text
    formula: Text | None
    left_out: list[Note]
    parts: list[tuple[str, Text, Value, Unit]]  # drillable parts: measure id, label, value, unit
