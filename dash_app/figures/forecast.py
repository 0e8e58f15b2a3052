"""What will be won by the end of a period: open deals by their empirical chances, and deals yet to come (metrics.md section 3).

The expected sum is exact arithmetic over chances and adds up over rows; its spread is of two kinds. Where many deals share the sum it is normal, by the
theorem of that name, and needs no draws. Where few do (its skewness tells) it is simulated: each manager × pipeline has draws of its own, seeded by
nothing but the two and the period, so the same question always gives the same answer and a filter moves no row; in a draw the few deals that
weigh most are won or not, the others together are a normal sum – or, where hardly one of them is won, deals all alike –, new wins come by Poisson
with amounts of the pipeline's mean and deviation.
Groups add both kinds, so their intervals are their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dash_app.engine.context import Context
from dash_app.engine.facts import FACTS
from dash_app.engine.memo import Memo, once
from dash_app.figures import common as c
from dash_app.figures.money_units import UNITS, UNITS_IN_KOPECK, amount_of, column_units, keys_of, rounded, units_of
from dash_app.store.derive.forecast import AGE_SQL, HORIZONS, RECENT_DAYS

Draws = NDArray[np.float32]
Atom = tuple[int | None, int | None]
"""(manager, pipeline)."""

DRAWS = 1000
_HEAVY = 5
"""Deals of a row drawn one by one."""
_EVEN = 0.5
"""A sum less skewed than this is taken as normal."""
_STANDARD = NormalDist()
_TENTH = _STANDARD.inv_cdf(0.9)


@dataclass(slots=True)
class Stock:
    """What a manager has in a pipeline, and what of it is expected in the period still."""

    open_amount: int = 0  # units (``figures.money_units``)
    expected: int = 0  # units
    variance: float = 0.0
    third: float = 0.0  # third cumulant
    heavy: list[tuple[float, float]] = field(default_factory=list)  # (amount, chance), the heaviest first
    new_wins: float = 0.0
    new_mean: float = 0.0
    new_deviation: float = 0.0


def _weights(days: float) -> dict[float, float]:
    """Horizons and their weights that make the value ``days`` ahead: linear between those known, 0 at 0, constant after the last."""
    if days <= 0:
        return {}
    before = 0.0
    for known in HORIZONS:
        if days <= known:
            share = (days - before) / (known - before)
            return {float(known): share} | ({before: 1 - share} if before else {})
        before = float(known)
    return {before: 1.0}


def _window(context: Context) -> dict[float, float]:
    """Weights of horizons for winning within what is left of the period."""
    span, as_of = context.span, context.as_of
    found = _weights((span.end - as_of) / timedelta(days=1))
    for horizon, weight in _weights((span.start - as_of) / timedelta(days=1)).items():  # a period that has not begun
        found[horizon] = found.get(horizon, 0.0) - weight
    return found


def stocks(context: Context) -> Mapping[Atom, Stock]:
    """Open deals under the page's filters by manager and pipeline, with what is expected of them and of new ones. Read once; read-only.

    Of a period that is over they are those of the state's instant, and nothing is expected of them.
    """
    running = context.span.end > context.as_of
    context = context.speaking("state") or context
    weights = _window(context) if running else {}
    sql, params = _stock_sql(context, weights)
    key = ("stocks", context.span.period if running else None, *context.key_of(sql, params))
    return once(context, key, lambda: _stocks(context, sql, params, weights))


def _stock_sql(context: Context, weights: Mapping[float, float]) -> tuple[str, dict[str, Any]]:
    scope, params = context.scope(FACTS["deals"])
    atom = "coalesce(manager_id, -1)::INTEGER AS manager, coalesce(pipeline_id, -1)::INTEGER AS pipeline, coalesce(sum(amount), 0) AS opened"
    if not weights:  # nothing is won any more
        return f"SELECT {atom} FROM deals WHERE {scope} AND {c.IN_WORK} GROUP BY manager_id, pipeline_id", params
    chance = (
        "coalesce(sum(CASE horizon "
        + " ".join(f"WHEN {h!r} THEN chance * {w!r}" for h, w in weights.items())
        + " END), 0)"
    )
    value = "coalesce(CAST(amount AS DOUBLE), usual, 0)"
    sql = f"""
        WITH known AS (SELECT pipeline_id AS p, stage_id AS s, age, greatest(0, {chance}) AS chance FROM win_chances GROUP BY ALL),
        opened AS (
            SELECT manager_id, pipeline_id, amount, {value} AS worth, coalesce(k.chance, 0) AS chance
            FROM (SELECT manager_id, pipeline_id, stage_id, amount, {AGE_SQL.format(days="stage_days")} AS stage_age FROM deals WHERE {scope} AND {c.IN_WORK}) d
            LEFT JOIN known k ON k.p = d.pipeline_id AND k.s = d.stage_id AND k.age = d.stage_age
            LEFT JOIN (SELECT pipeline_id AS u, median AS usual FROM usual_amounts) a ON a.u = d.pipeline_id
        ), spread AS (SELECT *, worth * worth * chance * (1 - chance) AS variance, worth * (1 - 2 * chance) AS lean FROM opened)
        SELECT {atom}, CAST(coalesce(sum(CAST(worth * chance AS DECIMAL(28, 6))), 0) AS DECIMAL(38, 8)) AS expected,
               coalesce(sum(variance), 0) AS variance, coalesce(sum(variance * lean), 0) AS third, max_by(worth, variance, {_HEAVY}) AS worths, max_by(chance, variance, {_HEAVY}) AS chances
        FROM spread GROUP BY manager_id, pipeline_id"""
    return sql, params


def _stocks(context: Context, sql: str, params: Mapping[str, Any], weights: Mapping[float, float]) -> dict[Atom, Stock]:
    table = context.arrow(sql, params)
    opened = column_units(table["opened"])
    if not weights:
        return {atom: Stock(amount) for atom, amount in zip(keys_of(table), opened, strict=True)}
    found: dict[Atom, Stock] = {}
    numbers = (table[name].to_pylist() for name in ("variance", "third", "worths", "chances"))
    for atom, amount, expected, variance, third, worths, chances in zip(
        keys_of(table), opened, column_units(table["expected"]), *numbers, strict=True
    ):
        found[atom] = Stock(amount, expected, variance, third, list(zip(worths or (), chances or (), strict=True)))
    _newcomers(context, weights, found)
    return dict(
        sorted(found.items(), key=lambda item: [(v is None, v or 0) for v in item[0]])
    )  # sums of floats are the same whatever came first


def _newcomers(context: Context, weights: Mapping[float, float], found: dict[Atom, Stock]) -> None:
    """Adds the wins of deals yet to be created, at the rate of the last days."""
    wins = {
        pipeline: (sum(days for days in by), mean, deviation)
        for pipeline, by, mean, deviation in _new_wins(context, weights)
    }
    scope, params = context.scope(FACTS["deals"], without=frozenset({"status", "stage"}))
    sql = f"""
        SELECT manager_id, pipeline_id, count(*) FROM deals
        WHERE {scope} AND created_at >= $as_of - INTERVAL {RECENT_DAYS} DAY AND created_at < $as_of GROUP BY manager_id, pipeline_id"""
    if context.query.filters.of("status") or context.query.filters.of("stage"):
        return  # a deal yet to come has neither
    for manager, pipeline, count in context.execute(sql, params).fetchall():
        days, mean, deviation = wins.get(pipeline, (0.0, 0.0, 0.0))
        if days > 0 and mean > 0:
            stock = found.setdefault((manager, pipeline), Stock())
            stock.new_wins, stock.new_mean, stock.new_deviation = count / RECENT_DAYS * days, mean, deviation
            stock.expected += units_of(Decimal(repr(round(stock.new_wins * mean, 6))))


def _new_wins(context: Context, weights: Mapping[float, float]) -> list[tuple[int, list[float], float, float]]:
    """(pipeline, weighted won days, mean amount, deviation). Won days grow with the square of a short horizon, so the last bit is interpolated as such."""
    rows = context.execute(
        "SELECT n.pipeline_id, n.horizon, n.won_days, a.mean, a.deviation FROM new_deal_wins n JOIN usual_amounts a ON a.pipeline_id = n.pipeline_id"
    ).fetchall()
    found: dict[int, tuple[list[float], float, float]] = {}
    for pipeline, horizon, won_days, mean, deviation in rows:
        entry = found.setdefault(pipeline, ([], mean, deviation))
        if horizon in weights:
            entry[0].append(won_days * weights[horizon])
    return [(pipeline, by, mean, deviation) for pipeline, (by, mean, deviation) in found.items()]


def _seed(context: Context, atom: Atom) -> int:
    text = f"{atom[0]}:{atom[1]}:{context.span.period.start}:{context.span.period.end}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


_drawn: Memo[Draws] = Memo(4000)
"""Draws of rows met before: another filter of people or pipelines asks for the same ones."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What may come on top of a fact, in money: an even part, normal, and an uneven one as draws."""

    mean: float = 0.0
    variance: float = 0.0
    drawn: Draws | None = None
    seed: int = 0


NOTHING = Spread()
"""Nothing more can come."""


def spread(context: Context, atom: Atom, stock: Stock) -> Spread:
    """The spread of one manager in one pipeline."""
    ratio = (stock.new_deviation / stock.new_mean) ** 2 if stock.new_mean else 0.0
    expected_new = stock.new_wins * stock.new_mean
    variance = stock.variance + expected_new * stock.new_mean * (1 + ratio)
    third = stock.third + expected_new * stock.new_mean**2 * (1 + ratio) * (1 + 2 * ratio)
    if not variance or abs(third) < _EVEN * variance**1.5:
        return Spread(float(amount_of(stock.expected)), variance) if stock.expected or variance else NOTHING
    seed = _seed(context, atom)
    key = (seed, stock.expected, stock.variance, stock.third, stock.new_wins, *stock.heavy)
    known = _drawn.get(key, lambda: _draws(np.random.Generator(np.random.PCG64(seed)), stock))
    return Spread(drawn=known, seed=seed)


def _draws(rng: np.random.Generator, stock: Stock) -> Draws:
    """``DRAWS`` sums of one manager in one pipeline."""
    total = np.zeros(DRAWS)
    mean, variance, third = (
        float(amount_of(stock.expected)) - stock.new_wins * stock.new_mean,
        stock.variance,
        stock.third,
    )
    heavy = sorted(
        ((a, p) for a, p in stock.heavy if 0 < p < 1 and a > 0),
        key=lambda pair: (-(pair[0] ** 2) * pair[1] * (1 - pair[1]), pair),
    )
    if heavy:
        amounts = np.array([a for a, _ in heavy])
        chances = np.array([p for _, p in heavy])
        total += amounts @ (rng.random((len(heavy), DRAWS), dtype=np.float32) < chances[:, None])
        mean -= float(amounts @ chances)
        variance -= float(amounts**2 @ (chances * (1 - chances)))
        third -= float(amounts**3 @ (chances * (1 - chances) * (1 - 2 * chances)))
    if variance > 1e-6 * stock.variance and mean > 0 and third > _EVEN * variance**1.5:
        total += _rare(rng, mean, variance, third)
    elif variance > 1e-6 * stock.variance and mean > 0:
        total += np.maximum(mean + round(variance**0.5, 3) * rng.standard_normal(DRAWS), 0)
    elif mean > 0:
        total += mean  # deals sure to come
    if stock.new_wins > 0:
        wins = rng.poisson(stock.new_wins, DRAWS)
        if stock.new_deviation > 0:
            shape = (stock.new_mean / stock.new_deviation) ** 2
            some = np.flatnonzero(wins)  # most draws of a person's few days have none
            total[some] += rng.standard_gamma(wins[some] * shape) * (stock.new_mean / shape)
        else:
            total += wins * stock.new_mean
    return total.astype(np.float32)


def _rare(rng: np.random.Generator, mean: float, variance: float, third: float) -> NDArray[Any]:
    """Draws of many deals of which hardly one is won: as many alike deals as have the three cumulants; where there are none such, wins by Poisson."""
    amount = 2 * variance / mean - third / variance
    chance = 1 - variance / (mean * amount) if amount > 0 else 0.0
    if chance <= 0:
        return rng.poisson(mean * mean / variance, DRAWS) * (variance / mean)
    number = max(1, round(mean / (amount * chance)))
    return rng.binomial(number, chance, DRAWS) * (mean / (number * chance))


def together(parts: Iterable[Spread]) -> Spread:
    """The spread of a group: even parts add up, draws are added one by one."""
    some = [part for part in parts if part is not NOTHING]
    if len(some) < 2:
        return some[0] if some else NOTHING
    seed, drawn = 0, [part.drawn for part in some if part.drawn is not None]
    for part in some:
        seed ^= part.seed
    return Spread(
        sum(p.mean for p in some),
        sum(p.variance for p in some),
        np.sum(drawn, axis=0, dtype=np.float32) if drawn else None,
        seed,
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """A row's interval in kopecks: 80 of 100 outcomes lie between ``low`` and ``high``, stretched so that they hold the forecast itself."""

    low: int
    high: int
    reached: int | None  # draws of DRAWS that reach the plan; None without a plan
    drawn: int = DRAWS


def outlook(fact: int, forecast: int, more: Spread, plan: int | None) -> Outlook:
    """The interval of a row or group. ``fact`` in units, ``forecast`` and ``plan`` in kopecks."""
    if more.drawn is None and not more.variance:
        return Outlook(forecast, forecast, None if not plan else DRAWS * int(forecast >= plan))
    missing = (plan * UNITS_IN_KOPECK - fact) / UNITS if plan else 0.0
    if more.drawn is None:
        deviation = more.variance**0.5
        ends = [max(0.0, more.mean + z * deviation) for z in (-_TENTH, _TENTH)]
        count = round(DRAWS * (1.0 if missing <= 0 else 1 - _STANDARD.cdf((missing - more.mean) / deviation)))
    else:
        drawn: NDArray[np.float64] = more.drawn.astype(np.float64) + more.mean
        if more.variance:
            rng = np.random.Generator(np.random.PCG64(more.seed + 1))
            drawn = np.maximum(drawn + round(more.variance**0.5, 3) * rng.standard_normal(DRAWS), 0)
        drawn.sort()
        ends = [_quantile(drawn, q) for q in (0.1, 0.9)]
        count = int(np.count_nonzero(drawn >= missing))
    low, high = (rounded(fact + round(round(end, 2) * 100) * UNITS_IN_KOPECK) for end in ends)
    return Outlook(min(low, forecast), max(high, forecast), count if plan else None)


def _quantile(ordered: NDArray[np.float64], share: float) -> float:
    """Linear between the two nearest, as everywhere."""
    place = share * (len(ordered) - 1)
    below = int(place)
    return float(ordered[below] + (ordered[min(below + 1, len(ordered) - 1)] - ordered[below]) * (place - below))


def tests(context: Context) -> list[dict[str, Any]]:
    """Past months: ``month, made_at, forecast, fact`` under the filters of pipeline, department and manager; the oldest first."""
    filters = context.query.filters
    clauses = [context.rights.condition("manager_id")]
    if chosen := filters.of("pipeline"):
        clauses.append(f"pipeline_id IN ({', '.join(sorted(str(int(p)) for p in chosen))})")
    for people in _people(context):
        known = ", ".join(str(p) for p in sorted(p for p in people if p is not None)) or "NULL"
        clauses.append(f"(manager_id IN ({known}){' OR manager_id IS NULL' if None in people else ''})")
    sql = f"""
        SELECT month, any_value(made_at), sum(fact_then), sum(expected), sum(fact) FROM forecast_tests
        WHERE {" AND ".join(clauses)} GROUP BY month ORDER BY month"""
    return [
        {"month": month, "made_at": made_at, "forecast": round(then + expected, 2), "fact": fact}
        for month, made_at, then, expected, fact in context.execute(sql).fetchall()
    ]


def _people(context: Context) -> list[set[int | None]]:
    filters = context.query.filters
    found = []
    if filters.of("manager"):
        found.append({None if m == "none" else int(m) for m in filters.of("manager")})
    if filters.of("department"):
        found.append(context.directory.managers_of(filters.of("department")))
    return found
