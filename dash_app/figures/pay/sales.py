"""Sales of a period by manager, pipeline and month (metrics.md section 3): read once for the fact of a plan and for its pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from dash_app.engine.context import Context
from dash_app.engine.directory import NONE
from dash_app.engine.facts import FACTS
from dash_app.engine.memo import once
from dash_app.figures import common as c
from dash_app.figures.money_units import column_units, keys_of

Sale = tuple[int | None, int | None, int, int]
"""Deals won by one person in one pipeline in one month: (manager, pipeline, amount in units, deals)."""
Sales = Mapping[str, list[Sale]]
"""Month -> its sales."""


@dataclass(frozen=True, slots=True)
class Sold:
    """``narrowed``: under all filters of the page; ``whole``: under those of people and pipelines alone, as pay has it."""

    narrowed: Sales
    whole: Sales
    without_amount: int  # of the narrowed, deals without an amount though their currency has a rate


PLANNED_BY = ("pipeline", "department", "manager")
"""What plans and pay know of the filters."""


def people_of(context: Context) -> set[int | None] | None:
    """Managers the filters of people leave, None among them for deals without one; None: no such filter."""
    filters = context.query.filters
    found: set[int | None] | None = None
    if filters.of("manager"):
        found = {None if m == NONE else int(m) for m in filters.of("manager")}
    if filters.of("department"):
        within = context.directory.managers_of(filters.of("department"))
        found = within if found is None else found & within
    return found


def pipelines_of(context: Context) -> set[int | None] | None:
    """Pipelines the filter leaves; None: no such filter."""
    chosen = context.query.filters.of("pipeline")
    return {None if p == NONE else int(p) for p in chosen} if chosen else None


def is_narrowed(context: Context) -> bool:
    """Whether filters are in use that mean nothing to a plan."""
    filters = context.query.filters
    return filters != filters.only(*PLANNED_BY)


def of_everybody(context: Context) -> Context:
    """The question without filters of people and pipelines: what is grouped by both is read once, and the rows asked for are picked from it."""
    filters = context.query.filters.without(*PLANNED_BY)
    return replace(context, query=replace(context.query, filters=filters))


def sold_of(context: Context) -> Sold:
    """What the question's period sold: amounts in units (``figures.money_units``), read once for all blocks of a page; read-only."""
    fact = FACTS["deals"]
    scope, params = context.scope(fact)
    if not is_narrowed(context):
        within, picked = scope, ""
    else:
        within = replace(context, query=replace(context.query, filters=context.query.filters.only(*PLANNED_BY))).scope(
            fact
        )[0]
        picked = f" FILTER (WHERE {scope})"
    sql = f"""
        SELECT coalesce(manager_id, -1)::INTEGER AS manager, coalesce(pipeline_id, -1)::INTEGER AS pipeline, (year(won_on) * 12 + month(won_on) - 1)::INTEGER AS month,
               coalesce(sum(amount), 0) AS amount, count(*)::BIGINT AS deals, (count(*) FILTER (WHERE amount IS NULL AND NOT no_rate{f" AND {scope}" if picked else ""}))::BIGINT AS without_amount,
               coalesce(sum(amount){picked}, 0) AS own_amount, (count(*){picked})::BIGINT AS own_deals
        FROM deals WHERE {within} AND {c.WON} GROUP BY ALL"""
    return once(
        context, ("sold", *context.key_of(sql, params)), lambda: _read(context, sql, params, is_split=bool(picked))
    )


def _read(context: Context, sql: str, params: dict[str, object], *, is_split: bool) -> Sold:
    table = context.arrow(sql, params)
    keys = list(zip(keys_of(table), table["month"].to_numpy().tolist(), strict=True))
    whole = _by_month(keys, column_units(table["amount"]), table["deals"].to_numpy().tolist())
    narrowed = (
        _by_month(keys, column_units(table["own_amount"]), table["own_deals"].to_numpy().tolist())
        if is_split
        else whole
    )
    return Sold(narrowed, whole, int(table["without_amount"].to_numpy().sum()))


def _by_month(keys: list[tuple[tuple[int | None, int | None], int]], units: list[int], deals: list[int]) -> Sales:
    found: dict[str, list[Sale]] = {}
    for ((manager, pipeline), month), amount, count in zip(keys, units, deals, strict=True):
        if count:
            name = _month(month)
            if name not in found:
                found[name] = []
            found[name].append((manager, pipeline, amount, count))
    return found


@lru_cache(maxsize=1024)
def _month(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
