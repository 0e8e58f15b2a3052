"""Rows of «План продаж»: plans, facts, open deals and pay by manager and pipeline, by person, by department, in total (metrics.md section 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from dash_app.engine.aggregate import Values
from dash_app.engine.context import Context
from dash_app.engine.facts import FACTS
from dash_app.engine.language import Dimension
from dash_app.engine.memo import kept_for, once
from dash_app.engine.moments import STATE_OPTION
from dash_app.engine.periods import span_of, to_local
from dash_app.engine.query import Period
from dash_app.figures import common as c
from dash_app.figures import forecast as f
from dash_app.figures.exact_words import divided, scaled
from dash_app.figures.money_units import UNITS_IN_KOPECK, amount_of, column_units, keys_of, money_of, rounded
from dash_app.figures.pay.motivation import Motivation, kept_sheet, months_of
from dash_app.figures.pay.plans import Planned, plans_of
from dash_app.figures.pay.sales import PLANNED_BY, is_narrowed, of_everybody, people_of, pipelines_of, sold_of
from dash_app.store.kinds import Absence
from dash_app.store.workdays import Workdays

HALF_YEAR = 6
PlanKey = tuple[int | None, int | None]
"""(manager, pipeline); pipeline None: all of them."""
People = Mapping[tuple[int | None, ...], list[int]]
"""Key of a row -> ids of people."""


@dataclass(slots=True)
class Sums:
    """What rows add up to, in whole numbers: kopecks of what is rounded in a row, units of what the records hold (``figures.money_units``)."""

    plan: int | None = None
    count: int | None = None  # hundredths of a deal
    fact: int = 0
    deals: int = 0
    expected_by_now: int | None = None
    run_rate: int | None = None
    opened: int = 0
    won: int = 0  # in the half-year
    worked: int = 0
    forecast: int = 0
    approximate: bool = False
    sold: bool = False

    @property
    def is_listed(self) -> bool:
        """Rows have a plan or a fact."""
        return self.sold or self.plan is not None

    def add(self, other: Sums) -> None:
        """Adds a row, or what rows add up to already."""
        self.plan = _both(self.plan, other.plan)
        self.count = _both(self.count, other.count)
        self.expected_by_now = _both(self.expected_by_now, other.expected_by_now)
        self.run_rate = _both(self.run_rate, other.run_rate)
        self.fact += other.fact
        self.deals += other.deals
        self.opened += other.opened
        self.won += other.won
        self.worked += other.worked
        self.forecast += other.forecast
        self.approximate |= other.approximate
        self.sold |= other.sold


def _both(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


@dataclass(slots=True)
class Line:
    """A row: its sums, its figures by id, the spread of what is still to be won, ``expected`` units of it."""

    key: PlanKey
    sums: Sums = field(default_factory=Sums)
    count: Fraction | None = None  # deals planned
    values: Values = field(default_factory=dict)
    more: f.Spread = f.NOTHING
    expected: int = 0  # units still to come

    @property
    def is_planned(self) -> bool:
        """Whether it has a plan, even of nothing."""
        return self.sums.plan is not None


@dataclass(slots=True)
class Subtotal:
    """Rows taken together: a manager, a department, all."""

    sums: Sums = field(default_factory=Sums)
    values: Values = field(default_factory=dict)
    more: f.Spread = f.NOTHING


@dataclass(slots=True)
class PlanRows:
    """All rows of a question, without the bonus: that alone depends on the option ``threshold``. ``elapsed``, ``working_days``: of the period."""

    lines: dict[PlanKey, Line]
    managers: dict[int | None, Subtotal]
    departments: dict[int | None, Subtotal]
    total: Subtotal
    hidden_plans: int = 0  # for all pipelines, while the page is filtered by pipeline
    elapsed: Fraction = Fraction(0)
    working_days: int = 0

    @property
    def is_planned(self) -> bool:
        """Whether any row has a plan."""
        return self.total.sums.plan is not None


def _workdays(context: Context) -> Workdays:
    return context.typed.workdays


def _plans(context: Context, lines: _Lines) -> int:
    """Adds the plans of the period under the filters: each rounded once to the part of its month the period takes. How many for all pipelines
    a filter by pipeline leaves out."""
    hidden = 0
    pipelines, people = context.query.filters.of("pipeline"), people_of(context)
    motivation = Motivation(context.typed, context.directory)
    plans = plans_of(context.typed)
    asked: list[tuple[Fraction, Planned]] = []
    for month in months_of(context.span.period):
        share = motivation.share(month, context.span.period)
        for planned in plans.get(month, ()):
            if people is not None and planned.manager not in people:
                continue
            if pipelines and planned.pipeline not in pipelines:
                hidden += not planned.pipeline
                continue
            asked.append((share, planned))
    lines.whole = {planned.manager for _, planned in asked if not planned.pipeline}
    for share, planned in asked:
        line = lines.of(planned.manager, int(planned.pipeline) if planned.pipeline else None)
        sums = line.sums
        part, whole = share.numerator, share.denominator
        sums.plan = (sums.plan or 0) + (planned.amount if part == whole else divided(planned.amount * part, whole))
        sums.approximate |= part != whole
        if planned.count is not None:
            line.count = (line.count or 0) + planned.count * share
    return hidden


def planned_by(context: Context, days: Sequence[date]) -> tuple[Decimal, ...] | None:
    """What of the period's plan should be there by the end of each of these days, in proportion to working days. None without a plan, and where
    the filters leave out a part of the plan or of the fact alone."""
    lines = _Lines()
    hidden = _plans(context, lines)
    plans = [line.sums.plan for line in lines.made.values() if line.sums.plan is not None]
    period, workdays = context.span.period, _workdays(context)
    whole = workdays.count(period.start, period.end)
    if hidden or not plans or not whole or narrowing(context):
        return None
    total = sum(plans)
    passed = (workdays.count(period.start, min(day, period.end)) for day in days)
    return tuple(money_of(divided(total * part, whole)) for part in passed)


@dataclass(slots=True)
class _Lines:
    """Rows under construction. ``whole``: people whose plan is for all pipelines."""

    made: dict[PlanKey, Line] = field(default_factory=dict)
    whole: set[int | None] = field(default_factory=set)

    def of(self, manager: int | None, pipeline: int | None) -> Line:
        """The row sales of a person in a pipeline belong to."""
        key = (manager, None if manager in self.whole else pipeline)
        line = self.made.get(key)
        if line is None:
            line = self.made[key] = Line(key)
        return line


def _facts(context: Context, lines: _Lines) -> None:
    """Adds amount and number of deals won in the period, under the page's filters."""
    for sales in sold_of(context).narrowed.values():
        for manager, pipeline, units, deals in sales:
            sums = lines.of(manager, pipeline).sums
            sums.fact += units
            sums.deals += deals
            sums.sold = True


def _half_year(context: Context) -> Mapping[PlanKey, tuple[int, int]]:
    """(won, worked) by amount in units in the last six whole months before as-of's own, by manager and pipeline."""
    end = to_local(context.as_of, context.zone).date().replace(day=1)
    span = span_of(Period(end - relativedelta(months=HALF_YEAR), end - relativedelta(days=1)), context.zone)
    scope, params = context.scope(FACTS["deals"])
    sql = f"""
        SELECT coalesce(manager_id, -1)::INTEGER AS manager, coalesce(pipeline_id, -1)::INTEGER AS pipeline,
               coalesce(sum(amount) FILTER (WHERE {c.WON}), 0) AS won, coalesce(sum(amount), 0) AS worked
        FROM deals WHERE {scope} AND {c.WORKED} GROUP BY ALL"""
    given = {**params, "start": span.start, "end": span.end}

    def read() -> Mapping[PlanKey, tuple[int, int]]:
        table = context.arrow(sql, given)
        return dict(
            zip(
                keys_of(table), zip(column_units(table["won"]), column_units(table["worked"]), strict=True), strict=True
            )
        )

    return once(context, ("half-year", *context.key_of(sql, given)), read)


def _absent(context: Context, days: Workdays) -> dict[int, set[date]]:
    """Manager -> working days of the period he is away."""
    period = context.span.period
    found: dict[int, set[date]] = {}
    for entry in context.typed.of("absence").values():
        value = entry.value
        if isinstance(value, Absence):
            away = days.days(max(value.start, period.start), min(value.end, period.end))
            found.setdefault(int(value.manager_id), set()).update(away)
    return {manager: away for manager, away in found.items() if away}


def _moment(context: Context) -> datetime:
    """The local instant the figures of the span speak about: as-of, or the cut end of a base."""
    return to_local(min(context.as_of, context.span.end), context.zone)


def _elapsed(days: Workdays, period: Period, moment: datetime, away: set[date]) -> tuple[Fraction, int]:
    """(working days passed, all of them), without those a person is away."""
    passed = Fraction(days.elapsed(period.start, period.end, moment)).limit_denominator(1_000_000)
    everything = days.count(period.start, period.end)
    if away:
        today = moment.date()
        passed -= sum(1 for day in away if day < today)
        if today in away:
            passed -= Fraction(days.share_passed(moment)).limit_denominator(1_000_000)
    return passed, everything - len(away)


def rows_of(context: Context) -> PlanRows:
    """The rows of a question, kept for its other blocks and for other thresholds."""
    key = (
        context.facts_path,
        context.rights.fingerprint,
        replace(context.query, options=()),
        context.query.option(STATE_OPTION),
        context.span,
        "base" if context.is_base else "rows",
    )
    return kept_for(key, context.typed, lambda: _rows(context))


def _rows(context: Context) -> PlanRows:
    days, lines = _workdays(context), _Lines()
    hidden = _plans(context, lines)
    _facts(context, lines)
    if not context.is_base:
        _ahead(context, lines)
    period, moment, away = context.span.period, _moment(context), _absent(context, days)
    usual = _elapsed(days, period, moment, set())
    found = {
        key: lines.made[key] for key in sorted(lines.made, key=_order)
    }  # sums of floats are the same whatever came first
    managers: dict[int | None, Subtotal] = {}
    for (manager, _), line in found.items():
        absent = away.get(manager or 0)
        _measure(line, *(_elapsed(days, period, moment, absent) if absent else usual), is_base=context.is_base)
        group = managers.setdefault(manager, Subtotal())
        group.sums.add(line.sums)
        group.more = f.together((group.more, line.more))
    departments: dict[int | None, Subtotal] = {}
    within: dict[int | None, list[int | None]] = {}
    total = Subtotal()
    for manager, group in managers.items():
        for name in _departments(context, manager):
            within.setdefault(name, []).append(manager)
        total.sums.add(group.sums)
    for name, people in within.items():
        departments[name] = Subtotal()
        for manager in people:
            departments[name].sums.add(managers[manager].sums)
        departments[name].more = f.together(managers[m].more for m in people)
    total.more = f.together(group.more for group in managers.values())
    for group in (*managers.values(), *departments.values(), total):
        group.values = _values(group.sums, usual[0], group.more, is_base=context.is_base)
    for name, people in within.items():
        departments[name].values.update(_reached(managers[m] for m in people))
    total.values.update(_reached(managers.values()))
    return PlanRows(found, managers, departments, total, hidden, *usual)


def _order(key: PlanKey) -> tuple[bool, int, bool, int]:
    manager, pipeline = key
    return manager is None, manager or 0, pipeline is None, pipeline or 0


def _departments(context: Context, manager: int | None) -> Iterable[int | None]:
    """Departments a person counts in; None for none."""
    person = context.directory.managers.get(manager) if manager is not None else None
    return person.within if person and person.within else (None,)


def _ahead(context: Context, lines: _Lines) -> None:
    """Open deals, what is expected of them, and the conversion of half a year."""
    asked = context if is_narrowed(context) else of_everybody(context)
    people, pipelines = people_of(context), pipelines_of(context)

    def is_left(manager: int | None, pipeline: int | None) -> bool:
        return (people is None or manager in people) and (pipelines is None or pipeline in pipelines)

    for atom, stock in f.stocks(asked).items():
        if is_left(*atom):
            line = lines.of(*atom)
            line.sums.opened += stock.open_amount
            line.expected += stock.expected
            line.more = f.together((line.more, f.spread(context, atom, stock)))
    for atom, (won, worked) in _half_year(asked).items():
        if is_left(*atom):
            sums = lines.of(*atom).sums
            sums.won += won
            sums.worked += worked


def _plain_count(hundredths: int) -> int | float:
    return hundredths / 100 if hundredths % 100 else hundredths // 100


def _measure(line: Line, elapsed: Fraction, working_days: int, *, is_base: bool) -> None:
    """Values of a row; money rounded once."""
    sums = line.sums
    if line.count is not None:
        sums.count = scaled(line.count, 2)
    if sums.plan is not None and working_days:
        sums.expected_by_now = divided(sums.plan * elapsed.numerator, working_days * elapsed.denominator)
    if elapsed > 0:
        sums.run_rate = divided(sums.fact * working_days * elapsed.denominator, elapsed.numerator * UNITS_IN_KOPECK)
    sums.forecast = rounded(sums.fact + line.expected)
    line.values = _values(sums, elapsed, line.more, is_base=is_base)


def _values(sums: Sums, elapsed: Fraction, more: f.Spread, *, is_base: bool) -> Values:
    """Figures by id, money in the base currency; without those of the forecast for a base."""
    plan = sums.plan
    left = (
        None if plan is None else amount_of(max(plan * UNITS_IN_KOPECK - sums.fact, 0)) if sums.fact else money_of(plan)
    )
    values: Values = {
        "plan_amount": money_or_none(plan),
        "plan_count": None if sums.count is None else _plain_count(sums.count),
        "fact_amount": amount_of(sums.fact),
        "fact_count": sums.deals,
        "elapsed": float(elapsed),
        "expected_by_now": money_or_none(sums.expected_by_now),
        "run_rate": money_or_none(sums.run_rate),
        "remaining": left,
    }
    if not is_base:
        seen = f.outlook(sums.fact, sums.forecast, more, plan)
        values.update(
            open_amount=amount_of(sums.opened),
            won_half_year=amount_of(sums.won),
            worked_half_year=amount_of(sums.worked),
            forecast=money_of(sums.forecast),
            forecast_p10=money_of(seen.low),
            forecast_p90=money_of(seen.high),
            reached_draws=seen.reached,
            draws=None if seen.reached is None else seen.drawn,
        )
    return values


def money_or_none(kopecks: int | None) -> Decimal | None:
    return None if kopecks is None else money_of(kopecks)


def _is_reached(sums: Sums) -> bool:
    """Whether the fact reaches a plan above 0."""
    return bool(sums.plan) and sums.fact >= (sums.plan or 0) * UNITS_IN_KOPECK


def _reached(people: Iterable[Subtotal]) -> Values:
    planned = [p.sums for p in people if p.sums.plan]
    return {"people": len(planned), "people_reached": sum(map(_is_reached, planned))}


def people_planned(context: Context, dimensions: tuple[Dimension, ...]) -> People:
    """Ids of people with a plan above 0 in the period: by department (with those below it), without dimensions of all under ``()``."""
    return _people_by(context, dimensions, lambda sums: bool(sums.plan))


def people_reached(context: Context, dimensions: tuple[Dimension, ...]) -> People:
    """Ids of people whose fact reaches their plan, by the same keys."""
    return _people_by(context, dimensions, _is_reached)


def _people_by(context: Context, dimensions: tuple[Dimension, ...], which: Callable[[Sums], bool]) -> People:
    found: dict[tuple[int | None, ...], list[int]] = {}
    for manager, group in rows_of(context).managers.items():
        if manager is not None and which(group.sums):
            for key in [(name,) for name in _departments(context, manager)] if dimensions else [()]:
                found.setdefault(key, []).append(manager)
    return found


# -- bonus -------------------------------------------------------------------------------------------------------------


def narrowing(context: Context) -> list[str]:
    """Filters in use that narrow the fact and mean nothing to a plan."""
    return context.narrowing(FACTS["deals"], PLANNED_BY)


@dataclass(frozen=True, slots=True)
class Bonuses:
    """What is earned by row, manager, department and together, in kopecks; None without a plan."""

    lines: Mapping[PlanKey, int | None]
    managers: Mapping[int | None, int | None]
    departments: Mapping[int | None, int | None]
    total: int | None


def bonuses_of(context: Context) -> Bonuses:
    """The bonus of a question, the sum of what its months pay; made once for its blocks."""
    key = (
        context.facts_path,
        context.rights.fingerprint,
        context.query,
        context.span,
        "base bonus" if context.is_base else "bonus",
    )
    return kept_for(key, context.typed, lambda: _earned(context))


def _earned(context: Context) -> Bonuses:
    paid, rows = kept_sheet(context).by_row, rows_of(context)
    of_person: dict[int | None, int] = {}
    for (manager, _), kopecks in paid.items():
        of_person[manager] = of_person.get(manager, 0) + kopecks
    lines: dict[PlanKey, int | None] = {}
    managers: dict[int | None, int | None] = {}
    departments: dict[int | None, int | None] = {}
    total: int | None = None
    for key, line in rows.lines.items():
        manager, pipeline = key
        earned = (
            None
            if not line.is_planned
            else of_person.get(manager, 0)
            if pipeline is None
            else paid.get((manager, str(pipeline)), 0)
        )
        lines[key] = earned
        managers[manager] = _both(managers.get(manager), earned)
        total = _both(total, earned)
    for manager, earned in managers.items():
        for name in _departments(context, manager):
            departments[name] = _both(departments.get(name), earned)
    return Bonuses(lines, managers, departments, total)
