"""What the blocks of a page ask together: which statements answer them, by what their rows are asked and what becomes of these.

A statement is asked by the finest rows its figures need. Rows by person give those of departments and of everybody, rows by source those of
all sources: whatever is coarser is put together of the finer rows (``rolled``), medians of the values behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from dash_app.engine.blocks import Block, Counted, RecordList, Series
from dash_app.engine.facts import FACTS, Fact
from dash_app.engine.language import Dimension, Measure, measures_of
from dash_app.engine.moments import Speaking
from dash_app.engine.predicates import alike, columns_in, conjuncts, rest_of

if TYPE_CHECKING:
    from dash_app.engine.context import Context, SqlParams

Key = tuple[Any, ...]
Cells = Sequence[Any]
KeyedCells = Mapping[Key, Cells]
By = tuple[str, ...]
"""SQL of the keys of rows."""
RollUp = tuple[bool, ...]
"""Dimensions as what becomes of the keys: () – all rows are one, True – the departments of the person, False – as it is."""
Spec = tuple[str, str, str]
"""What a measure counts, whatever it is called: aggregate, of what, where."""

PERSON = "manager_id"
_QUANTILES = {"median": 0.5, "p90": 0.9}
_KEPT_PLANS = 512


def spec_of(measure: Measure) -> Spec:
    """The measure without its names."""
    return measure.agg, measure.of, measure.where


def by_of(dimensions: Iterable[Dimension]) -> By:
    """The keys rows are asked by: departments are those of the person."""
    return tuple(PERSON if d.many else d.expr for d in dimensions)


def roll_up_of(dimensions: Iterable[Dimension]) -> RollUp:
    """What becomes of these keys."""
    return tuple(d.many for d in dimensions)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a statement; ``how`` its values of several rows become one: ``+``, ``max``, ``list``."""

    aggregate: str  # with {of} and {n} for the number of records a row of a cube stands for
    rest: str
    how: str


@dataclass(frozen=True, slots=True)
class _Recipe:
    """Where a measure's value stands: whether a row has any record of it (``count``), its columns, which quantile."""

    count: int
    columns: tuple[int, ...] = ()
    quantile: float = 0.0


@dataclass(slots=True, eq=False)
class StatementPlan:
    """Measures answered by one statement.

    ``cube``: of a fact with ``coarse`` columns, its records are counted by these first and the measures made of the counts.
    ``roll_ups``: the rows a page makes of it.
    """

    fact: Fact
    by: By
    where: str | None
    shared: frozenset[str]
    cube: bool
    roll_ups: frozenset[RollUp]
    columns: list[_Column] = field(default_factory=list)
    recipes: dict[Spec, _Recipe] = field(default_factory=dict)

    def add(self, measure: Measure) -> None:
        """One more measure to answer."""
        rest = rest_of(measure, self.shared)
        count = self._column("count", rest, "+")
        of = measure.of
        match measure.agg:
            case "count":
                recipe = _Recipe(count)
            case "sum":
                recipe = _Recipe(count, (self._column(f"sum({{n}}{of})", rest, "+"),))
            case "max":
                recipe = _Recipe(count, (self._column(f"max({of})", rest, "max"),))
            case "mean":
                known = " AND ".join(filter(None, (rest, f"({of}) IS NOT NULL")))
                # exact, so that it is the same number in whatever order the records are added
                recipe = _Recipe(
                    count,
                    (self._column(f"sum(CAST({of} AS DECIMAL(30,10)))", rest, "+"), self._column("count", known, "+")),
                )
            case "median" | "p90":
                known = " AND ".join(filter(None, (rest, f"({of}) IS NOT NULL")))
                recipe = _Recipe(
                    count, (self._column(f"list(CAST({of} AS DOUBLE))", known, "list"),), _QUANTILES[measure.agg]
                )
        self.recipes[spec_of(measure)] = recipe

    def _column(self, aggregate: str, rest: str, how: str) -> int:
        column = _Column(aggregate, rest, how)
        if column not in self.columns:
            self.columns.append(column)
        return self.columns.index(column)

    def answers(self, measure: Measure) -> bool:
        """Whether the statement holds this measure."""
        return spec_of(measure) in self.recipes

    @property
    def quantiles(self) -> frozenset[tuple[int, float]]:
        """(column, quantile) of those wanted: what rows hold besides what the statement says."""
        return frozenset((recipe.columns[0], recipe.quantile) for recipe in self.recipes.values() if recipe.quantile)

    def counts(self, measures: Iterable[Measure]) -> list[int]:
        """The columns that say whether a row has any record of these measures."""
        return sorted({self.recipes[spec_of(m)].count for m in measures})

    def reader(self, measure: Measure) -> Callable[[Cells], Any]:
        """What gives its value in a row; None where there is nothing to say."""
        recipe = self.recipes[spec_of(measure)]
        if recipe.quantile:
            return lambda cells: cells[recipe.columns[0]].get(recipe.quantile)
        if len(recipe.columns) == 2:
            above, below = recipe.columns
            return lambda cells: float(cells[above]) / cells[below] if cells[below] else None
        return itemgetter(*recipe.columns or (recipe.count,))

    def statement(self, context: Context) -> tuple[str, SqlParams]:
        """The one statement, and its filter parameters."""
        scope, params = context.scope(self.fact)
        wheres = [scope, *([f"({self.where})"] if self.where else []), *sorted(self.shared)]
        rests = list(dict.fromkeys(c.rest for c in self.columns))
        # the engine can pass over parts of the table by few predicates; many take longer than to count records that count nowhere
        if "" not in rests and not self.cube and len(rests) <= 2:
            wheres.append("(" + " OR ".join(f"({r})" for r in rests) + ")")
        source = f"{self.fact.table} WHERE {' AND '.join(wheres)}"
        if self.cube:
            source = self._counts(source)
        sql = f"SELECT {', '.join([*self.by, *(self._sql(c) for c in self.columns)])} FROM {source}"
        if self.by:
            sql += " GROUP BY " + ", ".join(str(i + 1) for i in range(len(self.by)))
        return sql, params

    def _counts(self, source: str) -> str:
        """Records counted by the keys and the coarse columns: SQL of a table with a row for each and ``n``."""
        keys = sorted(frozenset().union(*(columns_in(b) for b in self.by)) - set(self.fact.coarse))
        packed = self.fact.packed or ", ".join(self.fact.coarse)
        counted = f"(SELECT {', '.join([*keys, packed])}, count(*) AS n FROM {source} GROUP BY ALL)"
        coarse = [f"{sql} AS {name}" if self.fact.packed else name for name, sql in self.fact.coarse.items()]
        return f"(SELECT {', '.join([*keys, *coarse])}, n FROM {counted})"

    def _sql(self, column: _Column) -> str:
        filtered = f" FILTER (WHERE {column.rest})" if column.rest else ""
        if column.aggregate == "count":
            return f"CAST(sum(n){filtered} AS BIGINT)" if self.cube else f"count(*){filtered}"
        return column.aggregate.replace("{n}", "n * " if self.cube else "") + filtered

    def rows(self, context: Context, sql: str, params: SqlParams) -> list[tuple[Key, Cells]]:
        """The statement's rows: keys and columns; of lists, arrays."""
        width = len(self.by)
        if not any(c.how == "list" for c in self.columns):
            return [(row[:width], row[width:]) for row in context.execute(sql, params).fetchall()]
        table = context.arrow(sql, params)
        columns = [
            _arrays(found) if position >= width and self.columns[position - width].how == "list" else found.to_pylist()
            for position, found in enumerate(table.combine_chunks().columns)
        ]
        return [(row[:width], row[width:]) for row in zip(*columns, strict=True)]

    def rolled(self, context: Context, rows: Sequence[tuple[Key, Cells]], roll_up: RollUp) -> KeyedCells:
        """Rows of one roll-up, put together of the statement's."""
        if len(roll_up) == len(self.by) and True not in roll_up:
            lists = any(c.how == "list" for c in self.columns)
            return {key: self._together([cells]) for key, cells in rows} if lists else dict(rows)
        gathered: dict[Key, list[Cells]] = {}
        people = context.directory.managers
        for key, cells in rows:
            if not roll_up:
                gathered.setdefault((), []).append(cells)
                continue
            parts = []
            for value, many in zip(key, roll_up, strict=True):
                known = people.get(value) if many else None
                parts.append((known.within if known else ()) or (None,) if many else (value,))
            for whole in product(*parts):
                gathered.setdefault(whole, []).append(cells)
        if not roll_up and not gathered:
            return {(): tuple({} if c.how == "list" else None for c in self.columns)}
        return {key: self._together(several) for key, several in gathered.items()}

    def _together(self, several: list[Cells]) -> Cells:
        """Cells of several rows as one."""
        cells: list[Any] = []
        wanted = self.quantiles
        for position, (column, values) in enumerate(zip(self.columns, zip(*several, strict=True), strict=True)):
            known = [v for v in values if v is not None]
            if column.how == "list":
                cells.append(quantiles(known, {q for place, q in wanted if place == position}))
            elif not known:
                cells.append(None)
            else:
                cells.append(known[0] if len(known) == 1 else sum(known) if column.how == "+" else max(known))
        return cells


def _arrays(lists: Any) -> list[Any]:
    """A column of lists of numbers, each as an array."""
    chunk = lists.chunk(0) if hasattr(lists, "chunk") and lists.num_chunks else lists
    if not len(chunk):
        return []
    values, offsets = chunk.values.to_numpy(zero_copy_only=False), chunk.offsets.to_numpy()
    return [values[start:end] for start, end in zip(offsets[:-1], offsets[1:], strict=True)]


def quantiles(arrays: Sequence[Any], wanted: Iterable[float]) -> dict[float, float]:
    """Continuous quantiles of all the values, as ``quantile_cont`` has them; empty for no values."""
    values = np.concatenate(arrays) if len(arrays) > 1 else np.asarray(arrays[0] if arrays else [])
    if not values.size:
        return {}
    places = {q: (values.size - 1) * q for q in wanted}
    needed = sorted({n for place in places.values() for n in (int(place), min(int(place) + 1, values.size - 1))})
    sorted_there = np.partition(values, needed)
    found = {}
    for q, place in places.items():
        low = int(place)
        part = place - low
        first = float(sorted_there[low])
        found[q] = first if not part else first * (1 - part) + float(sorted_there[low + 1]) * part
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """A measure as a block of the page asks it."""

    measure: Measure
    by: By
    roll_up: RollUp
    where: str | None


class PagePlan:
    """What blocks that are asked together ask, and the statements that answer it. Made once for a report and its options."""

    def __init__(self, asked: Iterable[_Asked] = ()) -> None:
        self._asked = tuple(asked)
        self._plans: dict[tuple[object, ...], list[StatementPlan]] = {}

    @classmethod
    def of(cls, blocks: Iterable[Block], option: Callable[[str], str]) -> PagePlan:
        """The page of these blocks; ``option`` gives the value of one by its id."""
        return cls(asked for block in blocks for asked in _asked_by(block.settled(option), option))

    def groups(
        self,
        fact: str,
        measures: Sequence[Measure],
        dimensions: tuple[Dimension, ...],
        where: str | None,
        *,
        speaking: frozenset[Speaking],
    ) -> list[StatementPlan]:
        """The statements that answer measures of a fact. ``speaking``: what measures that are asked of the same instant speak of."""
        by, roll_up = by_of(dimensions), roll_up_of(dimensions)
        key = (fact, by, where, speaking)
        planned = self._plans.get(key)
        if planned is None:
            planned = self._plans[key] = self._plan(fact, by, where, speaking)
        usable = [g for g in planned if g.by == by or not by]
        missing = [m for m in measures if not any(g.answers(m) for g in usable)]
        found = [g for g in usable if any(g.answers(m) for m in measures)]
        if missing:
            more = (*key, roll_up, *(spec_of(m) for m in missing))
            extra = self._plans.get(more)
            if extra is None:
                if len(self._plans) > _KEPT_PLANS:
                    self._plans.clear()
                asked = [_Asked(m, by, roll_up, where) for m in missing]
                extra = self._plans[more] = _groups(FACTS[fact], asked, by, where)
            found += extra
        return found

    def _plan(self, fact: str, by: By, where: str | None, speaking: frozenset[Speaking]) -> list[StatementPlan]:
        asked = [
            a for a in self._asked if a.measure.fact == fact and a.where == where and a.measure.speaking in speaking
        ]
        finer = list(dict.fromkeys(a.by for a in asked if a.by))
        home: By = (PERSON,) if (PERSON,) in finer else min(finer, key=len, default=())
        if by in ((), home):
            return _groups(FACTS[fact], [a for a in asked if a.by in ((), home)], home, where)
        return _groups(FACTS[fact], [a for a in asked if a.by == by], by, where)


NO_PAGE = PagePlan()
"""Of questions that belong to no page."""


def of_list(block: RecordList) -> tuple[Measure, ...]:
    """How many records a list has and what they add up to, as measures of its fact: they are asked with the figures of its page."""
    fact = FACTS[block.fact]
    where = block.where or "true"
    count = Measure("records", fact.id, where, block.title, block.help, says="events")  # as they are as of as-of
    return (count,) if fact.amount is None else (count, replace(count, id="amount", agg="sum", of=fact.amount))


def _asked_by(block: Block, option: Callable[[str], str]) -> Iterable[_Asked]:
    if isinstance(block, RecordList):
        yield from (_Asked(m, (), (), block.switched(option)) for m in of_list(block))
    if not isinstance(block, Counted) or block.compute is not None:
        return
    where = block.predicate(option)
    figures = measures_of(block.figures)
    if not isinstance(block, Series):
        yield from (_Asked(m, by_of(block.dimensions), roll_up_of(block.dimensions), where) for m in figures)
    elif block.split:
        yield from (
            _Asked(m, by_of((block.split,)), roll_up_of((block.split,)), where) for m in figures if m.agg == "count"
        )
    if block.totals:
        yield from (_Asked(m, (), (), where) for m in figures)
    for note in block.notes:
        yield from (_Asked(m, (), (), where) for m in (note.measure, note.of) if m is not None)
    yield from (_Asked(m, (), (), None) for m in block.sources)


def _groups(fact: Fact, asked: Sequence[_Asked], home: By, where: str | None) -> list[StatementPlan]:
    """Measures in as few statements as answer them well; by ``home`` those somebody asks so, the others without keys."""
    roll_ups: dict[Spec, set[RollUp]] = {}
    bys: dict[Spec, set[By]] = {}
    measures: dict[Spec, Measure] = {}
    for a in asked:
        spec = spec_of(a.measure)
        measures.setdefault(spec, a.measure)
        roll_ups.setdefault(spec, set()).add(a.roll_up)
        bys.setdefault(spec, set()).add(a.by)
    window, inside = cube_of(fact, list(measures.values()), home)
    others = [m for m in measures.values() if m not in inside]
    found = []
    for shared, together, cube in [
        *([(window, inside, True)] if inside else []),
        *((s, g, False) for s, g in alike(others)),
    ]:
        specs = [spec_of(m) for m in together]
        by = home if any(home in bys[s] for s in specs) else ()
        group = StatementPlan(fact, by, where, shared, cube, frozenset().union(*(roll_ups[s] for s in specs)))
        for measure in together:
            group.add(measure)
        found.append(group)
    return found


def cube_of(fact: Fact, measures: Sequence[Measure], by: By) -> tuple[frozenset[str], list[Measure]]:
    """(what is true of all records counted, the measures that can be made of counts by the keys and the fact's coarse columns).

    Counts, and sums of what the coarse columns say; the measures share what is not about these columns (the period). What they share of these
    is asked of the counts, for that is cheaper – but for the column whose parts of the table can be passed over.
    """
    coarse = frozenset(fact.coarse)
    keys = frozenset().union(*(columns_in(b) for b in by))
    if not coarse or not keys <= coarse | {*fact.few}:
        return frozenset(), []
    fitting: dict[frozenset[str], list[Measure]] = {}
    for measure in measures:
        if measure.agg == "count" or (measure.agg == "sum" and columns_in(measure.of) <= coarse):
            window = frozenset(c for c in conjuncts(measure.where) if not columns_in(c) <= coarse)
            fitting.setdefault(window, []).append(measure)
    if not fitting:
        return frozenset(), []
    window, inside = max(fitting.items(), key=lambda item: len(item[1]))
    common = frozenset.intersection(*(frozenset(conjuncts(m.where)) for m in inside))
    return window | {c for c in common if columns_in(c) == {fact.first}}, inside
