"""Measures x dimensions -> numbers: one scan of a fact answers all measures of a block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from dash_app.metrics.context import Context, Params
from dash_app.metrics.facts import FACTS
from dash_app.metrics.language import Block, Dimension, Measure, measures_of

Key = tuple[Any, ...]
Values = dict[str, Any]

_AGGREGATE = {
    "count": "count(*)",
    "sum": "sum({of})",
    "mean": "avg({of})",
    "median": "quantile_cont(CAST({of} AS DOUBLE), 0.5)",
    "p90": "quantile_cont(CAST({of} AS DOUBLE), 0.9)",
}


def empty(measure: Measure) -> int | Decimal | None:
    """A measure over no records: counts and sums are 0, means and quantiles unknown."""
    if measure.agg == "count":
        return 0
    return Decimal(0) if measure.agg == "sum" else None


def column_of(measure: Measure) -> str:
    """SQL of a measure as one conditional aggregate."""
    sql = _AGGREGATE[measure.agg].format(of=measure.of)
    return sql if measure.where == "true" else f"{sql} FILTER (WHERE {measure.where})"


def bucket_expression(moment: str, grain: str) -> str:
    """SQL of the local bucket a record's moment falls into."""
    return f"{moment}_on" if grain == "day" else f"date_trunc('{grain}', {moment}_on)::DATE"


@dataclass(frozen=True, slots=True)
class Ask:
    """Measures of one fact, grouped the same way."""

    fact: str
    measures: tuple[Measure, ...]
    dimensions: tuple[Dimension, ...] = ()
    bucket: str | None = None  # SQL of the first key
    where: str | None = None
    params: Params = field(default_factory=dict)  # what its dimensions name


def sql_of(context: Context, ask: Ask) -> tuple[str, Params]:
    """The one statement that answers an ask, and its filter parameters."""
    fact = FACTS[ask.fact]
    scope, params = context.scope(fact)
    wheres = [scope]
    if ask.where:
        wheres.append(f"({ask.where})")
    predicates = list(dict.fromkeys(m.where for m in ask.measures))
    # records that count nowhere need not be grouped; with few predicates the engine can also prune by them
    if "true" not in predicates and (ask.dimensions or ask.bucket or len(predicates) <= 2):
        wheres.append("(" + " OR ".join(f"({p})" for p in predicates) + ")")
    keys = [ask.bucket] if ask.bucket else []
    source = fact.table
    for dimension in ask.dimensions:
        if dimension.many:
            source += f" LEFT JOIN manager_departments AS md ON md.manager_id = {fact.table}.manager_id"
        keys.append(dimension.expr)
    columns = [*keys, *(column_of(m) for m in ask.measures)]
    sql = f"SELECT {', '.join(columns)} FROM {source} WHERE {' AND '.join(wheres)}"
    if keys:
        sql += " GROUP BY " + ", ".join(str(i + 1) for i in range(len(keys)))
    return sql, {**params, **ask.params}


def run(context: Context, ask: Ask) -> dict[Key, Values]:
    """Answers an ask: key tuple -> measure id -> value. Without keys there is exactly one row, ``()``."""
    sql, params = sql_of(context, ask)
    width = len(ask.dimensions) + bool(ask.bucket)
    answer: dict[Key, Values] = {}
    for row in context.execute(sql, params).fetchall():
        answer[tuple(row[:width])] = {
            m.id: empty(m) if value is None else value for m, value in zip(ask.measures, row[width:], strict=True)
        }
    if width == 0 and not answer:
        answer[()] = {m.id: empty(m) for m in ask.measures}
    return answer


def evaluate(
    context: Context, measures: Sequence[Measure], dimensions: tuple[Dimension, ...] = (), where: str | None = None
) -> dict[Key, Values]:
    """Any measures by the same dimensions, one scan a fact; state measures of a base ask the facts of its end."""
    answer: dict[Key, Values] = {}
    for (fact, state), group in _grouped(measures, context).items():
        asked = context.at_its_end() if state else context
        for key, values in run(asked, Ask(fact, tuple(group), dimensions, where=where)).items():
            answer.setdefault(key, {}).update(values)
    for values in answer.values():
        for measure in measures:
            values.setdefault(measure.id, empty(measure))
    return answer


def _grouped(measures: Sequence[Measure], context: Context) -> Mapping[tuple[str, bool], list[Measure]]:
    groups: dict[tuple[str, bool], list[Measure]] = {}
    for measure in measures:
        groups.setdefault((measure.fact, measure.is_state and context.is_base), []).append(measure)
    return groups


def evaluate_buckets(
    context: Context, measures: Sequence[Measure], grain: str, where: str | None = None, split: Split | None = None
) -> dict[Key, Values]:
    """Measures by the bucket of their own moment (a deal is created in one bucket and won in another), and by ``split`` inside it.

    Keys are ``(day,)`` or ``(day, value)``.
    """
    groups: dict[tuple[str, str], list[Measure]] = {}
    for measure in measures:
        if measure.is_state:
            raise ValueError(f"{measure.id} speaks of an instant and has no buckets")
        groups.setdefault((measure.fact, measure.moment), []).append(measure)
    answer: dict[Key, Values] = {}
    dimensions, params = ((split.dimension,), split.params) if split else ((), {})
    for (fact, moment), group in groups.items():
        ask = Ask(fact, tuple(group), dimensions, bucket_expression(moment, grain), where, params)
        for key, values in run(context, ask).items():
            if key[0] is not None:
                answer.setdefault(key, {m.id: empty(m) for m in measures}).update(values)
    return answer


OTHER = "other"
"""How a row key spells "all the values that are not among the largest". A value spelled so itself is always among them."""


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
    def params(self) -> Params:
        """The values ``inside`` names."""
        return {f"split_{i}": value for i, value in enumerate(v for v in self.top if v is not None)}

    @property
    def inside(self) -> str:
        """SQL: whether a record is of the largest values. Never NULL."""
        expr = f"({self.source.expr})"
        given = f"coalesce({expr} IN ({', '.join('$' + name for name in self.params)}), false)" if self.params else "false"
        return f"({given} OR {expr} IS NULL)" if None in self.top else given

    @property
    def dimension(self) -> Dimension:
        """The dimension with the rest taken together."""
        return replace(self.source, expr=f"CASE WHEN {self.inside} THEN ({self.source.expr}) ELSE '{OTHER}' END")


def split_of(context: Context, block: Block, where: str | None) -> Split:
    """How a block's series is split: by all its counts together over the period."""
    assert block.split
    counts = [m for m in measures_of(block.figures) if m.agg == "count"]
    found = evaluate(context, counts, (block.split,), where)
    sizes = {key[0]: sum(values.values()) for key, values in found.items()}
    known = sorted((v for v, n in sizes.items() if n and v != OTHER), key=lambda v: (-sizes[v], v is None, str(v)))
    top = tuple(known[: block.split_top])
    return Split(top, bool(set(sizes) - set(top)), block.split)
