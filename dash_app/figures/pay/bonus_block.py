"""The block ``bonus``: per manager, pipeline and month what was planned, sold and paid, with the working (metrics.md section 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from babel.dates import format_date

from dash_app.engine.answer import cells_of
from dash_app.engine.blocks import Block, Table
from dash_app.engine.context import Context
from dash_app.engine.facts import FACTS
from dash_app.engine.filters import filter_of
from dash_app.engine.language import Dimension, Figure, Unit
from dash_app.engine.result import Column, Note, Row, TableResult
from dash_app.figures import common as c
from dash_app.figures import plan_figures as f
from dash_app.figures.exact_words import decimal
from dash_app.figures.pay.motivation import MonthPay, PaySheet, kept_sheet
from dash_app.figures.pay.sales import PLANNED_BY
from dash_app.text import Lang, Text

MONTH = Dimension("month", "strftime(won_on, '%Y-%m')", Text("Месяц", "Month"))
THRESHOLD_ONLY = Text("порог", "threshold")


def _as(figure: Figure, *, hidden: bool = False) -> Column:
    """The column of a figure of the report, of one month here."""
    return Column(figure.id, figure.label, figure.unit, help=figure.help, good=figure.good, hidden=hidden)


_COLUMNS = (
    Column("manager_id", c.MANAGER.label, Unit.TEXT, "key", hidden=True),
    Column("manager", c.MANAGER.label, Unit.TEXT, "label", "manager_id"),
    Column("pipeline_id", c.PIPELINE.label, Unit.TEXT, "key", hidden=True),
    Column("pipeline", c.PIPELINE.label, Unit.TEXT, "label", "pipeline_id"),
    Column("month", Text("Месяц", "Month"), Unit.TEXT, "key", hidden=True),
    Column("month_name", Text("Месяц", "Month"), Unit.TEXT, "label", "month"),
    _as(f.PLAN_AMOUNT),
    _as(c.FACT_AMOUNT),
    Column(
        "personal_attainment",
        Text("Выполнение личного", "Personal attainment"),
        Unit.RATIO,
        help=Text(
            "Факт / личный план; если задано число сделок – меньшее из двух выполнений.",
            "Fact / personal plan; where a number of deals is planned, the lower of the two.",
        ),
        good=1,
    ),
    _as(f.BONUS),
    Column(
        "working",
        Text("Расчёт", "Working"),
        Unit.TEXT,
        help=Text("Как получилась премия.", "How the bonus came about."),
    ),
    Column(
        "next_step",
        Text("До следующей ступени", "To the next step"),
        Unit.TEXT,
        help=Text("Сколько не хватает до следующей ступени.", "What is missing to the next step."),
    ),
    Column(
        "changed_after_closing",
        Text("Изменилось после закрытия", "Changed after closing"),
        Unit.MONEY,
        help=Text(
            "Факт сейчас − факт на закрытии. Премия закрытого месяца от этого не меняется.",
            "Fact now − fact when closed. The pay of a closed month does not change.",
        ),
    ),
    Column(
        "personal_plan",
        Text("Личный план", "Personal plan"),
        Unit.MONEY,
        help=Text(
            "План × разгон × рабочие дни без отсутствий × коэффициент грейда, если он действует на план.",
            "Plan × ramp × working days not away × the grade's coefficient where it goes for plans.",
        ),
    ),
    Column(
        "fact_at_closing",
        Text("Факт на закрытии", "Fact when closed"),
        Unit.MONEY,
        help=Text(
            "Сумма выигранных за месяц на момент его закрытия: по ней посчитана премия.",
            "Amount won in the month as it was when closed: the bonus is counted from it.",
        ),
        good=1,
    ),
    Column(
        "scheme",
        Text("Схема", "Scheme"),
        Unit.TEXT,
        help=Text("Лестница, по которой платят, или «порог».", "The ladder that pays, or “threshold”."),
    ),
    Column(
        "next_amount",
        Text("Премия там", "Bonus there"),
        Unit.MONEY,
        help=Text("Премия на следующей ступени.", "The bonus at the next step."),
    ),
    _as(f.PLAN_COUNT, hidden=True),
    _as(c.FACT_COUNT, hidden=True),
    Column("grade", Text("Грейд", "Grade"), Unit.TEXT, hidden=True),
    Column("coefficient", Text("Коэффициент", "Coefficient"), Unit.POINTS, hidden=True),
    Column("ramp", Text("Разгон", "Ramp"), Unit.RATIO, hidden=True),
    Column("working_days", Text("Рабочих дней", "Working days"), Unit.DAYS, hidden=True),
    Column("absent_days", Text("Из них отсутствие", "Of them away"), Unit.DAYS, hidden=True),
    Column("approximate", Text("≈", "≈"), Unit.TEXT, "flag"),
    Column("closed", Text("Закрыт", "Closed"), Unit.TEXT, hidden=True),
)


@lru_cache(maxsize=1024)
def month_name(month: str, lang: Lang) -> str:
    """``февраль 2026`` / ``February 2026``."""
    return format_date(date(int(month[:4]), int(month[5:]), 1), "LLLL y", locale="ru" if lang == "ru" else "en_GB")


def is_shown(row: MonthPay) -> bool:
    """Rows that are paid or may be: with a plan, or of a closed month and changed since."""
    return row.is_planned or (row.is_frozen and bool(row.changed or row.changed_count))


def _ladder(row: MonthPay) -> str | None:
    """The name of the ladder that pays; None where the threshold does."""
    if row.is_usual:
        return None
    scheme = row.case.scheme
    return scheme.name if scheme is not None and scheme.steps else None


def _plan_count(row: MonthPay) -> int | float | None:
    """The number of deals planned, of the part of the month the period covers; perhaps not whole."""
    count: Decimal | Fraction | float | None
    if row.is_frozen:
        count = row.case.plan_count
    elif row.planned is None or row.planned.count is None:
        return None
    else:
        part, whole = row.of.rule.share
        count = Fraction(row.planned.count * part, whole)
    return None if count is None else int(count) if count == int(count) else float(count)


def _cells(rows: list[MonthPay], context: Context) -> list[Row]:
    """The rows as the block shows them. Names are looked up once for each person and pipeline, not in each of thousands of rows."""
    lang = context.lang
    months = {month: month_name(month, lang) for month in {row.month for row in rows}}
    keys = [(row.manager_id, int(row.pipeline_id) if row.pipeline_id else None) for row in rows]
    plain = THRESHOLD_ONLY.of(lang)
    found = cells_of(context, (c.MANAGER, c.PLAN_PIPELINE), keys)
    for row, cells in zip(rows, found, strict=True):
        paid, terms, month = row.pay, row.terms, row.of
        personal, next_step = paid.personal_plan, paid.next_step
        planned = personal if row.is_usual else None if row.plan_amount is None else decimal(row.plan_amount, 2)
        cells.update(
            {
                "month": month.name,
                "month_name": months[month.name],
                "approximate": month.partial,
                "plan_amount": planned,
                "personal_plan": personal,
                "fact_amount": row.fact_now,
                "fact_at_closing": row.fact_amount if row.is_frozen else None,
                "plan_count": _plan_count(row),
                "fact_count": row.count_now,
                "personal_attainment": paid.attained,
                "scheme": plain if row.is_usual else _ladder(row) or plain,
                "grade": terms.grade or None,
                "coefficient": float(terms.coefficient),
                "ramp": float(terms.ramp),
                "working_days": terms.working_days,
                "absent_days": terms.absent_days,
                "bonus_earned": paid.amount,
                "working": paid.working.of(lang),
                "next_step": None if next_step is None else next_step.of(lang),
                "next_amount": paid.next_amount,
                "closed": month.closed,
                "changed_after_closing": row.changed,
            }
        )
    return found


def notes_of(sheet: PaySheet, context: Context) -> list[Note]:
    """Notes: months closed, rows changed since, plans a filter hides, months taken in part, filters without a meaning."""
    notes: list[Note] = []
    lang_ru, lang_en = (", ".join(month_name(m, lang) for m in sheet.closed) for lang in ("ru", "en"))
    if sheet.closed:
        notes.append(
            Note(
                Text(
                    f"Закрыто: {lang_ru}. Премия там заморожена и от порога не зависит.",
                    f"Closed: {lang_en}. The pay there is frozen and does not follow the threshold.",
                )
            )
        )
    ladders = sum(1 for row in sheet.rows if row.is_planned and _ladder(row))
    if ladders:
        notes.append(
            Note(
                Text(
                    f"По лестнице платится строк: {ladders}. Порог отчёта на них не действует.",
                    f"Rows paid by a ladder: {ladders}. The report's threshold does not touch them.",
                )
            )
        )
    changed = [row for row in sheet.rows if row.is_frozen and (row.changed or row.changed_count)]
    if changed:
        n = len(changed)
        notes.append(
            Note(Text(f"Изменилось после закрытия: строк {n}.", f"Changed after closing: {n} rows."), "warning")
        )
    if any(row.partial for row in sheet.rows):
        notes.append(
            Note(
                Text(
                    "≈ – период взял часть месяца: план и премия пропорциональны рабочим дням.",
                    "≈ – the period takes a part of a month: plan and bonus are in proportion to working days.",
                )
            )
        )
    if sheet.all_pipelines_hidden:
        notes.append(
            Note(
                Text(
                    f"Планов «все воронки»: {sheet.all_pipelines_hidden}. Фильтр по воронке их не показывает: такой план не делится на воронки.",
                    f"Plans for all pipelines: {sheet.all_pipelines_hidden}. A filter by pipeline hides them: such a plan is not split among pipelines.",
                ),
                "warning",
            )
        )
    for name in context.narrowing(FACTS["deals"], PLANNED_BY):
        title = filter_of(name, context.directory).title
        notes.append(
            Note(
                Text(
                    f"Фильтр «{title.ru}» здесь не действует: премия считается по всем продажам.",
                    f"The filter “{title.en}” has no meaning here: the bonus is for all sales.",
                ),
                "warning",
            )
        )
    return notes


_OF_PART_OF_THE_MONTH = ("plan_amount", "personal_plan", "personal_attainment", "bonus_earned")
"""Approximate in rows of a month of which the period has a part."""


def bonus_table(context: Context, block: Block) -> TableResult:
    """One row a manager, pipeline and month; the total is the sum of the rows."""
    sheet = kept_sheet(context)
    names = {manager: context.directory.manager(manager).ru for manager in {row.manager_id for row in sheet.rows}}
    shown = sorted(
        (row for row in sheet.rows if is_shown(row)),
        key=lambda r: (r.month, names[r.manager_id], r.manager_id or 0, r.pipeline_id),
    )
    closed = any(row.closed for row in shown)
    narrowed = bool(context.narrowing(FACTS["deals"], PLANNED_BY))  # the pay is for all sales, a list would not be
    rows = _cells(shown, context)
    opens = {
        "fact_amount": not narrowed,
        "fact_count": not narrowed,
    }
    hidden = {
        "pipeline": {row.pipeline_id for row in shown} <= {""},
        "month_name": len({row.month for row in shown}) < 2,
        "changed_after_closing": not any(row.is_frozen and (row.changed or row.changed_count) for row in shown),
        "fact_at_closing": not any(row.is_frozen for row in shown),
        "next_step": all(row["next_step"] is None for row in rows),
        "personal_plan": all(row.is_usual or row.case.plan_share == 1 for row in shown),
    }
    columns = [
        replace(
            k,
            hidden=hidden.get(k.id, k.hidden),
            drills=opens.get(k.id, False),
            approximate=k.id in _OF_PART_OF_THE_MONTH,
        )
        for k in _COLUMNS
    ]
    result = TableResult(block.id, columns, rows)
    if shown:
        totals: Row = dict.fromkeys(k.id for k in columns)
        for name in (
            "plan_amount",
            "personal_plan",
            "bonus_earned",
        ):  # sales without a plan have no row here: their total stands elsewhere
            totals[name] = sum((v for v in (r[name] for r in result.rows) if isinstance(v, Decimal)), Decimal(0))
        result.totals = totals
        if closed:
            totals["changed_after_closing"] = sum((row.changed for row in shown if row.changed is not None), Decimal(0))
    result.notes = notes_of(sheet, context)
    return result


BONUS = Table(
    "bonus",
    Text("Премия", "Bonus"),
    Text(
        "По каждому менеджеру и месяцу: план, факт, премия и её расчёт по порогу или лестнице, грейду, разгону и дням отсутствия.",
        "For each manager and month: plan, fact, bonus and its working by threshold or ladder, grade, ramp and days away.",
    ),
    dimensions=(c.MANAGER, c.PLAN_PIPELINE, MONTH),
    compute=bonus_table,
    sources=(c.FACT_AMOUNT, c.FACT_COUNT),
    options=("threshold",),
    compared=False,
    folded=("personal_plan", "fact_at_closing", "scheme", "next_amount"),
)
