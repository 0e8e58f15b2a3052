"""Эффективность менеджеров: who works and what comes of it (metrics.md section 2)."""

from __future__ import annotations

from typing import Any

from dash_app.engine.aggregate import evaluate
from dash_app.engine.blocks import Cards, Scatter, Table
from dash_app.engine.context import Context
from dash_app.engine.result import Note
from dash_app.figures import activity as a
from dash_app.figures import common as c
from dash_app.figures import response as r
from dash_app.text import Text

ACTIVITY = (
    a.ACTIVITY_INDEX,
    a.ACTIVITY_POINTS,
    a.CALLS_OUT,
    a.CALLS_IN,
    a.EMAILS_OUT,
    a.MESSAGES,
    a.MEETINGS,
    a.TODOS,
    a.CALLS_MISSED,
)
RESULT = (
    c.DEALS_WON_AMOUNT,
    c.DEALS_WON,
    c.DEALS_LOST,
    c.DEALS_CREATED,
    c.DEALS_CREATED_AMOUNT,
    c.DEALS_IN_WORK,
    c.DEALS_IN_WORK_AMOUNT,
    c.AVERAGE_CHECK,
    c.CYCLE_MEDIAN,
    c.CYCLE_MEAN,
    c.CYCLE_P90,
)
CONVERSION = (c.CONVERSION_WORKED, c.CONVERSION_COHORT, c.MATURITY, c.WIN_RATE, c.WIN_RATE_AMOUNT)
FIGURES = (*ACTIVITY, *RESULT, *CONVERSION, *r.RESPONSE)
BY_DEPARTMENT = (a.POINTS_PER_SELLER, *FIGURES)
GROUPS = tuple(
    (title, ("points_per_seller", *(f.id for f in figures)) if figures is ACTIVITY else tuple(f.id for f in figures))
    for title, figures in (
        (Text("Что делает", "Work"), ACTIVITY),
        (Text("Что выходит", "Results"), RESULT),
        (Text("Конверсия", "Conversion"), CONVERSION),
        (Text("Первый ответ", "First response"), r.RESPONSE),
    )
)
FOLDED = (
    "activity_points",
    "calls_out",
    "calls_in",
    "emails_out",
    "messages",
    "todos",
    "calls_missed",
    "deals_lost",
    "deals_created",
    "deals_created_amount",
    "deals_in_work",
    "average_check",
    "cycle_mean",
    "cycle_p90",
    "first_response_p90",
)
NOTES = (c.WON_WITHOUT_AMOUNT, c.WITHOUT_RATE, r.SELF_MADE)


def _spaced(number: Any) -> str:
    return f"{int(number):,}".replace(",", "\u00a0")


def conversion_in_words(context: Context) -> list[Note]:
    """The note under the cards: the conversion chosen by the option ``conversion``, with its numerator and denominator."""
    measures = (
        c.DEALS_WON,
        c.DEALS_WORKED,
        c.DEALS_CREATED,
        c.DEALS_CREATED_WON,
        c.DEALS_CREATED_CLOSED,
        c.DEALS_CREATED_OPEN,
        c.DEALS_CLOSED,
    )
    found = evaluate(context, measures)[()]
    values = {name: _spaced(value) for name, value in found.items()}
    won, worked, created = values["deals_won"], values["deals_worked"], values["deals_created"]
    old = _spaced(found["deals_worked"] - found["deals_created"])
    match context.query.option("conversion"):
        case "cohort":
            share = (
                f"{100 * found['deals_created_closed'] / found['deals_created']:.0f}" if found["deals_created"] else "0"
            )
            kept, still = values[c.DEALS_CREATED_WON.id], values[c.DEALS_CREATED_OPEN.id]
            text = Text(
                f"Из {created} созданных в периоде выиграно {kept}. Закрыто {share}\u00a0%, и ещё {still} открытых: когорта дозреет.",
                f"Of {created} created in the period {kept} are won. {share}% are closed and {still} still open: the cohort will ripen.",
            )
            return [Note(text, measure="deals_created_open")]
        case "win_rate":
            closed = values["deals_closed"]
            return [
                Note(
                    Text(
                        f"Из {closed} закрытых в периоде выиграно {won}. Открытые в счёт не идут.",
                        f"Of {closed} closed in the period {won} are won. Open deals do not count.",
                    ),
                    measure="deals_closed",
                )
            ]
    return [
        Note(
            Text(
                f"Выиграно {won} из {worked} бывших в работе: {created} созданы в периоде, {old} начаты раньше.",
                f"{won} won of {worked} worked: {created} created in the period, {old} begun before it.",
            ),
            measure="deals_worked",
        )
    ]


TEAM = Cards(
    "team",
    Text("Команда", "The team"),
    Text(
        "Что сделано и что из этого вышло у всех, кого показывает страница.",
        "What was done and what came of it, for everybody the page shows.",
    ),
    figures=(a.ACTIVITIES_DONE, *BY_DEPARTMENT),
    notes=NOTES,
    sources=(c.DEALS_CREATED_OPEN,),
    remarks=conversion_in_words,
    only=c.BY_CONVERSION,
    unshown=("activity_index",),
    options=("conversion",),
    columns=("points",),
    headline=(
        "activities_count",
        "meetings",
        "calls_out",
        "deals_won_amount",
        "deals_won",
        "conversion_worked",
        "conversion_cohort",
        "maturity",
        "win_rate",
        "win_rate_amount",
        "deals_in_work_amount",
        "first_response_median",
        "within_15m",
    ),
)

ACTIVITY_VS_RESULT = Scatter(
    "activity_vs_result",
    Text("Активность и результат", "Activity and result"),
    Text(
        "Вправо – больше дел (в баллах), вверх – больше выиграно. Линии – медианы активных продавцов выбранных воронок.",
        "Further right: more activity, in points. Further up: more won. The lines are medians of the active sellers of the pipelines chosen.",
    ),
    figures=(a.ACTIVITY_POINTS, c.DEALS_WON_AMOUNT, a.ACTIVITY_INDEX, c.DEALS_WON, a.POINTS_YARDSTICK, a.WON_YARDSTICK),
    dimensions=(c.MANAGER,),
    order=("-activity_points",),
    unshown=("activity_yardstick", "won_yardstick"),
    remarks=a.about_the_yardstick,
    columns=("points",),
    x="activity_points",
    y="deals_won_amount",
    cross=("activity_yardstick", "won_yardstick"),
    quarters=(
        Text("Делают много, продают много", "Work much, sell much"),
        Text("Делают мало, продают много", "Work little, sell much"),
        Text("Делают мало, продают мало", "Work little, sell little"),
        Text("Делают много, продают мало", "Work much, sell little"),
    ),
)

MANAGERS = Table(
    "managers",
    Text("Менеджеры", "Managers"),
    Text(
        "Кто сколько сделал, что из этого вышло и как быстро отвечает.",
        "Who did how much, what came of it, and how soon they answer.",
    ),
    figures=FIGURES,
    dimensions=(c.MANAGER,),
    order=("-deals_won_amount",),
    totals=True,
    notes=(r.SELF_MADE,),
    remarks=a.about_the_yardstick,
    only=c.BY_CONVERSION,
    groups=GROUPS,
    folded=FOLDED,
    options=("conversion",),
    columns=("points",),
    untotalled=("activity_index",),
)

DEPARTMENTS = Table(
    "departments",
    Text("Отделы", "Departments"),
    Text(
        "То же по отделам, каждый вместе с подчинёнными. Человек в двух отделах – в обоих.",
        "The same by department, each with those below it. A person in two departments is in both.",
    ),
    figures=BY_DEPARTMENT,
    dimensions=(c.DEPARTMENT,),
    order=("-deals_won_amount",),
    totals=True,
    only=c.BY_CONVERSION,
    unshown=("activity_index",),
    groups=GROUPS,
    folded=FOLDED,
    options=("conversion",),
    columns=("points",),
)

BLOCKS = (TEAM, ACTIVITY_VS_RESULT, MANAGERS, DEPARTMENTS, a.ACTIVITY_CALENDAR, a.ACTIVITIES_LIST)
