"""Measures x dimensions -> numbers: one scan answers all measures that count the same records.

"Won in the period" and its sum, mean and quantiles are one statement with the predicate in WHERE, where the engine prunes by it; one statement
for everything, each figure with a FILTER of its own, would read every record for every figure and takes twice as long.

Blocks of a page ask the same of the same records: of everybody, by person, by department. Such a statement is asked once a page, by person
and with the figures of all the blocks, and the coarser rows are put together of its rows: a record has one person, so counts and sums add up, and
a median is that of the values of all persons together. What is asked together is found by ``page_plan.PagePlan``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, get_args

from dash_app.engine.blocks import Series
from dash_app.engine.context import Context, SqlParams
from dash_app.engine.facts import FACTS, Fact
from dash_app.engine.language import Dimension, Measure, measures_of
from dash_app.engine.memo import once
from dash_app.engine.moments import Speaking, instant_of
from dash_app.engine.page_plan import Key, KeyedCells, StatementPlan, roll_up_of
from dash_app.engine.predicates import alike, rest_of
from dash_app.engine.result import OTHER

Values = dict[str, Any]

SPEAKING: Final[tuple[Speaking, ...]] = get_args(Speaking)

_AGGREGATE = {
    "count": "count(*)",
    "sum": "sum({of})",
    "mean": "avg({of})",
    "max": "max({of})",
    "median": "quantile_cont(CAST({of} AS DOUBLE), 0.5)",
    "p90": "quantile_cont(CAST({of} AS DOUBLE), 0.9)",
}


def empty(measure: Measure) -> int | Decimal | None:
    """A measure over no records: counts and sums are 0, means and quantiles unknown."""
    if measure.agg == "count":
        return 0
    return Decimal(0) if measure.agg == "sum" else None


def is_unknown(measure: Measure, value: Any) -> bool:
    """Whether a question has no instant to ask the measure of: over no records counts and sums are 0."""
    return value is None and measure.agg in ("count", "sum")


def column_of(measure: Measure, given: frozenset[str] = frozenset()) -> str:
    """SQL of a measure as one conditional aggregate over records of which the conjuncts ``given`` are true already."""
    sql = _AGGREGATE[measure.agg].format(of=measure.of)
    rest = rest_of(measure, given)
    return f"{sql} FILTER (WHERE {rest})" if rest else sql


def bucket_expression(measure: Measure, grain: str, first_month: int = 1) -> str:
    """SQL of the local bucket a record of a measure falls into; ValueError for a state no day belongs to."""
    day = measure.day_expr
    if not day:
        raise ValueError(f"{measure.id} speaks of an instant and has no buckets")
    if grain == "day":
        return day
    shift = (first_month - 1) % 3 if grain == "quarter" else 0  # quarters of a fiscal year that begins in this month
    if not shift:
        return f"date_trunc('{grain}', {day})::DATE"
    return f"(date_trunc('quarter', ({day}) - INTERVAL {shift} MONTH) + INTERVAL {shift} MONTH)::DATE"


def bucket_scope(measure: Measure) -> str:
    """SQL that keeps records of other periods out of the edge buckets; the predicate of a measure of a period does so itself."""
    return f"({measure.day_expr}) BETWEEN $first_day AND $last_day" if measure.is_state else "true"


@dataclass(frozen=True, slots=True)
class Ask:
    """Measures of one fact, grouped the same way."""

    fact: str
    measures: tuple[Measure, ...]
    dimensions: tuple[Dimension, ...] = ()
    bucket: str | None = None  # SQL of the first key
    where: str | None = None
    params: SqlParams = field(default_factory=dict)  # what its dimensions name
    shared: frozenset[str] = frozenset()  # conjuncts true of every record counted


def sql_of(context: Context, ask: Ask) -> tuple[str, SqlParams]:
    """The one statement that answers an ask, and its filter parameters."""
    fact = FACTS[ask.fact]
    scope, params = context.scope(fact)
    wheres = [scope]
    if ask.where:
        wheres.append(f"({ask.where})")
    wheres.extend(sorted(ask.shared))
    rests = list(dict.fromkeys(rest_of(m, ask.shared) for m in ask.measures))
    # records that count nowhere need not be grouped; with few predicates the engine can also prune by them
    if "" not in rests and (ask.dimensions or ask.bucket or len(rests) <= 2):
        wheres.append("(" + " OR ".join(f"({r})" for r in rests) + ")")
    keys = [ask.bucket] if ask.bucket else []
    if any(d.many for d in ask.dimensions) and all(m.agg in ("count", "sum") for m in ask.measures):
        return _by_person_first(ask, fact, wheres), {**params, **ask.params}
    source = fact.table
    for dimension in ask.dimensions:
        if dimension.many:
            source += _departments(f"{fact.table}.manager_id")
        keys.append(dimension.expr)
    columns = [*keys, *(column_of(m, ask.shared) for m in ask.measures)]
    sql = f"SELECT {', '.join(columns)} FROM {source} WHERE {' AND '.join(wheres)}"
    if keys:
        sql += _grouped_by(len(keys))
    return sql, {**params, **ask.params}


def _departments(person: str) -> str:
    """SQL that joins every department a person is within, under a name of its own: manager_id of predicates stays the fact's."""
    return f" LEFT JOIN (SELECT manager_id AS person_id, department_id FROM manager_departments) AS md ON md.person_id = {person}"


def _grouped_by(keys: int) -> str:
    return " GROUP BY " + ", ".join(str(i + 1) for i in range(keys))


def _by_person_first(ask: Ask, fact: Fact, wheres: list[str]) -> str:
    """Counts and sums by department out of those by person: a record is read once, however many departments its person is within."""
    keys = [*([ask.bucket] if ask.bucket else []), *("manager_id" if d.many else d.expr for d in ask.dimensions)]
    inner = [
        *(f"{sql} AS k{i}" for i, sql in enumerate(keys)),
        *(f"{column_of(m, ask.shared)} AS c{i}" for i, m in enumerate(ask.measures)),
    ]
    first = len(keys) - len(ask.dimensions)
    outer = [
        *(f"k{i}" for i in range(first)),
        *(d.expr if d.many else f"k{first + i}" for i, d in enumerate(ask.dimensions)),
    ]
    outer += [f"sum(c{i})::BIGINT" if m.agg == "count" else f"sum(c{i})" for i, m in enumerate(ask.measures)]
    joins = "".join(_departments(f"k{first + i}") for i, d in enumerate(ask.dimensions) if d.many)
    people = f"SELECT {', '.join(inner)} FROM {fact.table} WHERE {' AND '.join(wheres)}{_grouped_by(len(keys))}"
    return f"SELECT {', '.join(outer)} FROM ({people}){joins}{_grouped_by(len(keys))}"


def run(context: Context, ask: Ask) -> dict[Key, Values]:
    """Answers an ask: key tuple -> measure id -> value. Without keys there is exactly one row, ``()``."""
    sql, params = sql_of(context, ask)
    width = len(ask.dimensions) + bool(ask.bucket)
    answer: dict[Key, Values] = {}
    key = ("rows", *context.key_of(sql, params))
    # the same rows stand on several blocks of a page: totals of a table are those of the cards
    for row in once(context, key, lambda: context.execute(sql, params).fetchall()):
        answer[tuple(row[:width])] = {
            m.id: empty(m) if value is None else value for m, value in zip(ask.measures, row[width:], strict=True)
        }
    if width == 0 and not answer:
        answer[()] = {m.id: empty(m) for m in ask.measures}
    return answer


def evaluate(
    context: Context, measures: Sequence[Measure], dimensions: tuple[Dimension, ...] = (), where: str | None = None
) -> dict[Key, Values]:
    """Any measures by the same dimensions, each asked of the facts of the instant it speaks of: key tuple -> measure id -> value."""
    answer: dict[Key, Values] = {} if dimensions else {(): {}}
    for (fact, instant), wanted in _grouped(measures, context).items():
        asked = context.at(instant)
        alike_in_time = frozenset(what for what in SPEAKING if instant_of(context, what) == instant)
        for group in context.page.groups(fact, wanted, dimensions, where, speaking=alike_in_time):
            inside = [m for m in wanted if group.answers(m)]
            counts = group.counts(inside)
            readers = [(m.id, group.reader(m), empty(m)) for m in inside]
            for key, cells in rolled(asked, group, dimensions).items():
                if dimensions and not any(cells[position] for position in counts):
                    continue  # of other figures of the page
                values = answer.get(key)
                if values is None:
                    values = answer[key] = {}
                for name, read, nothing in readers:
                    value = read(cells)
                    values[name] = nothing if value is None else value
    blank = blank_of(context, measures)
    return {key: values if len(values) == len(blank) else blank | values for key, values in answer.items()}


def blank_of(context: Context, measures: Iterable[Measure]) -> Values:
    """Measures over no records; None where a question has no instant to ask them of."""
    return {m.id: None if instant_of(context, m.speaking) is None else empty(m) for m in measures}


def rolled(context: Context, group: StatementPlan, dimensions: tuple[Dimension, ...]) -> KeyedCells:
    """Rows of a group by dimensions; every roll-up of them a page asks is made at once, from one statement."""
    roll_up = roll_up_of(dimensions)
    roll_ups = group.roll_ups if roll_up in group.roll_ups else frozenset({roll_up})
    sql, params = group.statement(context)

    def make() -> dict[tuple[bool, ...], KeyedCells]:
        rows = group.rows(context, sql, params)
        return {wanted: group.rolled(context, rows, wanted) for wanted in roll_ups}

    return once(context, ("rolled", roll_ups, group.quantiles, *context.key_of(sql, params)), make)[roll_up]


def _grouped(measures: Sequence[Measure], context: Context) -> Mapping[tuple[str, datetime], list[Measure]]:
    """By fact and the instant asked; without those that have none."""
    groups: dict[tuple[str, datetime], list[Measure]] = {}
    for measure in measures:
        instant = instant_of(context, measure.speaking)
        if instant is not None:
            groups.setdefault((measure.fact, instant), []).append(measure)
    return groups


def evaluate_buckets(
    context: Context, measures: Sequence[Measure], grain: str, where: str | None = None, split: Split | None = None
) -> dict[Key, Values]:
    """Measures by the bucket of their own day (a deal is created in one bucket and won in another), and by ``split`` inside it.

    Keys are ``(day,)`` or ``(day, value)``.
    """
    groups: dict[tuple[str, str, str, datetime], list[Measure]] = {}
    for measure in measures:
        instant = instant_of(context, measure.speaking)
        if instant is not None:
            bucket = bucket_expression(measure, grain, context.first_month)
            groups.setdefault((measure.fact, bucket, bucket_scope(measure), instant), []).append(measure)
    answer: dict[Key, Values] = {}
    dimensions, params = ((split.dimension,), split.params) if split else ((), {})
    blank = blank_of(context, measures)
    for (fact, bucket, scope, instant), group in groups.items():
        asked = context.at(instant)
        clauses = " AND ".join(c for c in (where, scope) if c and c != "true") or None
        for shared, together in alike(group):
            ask = Ask(fact, tuple(together), dimensions, bucket, clauses, params, shared)
            for key, values in run(asked, ask).items():
                if key[0] is not None:
                    answer.setdefault(key, dict(blank)).update(values)
    return answer


@dataclass(frozen=True, slots=True)
class Split:
    """The largest values of a dimension, in order; everything else is ``OTHER`` if there is anything else."""

    top: tuple[Any, ...]
    rest: bool
    source: Dimension

    @property
    def values(self) -> tuple[Any, ...]:
        """Row keys in order."""
        return (*self.top, OTHER) if self.rest else self.top

    @property
    def params(self) -> SqlParams:
        """The values ``inside`` names; none where there is nothing else."""
        if not self.rest:
            return {}
        return {f"split_{i}": value for i, value in enumerate(v for v in self.top if v is not None)}

    @property
    def inside(self) -> str:
        """SQL: whether a record is of the largest values. Never NULL."""
        expr = f"({self.source.expr})"
        given = (
            f"coalesce({expr} IN ({', '.join('$' + name for name in self.params)}), false)" if self.params else "false"
        )
        return f"({given} OR {expr} IS NULL)" if None in self.top else given

    @property
    def dimension(self) -> Dimension:
        """The dimension with the rest taken together."""
        if not self.rest:
            return self.source
        return replace(self.source, expr=f"CASE WHEN {self.inside} THEN ({self.source.expr}) ELSE '{OTHER}' END")


def split_of(context: Context, block: Series, where: str | None) -> Split:
    """How a block's series is split: by all its counts together over the period; departments all, as they stand in the structure."""
    assert block.split
    counts = [m for m in measures_of(block.figures) if m.agg == "count"]
    found = evaluate(context, counts, (block.split,), where)
    sizes = {key[0]: sum(values.values()) for key, values in found.items()}
    known = sorted((v for v, n in sizes.items() if n and v != OTHER), key=lambda v: (-sizes[v], v is None, str(v)))
    if not block.split_top:
        if block.split.directory == "departments":
            places = {department: place for place, department in enumerate(context.directory.department_tree())}
            known.sort(key=lambda v: places.get(v, len(places)))
        return Split(tuple(known), False, block.split)
    top = tuple(known[: block.split_top])
    return Split(top, bool(set(sizes) - set(top)), block.split)
