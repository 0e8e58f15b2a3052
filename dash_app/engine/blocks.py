"""Blocks of a report: a type a view, each with what that view uses and nothing else.

``Block`` is what all of them have; what the engine reads of any block (its figures, its dimensions, …) is empty where a view has none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Literal

from dash_app.engine.language import Dimension, Figure, LeftOut, Measure
from dash_app.text import Text

if TYPE_CHECKING:
    from dash_app.engine.context import Context
    from dash_app.engine.result import (
        BarsResult,
        BlockResult,
        BulletResult,
        CardsResult,
        FillResult,
        FunnelResult,
        MatrixResult,
        Note,
        ScatterResult,
        SeriesResult,
        StepsResult,
        TableResult,
        WaterfallResult,
    )

BlockView = Literal[
    "cards", "series", "table", "matrix", "fill", "funnel", "steps", "bars", "bullet", "waterfall", "scatter", "list"
]
"""How the page, its styles and scripts call the view of a block."""


@dataclass(frozen=True, slots=True)
class Block(ABC):
    """What every block has: its words, the records it speaks of, and how lists of these records look.

    ``where``: predicate common to all figures. ``when``: (option, value, predicate): added while the option has the value.
    ``columns``, ``columns_when`` (option, value, columns), ``sort`` (column, asc | desc): of its list or of the drawer behind its numbers –
    columns that come first, optional ones among them; unknown to the entity are skipped; the order where it is not the entity's usual one.
    ``actions``: what can be done with a row on the page (``views.acts``).
    """

    id: str
    title: Text
    help: Text
    _: KW_ONLY
    where: str | None = None
    options: tuple[str, ...] = ()
    when: tuple[tuple[str, str, str], ...] = ()
    columns: tuple[str, ...] = ()
    columns_when: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    sort: tuple[tuple[str, str], ...] = ()
    actions: tuple[str, ...] = ()

    @property
    @abstractmethod
    def view(self) -> BlockView:
        """How it is shown."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What it counts."""
        return ()

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """What its rows are split by."""
        return ()

    @property
    def split(self) -> Dimension | None:
        """What each bucket of its series is split by."""
        return None

    @property
    def totals(self) -> bool:
        """Whether all of its rows together are a row."""
        return False

    @property
    def sources(self) -> tuple[Measure, ...]:
        """Measures its own function counts."""
        return ()

    @property
    def notes(self) -> tuple[LeftOut, ...]:
        """What it leaves out."""
        return ()

    @property
    def fact(self) -> str | None:
        """Whose records it lists."""
        return None

    def settled(self, option: Callable[[str], str]) -> Block:
        """The block as the options make it: ``option`` gives the value of one by its id."""
        return self

    def predicate(self, option: Callable[[str], str]) -> str | None:
        """The block's own predicate with those its options switch on."""
        clauses = (f"({self.where})" if self.where else None, self.switched(option))
        return " AND ".join(c for c in clauses if c) or None

    def switched(self, option: Callable[[str], str]) -> str | None:
        """What its options add to its predicate."""
        return " AND ".join(f"({predicate})" for name, value, predicate in self.when if option(name) == value) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordList(Block):
    """Records of one fact, one by one."""

    view: ClassVar[BlockView] = "list"
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Block):
    """Figures and what is said under them. Without ``compute`` one scan of each fact gives all figures.

    ``compute``: for what no aggregate can say; it answers as its view is answered, and declares ``sources``, the measures it came from.
    ``notes``: said under the block when their count is not 0; ``remarks``: what else must be said there.
    """

    figures: tuple[Figure, ...] = ()
    compute: Callable[[Context, Block], BlockResult] | None = None
    sources: tuple[Measure, ...] = ()
    compared: bool = True
    notes: tuple[LeftOut, ...] = ()
    remarks: Callable[[Context], Sequence[Note]] | None = None


Only = tuple[tuple[str, str, tuple[str, ...]], ...]
"""(option, value, figures on the page only while the option has the value)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards(Counted):
    """Figures of everything, large. ``headline``: those shown first. ``unshown``: of the command line, left out by the page."""

    view: ClassVar[BlockView] = "cards"
    compute: Callable[[Context, Block], CardsResult] | None = None
    headline: tuple[str, ...] = ()
    only: Only = ()
    unshown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Series(Counted):
    """Figures by bucket of the period. ``finest``: the step chosen by itself is never finer.

    ``split``: each bucket by this, the largest ``split_top`` values and all the others as one; 0 – every value, in the order of their directory.
    ``course``: the option that says whether it is drawn as a running total (``engine.course``); None: never. ``planned``: (figure, what was to
    be reached by the end of each of these days, None where no plan speaks of what is asked).
    """

    view: ClassVar[BlockView] = "series"
    compute: Callable[[Context, Block], SeriesResult] | None = None
    finest: str = "day"
    split: Dimension | None = None
    split_top: int = 8
    course: str | None = None
    planned: tuple[tuple[str, Callable[[Context, Sequence[date]], tuple[Decimal, ...] | None]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall(Counted):
    """What changed a sum from its base to its value."""

    view: ClassVar[BlockView] = "waterfall"
    compute: Callable[[Context, Block], WaterfallResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Counted):
    """Figures by dimensions. ``order``: column ids, ``-`` in front for descending."""

    dimensions: tuple[Dimension, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Rows):
    """Rows of numbers.

    ``untotalled``: figures of one row that say nothing of all of them. ``groups``: figures under a common heading, in this order;
    ``folded``: those behind "more columns". ``wide``: takes the width of the page though it has few columns.
    ``question``: by which a number of a row is asked, where each row has a period of its own: (the page's question, measure, row, whether of the base).
    ``nothing``: what is said where it has no rows and that is no fault of the period or the filters.
    ``by_option``: (option, its value -> the dimension rows are split by). ``unshown``: figures of the command line, left out by the page.
    """

    view: ClassVar[BlockView] = "table"
    compute: Callable[[Context, Block], TableResult] | None = None
    totals: bool = False
    untotalled: tuple[str, ...] = ()
    groups: tuple[tuple[Text, tuple[str, ...]], ...] = ()
    folded: tuple[str, ...] = ()
    wide: bool = False
    by_option: tuple[str, tuple[tuple[str, Dimension], ...]] | None = None
    only: Only = ()
    unshown: tuple[str, ...] = ()
    nothing: Text | None = None
    question: Callable[[Context, Measure | None, Mapping[str, str], bool], Context] | None = None

    def settled(self, option: Callable[[str], str]) -> Table:
        """The table by the dimension its option chooses."""
        if self.by_option is None:
            return self
        name, known = self.by_option
        chosen = option(name)
        return replace(self, dimensions=(dict(known).get(chosen, known[0][1]),), by_option=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix(Rows):
    """The last dimension across, the others down."""

    view: ClassVar[BlockView] = "matrix"
    compute: Callable[[Context, Block], MatrixResult] | None = None
    totals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill(Rows):
    """Fields down, pipelines across: the share of cards on which each is filled."""

    view: ClassVar[BlockView] = "fill"
    compute: Callable[[Context, Block], FillResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars(Rows):
    """A bar a row."""

    view: ClassVar[BlockView] = "bars"
    compute: Callable[[Context, Block], BarsResult] | None = None
    totals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet(Rows):
    """A plan, what is done and what is expected, a row each. ``folded``: figures of its table behind "more columns"."""

    view: ClassVar[BlockView] = "bullet"
    compute: Callable[[Context, Block], BulletResult] | None = None
    totals: bool = False
    folded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps(Rows):
    """Steps of one way, each beside the one before."""

    view: ClassVar[BlockView] = "steps"
    compute: Callable[[Context, Block], StepsResult] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel(Rows):
    """Stages of pipelines, those that reached each. ``complete``: every stage of the directory, zeros too."""

    view: ClassVar[BlockView] = "funnel"
    compute: Callable[[Context, Block], FunnelResult] | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter(Rows):
    """Rows as points: the figures of both axes, the values that cut the plane in four, and what the quarters are called.

    ``cross``: ids of the figures that hold the cut of x and of y (the same in every row). ``quarters``: upper right, upper left, lower left,
    lower right. ``unshown``: figures of the command line, left out by the page.
    """

    view: ClassVar[BlockView] = "scatter"
    compute: Callable[[Context, Block], ScatterResult] | None = None
    x: str
    y: str
    cross: tuple[str, str]
    quarters: tuple[Text, Text, Text, Text]
    unshown: tuple[str, ...] = ()
