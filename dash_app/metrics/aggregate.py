"""Measures x dimensions -> numbers: one scan answers all measures that count the same records.

"Won in the period" and its sum, mean and quantiles are one statement with the predicate in WHERE, where the engine prunes by it; one statement
for everything, each figure with a FILTER of its own, would read every record for every figure and takes twice as long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from dash_app.metrics.context import Context, Params
from dash_app.metrics.facts import FACTS
from dash_app.metrics.language import Block, Dimension, Measure, measures_of
from dash_app.metrics.once import once

Key = tuple[Any, ...]
Values = dict[str, Any]

_COMPLEX = re.compile(r"\bOR\b|\bBETWEEN\b|\bCASE\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z_]\w*+(?!\s*\()")
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


def column_of(measure: Measure, given: frozenset[str] = frozenset()) -> str:
    """SQL of a measure as one conditional aggregate over records of which the conjuncts ``given`` are true already."""
    sql = _AGGREGATE[measure.agg].format(of=measure.of)
    rest = rest_of(measure, given)
    return f"{sql} FILTER (WHERE {rest})" if rest else sql


def rest_of(measure: Measure, given: frozenset[str]) -> str:
    """What is left to ask of a record once ``given`` is known; '' for nothing."""
    return " AND ".join(c for c in conjuncts(measure.where) if c not in given)


def conjuncts(predicate: str) -> tuple[str, ...]:
    """The parts of ``a AND b AND c``, each of them whatever it is inside its own brackets; anything more complex is one part, ``true`` none."""
    if predicate == "true":
        return ()
    outside = _outside(predicate)
    if _COMPLEX.search(outside):
        return (f"({predicate})",)
    parts, start = [], 0
    for found in re.finditer(" AND ", outside):
        parts.append(predicate[start : found.start()])
        start = found.end()
    return (*parts, predicate[start:])


@lru_cache(maxsize=1024)
def _outside(predicate: str) -> str:
    """The predicate with everything inside brackets and quotes made dots, of the same length."""
    shown, depth, quoted = [], 0, False
    for letter in predicate:
        if letter == "'":
            quoted = not quoted
        if not quoted:
            depth += letter == "("
            depth -= letter == ")"
        shown.append("." if quoted or depth or letter in ")'" else letter)
    return "".join(shown)


def alike(measures: Sequence[Measure]) -> list[tuple[frozenset[str], list[Measure]]]:
    """Measures in groups that count among the same records, and the conjuncts all of a group share.

    Two belong together if one's records are all among the other's, or both speak of the same window of time (two conjuncts).
    """
    groups: list[tuple[frozenset[str], list[Measure]]] = []
    for measure in measures:
        own = frozenset(conjuncts(measure.where))
        for position, (shared, group) in enumerate(groups):
            common = shared & own
            if shared == own or (common and (common in (shared, own) or len(common) > 1)):
                groups[position] = (common, [*group, measure])
                break
        else:
            groups.append((own, [measure]))
    return groups


def bucket_expression(measure: Measure, grain: str) -> str:
    """SQL of the local bucket a record of a measure falls into; ValueError for a state no day belongs to."""
    day = measure.day_expr
    if not day:
        raise ValueError(f"{measure.id} speaks of an instant and has no buckets")
    return day if grain == "day" else f"date_trunc('{grain}', {day})::DATE"


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
    params: Params = field(default_factory=dict)  # what its dimensions name
    shared: frozenset[str] = frozenset()  # conjuncts true of every record counted


def sql_of(context: Context, ask: Ask) -> tuple[str, Params]:
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
    source = fact.table
    for dimension in ask.dimensions:
        if dimension.many:
            # under a name of its own, so that manager_id of filters and predicates stays the fact's
            people = "(SELECT manager_id AS person_id, department_id FROM manager_departments)"
            source += f" LEFT JOIN {people} AS md ON md.person_id = {fact.table}.manager_id"
        keys.append(dimension.expr)
    columns = [*keys, *(column_of(m, ask.shared) for m in ask.measures)]
    sql = f"SELECT {', '.join(columns)} FROM {source} WHERE {' AND '.join(wheres)}"
    if keys:
        sql += " GROUP BY " + ", ".join(str(i + 1) for i in range(len(keys)))
    return sql, {**params, **ask.params}


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


@dataclass(frozen=True, slots=True)
class Cube:
    """Records of a fact counted by a few columns of few values, for measures that need nothing else of them.

    ``window``: conjuncts all the measures share that are not about those columns (the period).
    """

    fact: str
    columns: tuple[str, ...]
    window: frozenset[str]
    where: str | None

    def sql_of(self, context: Context) -> tuple[str, Params]:
        """The statement that counts, and its filter parameters."""
        fact = FACTS[self.fact]
        scope, params = context.scope(fact)
        wheres = [scope, *sorted(self.window), *([f"({self.where})"] if self.where else [])]
        keys = ", ".join(self.columns)
        return f"SELECT {keys}, count(*) AS n FROM {fact.table} WHERE {' AND '.join(wheres)} GROUP BY ALL", params

    def table(self, context: Context) -> Any:
        """As Arrow; counted once for all blocks of a page."""
        sql, params = self.sql_of(context)
        return once(context, ("cube", *context.key_of(sql, params)), lambda: context.arrow(sql, params))


def words_of(sql: str) -> frozenset[str]:
    """Columns and key words of an expression; functions, parameters and texts in quotes are none of them."""
    return frozenset(word.lower() for word in _WORD.findall(re.sub(r"'[^']*'|\$\w+", "", sql)))


_NO_COLUMNS = words_of("AND OR NOT IN IS NULL TRUE FALSE CASE WHEN THEN ELSE END AS DECIMAL VARCHAR")


def cube_of(
    measures: Sequence[Measure], dimensions: tuple[Dimension, ...], where: str | None
) -> tuple[Cube | None, list[Measure], list[Measure]]:
    """(the cube, measures it answers, the others). Only counts, and sums of what the counted columns say."""
    fact = FACTS[measures[0].fact]
    coarse = frozenset(fact.coarse)
    fitting: dict[frozenset[str], list[Measure]] = {}
    for measure in measures:
        if measure.agg == "count" or (measure.agg == "sum" and words_of(measure.of) - _NO_COLUMNS <= coarse):
            window = frozenset(c for c in conjuncts(measure.where) if not words_of(c) - _NO_COLUMNS <= coarse)
            fitting.setdefault(window, []).append(measure)
    if not coarse or not fitting:
        return None, [], list(measures)
    keys = {"manager_id"} if not dimensions else set[str]()
    for dimension in dimensions:
        keys |= {"manager_id"} if dimension.many else words_of(dimension.expr) - _NO_COLUMNS
    if not keys <= {*fact.few, *fact.coarse}:
        return None, [], list(measures)
    window, inside = max(fitting.items(), key=lambda item: len(item[1]))
    return Cube(fact.id, (*sorted(keys - coarse), *fact.coarse), window, where), inside, [m for m in measures if m not in inside]


def run_cube(context: Context, cube: Cube, measures: Sequence[Measure], dimensions: tuple[Dimension, ...]) -> dict[Key, Values]:
    """Answers measures from a cube instead of the records."""
    counted = []
    for measure in measures:
        rest = rest_of(measure, cube.window)
        summed = ("sum(n)" if measure.agg == "count" else f"sum(n * {measure.of})") + (f" FILTER (WHERE {rest})" if rest else "")
        counted.append(f"CAST({summed} AS BIGINT)" if measure.agg == "count" else summed)
    rests = list(dict.fromkeys(rest_of(m, cube.window) for m in measures))
    keys = [d.expr for d in dimensions]
    source = "counts"
    if any(d.many for d in dimensions):
        source += " LEFT JOIN (SELECT manager_id AS person_id, department_id FROM manager_departments) AS md ON md.person_id = counts.manager_id"
    sql = f"SELECT {', '.join([*keys, *counted])} FROM {source}"
    if keys:
        if "" not in rests:
            sql += " WHERE " + " OR ".join(f"({r})" for r in rests)
        sql += " GROUP BY " + ", ".join(str(i + 1) for i in range(len(keys)))
    answer: dict[Key, Values] = {}
    for row in context.execute(sql, tables={"counts": cube.table(context)}).fetchall():
        answer[tuple(row[: len(keys)])] = {m.id: empty(m) if v is None else v for m, v in zip(measures, row[len(keys) :], strict=True)}
    return answer


def evaluate(
    context: Context, measures: Sequence[Measure], dimensions: tuple[Dimension, ...] = (), where: str | None = None
) -> dict[Key, Values]:
    """Any measures by the same dimensions; state measures of a base ask the facts of its end."""
    answer: dict[Key, Values] = {}
    for (fact, state), group in _grouped(measures, context).items():
        asked = context.at_its_end() if state else context
        cube, inside, others = cube_of(group, dimensions, where)
        if cube is not None:
            for key, values in run_cube(asked, cube, inside, dimensions).items():
                answer.setdefault(key, {}).update(values)
        for shared, together in alike(others):
            for key, values in run(asked, Ask(fact, tuple(together), dimensions, where=where, shared=shared)).items():
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
    """Measures by the bucket of their own day (a deal is created in one bucket and won in another), and by ``split`` inside it.

    Keys are ``(day,)`` or ``(day, value)``.
    """
    groups: dict[tuple[str, str, str], list[Measure]] = {}
    for measure in measures:
        groups.setdefault((measure.fact, bucket_expression(measure, grain), bucket_scope(measure)), []).append(measure)
    answer: dict[Key, Values] = {}
    dimensions, params = ((split.dimension,), split.params) if split else ((), {})
    for (fact, bucket, scope), group in groups.items():
        asked = context.at_its_end() if group[0].is_state else context
        clauses = " AND ".join(c for c in (where, scope) if c and c != "true") or None
        for shared, together in alike(group):
            ask = Ask(fact, tuple(together), dimensions, bucket, clauses, params, shared)
            for key, values in run(asked, ask).items():
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
        """The values ``inside`` names; none where there is nothing else."""
        if not self.rest:
            return {}
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
        if not self.rest:
            return self.source
        return replace(self.source, expr=f"CASE WHEN {self.inside} THEN ({self.source.expr}) ELSE '{OTHER}' END")


def split_of(context: Context, block: Block, where: str | None) -> Split:
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
