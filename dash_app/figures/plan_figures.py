"""Figures of «План продаж»: ids, names, units, how each is counted (metrics.md section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dash_app.engine.language import Formula, Given, Good, Measure, Option, Ratio, Unit
from dash_app.figures import common as c
from dash_app.figures.exact_words import decimal
from dash_app.figures.plan_rows import people_planned, people_reached
from dash_app.text import Text


def _elsewhere(*_: object) -> Mapping[tuple[Any, ...], Any]:
    """Nothing: values of this report's rows are made together, by ``plan_rows.rows_of``."""
    return {}


def _given(name: str, ru: str, en: str, help_ru: str, help_en: str, unit: Unit = Unit.MONEY, good: Good = 0) -> Given:
    return Given(name, Text(ru, en), Text(help_ru, help_en), _elsewhere, unit, good)


FACT_AMOUNT, FACT_COUNT, PIPELINE = c.FACT_AMOUNT, c.FACT_COUNT, c.PLAN_PIPELINE
PLAN_AMOUNT = _given(
    "plan_amount",
    "План",
    "Plan",
    "Введён людьми по месяцам. Период, который режет месяц, берёт его план пропорционально рабочим дням и помечен ≈.",
    "Typed by people, month by month. A period that cuts a month takes its plan in proportion to working days and is marked ≈.",
)
ATTAINMENT = Ratio(
    "attainment",
    FACT_AMOUNT,
    PLAN_AMOUNT,
    Text("Выполнение", "Attainment"),
    Text("Факт / план. План 0 выполнения не имеет.", "Fact / plan. A plan of 0 has no attainment."),
)
REMAINING = _given(
    "remaining",
    "Осталось",
    "Remaining",
    "План − факт; у выполнивших план – 0.",
    "Plan − fact; 0 once the plan is reached.",
    good=-1,
)
PLAN_COUNT = _given(
    "plan_count",
    "План, сделок",
    "Plan, deals",
    "Сколько сделок выиграть; не обязателен.",
    "How many deals to win; optional.",
    Unit.COUNT,
)
ELAPSED = _given(
    "elapsed",
    "Прошло рабочих дней",
    "Working days passed",
    "Законченные рабочие дни периода и прошедшая доля рабочих часов сегодняшнего. Дни отсутствия человека не в счёт.",
    "Finished working days of the period and the share of today's working hours that has passed. A person's days away do not count.",
    Unit.DAYS,
)
EXPECTED = _given(
    "expected_by_now",
    "Должно быть к сегодня",
    "Expected by now",
    "План × прошедшие рабочие дни / все рабочие дни периода.",
    "Plan × working days passed / all working days of the period.",
)
PACE = Ratio(
    "pace",
    FACT_AMOUNT,
    EXPECTED,
    Text("Темп", "Pace"),
    Text(
        "Факт / должно быть к сегодня. 100 % – идёт ровно по плану.", "Fact / expected by now. 100 %: exactly on plan."
    ),
)
RUN_RATE = _given(
    "run_rate",
    "При нынешнем темпе",
    "At this rate",
    "Факт / прошедшие рабочие дни × все рабочие дни.",
    "Fact / working days passed × all working days.",
    good=1,
)
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
    _given(
        "reached_draws",
        "Испытаний с планом",
        "Trials that reach the plan",
        "Сколько испытаний дошли до плана.",
        "How many trials reach the plan.",
        Unit.COUNT,
    ),
    _given(
        "draws",
        "Испытаний",
        "Trials",
        "Сколько раз разыгран остаток периода.",
        "How often the rest of the period was played through.",
        Unit.COUNT,
    ),
    Text("Шанс выполнить план", "Chance to reach the plan"),
    Text(
        "Доля испытаний, в которых факт и то, что закроется, дошли до плана.",
        "Share of trials in which the fact and what closes reach the plan.",
    ),
)
OPEN_AMOUNT = Measure(
    "open_amount",
    "deals",
    c.IN_WORK,
    Text("В работе", "In work"),
    Text(
        "Сумма открытых сделок, когда бы ни созданы: на конец периода, если он прошёл, иначе на момент данных.",
        "Amount of open deals, whenever created: at the end of a period that is over, else at the moment of the data.",
    ),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
)
COVERAGE = Ratio(
    "coverage",
    OPEN_AMOUNT,
    REMAINING,
    Text("Запас воронки", "Coverage"),
    Text("Сумма открытых сделок / осталось до плана.", "Amount of open deals / what remains to the plan."),
    unit=Unit.TIMES,
)
_WON_HALF = _given(
    "won_half_year",
    "Выиграно за полгода",
    "Won in half a year",
    "За 6 последних целых месяцев.",
    "In the last 6 whole months.",
)
_WORKED_HALF = _given(
    "worked_half_year",
    "Было в работе за полгода",
    "Worked in half a year",
    "За 6 последних целых месяцев.",
    "In the last 6 whole months.",
)


def _needed(values: Mapping[str, Any]) -> Decimal | None:
    remaining, won, worked = values["remaining"], values["won_half_year"], values["worked_half_year"]
    if remaining is None or not won or not worked:
        return None
    return decimal(Fraction(remaining) * Fraction(worked) / Fraction(won), 2)


NEEDED = Formula(
    "needed_pipeline",
    (REMAINING, _WON_HALF, _WORKED_HALF),
    _needed,
    Text("Нужно в работе", "Pipeline needed"),
    Text(
        "Сколько сделок по сумме нужно вести, чтобы при конверсии последних 6 целых месяцев закрыть остаток.",
        "What amount of deals to work on so that, at the conversion of the last 6 whole months, the remainder is closed.",
    ),
    Text(
        "Осталось / (выиграно / было в работе, по сумме, за 6 целых месяцев)",
        "Remaining / (won / worked, by amount, in 6 whole months)",
    ),
    unit=Unit.MONEY,
    good=0,
)
BONUS = _given(
    "bonus_earned",
    "Премия",
    "Bonus",
    "По месяцам: выполнение не ниже порога платит премию; если задано и число сделок, нужны оба. Схемы мотивации заменяют порог.",
    "Month by month: an attainment at the threshold or above pays the bonus; where a number of deals is planned both must reach it. "
    "Motivation schemes replace the threshold.",
    good=1,
)

FIGURES = (
    PLAN_AMOUNT,
    FACT_AMOUNT,
    ATTAINMENT,
    REMAINING,
    PLAN_COUNT,
    FACT_COUNT,
    ELAPSED,
    EXPECTED,
    PACE,
    RUN_RATE,
    FORECAST,
    FORECAST_P10,
    FORECAST_P90,
    P_PLAN,
    COVERAGE,
    NEEDED,
    BONUS,
)
PEOPLE = (
    Given(
        "people_reached",
        Text("Выполнили план", "Reached the plan"),
        Text("Люди, чей факт не ниже плана.", "People whose fact is at their plan or above."),
        _elsewhere,
        Unit.COUNT,
        good=1,
        people=people_reached,
    ),
    Given(
        "people",
        Text("Людей с планом", "People with a plan"),
        Text("Люди, у которых в периоде есть план больше 0.", "People with a plan above 0 in the period."),
        _elsewhere,
        Unit.COUNT,
        people=people_planned,
    ),
)
COMPARED = frozenset(
    {
        "plan_amount",
        "fact_amount",
        "attainment",
        "remaining",
        "plan_count",
        "fact_count",
        "pace",
        "run_rate",
        "bonus_earned",
        "people_reached",
        "people",
    }
)
"""Figures of a base: the others would need the forecast of that day."""
ESTIMATES = ("forecast", "forecast_p10", "forecast_p90", "needed_pipeline")
"""Shown in two or three digits: nobody knows more of them."""
APPROXIMATE = (
    "plan_amount",
    "plan_count",
    "remaining",
    "attainment",
    "expected_by_now",
    "pace",
    "p_plan",
    "coverage",
    "needed_pipeline",
    "bonus_earned",
)
FOLDED = ("elapsed", "expected_by_now", "run_rate", "forecast_p10", "forecast_p90")

THRESHOLD = Option("threshold", Text("Порог премии", "Bonus threshold"), {}, "1", number=(0.5, 1.5, 0.05), slider=True)
