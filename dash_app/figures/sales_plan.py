"""План продаж: plan and fact by manager and pipeline, pace, forecast, what is missing, bonus (metrics.md section 3).

Plans are typed by people and reach the figures as entries; facts are deals won. A row is a manager in a pipeline, or in all pipelines where his
plan is for all: then everything he sells belongs to it. Whoever has neither plan nor sales but open deals is in the totals, not among the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dash_app.engine.aggregate import Values
from dash_app.engine.answer import (
    Numbers,
    base_notes,
    cells_of,
    columns_of,
    dated,
    filler,
    key_columns,
    notes_of,
    replay_notes,
)
from dash_app.engine.blocks import Block, Bullet, Cards, RecordList, Table
from dash_app.engine.context import Context
from dash_app.engine.filters import filter_of
from dash_app.engine.idleness import snoozed
from dash_app.engine.language import Unit
from dash_app.engine.periods import to_local
from dash_app.engine.result import Answer, BulletResult, CardsResult, Column, Note, Row, TableResult
from dash_app.figures import common as c
from dash_app.figures import forecast as f
from dash_app.figures.exact_words import money, percent, plain
from dash_app.figures.money_units import amount_of
from dash_app.figures.pay.bonus_block import BONUS as BONUS_BLOCK
from dash_app.figures.pay.bonus_block import month_name
from dash_app.figures.pay.sales import sold_of
from dash_app.figures.plan_figures import (
    APPROXIMATE,
    COMPARED,
    ESTIMATES,
    FACT_AMOUNT,
    FIGURES,
    FOLDED,
    FORECAST,
    OPEN_AMOUNT,
    PEOPLE,
    PIPELINE,
    PLAN_AMOUNT,
)
from dash_app.figures.plan_rows import PlanRows, Subtotal, bonuses_of, money_or_none, narrowing, rows_of
from dash_app.text import Text

EDITOR = "/plans"
"""Where plans are typed."""

_Keyed = dict[tuple[Any, ...], tuple[Values, bool]]
"""Key of a row -> its values, and whether they are approximate."""


def _by_line(context: Context) -> _Keyed:
    bonus = bonuses_of(context).lines
    return {
        key: ({**line.values, "bonus_earned": money_or_none(bonus[key])}, line.sums.approximate)
        for key, line in rows_of(context).lines.items()
        if line.sums.is_listed
    }


def _by_group(groups: Mapping[int | None, Subtotal], bonus: Mapping[int | None, int | None]) -> _Keyed:
    return {
        (key,): ({**group.values, "bonus_earned": money_or_none(bonus.get(key))}, group.sums.approximate)
        for key, group in groups.items()
        if group.sums.is_listed
    }


def _by_manager(context: Context) -> _Keyed:
    return _by_group(rows_of(context).managers, bonuses_of(context).managers)


def _by_department(context: Context) -> _Keyed:
    chosen = context.query.filters.of("department")
    found = _by_group(rows_of(context).departments, bonuses_of(context).departments)
    return {key: values for key, values in found.items() if not chosen or context.directory.is_within(key[0], chosen)}


def _in_total(context: Context) -> _Keyed:
    total = rows_of(context).total
    return {(): ({**total.values, "bonus_earned": money_or_none(bonuses_of(context).total)}, total.sums.approximate)}


def _answer(made: type[Answer], context: Context, block: Block, keyed: Callable[[Context], _Keyed]) -> Answer:
    """Rows of the plan as the answer of a view."""
    base = context.base()
    now, before = keyed(context), keyed(base) if base else {}
    hide = [
        f"{figure.id}_{tail}"
        for figure in block.figures
        if figure.id not in COMPARED
        for tail in ("base", "delta", "delta_pct")
    ]
    columns = [
        *key_columns(block.dimensions),
        *(replace(x, hidden=True) if x.id in hide else x for x in columns_of(block.figures, compared=base is not None)),
    ]
    columns = dated(context, block, columns)
    columns.append(Column("approximate", Text("≈", "≈"), Unit.TEXT, "flag", help=PLAN_AMOUNT.help))
    empty: Values = {"fact_amount": Decimal(0), "fact_count": 0}
    keys = list(dict.fromkeys([*now, *before]))
    add = filler(block.figures, context, base)

    def filled(row: Row, key: tuple[Any, ...], now: _Keyed, before: _Keyed) -> Row:
        values, approximate = now.get(key, (empty, False))
        add(row, Numbers(values, before.get(key, (empty, False))[0]))
        row["approximate"] = approximate
        return row

    rows = [
        filled(row, key, now, before) for key, row in zip(keys, cells_of(context, block.dimensions, keys), strict=True)
    ]
    columns = [replace(x, approximate=x.id in APPROXIMATE, estimate=x.id in ESTIMATES) for x in columns]
    result = made(block.id, columns, _sorted(context, block, rows))
    if block.totals:
        result.totals = filled({}, (), _in_total(context), _in_total(base) if base else {})
    counted = {c.WON_WITHOUT_AMOUNT.measure.id: sold_of(context).without_amount}
    result.notes = [
        *_notes(context, block),
        *notes_of(context, block, counted),
        *replay_notes(context, block),
        *(base_notes(base) if base else []),
    ]
    return result


def _sorted(context: Context, block: Block, rows: list[Row]) -> list[Row]:
    """Rows by what remains to the plan, the most first; in ``plan`` by that of the manager, then by the order of pipelines."""

    def size(row: Row, name: str) -> Decimal:
        value = row.get(name)
        return value if isinstance(value, Decimal) else Decimal(-1)

    if block.id != "plan":
        return sorted(
            rows,
            key=lambda r: (
                -size(r, "remaining"),
                -size(r, "plan_amount"),
                -size(r, "fact_amount"),
                *map(str, r.values()),
            ),
        )
    order = [str(p) for p in context.directory.pipelines]
    missing: dict[Any, Decimal] = {}
    for row in rows:
        missing[row["manager_id"]] = missing.get(row["manager_id"], Decimal(0)) + max(
            size(row, "remaining"), Decimal(0)
        )
    place = {name: position for position, name in enumerate(order)}
    return sorted(
        rows,
        key=lambda r: (
            -missing[r["manager_id"]],
            str(r["manager"]),
            str(r["manager_id"]),
            place.get(str(r["pipeline_id"]), len(place)),
        ),
    )


def plan(context: Context, block: Block) -> TableResult:
    """The block ``plan``: a row a manager and pipeline."""
    return _answer(TableResult, context, block, _by_line)


def managers(context: Context, block: Block) -> BulletResult:
    """The block ``managers``: a row a manager, over his pipelines."""
    return _answer(BulletResult, context, block, _by_manager)


def departments(context: Context, block: Block) -> TableResult:
    """The block ``departments``: a row a department, with everything below it."""
    return _answer(TableResult, context, block, _by_department)


def total(context: Context, block: Block) -> CardsResult:
    """The block ``total``: one row of all."""
    result = _answer(CardsResult, context, block, _in_total)
    result.between = {"forecast": ("forecast_p10", "forecast_p90")}
    result.beside = {
        "forecast": ("p_plan",),
        "coverage": ("needed_pipeline",),
        "plan_amount": ("people", "people_reached"),
    }
    return result


def _notes(context: Context, block: Block) -> list[Note]:
    rows = rows_of(context)
    notes: list[Note] = []
    if not rows.is_planned:
        if block.id in ("total", "managers"):
            notes.append(
                Note(
                    Text(
                        "На этот период план не введён. Ввести план.", "No plan is typed for this period. Type a plan."
                    ),
                    "warning",
                    href=EDITOR,
                )
            )
    elif rows.total.sums.approximate:
        notes.append(
            Note(
                Text(
                    "≈ Период режет месяц: план взят по доле рабочих дней.",
                    "≈ The period cuts a month: its plan is taken by working days.",
                )
            )
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
        title = filter_of(name, context.directory).title
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


def _total_notes(context: Context, rows: PlanRows) -> list[Note]:
    passed, whole = plain(rows.elapsed, 1), plain(rows.working_days)
    notes = [
        Note(
            Text(f"Прошло рабочих дней: {passed.ru} из {whole.ru}.", f"Working days passed: {passed.en} of {whole.en}.")
        )
    ]
    unplanned = sum(line.sums.fact for line in rows.lines.values() if not line.is_planned)
    if unplanned and rows.is_planned:
        amount = money(amount_of(unplanned), context.directory.currency)
        notes.append(
            Note(
                Text(
                    f"Продано там, где плана нет: {amount.ru}. В факт входит.",
                    f"Sold where there is no plan: {amount.en}. Part of the fact.",
                )
            )
        )
    return notes


def _silent_note(context: Context, rows: PlanRows) -> list[Note]:
    silent = [
        line
        for line in rows.lines.values()
        if not line.sums.is_listed and (line.values["open_amount"] or line.values["forecast"])
    ]
    if not silent:
        return []
    currency = context.directory.currency
    opened, expected = (
        money(sum((x.values[name] for x in silent), Decimal(0)), currency) for name in ("open_amount", "forecast")
    )
    return [
        Note(
            Text(
                f"Без плана и без продаж: строк {len(silent)}, в работе {opened.ru}, прогноз {expected.ru}. Входят в итог.",
                f"Neither plan nor sales: rows {len(silent)}, in work {opened.en}, forecast {expected.en}. Part of the total.",
            )
        )
    ]


def backtest(context: Context, block: Block) -> TableResult:
    """Rows ``month, made_at, forecast, fact, error``: what the same forecast said in past months."""
    columns = [
        Column("month", Text("Месяц", "Month"), Unit.TEXT, "key", hidden=True),
        Column("month_name", Text("Месяц", "Month"), Unit.TEXT, "label", "month"),
        Column("made_at", Text("Прогноз на", "Forecast of"), Unit.DATE, "label"),
        Column("forecast", FORECAST.label, Unit.MONEY, help=FORECAST.help, estimate=True),
        Column("fact", FACT_AMOUNT.label, Unit.MONEY, help=FACT_AMOUNT.help),
        Column(
            "difference", Text("Разница", "Difference"), Unit.MONEY, help=Text("Прогноз − факт.", "Forecast − fact.")
        ),
        Column("error", Text("Ошибка", "Error"), Unit.RATIO, help=Text("Разница / факт.", "Difference / fact.")),
        Column("error_num", Text("числитель", "numerator"), Unit.MONEY, "part", "error", hidden=True),
        Column("error_den", Text("знаменатель", "denominator"), Unit.MONEY, "part", "error", hidden=True),
    ]
    rows: list[Row] = []
    for test in f.tests(context):
        difference = test["forecast"] - test["fact"]
        rows.append(
            {
                "month": (month := f"{test['month']:%Y-%m}"),
                "month_name": month_name(month, context.lang),
                "made_at": to_local(test["made_at"], context.zone),
                "forecast": test["forecast"],
                "fact": test["fact"],
                "difference": difference,
                "error": float(difference / test["fact"]) if test["fact"] else None,
                "error_num": difference,
                "error_den": test["fact"],
            }
        )
    result = TableResult(block.id, columns, rows)
    errors = [abs(Fraction(str(r["error"]))) for r in rows if r["error"] is not None]
    mean = sum(errors, Fraction(0)) / len(errors) if errors else None
    if mean is not None:
        shown = percent(mean, 1)
        result.notes.append(
            Note(
                Text(
                    f"Обычная ошибка прогноза – {shown.ru} в ту или другую сторону.",
                    f"The forecast is usually {shown.en} off, either way.",
                )
            )
        )
    else:
        result.notes.append(
            Note(Text("Прошлых месяцев для проверки не хватает.", "There are not enough past months to test it on."))
        )
    result.notes.append(
        Note(
            Text(
                "Прогноз сделан заново на тот же день месяца по истории стадий, известной к тому дню. Суммы и ответственные – нынешние.",
                "Made anew for the same day of the month from the stage history known by then. Amounts and managers are those of today.",
            )
        )
    )
    said = [filter_of(name, context.directory).title for name in narrowing(context)]
    result.notes += [
        Note(
            Text(
                f"Фильтр «{t.ru}» на проверку прогноза не действует.",
                f"The filter “{t.en}” has no meaning for the test.",
            ),
            "warning",
        )
        for t in said
    ]
    return result


TOTAL = Cards(
    "total",
    Text("Главное", "Summary"),
    Text(
        "План и факт всех вместе, прогноз на конец периода и чего не хватает.",
        "Plan and fact of all, the forecast to the end of the period and what is missing.",
    ),
    figures=(*FIGURES, *PEOPLE),
    compute=total,
    sources=(OPEN_AMOUNT,),
    notes=(c.WON_WITHOUT_AMOUNT, c.WITHOUT_RATE),
    headline=("plan_amount", "fact_amount", "attainment", "remaining", "forecast", "pace", "coverage", "bonus_earned"),
)
MANAGERS = Bullet(
    "managers",
    Text("План и факт по менеджерам", "Plan and fact by manager"),
    Text(
        "Полоса – факт, толстая черта – план, тонкая – сколько должно быть к сегодня, точка – прогноз, ус – от осторожного до смелого. Сверху те, кому осталось больше.",
        "The bar is the fact, the thick tick the plan, the thin one what should be there by now, the dot the forecast, the whisker from low to high. On top who misses most.",
    ),
    figures=FIGURES,
    dimensions=(c.MANAGER,),
    compute=managers,
    sources=(OPEN_AMOUNT,),
    totals=True,
    folded=FOLDED,
)
PLAN = Table(
    "plan",
    Text("План по менеджерам и воронкам", "Plan by manager and pipeline"),
    Text(
        "Факт без плана – строка без плана. План на все воронки – одна строка.",
        "A fact without a plan is a row without a plan. A plan for all pipelines is one row.",
    ),
    figures=FIGURES,
    dimensions=(c.MANAGER, PIPELINE),
    compute=plan,
    sources=(OPEN_AMOUNT,),
    totals=True,
    folded=FOLDED,
)
DEPARTMENTS = Table(
    "departments",
    Text("План по отделам", "Plan by department"),
    Text(
        "Отдел – со всеми отделами ниже. Человек нескольких отделов есть в каждом из них.",
        "A department with everything below it. A person of several departments is in each.",
    ),
    figures=(*FIGURES, *PEOPLE),
    dimensions=(c.DEPARTMENT,),
    compute=departments,
    sources=(OPEN_AMOUNT,),
    totals=True,
    folded=(*FOLDED, "plan_count", "fact_count", "needed_pipeline"),
)
BACKTEST = Table(
    "backtest",
    Text("Насколько прогнозу можно верить", "How far the forecast can be trusted"),
    Text(
        "Тот же прогноз, сделанный в прошлых месяцах на тот же день, против того, что вышло.",
        "The same forecast made on the same day of past months, against what came of it.",
    ),
    compute=backtest,
    compared=False,
)
DEALS = RecordList(
    "deals",
    Text("Выигранные сделки", "Deals won"),
    Text("Сделки, выигранные в периоде: из них сложен факт.", "Deals won in the period: the fact is their sum."),
    fact="deals",
    where=c.WON,
    sort=(("closed", "desc"),),
)
OPEN_DEALS = RecordList(
    "open_deals",
    Text("Открытые сделки", "Open deals"),
    Text(
        "Из чего ещё может сложиться план. Сначала самые крупные.",
        "What the plan can still be made of. The largest first.",
    ),
    fact="deals",
    where=c.IN_WORK,
    sort=(("amount", "desc"),),
)
NEAR_DAYS = 14
"""So many days before and after its planned close a deal is near it."""
CLOSING = RecordList(
    "closing",
    Text("Пора закрывать", "About to close"),
    Text(
        f"Открытые сделки, до планового закрытия которых или после него не больше {NEAR_DAYS} дней. Сначала те, от которых ожидается больше: сумма × шанс выиграть. Отложенных здесь нет.",
        f"Open deals whose planned close is no more than {NEAR_DAYS} days ahead or past. First those of which most is expected: amount × chance to win. None that are put off.",
    ),
    fact="deals",
    where=f"{c.IN_WORK} AND abs(planned_close_on - $today::DATE) <= {NEAR_DAYS} AND at_risk > 0 AND NOT {snoozed('deal')}",
    columns=("expected", "amount", "planned_close", "manager", "stage"),
    sort=(("expected", "desc"),),
    actions=("snooze",),
)

BLOCKS = (TOTAL, MANAGERS, PLAN, BONUS_BLOCK, DEPARTMENTS, BACKTEST, DEALS, OPEN_DEALS, CLOSING)
