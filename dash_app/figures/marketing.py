"""Анализ маркетинга: which source brings leads, deals and money, and what they cost (metrics.md section 4).

Everything here follows a cohort: leads and deals created in the period, whatever became of them by the moment of the data.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from dash_app.engine.blocks import Cards, Matrix, Series, Steps, Table
from dash_app.engine.context import Context
from dash_app.engine.directory import NONE
from dash_app.engine.facts import FACTS
from dash_app.engine.language import Dimension, Formula, Given, LeftOut, Measure, Option, Ratio, Unit
from dash_app.engine.query import Period
from dash_app.engine.result import Note
from dash_app.expenses.grid import Expense
from dash_app.figures import common as c
from dash_app.figures.response import FIRST_RESPONSE_MEDIAN, SELF_MADE
from dash_app.text import Text

_COHORT_WON = f"{c.CREATED} AND status = 'won'"
_EXACT = Decimal("1e-8")

WON_AMOUNT = Measure(
    "won_amount",
    "deals",
    _COHORT_WON,
    Text("Сумма выигранных из созданных", "Amount won of those created"),
    Text(
        "Сумма сделок, созданных в периоде и выигранных к моменту данных.",
        "Amount of deals created in the period and won by the moment of the data.",
    ),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
    moment="created",
    good=1,
    says="cohort",
)
_WON_WITH_AMOUNT = Measure(
    "won_with_amount",
    "deals",
    f"{_COHORT_WON} AND amount IS NOT NULL",
    Text("Выиграно с суммой", "Won with an amount"),
    Text("Из них – с суммой.", "Those of them with an amount."),
    moment="created",
    says="cohort",
)
AVERAGE_CHECK = Ratio(
    "created_average_check",
    WON_AMOUNT,
    _WON_WITH_AMOUNT,
    Text("Средний чек из созданных", "Average check of the created"),
    Text(
        "Сумма выигранных из созданных в периоде / их число. Сделки без суммы исключены из обеих частей.",
        "Amount of those won of the created / their number. Deals without an amount are left out of both parts.",
    ),
    unit=Unit.MONEY,
)
CYCLE_MEDIAN = Measure(
    "created_cycle_median",
    "deals",
    _COHORT_WON,
    Text("Цикл из созданных, медиана", "Cycle of the created, median"),
    Text(
        "От создания до выигрыша, по выигранным из созданных в периоде.",
        "From creation to winning, over those won of the created.",
    ),
    agg="median",
    of="cycle_days",
    unit=Unit.DAYS,
    moment="created",
    good=-1,
    says="cohort",
)
DEAL_TO_WON = Ratio(
    "deal_to_won",
    c.DEALS_CREATED_WON,
    c.DEALS_CREATED.ripe,
    Text("Сделка → успех", "Deal → won"),
    Text(
        "Выиграно из созданных / создано сделок. Свежая когорта ещё дозреет.",
        "Won of those created / deals created. A young cohort will still ripen.",
    ),
)

_LEADS_TO_DEAL = Measure(
    "leads_to_deal",
    "leads",
    f"{c.CREATED} AND became_deal",
    Text("Стали сделками", "Became deals"),
    Text(
        "Созданные в периоде лиды, из которых сделана хотя бы одна сделка.",
        "Leads created in the period that at least one deal was made of.",
    ),
    moment="created",
    good=1,
    says="cohort",
)
_LEADS_WON = Measure(
    "leads_won",
    "leads",
    f"{c.CREATED} AND deal_won",
    Text("Дошли до успеха", "Got to a won deal"),
    Text("Созданные в периоде лиды, сделка которых выиграна.", "Leads created in the period whose deal is won."),
    moment="created",
    good=1,
    says="cohort",
)
_LEADS_JUNK = Measure(
    "leads_junk",
    "leads",
    f"{c.CREATED} AND status = 'lost'",
    Text("Некачественные", "Junk"),
    Text(
        "Созданные в периоде лиды, стоящие в неуспешном статусе.",
        "Leads created in the period that stand in a failed status.",
    ),
    moment="created",
    good=-1,
    says="cohort",
)
LEAD_TO_DEAL = Ratio(
    "lead_to_deal",
    _LEADS_TO_DEAL,
    c.LEADS_CREATED.ripe,
    Text("Лид → сделка", "Lead → deal"),
    Text(
        "Лиды периода, ставшие сделками / все лиды периода.",
        "Leads of the period that became deals / all leads of the period.",
    ),
)
LEAD_TO_WON = Ratio(
    "lead_to_won",
    _LEADS_WON,
    c.LEADS_CREATED.ripe,
    Text("Лид → успех", "Lead → won"),
    Text(
        "Лиды периода, сделка которых выиграна / все лиды периода.",
        "Leads of the period whose deal is won / all leads of the period.",
    ),
)
JUNK_SHARE = Ratio(
    "junk_share",
    _LEADS_JUNK,
    c.LEADS_CREATED.ripe,
    Text("Доля брака", "Junk share"),
    Text(
        "Лиды периода в неуспешном статусе / все лиды периода.",
        "Leads of the period in a failed status / all leads of the period.",
    ),
    good=-1,
)

# -- what people typed ------------------------------------------------------------------------------------------------

_TYPED = ("source",)
"""What typed costs know of the filters."""


def share_of_month(month: str, period: Period) -> tuple[int, int]:
    """(days of a month that lie in the period, days of the month): 2026-02 and 15–28 February give 14 of 28."""
    year, number = (int(part) for part in month.split("-"))
    days = calendar.monthrange(year, number)[1]
    first, last = max(date(year, number, 1), period.start), min(date(year, number, days), period.end)
    return max(0, (last - first).days + 1), days


def _expenses(context: Context) -> Iterator[tuple[Expense, int, int]]:
    """Costs typed for the period and the sources filtered, each with its days inside and the days of its month."""
    sources = context.query.filters.of("source")
    for entry in context.typed.of("expense").values():
        cost = entry.value
        assert isinstance(cost, Expense)
        if sources and cost.source_id not in sources:
            continue
        inside, days = share_of_month(cost.month, context.span.period)
        if inside:
            yield cost, inside, days


def narrows_cost(context: Context) -> bool:
    """Whether the page shows a part of what a source brought, by filters or by rights: its whole cost says nothing of a part."""
    return context.rights.is_limited or bool(context.narrowing(FACTS["deals"], _TYPED))


def _costs(context: Context, dimensions: tuple[Dimension, ...]) -> Mapping[tuple[Any, ...], Decimal]:
    if narrows_cost(context) or any(d.directory != "sources" for d in dimensions):
        return {}
    found: dict[tuple[Any, ...], Decimal] = {}
    for cost, inside, days in _expenses(context):
        part = (cost.amount * inside / days).quantize(_EXACT, ROUND_HALF_EVEN)  # exact to what a sum of rows keeps
        key = (None if cost.source_id == NONE else cost.source_id,) if dimensions else ()
        found[key] = found.get(key, Decimal(0)) + part
    return found


COST = Given(
    "cost",
    Text("Расходы", "Cost"),
    Text(
        "Расходы на источник, введённые по месяцам. Из неполного месяца берётся доля его календарных дней.",
        "What the source cost, typed by month. Of a part of a month, the share of its calendar days.",
    ),
    _costs,
    unit=Unit.MONEY,
    good=-1,
)
COST_PER_LEAD = Ratio(
    "cost_per_lead",
    COST,
    c.LEADS_CREATED,
    Text("Цена лида", "Cost per lead"),
    Text("Расходы / созданные лиды.", "Cost / leads created."),
    unit=Unit.MONEY,
    good=-1,
)
COST_PER_WON = Ratio(
    "cost_per_won",
    COST,
    c.DEALS_CREATED_WON,
    Text("Цена продажи", "Cost per sale"),
    Text("Расходы / выиграно из созданных.", "Cost / won of those created."),
    unit=Unit.MONEY,
    good=-1,
)
_MARGIN = (
    "amount * coalesce(($margin_shares::DECIMAL(9,8)[])[list_position($margin_pipelines::INTEGER[], pipeline_id)], 1)"
)
_WON_MARGIN = Measure(
    "won_margin",
    "deals",
    _COHORT_WON,
    Text("Маржа выигранных", "Margin of the won"),
    Text(
        "Сумма выигранных, умноженная на маржу своей воронки. Воронка без маржи считается по выручке.",
        "Amount won times the margin of its pipeline. A pipeline without a margin counts by revenue.",
    ),
    agg="sum",
    of=_MARGIN,
    unit=Unit.MONEY,
    moment="created",
    good=1,
    says="cohort",
)


def _return(values: Mapping[str, Any]) -> tuple[Decimal, Decimal] | None:
    cost = values[COST.id]
    return None if cost is None else (values[_WON_MARGIN.id] - cost, cost)


ROMI = Formula(
    "romi",
    (_WON_MARGIN, COST),
    _return,
    Text("ROMI", "ROMI"),
    Text(
        "(Сумма выигранных − расходы) / расходы. По выручке, пока в настройках не задана маржа воронок; с нею сумма берётся с маржой.",
        "(Amount won − cost) / cost. By revenue unless margins of pipelines are set; with them the amount is taken with its margin.",
    ),
    Text("(сумма выигранных × маржа − расходы) / расходы", "(amount won × margin − cost) / cost"),
    unit=Unit.RATIO,
    fraction=True,
    counted="created_won",
)

EXPENSES_PAGE = "/expenses"


def cost_remarks(context: Context) -> Sequence[Note]:
    """Notes under cost and ROMI: costs not typed, taken in part or not shown, a period still running, margins not set."""
    if context.rights.is_limited:
        return [
            Note(
                Text(
                    "Расходы введены на источник целиком, а вам видна часть его сделок: расходы и ROMI не показаны.",
                    "Costs are typed for a whole source, and you see a part of its deals: costs and ROMI are not shown.",
                )
            )
        ]
    if narrows_cost(context):
        return [
            Note(
                Text(
                    "Расходы введены на источник целиком, а фильтр оставил часть его сделок: расходы и ROMI не показаны.",
                    "Costs are typed for a whole source, and a filter leaves a part of its deals: costs and ROMI are not shown.",
                ),
                "warning",
            )
        ]
    found = list(_expenses(context))
    if not found:
        return [
            Note(
                Text(
                    "Расходы за период не введены, поэтому цены лида и ROMI нет. Ввести расходы.",
                    "No costs are typed for the period, hence no cost per lead and no ROMI. Type them in.",
                ),
                href=EXPENSES_PAGE,
            )
        ]
    notes = []
    missing = sorted(set(_months(context.span.period)) - {cost.month for cost, _, _ in found})
    if missing:
        shown = ", ".join(missing[:6]) + ("…" if len(missing) > 6 else "")
        notes.append(
            Note(
                Text(f"Расходы не введены за: {shown}.", f"No costs are typed for: {shown}."),
                "warning",
                href=EXPENSES_PAGE,
            )
        )
    if any(inside < days for _, inside, days in found):
        notes.append(
            Note(
                Text(
                    "Из неполного месяца взята доля расходов по календарным дням.",
                    "Of a part of a month, costs are taken by calendar days.",
                )
            )
        )
    if context.span.start <= context.as_of < context.span.end:
        notes.append(
            Note(
                Text(
                    "Период не закончен: расходы – за весь период, результаты – на момент данных.",
                    "The period is not over: costs are of all of it, results by the moment of the data.",
                )
            )
        )
    margins = context.typed.preferences.margins
    sales = [p for p in context.directory.pipelines.values() if p.role == "sales" and p.known]
    if not margins:
        notes.append(
            Note(
                Text(
                    "ROMI – по выручке: маржа воронок не задана.",
                    "ROMI is by revenue: no margins of pipelines are set.",
                ),
                href="/settings",
            )
        )
    elif any(str(p.id) not in margins for p in sales):
        notes.append(
            Note(
                Text(
                    "Маржа задана не для всех воронок: остальные считаются по выручке.",
                    "Margins are set for some pipelines; the others count by revenue.",
                ),
                href="/settings",
            )
        )
    return notes


def _months(period: Period) -> Iterator[str]:
    year, month = period.start.year, period.start.month
    while (year, month) <= (period.end.year, period.end.month):
        yield f"{year:04d}-{month:02d}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


# -- what is left out ---------------------------------------------------------------------------------------------------

_OPEN = LeftOut(
    c.DEALS_CREATED_OPEN,
    Text(
        "Когорта не дозрела: из созданных сделок ещё открыто {n} ({share} %).",
        "The cohort is not ripe: {n} of the deals created are still open ({share} %).",
    ),
    of=c.DEALS_CREATED,
)
_NO_SOURCE_LEADS = LeftOut(
    Measure(
        "leads_without_source",
        "leads",
        f"{c.CREATED} AND source_id IS NULL",
        Text("Лиды без источника", "Leads without a source"),
        Text("Созданные в периоде лиды, у которых источник не указан.", "Leads created in the period with no source."),
        moment="created",
    ),
    Text("Лидов без источника: {n} из {all}.", "Leads without a source: {n} of {all}."),
    of=c.LEADS_CREATED,
)
_NO_SOURCE_DEALS = LeftOut(
    Measure(
        "deals_without_source",
        "deals",
        f"{c.CREATED} AND source_id IS NULL",
        Text("Сделки без источника", "Deals without a source"),
        Text(
            "Созданные в периоде сделки, у которых источник не указан ни в сделке, ни в её лиде.",
            "Deals created in the period with no source on the deal or its lead.",
        ),
        moment="created",
    ),
    Text("Сделок без источника: {n} из {all}.", "Deals without a source: {n} of {all}."),
    of=c.DEALS_CREATED,
)
_NO_AMOUNT = LeftOut(
    Measure(
        "won_without_amount",
        "deals",
        f"{_COHORT_WON} AND amount IS NULL AND NOT no_rate",
        Text("Выиграно без суммы", "Won without an amount"),
        Text("Выигранные из созданных в периоде сделки без суммы.", "Deals won of those created, without an amount."),
        moment="created",
        says="cohort",
    ),
    Text("Выиграно без суммы: {n}. В чеке не участвуют.", "Won without an amount: {n}. Not in the check."),
)
_NO_RATE = LeftOut(
    Measure(
        "won_without_rate",
        "deals",
        f"{_COHORT_WON} AND no_rate",
        Text("В валюте без курса", "In a currency without a rate"),
        Text(
            "Выигранные сделки в валюте, для которой на портале нет курса.",
            "Won deals in a currency the portal has no rate for.",
        ),
        moment="created",
        says="cohort",
    ),
    Text(
        "Выиграно в валюте без курса: {n}. Их суммы не сложены с остальными.",
        "Won in a currency without a rate: {n}. Their amounts are not added to the others.",
    ),
)

# -- blocks -------------------------------------------------------------------------------------------------------------

_WAY = (
    c.LEADS_CREATED,
    c.DEALS_CREATED,
    c.DEALS_CREATED_WON,
    LEAD_TO_DEAL,
    DEAL_TO_WON,
    LEAD_TO_WON,
    AVERAGE_CHECK,
    CYCLE_MEDIAN,
    JUNK_SHARE,
    FIRST_RESPONSE_MEDIAN,
)

SUMMARY = Cards(
    "summary",
    Text("Главное", "Summary"),
    Text(
        "Лиды и сделки, созданные в периоде, и что из них вышло к моменту данных.",
        "Leads and deals created in the period and what came of them by the moment of the data.",
    ),
    figures=(
        WON_AMOUNT,
        c.LEADS_CREATED,
        c.DEALS_CREATED,
        c.DEALS_CREATED_WON,
        LEAD_TO_WON,
        COST,
        ROMI,
        LEAD_TO_DEAL,
        DEAL_TO_WON,
        AVERAGE_CHECK,
        CYCLE_MEDIAN,
        JUNK_SHARE,
        COST_PER_LEAD,
        COST_PER_WON,
        FIRST_RESPONSE_MEDIAN,
    ),
    headline=(
        "won_amount",
        "leads_created",
        "deals_created",
        "created_won",
        "lead_to_won",
        "cost",
        "romi",
        "cost_per_lead",
        "cost_per_won",
        "junk_share",
    ),
    notes=(_OPEN, _NO_SOURCE_LEADS, _NO_SOURCE_DEALS, _NO_AMOUNT, _NO_RATE, SELF_MADE),
    remarks=cost_remarks,
)
FUNNEL = Steps(
    "funnel",
    Text("Путь по источникам", "The way by source"),
    Text(
        "Сколько лидов и сделок дал источник и сколько сделок выиграно. Между ними – доля лидов, ставших сделками, и доля выигранных сделок; часть сделок создаётся без лида.",
        "How many leads and deals a source gave and how many deals were won. Between them, the share of leads that became deals and of deals won; some deals are made without a lead.",
    ),
    figures=(c.LEADS_CREATED, LEAD_TO_DEAL, c.DEALS_CREATED, DEAL_TO_WON, c.DEALS_CREATED_WON, LEAD_TO_WON),
    dimensions=(c.SOURCE,),
    order=("-created_won", "-deals_created", "-leads_created"),
)
SOURCES = Table(
    "sources",
    Text("Источники", "Sources"),
    Text(
        "Каждый источник: лиды, сделки, деньги и расходы. Источник сделки – её собственный, а если он пуст – источник её лида.",
        "Each source: leads, deals, money and cost. A deal's source is its own, or its lead's where that is empty.",
    ),
    figures=(WON_AMOUNT, COST, ROMI, *_WAY, COST_PER_LEAD, COST_PER_WON),
    dimensions=(c.SOURCE,),
    order=("-won_amount", "-deals_created", "-leads_created"),
    totals=True,
    remarks=cost_remarks,
)
DYNAMICS = Series(
    "dynamics",
    Text("Динамика по источникам", "Dynamics by source"),
    Text(
        "Созданные лиды и сделки по отрезкам создания: восемь крупнейших источников и остальные. Выигранные – из созданных в этом отрезке.",
        "Leads and deals by the bucket of their creation: the eight largest sources and the others. Won: of those created in the bucket.",
    ),
    figures=(WON_AMOUNT, c.LEADS_CREATED, c.DEALS_CREATED, c.DEALS_CREATED_WON),
    split=c.SOURCE,
    options=("grain",),
)
SOURCE_MANAGERS = Matrix(
    "source_managers",
    Text("Источники и менеджеры", "Sources and managers"),
    Text(
        "Чьи сделки из какого источника и какая доля выиграна: число сделок, под ним – конверсия.",
        "Whose deals come from which source, and the share won: number of deals, the conversion below.",
    ),
    figures=(
        c.DEALS_CREATED,
        c.DEALS_CREATED_WON,
        Ratio(
            "conversion",
            c.DEALS_CREATED_WON,
            c.DEALS_CREATED,
            Text("Конверсия", "Conversion"),
            Text("Выиграно из созданных / создано сделок.", "Won of those created / deals created."),
        ),
    ),
    dimensions=(c.SOURCE, c.MANAGER),
    order=("-deals_created",),
    totals=True,
)


def _utm(level: str, ru: str, en: str) -> tuple[str, Dimension]:
    return level, Dimension(f"utm_{level}", f"utm_{level}", Text(ru, en))


LEVELS = (
    _utm("source", "utm_source", "utm_source"),
    _utm("medium", "utm_medium", "utm_medium"),
    _utm("campaign", "utm_campaign", "utm_campaign"),
    _utm("content", "utm_content", "utm_content"),
    _utm("term", "utm_term", "utm_term"),
)
LEVEL = Option(
    "level",
    Text("UTM-метка", "UTM level"),
    {
        "source": Text("Источник", "Source"),
        "medium": Text("Канал", "Medium"),
        "campaign": Text("Кампания", "Campaign"),
        "content": Text("Объявление", "Content"),
        "term": Text("Ключевое слово", "Term"),
    },
    default="source",
)
UTM = Table(
    "utm",
    Text("UTM-метки", "UTM marks"),
    Text(
        "То же по меткам ссылок, по которым пришли. У сделки берутся её собственные метки.",
        "The same by the marks of the links people came by. A deal has its own marks.",
    ),
    figures=(WON_AMOUNT, *_WAY),
    by_option=("level", LEVELS),
    order=("-won_amount", "-deals_created", "-leads_created"),
    totals=True,
    options=("level",),
)

BLOCKS = (SUMMARY, FUNNEL, SOURCES, DYNAMICS, SOURCE_MANAGERS, UTM, c.DEALS_LIST, c.LEADS_LIST)
