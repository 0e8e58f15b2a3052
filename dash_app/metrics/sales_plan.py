"""План продаж: plan and fact by manager and pipeline, pace, forecast, what is missing, bonus (metrics.md section 3).

Plans are typed by people and reach the figures as entries; facts are deals won. A row is a manager in a pipeline, or in all pipelines where his
plan is for all: then everything he sells belongs to it. Whoever has neither plan nor sales but open deals is in the totals, not among the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dateutil.relativedelta import relativedelta

from dash_app.metrics import common as c
from dash_app.metrics import forecast as f
from dash_app.metrics.answer import (
    MOVED_FILTERS,
    Numbers,
    base_notes,
    cells_of,
    columns_of,
    filler,
    key_columns,
    notes_of,
)
from dash_app.metrics.bonus_block import BONUS as BONUS_BLOCK
from dash_app.metrics.bonus_block import month_name
from dash_app.metrics.context import Context
from dash_app.metrics.facts import FACTS
from dash_app.metrics.kept import kept_for
from dash_app.metrics.language import Block, Formula, Given, Measure, Option, Ratio, Unit
from dash_app.metrics.motivation import Motivation, kept_sheet, months_of
from dash_app.metrics.once import once
from dash_app.metrics.periods import span_of, to_local
from dash_app.metrics.planned import Planned, plans_of
from dash_app.metrics.query import Period
from dash_app.metrics.result import BlockResult, Column, Note, Row
from dash_app.metrics.sold import is_narrowed, of_everybody, people_of, pipelines_of, sold_of
from dash_app.metrics.spelled import decimal, divided, money, percent, plain, scaled
from dash_app.metrics.units import UNITS_IN_KOPECK, amount_of, column_units, keys_of, money_of, rounded
from dash_app.store.kinds import Absence
from dash_app.store.workdays import Workdays
from dash_app.text import Text

EDITOR = "/plans"
"""Where plans are typed."""
HALF_YEAR = 6
Values = dict[str, Any]
Key = tuple[int | None, int | None]
"""(manager, pipeline); pipeline None: all of them."""

# -- figures -----------------------------------------------------------------------------------------------------------


def _elsewhere(*_: object) -> Mapping[tuple[Any, ...], Any]:
    """Values of this report's rows are made together, by ``rows_of``."""
    return {}


def _given(name: str, ru: str, en: str, help_ru: str, help_en: str, unit: Unit = Unit.MONEY, good: int = 0) -> Given:
    return Given(name, Text(ru, en), Text(help_ru, help_en), _elsewhere, unit, good)  # type: ignore[arg-type]


FACT_AMOUNT, FACT_COUNT, PIPELINE = c.FACT_AMOUNT, c.FACT_COUNT, c.PLAN_PIPELINE
PLAN_AMOUNT = _given(
    "plan_amount", "План", "Plan",
    "Введён людьми по месяцам. Период, который режет месяц, берёт его план пропорционально рабочим дням и помечен ≈.",
    "Typed by people, month by month. A period that cuts a month takes its plan in proportion to working days and is marked ≈.",
)  # fmt: skip
ATTAINMENT = Ratio(
    "attainment", FACT_AMOUNT, PLAN_AMOUNT, Text("Выполнение", "Attainment"),
    Text("Факт / план. План 0 выполнения не имеет.", "Fact / plan. A plan of 0 has no attainment."),
)  # fmt: skip
REMAINING = _given(
    "remaining", "Осталось", "Remaining", "План − факт; у выполнивших план – 0.", "Plan − fact; 0 once the plan is reached.", good=-1
)
PLAN_COUNT = _given("plan_count", "План, сделок", "Plan, deals", "Сколько сделок выиграть; не обязателен.", "How many deals to win; optional.", Unit.COUNT)
ELAPSED = _given(
    "elapsed", "Прошло рабочих дней", "Working days passed",
    "Законченные рабочие дни периода и прошедшая доля рабочих часов сегодняшнего. Дни отсутствия человека не в счёт.",
    "Finished working days of the period and the share of today's working hours that has passed. A person's days away do not count.", Unit.DAYS,
)  # fmt: skip
EXPECTED = _given(
    "expected_by_now", "Должно быть к сегодня", "Expected by now",
    "План × прошедшие рабочие дни / все рабочие дни периода.", "Plan × working days passed / all working days of the period.",
)  # fmt: skip
PACE = Ratio(
    "pace", FACT_AMOUNT, EXPECTED, Text("Темп", "Pace"),
    Text("Факт / должно быть к сегодня. 100 % – идёт ровно по плану.", "Fact / expected by now. 100 %: exactly on plan."),
)  # fmt: skip
RUN_RATE = _given(
    "run_rate", "При нынешнем темпе", "At this rate",
    "Факт / прошедшие рабочие дни × все рабочие дни.", "Fact / working days passed × all working days.", good=1,
)  # fmt: skip
_FORECAST_HELP = (
    "Факт и то, что ещё закроется до конца периода: каждая открытая сделка – с долей выигранных среди тех, что за год стояли на той же стадии "
    "столько же; новые сделки – с темпом последних 90 дней. У сделки без суммы берётся медиана её воронки.",
    "The fact and what will close before the period ends: each open deal by the share won of those that stood as long in the same stage during a year; "
    "new deals at the rate of the last 90 days. A deal without an amount takes its pipeline's median.",
)
FORECAST = _given("forecast", "Прогноз", "Forecast", *_FORECAST_HELP, good=1)
FORECAST_P10 = _given(
    "forecast_p10", "Прогноз, осторожный", "Forecast, low", "Хуже – в 10 случаях из 100.", "Worse in 10 cases of 100."
)
FORECAST_P90 = _given(
    "forecast_p90", "Прогноз, смелый", "Forecast, high", "Лучше – в 10 случаях из 100.", "Better in 10 cases of 100."
)
P_PLAN = Ratio(
    "p_plan",
    _given("reached_draws", "Испытаний с планом", "Trials that reach the plan", "Сколько испытаний дошли до плана.", "How many trials reach the plan.", Unit.COUNT),
    _given("draws", "Испытаний", "Trials", "Сколько раз разыгран остаток периода.", "How often the rest of the period was played through.", Unit.COUNT),
    Text("Шанс выполнить план", "Chance to reach the plan"),
    Text("Доля испытаний, в которых факт и то, что закроется, дошли до плана.", "Share of trials in which the fact and what closes reach the plan."),
)  # fmt: skip
OPEN_AMOUNT = Measure(
    "open_amount", "deals", c.IN_WORK, Text("В работе", "In work"),
    Text("Сумма открытых сделок на момент данных, когда бы ни созданы.", "Amount of deals open at the moment of the data, whenever created."),
    agg="sum", of="amount", unit=Unit.MONEY,
)  # fmt: skip
COVERAGE = Ratio(
    "coverage", OPEN_AMOUNT, REMAINING, Text("Запас воронки", "Coverage"),
    Text("Сумма открытых сделок / осталось до плана.", "Amount of open deals / what remains to the plan."),
)  # fmt: skip
_WON_HALF = _given("won_half_year", "Выиграно за полгода", "Won in half a year", "За 6 последних целых месяцев.", "In the last 6 whole months.")
_WORKED_HALF = _given("worked_half_year", "Было в работе за полгода", "Worked in half a year", "За 6 последних целых месяцев.", "In the last 6 whole months.")


def _needed(values: Mapping[str, Any]) -> Decimal | None:
    remaining, won, worked = values["remaining"], values["won_half_year"], values["worked_half_year"]
    if remaining is None or not won or not worked:
        return None
    return decimal(Fraction(remaining) * Fraction(worked) / Fraction(won), 2)


NEEDED = Formula(
    "needed_pipeline", (REMAINING, _WON_HALF, _WORKED_HALF), _needed, Text("Нужно в работе", "Pipeline needed"),
    Text(
        "Сколько сделок по сумме нужно вести, чтобы при конверсии последних 6 целых месяцев закрыть остаток.",
        "What amount of deals to work on so that, at the conversion of the last 6 whole months, the remainder is closed.",
    ),
    Text("Осталось / (выиграно / было в работе, по сумме, за 6 целых месяцев)", "Remaining / (won / worked, by amount, in 6 whole months)"),
    unit=Unit.MONEY, good=0,
)  # fmt: skip
BONUS = _given(
    "bonus_earned", "Премия", "Bonus",
    "По месяцам: выполнение не ниже порога платит премию; если задано и число сделок, нужны оба. Схемы мотивации заменяют порог.",
    "Month by month: an attainment at the threshold or above pays the bonus; where a number of deals is planned both must reach it. "
    "Motivation schemes replace the threshold.",
    good=1,
)  # fmt: skip

FIGURES = (
    PLAN_AMOUNT, FACT_AMOUNT, ATTAINMENT, REMAINING, PLAN_COUNT, FACT_COUNT, ELAPSED, EXPECTED, PACE, RUN_RATE, FORECAST, FORECAST_P10,
    FORECAST_P90, P_PLAN, COVERAGE, NEEDED, BONUS,
)  # fmt: skip
_PEOPLE = (
    _given("people_reached", "Выполнили план", "Reached the plan", "Люди, чей факт не ниже плана.", "People whose fact is at their plan or above.", Unit.COUNT, 1),
    _given("people", "Людей с планом", "People with a plan", "Люди, у которых в периоде есть план больше 0.", "People with a plan above 0 in the period.", Unit.COUNT),
)  # fmt: skip
_COMPARED = frozenset({"plan_amount", "fact_amount", "attainment", "remaining", "plan_count", "fact_count", "pace", "run_rate", "bonus_earned", "people_reached", "people"})
"""Figures of a base: the others would need the forecast of that day."""
_APPROXIMATE = ("plan_amount", "plan_count", "remaining", "attainment", "expected_by_now", "pace", "p_plan", "coverage", "needed_pipeline", "bonus_earned")
_FOLDED = ("elapsed", "expected_by_now", "run_rate", "forecast_p10", "forecast_p90")

THRESHOLD = Option(
    "threshold", Text("Порог премии", "Bonus threshold"), {}, "1", number=(0.5, 1.5, 0.05), slider=True
)

# -- rows --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Sums:
    """What rows add up to, in whole numbers: kopecks of what is rounded in a row, units of what the records hold (``metrics.units``)."""

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
    """One row: its sums, its values by id, and what may come on top."""

    key: Key
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
class Group:
    """Rows taken together: a manager, a department, all."""

    sums: Sums = field(default_factory=Sums)
    values: Values = field(default_factory=dict)
    more: f.Spread = f.NOTHING


@dataclass(slots=True)
class Rows:
    """Everything of a question but the bonus, which alone depends on an option."""

    lines: dict[Key, Line]
    managers: dict[int | None, Group]
    departments: dict[int | None, Group]
    total: Group
    hidden_plans: int = 0  # for all pipelines, while the page is filtered by pipeline
    elapsed: Fraction = Fraction(0)
    working_days: int = 0

    @property
    def is_planned(self) -> bool:
        """Whether any row has a plan."""
        return self.total.sums.plan is not None


def _workdays(context: Context) -> Workdays:
    chosen = context.typed.preferences
    return Workdays(chosen.calendar, chosen.work_hours)


def _plans(context: Context, lines: _Lines) -> int:
    """Adds the plans of the period under the filters: each rounded once to the part of its month the period takes. How many for all pipelines
    a filter by pipeline leaves out."""
    hidden = 0
    pipelines, people = context.query.filters.pipeline, people_of(context)
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


@dataclass(slots=True)
class _Lines:
    """Rows under construction. ``whole``: people whose plan is for all pipelines."""

    made: dict[Key, Line] = field(default_factory=dict)
    whole: set[int | None] = field(default_factory=set)

    def of(self, manager: int | None, pipeline: int | None) -> Line:
        """The row sales of a person in a pipeline belong to."""
        key = (manager, None if manager in self.whole else pipeline)
        line = self.made.get(key)
        if line is None:
            line = self.made[key] = Line(key)
        return line


def _facts(context: Context, lines: _Lines) -> None:
    """Adds what was won in the period."""
    for sales in sold_of(context).narrowed.values():
        for manager, pipeline, units, deals in sales:
            sums = lines.of(manager, pipeline).sums
            sums.fact += units
            sums.deals += deals
            sums.sold = True


def _half_year(context: Context) -> Mapping[Key, tuple[int, int]]:
    """(won, worked) by amount in units in the last six whole months before as-of's own, by manager and pipeline."""
    end = to_local(context.as_of, context.zone).date().replace(day=1)
    span = span_of(Period(end - relativedelta(months=HALF_YEAR), end - relativedelta(days=1)), context.zone)
    scope, params = context.scope(FACTS["deals"])
    sql = f"""
        SELECT coalesce(manager_id, -1)::INTEGER AS manager, coalesce(pipeline_id, -1)::INTEGER AS pipeline,
               coalesce(sum(amount) FILTER (WHERE {c.WON}), 0) AS won, coalesce(sum(amount), 0) AS worked
        FROM deals WHERE {scope} AND {c.WORKED} GROUP BY ALL"""
    given = {**params, "start": span.start, "end": span.end}

    def read() -> Mapping[Key, tuple[int, int]]:
        table = context.arrow(sql, given)
        return dict(zip(keys_of(table), zip(column_units(table["won"]), column_units(table["worked"]), strict=True), strict=True))

    return once(context, ("half-year", *context.key_of(sql, given)), read)


def _absent(context: Context, days: Workdays) -> dict[int, set[date]]:
    """Working days of the period people are away."""
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


def rows_of(context: Context) -> Rows:
    """The rows of a question, kept for its other blocks and for other thresholds."""
    key = (context.facts_path, replace(context.query, options=()), context.span, "base" if context.is_base else "rows")
    return kept_for(key, context.typed, lambda: _rows(context))


def _rows(context: Context) -> Rows:
    days, lines = _workdays(context), _Lines()
    hidden = _plans(context, lines)
    _facts(context, lines)
    if not context.is_base:
        _ahead(context, lines)
    period, moment, away = context.span.period, _moment(context), _absent(context, days)
    usual = _elapsed(days, period, moment, set())
    found = {key: lines.made[key] for key in sorted(lines.made, key=_order)}  # sums of floats are the same whatever came first
    managers: dict[int | None, Group] = {}
    for (manager, _), line in found.items():
        absent = away.get(manager or 0)
        _measure(line, *(_elapsed(days, period, moment, absent) if absent else usual), is_base=context.is_base)
        group = managers.setdefault(manager, Group())
        group.sums.add(line.sums)
        group.more = f.together((group.more, line.more))
    departments: dict[int | None, Group] = {}
    within: dict[int | None, list[int | None]] = {}
    total = Group()
    for manager, group in managers.items():
        for name in _departments(context, manager):
            within.setdefault(name, []).append(manager)
        total.sums.add(group.sums)
    for name, people in within.items():
        departments[name] = Group()
        for manager in people:
            departments[name].sums.add(managers[manager].sums)
        departments[name].more = f.together(managers[m].more for m in people)
    total.more = f.together(group.more for group in managers.values())
    for group in (*managers.values(), *departments.values(), total):
        group.values = _values(group.sums, usual[0], group.more, is_base=context.is_base)
    for name, people in within.items():
        departments[name].values.update(_reached(managers[m] for m in people))
    total.values.update(_reached(managers.values()))
    return Rows(found, managers, departments, total, hidden, *usual)


def _order(key: Key) -> tuple[bool, int, bool, int]:
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
    """Figures by id. What is no sum follows from the sums."""
    plan = sums.plan
    left = None if plan is None else amount_of(max(plan * UNITS_IN_KOPECK - sums.fact, 0)) if sums.fact else money_of(plan)
    values: Values = {
        "plan_amount": _money(plan), "plan_count": None if sums.count is None else _plain_count(sums.count),
        "fact_amount": amount_of(sums.fact), "fact_count": sums.deals, "elapsed": float(elapsed),
        "expected_by_now": _money(sums.expected_by_now), "run_rate": _money(sums.run_rate), "remaining": left,
    }  # fmt: skip
    if not is_base:
        seen = f.outlook(sums.fact, sums.forecast, more, plan)
        values.update(
            open_amount=amount_of(sums.opened), won_half_year=amount_of(sums.won), worked_half_year=amount_of(sums.worked),
            forecast=money_of(sums.forecast), forecast_p10=money_of(seen.low), forecast_p90=money_of(seen.high),
            reached_draws=seen.reached, draws=None if seen.reached is None else seen.drawn,
        )  # fmt: skip
    return values


def _money(kopecks: int | None) -> Decimal | None:
    return None if kopecks is None else money_of(kopecks)


def _reached(people: Iterable[Group]) -> Values:
    planned = [p.sums for p in people if p.sums.plan]
    return {"people": len(planned), "people_reached": sum(1 for s in planned if s.fact >= (s.plan or 0) * UNITS_IN_KOPECK)}


# -- bonus -------------------------------------------------------------------------------------------------------------

_NARROWING = ("source", "status", "stage", "customer")


def narrowing(context: Context) -> list[str]:
    """Filters in use that narrow the fact and mean nothing to a plan."""
    filters = context.query.filters
    return [name for name in _NARROWING if getattr(filters, name)] + [f"uf.{name}" for name, _ in filters.fields]


@dataclass(frozen=True, slots=True)
class Bonuses:
    """What is earned by row, manager, department and together, in kopecks; None without a plan."""

    lines: Mapping[Key, int | None]
    managers: Mapping[int | None, int | None]
    departments: Mapping[int | None, int | None]
    total: int | None


def _bonuses(context: Context) -> Bonuses:
    """The bonus of a question, the sum of what its months pay; made once for its blocks."""
    key = (context.facts_path, context.query, context.span, "base bonus" if context.is_base else "bonus")
    return kept_for(key, context.typed, lambda: _earned(context))


def _earned(context: Context) -> Bonuses:
    paid, rows = kept_sheet(context).by_row, rows_of(context)
    of_person: dict[int | None, int] = {}
    for (manager, _), kopecks in paid.items():
        of_person[manager] = of_person.get(manager, 0) + kopecks
    lines: dict[Key, int | None] = {}
    managers: dict[int | None, int | None] = {}
    departments: dict[int | None, int | None] = {}
    total: int | None = None
    for key, line in rows.lines.items():
        manager, pipeline = key
        earned = None if not line.is_planned else of_person.get(manager, 0) if pipeline is None else paid.get((manager, str(pipeline)), 0)
        lines[key] = earned
        managers[manager] = _both(managers.get(manager), earned)
        total = _both(total, earned)
    for manager, earned in managers.items():
        for name in _departments(context, manager):
            departments[name] = _both(departments.get(name), earned)
    return Bonuses(lines, managers, departments, total)


# -- blocks ------------------------------------------------------------------------------------------------------------

_Keyed = dict[tuple[Any, ...], tuple[Values, bool]]
"""Key of a row -> its values, and whether they are approximate."""


def _by_line(context: Context) -> _Keyed:
    bonus = _bonuses(context).lines
    return {
        key: ({**line.values, "bonus_earned": _money(bonus[key])}, line.sums.approximate)
        for key, line in rows_of(context).lines.items() if line.sums.is_listed
    }  # fmt: skip


def _by_group(groups: Mapping[int | None, Group], bonus: Mapping[int | None, int | None]) -> _Keyed:
    return {
        (key,): ({**group.values, "bonus_earned": _money(bonus.get(key))}, group.sums.approximate) for key, group in groups.items() if group.sums.is_listed
    }  # fmt: skip


def _by_manager(context: Context) -> _Keyed:
    return _by_group(rows_of(context).managers, _bonuses(context).managers)


def _by_department(context: Context) -> _Keyed:
    chosen = context.query.filters.department
    found = _by_group(rows_of(context).departments, _bonuses(context).departments)
    return {key: values for key, values in found.items() if not chosen or context.directory.is_within(key[0], chosen)}


def _in_total(context: Context) -> _Keyed:
    total = rows_of(context).total
    return {(): ({**total.values, "bonus_earned": _money(_bonuses(context).total)}, total.sums.approximate)}


def _answer(context: Context, block: Block, keyed: Callable[[Context], _Keyed]) -> BlockResult:
    base = context.base()
    now, before = keyed(context), keyed(base) if base else {}
    hide = [f"{figure.id}_{tail}" for figure in block.figures if figure.id not in _COMPARED for tail in ("base", "delta", "delta_pct")]
    columns = [*key_columns(block.dimensions), *(replace(x, hidden=True) if x.id in hide else x for x in columns_of(block.figures, compared=base is not None))]
    columns.append(Column("approximate", Text("≈", "≈"), Unit.TEXT, "flag", help=PLAN_AMOUNT.help))
    empty: Values = {"fact_amount": Decimal(0), "fact_count": 0}
    keys = list(dict.fromkeys([*now, *before]))
    add = filler(block.figures, context, base)

    def filled(row: Row, key: tuple[Any, ...], now: _Keyed, before: _Keyed) -> Row:
        values, approximate = now.get(key, (empty, False))
        add(row, Numbers(values, before.get(key, (empty, False))[0]))
        row["approximate"] = approximate
        return row

    rows = [filled(row, key, now, before) for key, row in zip(keys, cells_of(context, block.dimensions, keys), strict=True)]
    result = BlockResult(block.id, block.view, columns, _sorted(context, block, rows))
    if block.totals:
        result.totals = filled({}, (), _in_total(context), _in_total(base) if base else {})
    result.extra["approximate"] = _APPROXIMATE
    counted = {c.WON_WITHOUT_AMOUNT.measure.id: sold_of(context).without_amount}
    result.notes = [*_notes(context, block), *notes_of(context, block, counted), *(base_notes(base) if base else [])]
    return result


def _sorted(context: Context, block: Block, rows: list[Row]) -> list[Row]:
    """Who misses most comes first; of one manager the pipelines in their order."""
    def size(row: Row, name: str) -> Decimal:
        value = row.get(name)
        return value if isinstance(value, Decimal) else Decimal(-1)

    if block.id != "plan":
        return sorted(rows, key=lambda r: (-size(r, "remaining"), -size(r, "plan_amount"), -size(r, "fact_amount"), *map(str, r.values())))
    order = [str(p) for p in context.directory.pipelines]
    missing: dict[Any, Decimal] = {}
    for row in rows:
        missing[row["manager_id"]] = missing.get(row["manager_id"], Decimal(0)) + max(size(row, "remaining"), Decimal(0))
    place = {name: position for position, name in enumerate(order)}
    return sorted(
        rows,
        key=lambda r: (-missing[r["manager_id"]], str(r["manager"]), str(r["manager_id"]), place.get(str(r["pipeline_id"]), len(place))),
    )


def plan(context: Context, block: Block) -> BlockResult:
    """Manager × pipeline."""
    return _answer(context, block, _by_line)


def managers(context: Context, block: Block) -> BlockResult:
    """Managers over their pipelines."""
    return _answer(context, block, _by_manager)


def departments(context: Context, block: Block) -> BlockResult:
    """Departments with everything below them."""
    return _answer(context, block, _by_department)


def total(context: Context, block: Block) -> BlockResult:
    """All rows in one."""
    result = _answer(context, block, _in_total)
    result.extra["between"] = {"forecast": ("forecast_p10", "forecast_p90")}
    result.extra["beside"] = {
        "forecast": ("p_plan",), "coverage": ("needed_pipeline",), "plan_amount": ("people", "people_reached"),
    }  # fmt: skip
    return result


def _notes(context: Context, block: Block) -> list[Note]:
    rows = rows_of(context)
    notes: list[Note] = []
    if not rows.is_planned:
        if block.id in ("total", "managers"):
            notes.append(
                Note(
                    Text("На этот период план не введён. Ввести план.", "No plan is typed for this period. Type a plan."), "warning", href=EDITOR
                )
            )
    elif rows.total.sums.approximate:
        notes.append(
            Note(Text("≈ Период режет месяц: план взят по доле рабочих дней.", "≈ The period cuts a month: its plan is taken by working days."))
        )
    if rows.hidden_plans:
        number = rows.hidden_plans
        notes.append(
            Note(
                Text(
                    f"Планов на все воронки: {number}. Под фильтром «Воронка» их не видно.",
                    f"Plans for all pipelines: {number}. The filter “Pipeline” hides them.",
                ),
                "warning",
            )
        )
    for name in narrowing(context):
        title = MOVED_FILTERS.get(name, Text(name.removeprefix("uf."), name.removeprefix("uf.")))
        notes.append(
            Note(
                Text(
                    f"Фильтр «{title.ru}» сужает только факт и прогноз: план его не знает, премия – по всем продажам.",
                    f"The filter “{title.en}” narrows fact and forecast alone: a plan does not know it, and the bonus is for all sales.",
                ),
                "warning",
            )
        )
    if block.id == "total":
        notes += _total_notes(context, rows)
    if block.id == "plan":
        notes += _silent_note(context, rows)
    return notes


def _total_notes(context: Context, rows: Rows) -> list[Note]:
    passed, whole = plain(rows.elapsed, 1), plain(rows.working_days)
    notes = [Note(Text(f"Прошло рабочих дней: {passed.ru} из {whole.ru}.", f"Working days passed: {passed.en} of {whole.en}."))]
    unplanned = sum(line.sums.fact for line in rows.lines.values() if not line.is_planned)
    if unplanned and rows.is_planned:
        amount = money(amount_of(unplanned), context.directory.currency)
        notes.append(
            Note(Text(f"Продано там, где плана нет: {amount.ru}. В факт входит.", f"Sold where there is no plan: {amount.en}. Part of the fact."))
        )
    return notes


def _silent_note(context: Context, rows: Rows) -> list[Note]:
    silent = [line for line in rows.lines.values() if not line.sums.is_listed and (line.values["open_amount"] or line.values["forecast"])]
    if not silent:
        return []
    currency = context.directory.currency
    opened, expected = (money(sum((x.values[name] for x in silent), Decimal(0)), currency) for name in ("open_amount", "forecast"))
    return [
        Note(
            Text(
                f"Без плана и без продаж: строк {len(silent)}, в работе {opened.ru}, прогноз {expected.ru}. Входят в итог.",
                f"Neither plan nor sales: rows {len(silent)}, in work {opened.en}, forecast {expected.en}. Part of the total.",
            )
        )
    ]


def backtest(context: Context, block: Block) -> BlockResult:
    """Rows ``month, made_at, forecast, fact, error``: what the same forecast said in past months."""
    columns = [
        Column("month", Text("Месяц", "Month"), Unit.TEXT, "key", hidden=True),
        Column("month_name", Text("Месяц", "Month"), Unit.TEXT, "label", "month"),
        Column("made_at", Text("Прогноз на", "Forecast of"), Unit.DATE, "label"),
        Column("forecast", FORECAST.label, Unit.MONEY, help=block.help),
        Column("fact", FACT_AMOUNT.label, Unit.MONEY, help=FACT_AMOUNT.help),
        Column("difference", Text("Разница", "Difference"), Unit.MONEY, help=Text("Прогноз − факт.", "Forecast − fact.")),
        Column("error", Text("Ошибка", "Error"), Unit.RATIO, help=Text("Разница / факт.", "Difference / fact.")),
        Column("error_num", Text("числитель", "numerator"), Unit.MONEY, "part", "error", hidden=True),
        Column("error_den", Text("знаменатель", "denominator"), Unit.MONEY, "part", "error", hidden=True),
    ]
    rows: list[Row] = []
    for test in f.tests(context):
        difference = test["forecast"] - test["fact"]
        rows.append(
            {
                "month": (month := f"{test['month']:%Y-%m}"), "month_name": month_name(month, context.lang), "made_at": to_local(test["made_at"], context.zone), "forecast": test["forecast"], "fact": test["fact"],
                "difference": difference, "error": float(difference / test["fact"]) if test["fact"] else None, "error_num": difference, "error_den": test["fact"],
            }
        )  # fmt: skip
    result = BlockResult(block.id, block.view, columns, rows)
    errors = [abs(Fraction(str(r["error"]))) for r in rows if r["error"] is not None]
    mean = sum(errors, Fraction(0)) / len(errors) if errors else None
    result.extra["mape"] = None if mean is None else float(mean)
    if mean is not None:
        shown = percent(mean, 1)
        result.notes.append(
            Note(Text(f"Обычная ошибка прогноза – {shown.ru} в ту или другую сторону.", f"The forecast is usually {shown.en} off, either way."))
        )
    else:
        result.notes.append(Note(Text("Прошлых месяцев для проверки не хватает.", "There are not enough past months to test it on.")))
    result.notes.append(
        Note(
            Text(
                "Прогноз сделан заново на тот же день месяца по истории стадий, известной к тому дню. Суммы и ответственные – нынешние.",
                "Made anew for the same day of the month from the stage history known by then. Amounts and managers are those of today.",
            )
        )
    )
    said = [MOVED_FILTERS.get(name, Text(name, name)) for name in narrowing(context)]
    result.notes += [
        Note(Text(f"Фильтр «{t.ru}» на проверку прогноза не действует.", f"The filter “{t.en}” has no meaning for the test."), "warning") for t in said
    ]
    return result


TOTAL = Block(
    "total", Text("Главное", "Summary"),
    Text("План и факт всех вместе, прогноз на конец периода и чего не хватает.", "Plan and fact of all, the forecast to the end of the period and what is missing."),
    "cards", figures=(*FIGURES, *_PEOPLE), compute=total, sources=(OPEN_AMOUNT,), notes=(c.WON_WITHOUT_AMOUNT, c.WITHOUT_RATE),
    headline=("plan_amount", "fact_amount", "attainment", "remaining", "forecast", "pace", "coverage", "bonus_earned"),
)  # fmt: skip
MANAGERS = Block(
    "managers", Text("План и факт по менеджерам", "Plan and fact by manager"),
    Text(
        "Полоса – факт, толстая черта – план, тонкая – сколько должно быть к сегодня, точка – прогноз, ус – от осторожного до смелого. Сверху те, кому осталось больше.",
        "The bar is the fact, the thick tick the plan, the thin one what should be there by now, the dot the forecast, the whisker from low to high. On top who misses most.",
    ),
    "bullet", figures=FIGURES, dimensions=(c.MANAGER,), compute=managers, sources=(OPEN_AMOUNT,), totals=True, folded=_FOLDED,
)  # fmt: skip
PLAN = Block(
    "plan", Text("План по менеджерам и воронкам", "Plan by manager and pipeline"),
    Text("Факт без плана – строка без плана. План на все воронки – одна строка.", "A fact without a plan is a row without a plan. A plan for all pipelines is one row."),
    "table", figures=FIGURES, dimensions=(c.MANAGER, PIPELINE), compute=plan, sources=(OPEN_AMOUNT,), totals=True, folded=_FOLDED,
)  # fmt: skip
DEPARTMENTS = Block(
    "departments", Text("План по отделам", "Plan by department"),
    Text("Отдел – со всеми отделами ниже. Человек нескольких отделов есть в каждом из них.", "A department with everything below it. A person of several departments is in each."),
    "table", figures=(*FIGURES, *_PEOPLE), dimensions=(c.DEPARTMENT,), compute=departments, sources=(OPEN_AMOUNT,), totals=True,
    folded=(*_FOLDED, "plan_count", "fact_count", "needed_pipeline"),
)  # fmt: skip
BACKTEST = Block(
    "backtest", Text("Насколько прогнозу можно верить", "How far the forecast can be trusted"),
    Text("Тот же прогноз, сделанный в прошлых месяцах на тот же день, против того, что вышло.", "The same forecast made on the same day of past months, against what came of it."),
    "table", compute=backtest, compared=False,
)  # fmt: skip
DEALS = Block(
    "deals", Text("Выигранные сделки", "Deals won"), Text("Сделки, выигранные в периоде: из них сложен факт.", "Deals won in the period: the fact is their sum."),
    "list", fact="deals", where=c.WON, compared=False, sort=(("closed", "desc"),),
)  # fmt: skip
OPEN_DEALS = Block(
    "open_deals", Text("Открытые сделки", "Open deals"), Text("Из чего ещё может сложиться план. Сначала самые крупные.", "What the plan can still be made of. The largest first."),
    "list", fact="deals", where=c.IN_WORK, compared=False, sort=(("amount", "desc"),),
)  # fmt: skip

BLOCKS = (TOTAL, MANAGERS, PLAN, BONUS_BLOCK, DEPARTMENTS, BACKTEST, DEALS, OPEN_DEALS)
