"""The language of metrics: fact, measure, ratio, dimension, report.

A report is written in these words once; the page, the drill-down, the comparison, Excel, the CLI and the text of
"how is this counted" all derive from them. Predicates and expressions are plain SQL over the columns of one fact table
(``store.schema.FACTS``), with bound parameters and nothing else interpolated:

* ``$start``, ``$end`` – the period as UTC instants, half-open ``[start, end)``;
* ``$as_of`` – the instant the figures speak about (for the base of a comparison, the cut end of the base);
* ``$today`` – as-of's local day; ``$today_start`` – its first instant;
* the report's options by their id (``$deal_days``), numbers as numbers;
* what people typed, by the names of ``engine.entered.Entered.params`` (``$weight_call``).

A predicate is the drill: the records behind a number are those of the fact that satisfy it, plus the row's dimensions
and the page's filters. Nothing else may decide what a number counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from dash_app.engine.moments import Speaking
from dash_app.record_kinds import CARDS
from dash_app.text import Text

if TYPE_CHECKING:
    from dash_app.engine.blocks import Block
    from dash_app.engine.context import Context


class Unit(StrEnum):
    """What a value is; decides its format on the page, in Excel and its type in JSON."""

    COUNT = "count"
    MONEY = "money"  # base currency
    DAYS = "days"  # elapsed time / 24 h
    MINUTES = "minutes"
    RATIO = "ratio"  # 0..1
    TIMES = "times"  # how many times one amount covers another: 4.2 is ×4,2
    POINTS = "points"
    TEXT = "text"
    DATE = "date"
    LINK = "link"


Aggregate = Literal["count", "sum", "mean", "median", "p90", "max"]
Moment = Literal["created", "won", "lost", "happened", "finished", "deadline", "planned_start", "state"]
Good = Literal[1, 0, -1]


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over the records of one fact that satisfy a predicate.

    ``moment`` is the event that puts a record into a period: its column ``<moment>_at`` is the time axis of series.
    ``state`` measures speak of the instant ``$as_of``. Whose facts answer, and so which instant that is, follows from ``speaking``
    (``engine.moments``).
    ``good``: 1 – more is better, -1 – less is better, 0 – neither.
    ``day``: SQL of the local day where it is not ``<moment>_on``. A state with a day can stand in buckets: those in the state as of
    ``$as_of``, by that day, the period's only.
    """

    id: str
    fact: str
    where: str
    label: Text
    help: Text
    agg: Aggregate = "count"
    of: str = "*"
    unit: Unit = Unit.COUNT
    moment: Moment = "state"
    good: Good = 0
    day: str = ""
    columns: tuple[str, ...] = ()  # of its records, before those of the block
    says: Speaking | None = None  # None: a state if its moment is one, else events
    beyond: tuple[str, ...] = ()  # dimensions that do not narrow it: the whole their rows are parts of
    lacking: tuple[
        str, ...
    ] = ()  # dimensions of whose rows it counts the records that are not in them (``Dimension.holds``)

    def __post_init__(self) -> None:
        if self.id.endswith("_base"):
            raise ValueError(f"measure {self.id}: ids that end so are those of the comparison")
        if self.agg != "count" and self.of == "*":
            raise ValueError(f"measure {self.id}: {self.agg} needs a column")

    @property
    def day_expr(self) -> str:
        """SQL of the local day that puts a record into a bucket; '' for a state no day belongs to."""
        return self.day or ("" if self.is_state else f"{self.moment}_on")

    @property
    def is_state(self) -> bool:
        """Whether it speaks of an instant rather than of a period."""
        return self.moment == "state"

    @property
    def speaking(self) -> Speaking:
        """What it speaks of."""
        return self.says or ("state" if self.is_state else "events")

    @property
    def ripe(self) -> Measure:
        """The same counted of a cohort: beside what became of those created, both parts of a share are asked of the same facts."""
        return replace(self, id=f"{self.id}_cohort", says="cohort")


@dataclass(frozen=True, slots=True)
class Given:
    """A value no record holds: typed by people (a plan, a cost) or known once for a question (a yardstick).

    ``values``: (context, dimensions) -> key of a row -> value; without dimensions the only key is ``()``. Keys the facts do not have
    become rows of their own if ``makes_rows``. ``everywhere``: one value for the whole question, the same in every row (a yardstick).
    ``people``: of a number of people, who they are (ids), by the same keys: the list behind it.
    """

    id: str
    label: Text
    help: Text
    values: Callable[[Context, tuple[Dimension, ...]], Mapping[tuple[Any, ...], Any]]
    unit: Unit = Unit.MONEY
    good: Good = 0
    makes_rows: bool = True
    everywhere: bool = False
    people: Callable[[Context, tuple[Dimension, ...]], Mapping[tuple[Any, ...], Collection[int]]] | None = None


Part = Measure | Given


@dataclass(frozen=True, slots=True)
class Ratio:
    """Numerator over denominator, always carried with both: ``x``, ``x_num``, ``x_den``. Denominator 0 gives None.

    ``counted``: of a ratio of sums, the column of the same row that counts the records behind it: few of them make it doubtful.
    """

    id: str
    num: Part
    den: Part
    label: Text
    help: Text
    unit: Unit = Unit.RATIO
    good: Good = 1
    counted: str = ""


@dataclass(frozen=True, slots=True)
class PerDay:
    """A measure divided by the days of the period that have passed (velocity); null where none has, and over all of time."""

    id: str
    num: Measure
    label: Text
    help: Text
    unit: Unit = Unit.MONEY
    good: Good = 1


@dataclass(frozen=True, slots=True)
class Relative:
    """A row's measure over the same measure of the first or previous row that shares ``within`` (funnel steps).

    The first row has no previous one: null. Carried as ``x``, ``x_num``, ``x_den`` like any ratio.
    """

    id: str
    of: Measure
    to: Literal["first", "previous"]
    within: str
    label: Text
    help: Text
    unit: Unit = Unit.RATIO
    good: Good = 1


@dataclass(frozen=True, slots=True)
class Product:
    """Ratios multiplied; unknown where any of them is. Carried as ``x``, with the products of numerators and of denominators."""

    id: str
    factors: tuple[Ratio, ...]
    label: Text
    help: Text
    unit: Unit = Unit.RATIO
    good: Good = 1
    target: float | None = None  # drawn as a line, said in the explanation


@dataclass(frozen=True, slots=True)
class Formula:
    """What else a row's parts give: ``compute`` takes their values by id and may answer None. ``words`` is the formula a person reads.

    ``fraction``: ``compute`` answers (numerator, denominator) instead, and it is carried with both like any ratio; ``counted`` as there.
    ``adds``: the parts are counts of deals and of leads added up: the records behind it are those of both, in one list.
    """

    id: str
    parts: tuple[Part, ...]
    compute: Callable[[Mapping[str, Any]], Any]
    label: Text
    help: Text
    words: Text
    unit: Unit = Unit.POINTS
    good: Good = 1
    fraction: bool = False
    counted: str = ""
    adds: bool = False

    def __post_init__(self) -> None:
        counts = [p.fact for p in self.parts if isinstance(p, Measure) and p.agg == "count"]
        if self.adds and (len(counts) != len(self.parts) or len(set(counts)) != len(counts)):
            raise ValueError(f"formula {self.id}: what is added up are counts, each of another fact")


Figure = Measure | Given | Ratio | PerDay | Relative | Product | Formula


def parts_of(figure: Figure) -> tuple[Part, ...]:
    """What a figure is made of, in order."""
    match figure:
        case Measure() | Given():
            return (figure,)
        case Ratio():
            return (figure.num, figure.den)
        case PerDay():
            return (figure.num,)
        case Relative():
            return (figure.of,)
        case Product():
            return tuple(part for ratio in figure.factors for part in (ratio.num, ratio.den))
        case Formula():
            return figure.parts


def all_parts(figures: tuple[Figure, ...]) -> tuple[Part, ...]:
    """What figures are made of, each part once, in order."""
    found: dict[str, Part] = {}
    for figure in figures:
        for part in parts_of(figure):
            if found.setdefault(part.id, part) != part:
                raise ValueError(f"two measures share the id {part.id}")
    return tuple(found.values())


def measures_of(figures: tuple[Figure, ...]) -> tuple[Measure, ...]:
    """The measures figures are made of, each once, in order."""
    return tuple(part for part in all_parts(figures) if isinstance(part, Measure))


def givens_of(figures: tuple[Figure, ...]) -> tuple[Given, ...]:
    """The given values figures are made of, each once, in order."""
    return tuple(part for part in all_parts(figures) if isinstance(part, Given))


@dataclass(frozen=True, slots=True)
class Dimension:
    """What rows are split by. ``id`` is the row key printed beside ``<name>`` its label; ``expr`` is SQL over the fact.

    ``many``: a record may fall into several rows (departments): not additive, totals count distinct records.
    """

    id: str
    expr: str
    label: Text
    directory: str | None = (
        None  # which directory names the id: managers | pipelines | stages | sources | departments | ..., or a table of names (``Directory.names``)
    )
    many: bool = False
    entity: str | None = None  # whose stages the id names
    values: tuple[tuple[str, Text], ...] = ()  # a closed list of values: all rows are shown, zeros too
    facts: tuple[str, ...] = ()  # whose records it narrows; empty: those of every fact
    holds: str = ""  # of records that may be in several rows at once: SQL of whether one is in that of {value}
    whole: Text | None = (
        None  # name of a row about all values together: it has no id, and its records are not narrowed by this dimension
    )

    @property
    def name(self) -> str:
        """Column of the label: ``manager_id`` -> ``manager``."""
        return self.id.removesuffix("_id")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Records a figure leaves out, said under the block with their number ({n}) and drill; ``of``: {all} of them, {share} of these."""

    measure: Measure
    text: Text
    of: Measure | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a report: ``grain``, ``in_work_only``. ``interface`` is the page's default where it differs.

    ``number``: (least, most, step) of an option that is a number rather than one of ``values``, ``slider``: a share drawn along a line;
    ``of_settings`` names the setting its default comes from where somebody has set it.
    """

    id: str
    label: Text
    values: Mapping[str, Text]
    default: str
    interface: str | None = None
    number: tuple[float, float, float] | None = None
    slider: bool = False
    of_settings: str | None = None


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page of the application that belongs to a report: where what the report shows is typed."""

    path: str
    icon: str
    text: Text


@dataclass(frozen=True, slots=True)
class Report:
    """What a page consists of. ``pages/<module>.py`` exports ``REPORT``."""

    slug: str
    title: Text
    question: Text  # one line: what it answers
    icon: str  # bootstrap-icons name
    order: int
    blocks: tuple[Block, ...]
    without_filters: tuple[str, ...] = ()  # of those its facts know (``filters.of_report``)
    options: tuple[Option, ...] = ()
    default_period: str = "this_month"
    counted: tuple[str, ...] = tuple(
        kind.fact for kind in CARDS
    )  # whose records the filter controls count and whose people they hide: deals, leads, tasks, activities, open_activities
    headline: str = ""  # the figure of its cards that stands for it on the start page; the first one if empty
    renamed: Mapping[str, str] = field(default_factory=dict)  # ids that links kept by people may say -> ids of now
    as_declared: bool = False  # its page has the blocks in the order of ``blocks``: cards not first, lists not last
    links: tuple[PageLink, ...] = ()

    def block(self, block_id: str) -> Block:
        """The block of this id; KeyError if none."""
        return {b.id: b for b in self.blocks}[block_id]
