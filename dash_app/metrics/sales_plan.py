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
    columns_of,
    fill,
    key_cells,
    key_columns,
    notes_of,
)
from dash_app.metrics.bonus_block import BONUS as BONUS_BLOCK
from dash_app.metrics.bonus_block import month_name
from dash_app.metrics.context import Context
from dash_app.metrics.facts import FACTS
from dash_app.metrics.kept import kept_for
from dash_app.metrics.language import Block, Formula, Given, Measure, Option, Ratio, Unit
from dash_app.metrics.motivation import Motivation, kept_sheet
from dash_app.metrics.periods import span_of, to_local
from dash_app.metrics.query import Period
from dash_app.metrics.result import BlockResult, Column, Note, Row
from dash_app.metrics.spelled import decimal, money, percent, plain
from dash_app.store.kinds import Absence, Plan
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
_SUMMED = ("plan_amount", "fact_amount", "plan_count", "fact_count", "expected_by_now", "run_rate", "open_amount", "won_half_year", "worked_half_year")
_APPROXIMATE = ("plan_amount", "plan_count", "remaining", "attainment", "expected_by_now", "pace", "p_plan", "coverage", "needed_pipeline", "bonus_earned")
_FOLDED = ("elapsed", "expected_by_now", "run_rate", "forecast_p10", "forecast_p90")

THRESHOLD = Option(
    "threshold", Text("Порог премии", "Bonus threshold"), {}, "1", number=(0.5, 1.5, 0.05), slider=True
)

# -- rows --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """A typed plan as far as the period reaches into its month. ``share``: of the month's working days; money rounded once."""

    plan: Plan
    share: Fraction

    @property
    def amount(self) -> Decimal:
        """Its plan."""
        return _times(self.plan.plan_amount, self.share)

    @property
    def count(self) -> Fraction | None:
        """Its number of deals, perhaps not whole."""
        return None if self.plan.plan_count is None else self.plan.plan_count * self.share


@dataclass(slots=True)
class Line:
    """One row: its plans, its fact by month, its values by id, and what may come on top."""

    key: Key
    plans: list[MonthPlan] = field(default_factory=list)
    facts: dict[tuple[date, int | None], tuple[Decimal, int]] = field(default_factory=dict)  # (month, pipeline) -> (amount, deals)
    values: Values = field(default_factory=dict)
    more: f.Spread = field(default_factory=f.Spread)
    expected_more: Decimal = Decimal(0)

    @property
    def approximate(self) -> bool:
        """Whether a month is cut."""
        return any(p.share != 1 for p in self.plans)

    @property
    def is_listed(self) -> bool:
        """Rows have a plan or a fact."""
        return bool(self.plans or self.facts)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows taken together: a manager, a department, all."""

    values: Values
    approximate: bool
    listed: bool


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


def _workdays(context: Context) -> Workdays:
    chosen = context.typed.preferences
    return Workdays(chosen.calendar, chosen.work_hours)


def _is_asked(context: Context, plan: Plan) -> bool | None:
    """Whether the filters leave a plan; None: a plan for all pipelines under a filter of some."""
    filters = context.query.filters
    if filters.manager and plan.manager_id not in filters.manager:
        return False
    if filters.department and int(plan.manager_id) not in context.directory.managers_of(filters.department):
        return False
    if not filters.pipeline or plan.pipeline_id in filters.pipeline:
        return True
    return False if plan.pipeline_id else None


def _plans(context: Context) -> tuple[list[MonthPlan], int]:
    """Plans of the period under the filters, and how many for all pipelines a filter by pipeline leaves out."""
    found, hidden = [], 0
    first, last = context.span.period.start.isoformat()[:7], context.span.period.end.isoformat()[:7]
    shares: dict[str, Fraction] = {}
    motivation = Motivation(context.typed, context.directory)
    for entry in context.typed.of("plan").values():
        plan = entry.value
        if not isinstance(plan, Plan) or not first <= plan.month <= last:
            continue
        asked = _is_asked(context, plan)
        if asked:
            share = shares.setdefault(plan.month, motivation.share(plan.month, context.span.period))
            found.append(MonthPlan(plan, share))
        hidden += asked is None
    return found, hidden


def _facts(context: Context) -> list[tuple[int | None, int | None, date, Decimal, int]]:
    """(manager, pipeline, month, amount, deals) of what was won in the period."""
    scope, params = context.scope(FACTS["deals"])
    sql = f"""
        SELECT manager_id, pipeline_id, date_trunc('month', won_on)::DATE, coalesce(sum(amount), 0), count(*)
        FROM deals WHERE {scope} AND {c.WON} GROUP BY ALL"""
    return context.execute(sql, params).fetchall()


def _half_year(context: Context) -> dict[Key, tuple[Decimal, Decimal]]:
    """(won, worked) by amount in the last six whole months before as-of's own, by manager and pipeline."""
    end = to_local(context.as_of, context.zone).date().replace(day=1)
    span = span_of(Period(end - relativedelta(months=HALF_YEAR), end - relativedelta(days=1)), context.zone)
    scope, params = context.scope(FACTS["deals"])
    sql = f"""
        SELECT manager_id, pipeline_id, coalesce(sum(amount) FILTER (WHERE {c.WON}), 0), sum(amount)
        FROM deals WHERE {scope} AND {c.WORKED} GROUP BY ALL"""
    rows = context.execute(sql, {**params, "start": span.start, "end": span.end}).fetchall()
    return {(manager, pipeline): (won, worked or Decimal(0)) for manager, pipeline, won, worked in rows}


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
    days = _workdays(context)
    plans, hidden = _plans(context)
    whole = {int(p.plan.manager_id) for p in plans if not p.plan.pipeline_id}  # people whose plan is for all pipelines
    lines: dict[Key, Line] = {}

    def line(manager: int | None, pipeline: int | None) -> Line:
        key = (manager, None if manager in whole else pipeline)
        return lines.setdefault(key, Line(key))

    for plan in plans:
        pipeline = plan.plan.pipeline_id
        line(int(plan.plan.manager_id), int(pipeline) if pipeline else None).plans.append(plan)
    for manager, pipeline_id, month, amount, count in _facts(context):
        line(manager, pipeline_id).facts[month, pipeline_id] = (amount, count)
    if not context.is_base:
        _ahead(context, line)
    period, moment, away = context.span.period, _moment(context), _absent(context, days)
    usual = _elapsed(days, period, moment, set())
    for found in lines.values():
        absent = away.get(found.key[0] or 0)
        _measure(found, *(_elapsed(days, period, moment, absent) if absent else usual), is_base=context.is_base)
    by_manager: dict[int | None, list[Line]] = {}
    for found in lines.values():
        by_manager.setdefault(found.key[0], []).append(found)
    managers = {manager: _group(own, usual, is_base=context.is_base) for manager, own in by_manager.items()}
    by_department: dict[int | None, list[int | None]] = {}
    for manager in managers:
        person = context.directory.managers.get(manager) if manager is not None else None
        for department in (person.within if person and person.within else (None,)):
            by_department.setdefault(department, []).append(manager)
    departments = {
        department: _group([x for m in people for x in by_manager[m]], usual, is_base=context.is_base)
        for department, people in by_department.items()
    }
    for people, group in ((p, departments[d]) for d, p in by_department.items()):
        group.values.update(_reached(managers[m] for m in people))
    total = _group(list(lines.values()), usual, is_base=context.is_base)
    total.values.update(_reached(managers.values()))
    return Rows(lines, managers, departments, total, hidden, *usual)


def _ahead(context: Context, line: Callable[[int | None, int | None], Line]) -> None:
    """Open deals, what is expected of them, and the conversion of half a year."""
    for (manager, pipeline), stock in f.stocks(context).items():
        found = line(manager, pipeline)
        found.values["open_amount"] = found.values.get("open_amount", Decimal(0)) + stock.open_amount
        found.expected_more += stock.expected
        found.more = f.together((found.more, f.spread(context, (manager, pipeline), stock)))
    for (manager, pipeline), (won, worked) in _half_year(context).items():
        found = line(manager, pipeline)
        for name, amount in (("won_half_year", won), ("worked_half_year", worked)):
            found.values[name] = found.values.get(name, Decimal(0)) + amount


def _plain_count(count: Fraction) -> int | float:
    return int(count) if count.denominator == 1 else round(float(count), 2)


def _times(amount: Decimal, share: Fraction) -> Decimal:
    """An amount's share, rounded once, half-even to 0.01; whole numbers all the way, which are ten times faster than fractions."""
    scaled = int(amount.scaleb(8)) * share.numerator
    below = share.denominator * 10**6
    cents, rest = divmod(scaled, below)
    if 2 * rest > below or (2 * rest == below and cents % 2):
        cents += 1
    return Decimal(cents).scaleb(-2)


def _measure(line: Line, elapsed: Fraction, working_days: int, *, is_base: bool) -> None:
    """Values of a row; money rounded once."""
    fact = sum((amount for amount, _ in line.facts.values()), Decimal(0))
    counts = [p.count for p in line.plans if p.count is not None]
    values = line.values
    values["plan_amount"] = plan = sum((p.amount for p in line.plans), Decimal(0)) if line.plans else None
    values["plan_count"] = _plain_count(sum(counts, Fraction(0))) if counts else None
    values["fact_amount"], values["fact_count"] = fact, sum(n for _, n in line.facts.values())
    values["elapsed"] = float(elapsed)
    values["expected_by_now"] = None if plan is None or not working_days else _times(plan, elapsed / working_days)
    values["run_rate"] = _times(fact, working_days / elapsed) if elapsed > 0 else None
    values["remaining"] = None if plan is None else max(plan - fact, Decimal(0))
    if not is_base:
        for name in ("open_amount", "won_half_year", "worked_half_year"):
            values.setdefault(name, Decimal(0))
        _look_ahead(values, line.expected_more, line.more)


def _look_ahead(values: Values, expected: Decimal, more: f.Spread) -> None:
    seen = f.outlook(values["fact_amount"], expected, more, values["plan_amount"])
    values.update(
        forecast=seen.forecast, forecast_p10=seen.low, forecast_p90=seen.high, reached_draws=seen.reached,
        draws=None if seen.reached is None else seen.drawn,
    )  # fmt: skip


def _group(lines: list[Line], usual: tuple[Fraction, int], *, is_base: bool) -> Group:
    """Sums of rounded rows; what is no sum follows from the sums."""
    values: Values = {}
    for name in _SUMMED:
        known = [x.values[name] for x in lines if x.values.get(name) is not None]
        values[name] = sum(known[1:], known[0]) if known else None
    values["fact_amount"], values["fact_count"] = values["fact_amount"] or Decimal(0), values["fact_count"] or 0
    plan = values["plan_amount"]
    values["elapsed"] = float(usual[0])
    values["remaining"] = None if plan is None else max(plan - values["fact_amount"], Decimal(0))
    if not is_base:
        for name in ("open_amount", "won_half_year", "worked_half_year"):
            values[name] = values[name] or Decimal(0)
        _look_ahead(values, Decimal(0), f.together(x.more for x in lines))
        values["forecast"] = sum((x.values["forecast"] for x in lines), Decimal(0))
        values["forecast_p10"], values["forecast_p90"] = min(values["forecast_p10"], values["forecast"]), max(values["forecast_p90"], values["forecast"])
    return Group(values, any(x.approximate for x in lines), any(x.is_listed for x in lines))


def _reached(people: Iterable[Group]) -> Values:
    planned = [p.values for p in people if p.values["plan_amount"]]
    return {"people": len(planned), "people_reached": sum(1 for v in planned if v["fact_amount"] >= v["plan_amount"])}


# -- bonus -------------------------------------------------------------------------------------------------------------

_NARROWING = ("source", "status", "stage", "customer")


def narrowing(context: Context) -> list[str]:
    """Filters in use that narrow the fact and mean nothing to a plan."""
    filters = context.query.filters
    return [name for name in _NARROWING if getattr(filters, name)] + [f"uf.{name}" for name, _ in filters.fields]


def _bonuses(context: Context, rows: Rows) -> dict[Key, Decimal | None]:
    """Bonus by row, the sum of what its months pay; None without a plan."""
    paid = kept_sheet(context).by_row
    of_person: dict[int | None, Decimal] = {}
    for (manager, _), amount in paid.items():
        of_person[manager] = of_person.get(manager, Decimal(0)) + amount
    nothing = Decimal("0.00")
    return {
        key: None if not line.plans else of_person.get(key[0], nothing) if key[1] is None else paid.get((key[0], str(key[1])), nothing)
        for key, line in rows.lines.items()
    }


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [v for v in values if v is not None]
    return sum(known, Decimal(0)) if known else None


# -- blocks ------------------------------------------------------------------------------------------------------------

_Keyed = dict[tuple[Any, ...], tuple[Values, bool]]
"""Key of a row -> its values, and whether they are approximate."""


def _by_line(context: Context) -> _Keyed:
    rows = rows_of(context)
    bonus = _bonuses(context, rows)
    return {
        line.key: ({**line.values, "bonus_earned": bonus[line.key]}, line.approximate) for line in rows.lines.values() if line.is_listed
    }


def _by_manager(context: Context) -> _Keyed:
    rows = rows_of(context)
    bonus = _bonuses(context, rows)
    return {
        (manager,): ({**group.values, "bonus_earned": _sum(b for k, b in bonus.items() if k[0] == manager)}, group.approximate)
        for manager, group in rows.managers.items()
        if group.listed
    }


def _by_department(context: Context) -> _Keyed:
    rows = rows_of(context)
    earned: dict[int | None, list[Decimal | None]] = {}
    for (manager, _), value in _bonuses(context, rows).items():
        person = context.directory.managers.get(manager) if manager is not None else None
        for department in (person.within if person and person.within else (None,)):
            earned.setdefault(department, []).append(value)
    chosen = context.query.filters.department
    return {
        (department,): ({**group.values, "bonus_earned": _sum(earned.get(department, ()))}, group.approximate)
        for department, group in rows.departments.items()
        if group.listed and (not chosen or context.directory.is_within(department, chosen))
    }


def _in_total(context: Context) -> _Keyed:
    rows = rows_of(context)
    return {(): ({**rows.total.values, "bonus_earned": _sum(_bonuses(context, rows).values())}, rows.total.approximate)}


def _blank(name: str) -> Any:
    return {"fact_amount": Decimal(0), "fact_count": 0}.get(name)


def _answer(context: Context, block: Block, keyed: Callable[[Context], _Keyed]) -> BlockResult:
    base = context.base()
    now, before = keyed(context), keyed(base) if base else {}
    hide = [f"{figure.id}_{tail}" for figure in block.figures if figure.id not in _COMPARED for tail in ("base", "delta", "delta_pct")]
    columns = [*key_columns(block.dimensions), *(replace(x, hidden=True) if x.id in hide else x for x in columns_of(block.figures, compared=base is not None))]
    columns.append(Column("approximate", Text("≈", "≈"), Unit.TEXT, "flag", help=PLAN_AMOUNT.help))
    empty = {name: _blank(name) for name in ("fact_amount", "fact_count")}
    rows: list[Row] = []
    for key in dict.fromkeys([*now, *before]):
        values, approximate = now.get(key, (empty, False))
        row = key_cells(context, block.dimensions, key)
        rows.append(_filled(context, base, block, row, values, before.get(key, (empty, False))[0], approximate=approximate))
    result = BlockResult(block.id, block.view, columns, _sorted(context, block, rows))
    if block.totals:
        values, approximate = _in_total(context)[()]
        result.totals = _filled(context, base, block, {}, values, _in_total(base)[()][0] if base else {}, approximate=approximate)
    result.extra["approximate"] = _APPROXIMATE
    result.notes = [*_notes(context, block), *notes_of(context, block), *(base_notes(base) if base else [])]
    return result


def _filled(context: Context, base: Context | None, block: Block, row: Row, values: Values, before: Values, *, approximate: bool) -> Row:
    fill(row, block.figures, Numbers(values, before), context, base)
    row["approximate"] = approximate
    return row


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
    if not any(line.plans for line in rows.lines.values()):
        if block.id in ("total", "managers"):
            notes.append(
                Note(
                    Text("На этот период план не введён. Ввести план.", "No plan is typed for this period. Type a plan."), "warning", href=EDITOR
                )
            )
    elif rows.total.approximate:
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
    unplanned = sum((line.values["fact_amount"] for line in rows.lines.values() if not line.plans), Decimal(0))
    if unplanned and any(line.plans for line in rows.lines.values()):
        amount = money(unplanned, context.directory.currency)
        notes.append(
            Note(Text(f"Продано там, где плана нет: {amount.ru}. В факт входит.", f"Sold where there is no plan: {amount.en}. Part of the fact."))
        )
    return notes


def _silent_note(context: Context, rows: Rows) -> list[Note]:
    silent = [line for line in rows.lines.values() if not line.is_listed and (line.values["open_amount"] or line.values["forecast"])]
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
