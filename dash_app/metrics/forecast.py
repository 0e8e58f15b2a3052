"""What will be won by the end of a period: open deals by their empirical chances, and deals yet to come (metrics.md section 3).

The expected sum is exact arithmetic over chances and adds up over rows; its spread is simulated: each manager × pipeline has draws of its own, seeded
by nothing but the two and the period, so the same question always gives the same answer and a filter moves no row. In a draw the few deals
that weigh most are won or not, the many small ones together are a normal sum, new wins come by Poisson with amounts of the pipeline's mean and
deviation. Groups add draws, so their intervals are their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dash_app.metrics import common as c
from dash_app.metrics.context import Context
from dash_app.metrics.facts import FACTS
from dash_app.store.derive.forecast import AGE_SQL, HORIZONS, RECENT_DAYS

Draws = NDArray[np.float32]
Atom = tuple[int | None, int | None]
"""(manager, pipeline)."""

DRAWS = 2000
_HEAVY = 6
"""Deals of a row drawn one by one."""
_SMALL_SHARE = 0.04
"""Where even the heaviest deal has no more of the variance, the normal sum alone is as good."""


@dataclass(slots=True)
class Stock:
    """What a manager has in a pipeline, and what of it is expected in the period still."""

    open_count: int = 0
    open_amount: Decimal = Decimal(0)
    expected: Decimal = Decimal(0)
    variance: float = 0.0
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


def stocks(context: Context) -> dict[Atom, Stock]:
    """Open deals under the page's filters by manager and pipeline, with what is expected of them and of new ones."""
    weights = _window(context)
    running = context.span.end > context.as_of
    chance = "coalesce(sum(CASE horizon " + " ".join(f"WHEN {h!r} THEN chance * {w!r}" for h, w in weights.items()) + " END), 0)" if weights and running else "0.0"
    scope, params = context.scope(FACTS["deals"])
    value = "coalesce(CAST(amount AS DOUBLE), usual, 0)"
    sql = f"""
        WITH known AS (SELECT pipeline_id AS p, stage_id AS s, age, greatest(0, {chance}) AS chance FROM win_chances GROUP BY ALL),
        opened AS (
            SELECT manager_id, pipeline_id, amount, {value} AS worth, coalesce(k.chance, 0) AS chance
            FROM (SELECT manager_id, pipeline_id, stage_id, amount, {AGE_SQL.format(days="stage_days")} AS stage_age FROM deals WHERE {scope} AND {c.IN_WORK}) d
            LEFT JOIN known k ON k.p = d.pipeline_id AND k.s = d.stage_id AND k.age = d.stage_age
            LEFT JOIN (SELECT pipeline_id AS u, median AS usual FROM usual_amounts) a ON a.u = d.pipeline_id
        ), spread AS (SELECT *, worth * worth * chance * (1 - chance) AS variance FROM opened)
        SELECT manager_id, pipeline_id, count(*), coalesce(sum(amount), 0), coalesce(sum(CAST(worth * chance AS DECIMAL(28, 6))), 0),
               sum(variance), max_by(worth, variance, {_HEAVY}), max_by(chance, variance, {_HEAVY})
        FROM spread GROUP BY manager_id, pipeline_id"""
    found: dict[Atom, Stock] = {}
    for manager, pipeline, count, amount, expected, variance, worths, chances in context.execute(sql, params).fetchall():
        found[manager, pipeline] = Stock(count, amount, expected, float(variance or 0), list(zip(worths or (), chances or (), strict=True)))
    if running:
        _newcomers(context, weights, found)
    return found


def _newcomers(context: Context, weights: Mapping[float, float], found: dict[Atom, Stock]) -> None:
    """Adds the wins of deals yet to be created, at the rate of the last days."""
    if not weights:
        return
    wins = {
        pipeline: (sum(days for days in by), mean, deviation)
        for pipeline, by, mean, deviation in _new_wins(context, weights)
    }
    scope, params = context.scope(FACTS["deals"], without=frozenset({"status", "stage"}))
    sql = f"""
        SELECT manager_id, pipeline_id, count(*) FROM deals
        WHERE {scope} AND created_at >= $as_of - INTERVAL {RECENT_DAYS} DAY AND created_at < $as_of GROUP BY manager_id, pipeline_id"""
    if context.query.filters.status or context.query.filters.stage:
        return  # a deal yet to come has neither
    for manager, pipeline, count in context.execute(sql, params).fetchall():
        days, mean, deviation = wins.get(pipeline, (0.0, 0.0, 0.0))
        if days > 0 and mean > 0:
            stock = found.setdefault((manager, pipeline), Stock())
            stock.new_wins, stock.new_mean, stock.new_deviation = count / RECENT_DAYS * days, mean, deviation
            stock.expected += Decimal(repr(round(stock.new_wins * mean, 6)))


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


def draws(context: Context, atom: Atom, stock: Stock) -> Draws | None:
    """``DRAWS`` sums that may come on top of the fact; None where nothing can."""
    if not stock.variance and not stock.new_wins:
        sure = float(stock.expected)
        return np.full(DRAWS, sure, dtype=np.float32) if sure else None
    rng = np.random.Generator(np.random.PCG64(_seed(context, atom)))
    total = np.zeros(DRAWS)
    expected_new = stock.new_wins * stock.new_mean
    mean, variance = float(stock.expected) - expected_new, stock.variance
    heavy = sorted(((a, p) for a, p in stock.heavy if 0 < p < 1 and a > 0), key=lambda pair: (-pair[0] ** 2 * pair[1] * (1 - pair[1]), pair))
    if heavy and heavy[0][0] ** 2 * heavy[0][1] * (1 - heavy[0][1]) > _SMALL_SHARE * variance:
        amounts = np.array([a for a, _ in heavy])
        chances = np.array([p for _, p in heavy])
        total += (rng.random((DRAWS, len(heavy))) < chances) @ amounts
        mean -= float(amounts @ chances)
        variance -= float(amounts**2 @ (chances * (1 - chances)))
    if variance > 1e-6 * stock.variance and mean > 0:
        total += np.maximum(mean + round(variance**0.5, 3) * rng.standard_normal(DRAWS), 0)
    elif mean > 0:
        total += mean  # deals sure to come
    if stock.new_wins > 0:
        wins = rng.poisson(stock.new_wins, DRAWS)
        if stock.new_deviation > 0:
            shape = (stock.new_mean / stock.new_deviation) ** 2
            total += np.where(wins > 0, rng.standard_gamma(np.maximum(wins, 1) * shape), 0) * (stock.new_mean / shape)
        else:
            total += wins * stock.new_mean
    return total.astype(np.float32)


def added(parts: Iterable[Draws | None]) -> Draws | None:
    """Draws of a group: its rows' draws added one by one."""
    total: Draws | None = None
    for part in parts:
        if part is not None:
            total = part.copy() if total is None else total + part
    return total


@dataclass(frozen=True, slots=True)
class Outlook:
    """A row's forecast. ``low`` and ``high``: 80 of 100 outcomes lie between, stretched so that they hold the forecast itself."""

    forecast: Decimal
    low: Decimal
    high: Decimal
    reached: int | None  # draws of DRAWS that reach the plan; None without a plan
    drawn: int = DRAWS


def outlook(fact: Decimal, expected: Decimal, drawn: Draws | None, plan: Decimal | None) -> Outlook:
    """The forecast of a row or group; money rounded to 0.01."""
    middle = round(fact + expected, 2)
    if drawn is None:
        reached = None if not plan else DRAWS * int(middle >= plan)
        return Outlook(middle, middle, middle, reached)
    low, high = (round(fact + Decimal(repr(round(float(q), 2))), 2) for q in np.quantile(drawn.astype(np.float64), (0.1, 0.9)))
    reached = None if not plan else int(np.count_nonzero(drawn >= float(plan - fact)))
    return Outlook(middle, min(low, middle), max(high, middle), reached)


def tests(context: Context) -> list[dict[str, Any]]:
    """Past months: ``month, made_at, forecast, fact`` under the filters of pipeline, department and manager; the oldest first."""
    filters = context.query.filters
    clauses = ["true"]
    if filters.pipeline:
        clauses.append(f"pipeline_id IN ({', '.join(sorted(str(int(p)) for p in filters.pipeline))})")
    for people in _people(context):
        known = ", ".join(str(p) for p in sorted(p for p in people if p is not None)) or "NULL"
        clauses.append(f"(manager_id IN ({known}){' OR manager_id IS NULL' if None in people else ''})")
    sql = f"""
        SELECT month, any_value(made_at), sum(fact_then), sum(expected), sum(fact) FROM forecast_tests
        WHERE {' AND '.join(clauses)} GROUP BY month ORDER BY month"""
    return [
        {"month": month, "made_at": made_at, "forecast": round(then + expected, 2), "fact": fact}
        for month, made_at, then, expected, fact in context.execute(sql).fetchall()
    ]


def _people(context: Context) -> list[set[int | None]]:
    filters = context.query.filters
    found = []
    if filters.manager:
        found.append({None if m == "none" else int(m) for m in filters.manager})
    if filters.department:
        found.append(context.directory.managers_of(filters.department))
    return found
