"""Measures of deals and leads, dimensions and options that several reports share (metrics.md sections 1 and 2).

Each is defined here once; a report that needs "won in the period" says ``DEALS_WON`` and nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dash_app.engine.blocks import RecordList
from dash_app.engine.filters.customer import CUSTOMERS
from dash_app.engine.language import Aggregate, Dimension, LeftOut, Measure, Option, Ratio, Unit
from dash_app.engine.moments import STATE_OPTION
from dash_app.engine.periods import GRAINS
from dash_app.text import Text

CREATED = "created_at >= $start AND created_at < $end"
WON = "won_at >= $start AND won_at < $end"
LOST = "lost_at >= $start AND lost_at < $end"
IN_WORK = "status = 'in_work'"
WORKED = (
    "created_at < $end AND (closed_at IS NULL OR closed_at >= $start) "
    "AND NOT (reopened AND id IN (SELECT id FROM deal_gaps WHERE deal_gaps.closed_at < $start AND reopened_at >= $end))"
)
"""In work at any instant of the period or closed in it: created before its end, not closed for good before its start,
and not standing closed through the whole of it between a closing and a reopening."""

COUNTED: Final = {
    "deals": ("deals", WORKED),
    "leads": ("leads", CREATED),
    "tasks": (
        "tasks",
        f"({CREATED}) OR (deadline >= $start AND deadline < $end) OR (planned_start >= $start AND planned_start < $end)",
    ),
    "activities": ("activities", "happened_at >= $start AND happened_at < $end"),
    "audits": ("audits", CREATED),
    "open_activities": ("activities", f"NOT completed AND {CREATED}"),
}
"""What ``Report.counted`` and ``Filter.counted`` name: (fact, those of its records that have to do with the period)."""

LEADS_CREATED = Measure(
    "leads_created",
    "leads",
    CREATED,
    Text("Создано лидов", "Leads created"),
    Text("Лиды, созданные в периоде.", "Leads created in the period."),
    moment="created",
    good=1,
)
DEALS_CREATED = Measure(
    "deals_created",
    "deals",
    CREATED,
    Text("Создано сделок", "Deals created"),
    Text("Сделки воронок продаж, созданные в периоде.", "Deals of sales pipelines created in the period."),
    moment="created",
    good=1,
)
DEALS_CREATED_AMOUNT = Measure(
    "deals_created_amount",
    "deals",
    CREATED,
    Text("Сумма созданных", "Amount created"),
    Text(
        "Сумма сделок, созданных в периоде, в базовой валюте. Сделки без суммы не добавляют ничего.",
        "Amount of deals created in the period, base currency. Deals without an amount add nothing.",
    ),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
    moment="created",
    good=1,
)
DEALS_WON = Measure(
    "deals_won",
    "deals",
    WON,
    Text("Выиграно", "Won"),
    Text(
        "Сделки, последний непрерывный заход которых на стадию успеха начался в периоде и длится до сих пор. "
        "Дата закрытия в карточке не учитывается: её правят руками.",
        "Deals whose last unbroken run at the success stage began in the period and still lasts. "
        "The close date on the card is not used: people edit it.",
    ),
    moment="won",
    good=1,
)
DEALS_WON_AMOUNT = Measure(
    "deals_won_amount",
    "deals",
    WON,
    Text("Сумма выигранных", "Amount won"),
    Text("Сумма сделок, выигранных в периоде, в базовой валюте.", "Amount of deals won in the period, base currency."),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
    moment="won",
    good=1,
)
FACT_AMOUNT = Measure(
    "fact_amount",
    "deals",
    WON,
    Text("Факт", "Fact"),
    Text("Сумма сделок, выигранных в периоде, в базовой валюте.", "Amount of deals won in the period, base currency."),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
    moment="won",
    good=1,
)
FACT_COUNT = Measure(
    "fact_count",
    "deals",
    WON,
    Text("Выиграно", "Won"),
    Text("Сделки, выигранные в периоде.", "Deals won in the period."),
    moment="won",
    good=1,
)
DEALS_LOST = Measure(
    "deals_lost",
    "deals",
    LOST,
    Text("Проиграно", "Lost"),
    Text(
        "Сделки, вошедшие в периоде в ту проигрышную стадию, на которой стоят сейчас.",
        "Deals that entered, in the period, the lost stage they stand in now.",
    ),
    moment="lost",
    good=-1,
)
DEALS_LOST_AMOUNT = Measure(
    "deals_lost_amount",
    "deals",
    LOST,
    Text("Сумма проигранных", "Amount lost"),
    Text(
        "Сумма сделок, проигранных в периоде, в базовой валюте.", "Amount of deals lost in the period, base currency."
    ),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
    moment="lost",
    good=-1,
)
DEALS_IN_WORK = Measure(
    "deals_in_work",
    "deals",
    IN_WORK,
    Text("В работе", "In work"),
    Text(
        "Все открытые сделки, когда бы ни созданы: на конец периода, если он прошёл, иначе на момент данных. В сравнении – открытые на конец базы.",
        "All open deals, whenever created: at the end of a period that is over, else at the moment of the data. A comparison takes those open at the base's end.",
    ),
)
DEALS_IN_WORK_AMOUNT = Measure(
    "deals_in_work_amount",
    "deals",
    IN_WORK,
    Text("Сумма в работе", "Amount in work"),
    Text("Сумма тех же открытых сделок.", "Amount of the same open deals."),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
)
DEALS_WORKED = Measure(
    "deals_worked",
    "deals",
    WORKED,
    Text("В работе за период", "Worked in the period"),
    Text(
        "Сделки, бывшие в работе хотя бы миг периода – открытые к его началу, созданные, возвращённые – или закрытые в нём.",
        "Deals in work at any instant of the period – open at its start, created, reopened – or closed in it.",
    ),
    moment="created",
)
DEALS_WON_WITH_AMOUNT = Measure(
    "deals_won_with_amount",
    "deals",
    f"{WON} AND amount IS NOT NULL",
    Text("Выиграно с суммой", "Won with an amount"),
    Text("Выигранные в периоде сделки, у которых есть сумма.", "Deals won in the period that have an amount."),
    moment="won",
)
DEALS_CREATED_WON = Measure(
    "created_won",
    "deals",
    f"{CREATED} AND status = 'won'",
    Text("Выиграно из созданных", "Won of those created"),
    Text(
        "Из сделок, созданных в периоде, – выигранные на момент данных, когда бы ни выиграны.",
        "Of deals created in the period, those won by the moment of the data, whenever.",
    ),
    moment="created",
    good=1,
    says="cohort",
)
DEALS_CLOSED = Measure(
    "deals_closed",
    "deals",
    "closed_at >= $start AND closed_at < $end",
    Text("Закрыто", "Closed"),
    Text("Выигранные и проигранные в периоде.", "Won and lost in the period."),
    moment="created",
)

AVERAGE_CHECK = Ratio(
    "average_check",
    DEALS_WON_AMOUNT,
    DEALS_WON_WITH_AMOUNT,
    Text("Средний чек", "Average check"),
    Text(
        "Сумма выигранных сделок / число выигранных сделок с суммой. Сделки без суммы исключены из обеих частей.",
        "Amount won / number of won deals with an amount. Deals without an amount are left out of both parts.",
    ),
    unit=Unit.MONEY,
)
MEDIAN_CHECK = Measure(
    "median_check",
    "deals",
    f"{WON} AND amount IS NOT NULL",
    Text("Медианный чек", "Median check"),
    Text("Половина выигранных сделок дороже, половина дешевле.", "Half of the won deals are dearer, half cheaper."),
    agg="median",
    of="amount",
    unit=Unit.MONEY,
    moment="won",
    good=1,
)


def cycle(agg: Aggregate, ru: str, en: str) -> Measure:
    """Sales cycle of deals won in the period: won_at − created_at, days."""
    return Measure(
        f"cycle_{agg}",
        "deals",
        WON,
        Text(ru, en),
        Text(
            "От создания до выигрыша, по сделкам, выигранным в периоде.",
            "From creation to winning, over deals won in the period.",
        ),
        agg=agg,
        of="cycle_days",
        unit=Unit.DAYS,
        moment="won",
        good=-1,
    )


CYCLE_MEDIAN = cycle("median", "Цикл сделки, медиана", "Sales cycle, median")
CYCLE_MEAN = cycle("mean", "Цикл сделки, среднее", "Sales cycle, mean")
CYCLE_P90 = cycle("p90", "Цикл сделки, 9 из 10 быстрее", "Sales cycle, p90")

CONVERSION_COHORT = Ratio(
    "conversion_cohort",
    DEALS_CREATED_WON,
    DEALS_CREATED.ripe,
    Text("Конверсия когорты", "Cohort conversion"),
    Text(
        "Из сделок, созданных в периоде, – выигранные на момент данных. Свежая когорта ещё дозреет.",
        "Of deals created in the period, those won by the moment of the data. A young cohort will still ripen.",
    ),
)
CONVERSION_WORKED = Ratio(
    "conversion_worked",
    DEALS_WON,
    DEALS_WORKED,
    Text("Конверсия от бывших в работе", "Conversion of worked deals"),
    Text(
        "Выиграно в периоде / было в работе хотя бы миг периода. Больше 100 % не бывает: выигранные входят в число бывших в работе.",
        "Won in the period / in work at any instant of it. Never above 100 %: the won are among the worked.",
    ),
)
WIN_RATE = Ratio(
    "win_rate",
    DEALS_WON,
    DEALS_CLOSED,
    Text("Доля выигранных", "Win rate"),
    Text("Выиграно / (выиграно + проиграно) в периоде.", "Won / (won + lost) in the period."),
)

DEALS_CLOSED_AMOUNT = Measure(
    "deals_closed_amount",
    "deals",
    "closed_at >= $start AND closed_at < $end",
    Text("Сумма закрытых", "Amount closed"),
    Text("Сумма выигранных и проигранных в периоде.", "Amount of deals won and lost in the period."),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
    moment="created",
)
WIN_RATE_AMOUNT = Ratio(
    "win_rate_amount",
    DEALS_WON_AMOUNT,
    DEALS_CLOSED_AMOUNT,
    Text("Доля выигранных по сумме", "Win rate by amount"),
    Text(
        "Сумма выигранных / сумма выигранных и проигранных в периоде.",
        "Amount won / amount won and lost in the period.",
    ),
    counted="win_rate_den",
)
DEALS_CREATED_CLOSED = Measure(
    "deals_created_closed",
    "deals",
    f"{CREATED} AND status <> 'in_work'",
    Text("Из созданных закрыто", "Closed of those created"),
    Text(
        "Из созданных в периоде – выигранные и проигранные на момент данных.",
        "Of those created in the period, won or lost by the moment of the data.",
    ),
    moment="created",
    says="cohort",
)
DEALS_CREATED_OPEN = Measure(
    "deals_created_open",
    "deals",
    f"{CREATED} AND {IN_WORK}",
    Text("Из созданных ещё открыты", "Still open of those created"),
    Text(
        "Из созданных в периоде – открытые на момент данных.",
        "Of those created in the period, open at the moment of the data.",
    ),
    moment="created",
    says="cohort",
)
MATURITY = Ratio(
    "maturity",
    DEALS_CREATED_CLOSED,
    DEALS_CREATED.ripe,
    Text("Зрелость когорты", "Maturity of the cohort"),
    Text(
        "Какая доля созданных в периоде сделок уже закрыта. Чем она меньше, тем сильнее конверсия когорты ещё вырастет.",
        "The share of deals created in the period that are closed already. The smaller it is, the more the cohort's conversion will still grow.",
    ),
)

WON_WITHOUT_AMOUNT = LeftOut(
    Measure(
        "deals_won_without_amount",
        "deals",
        f"{WON} AND amount IS NULL AND NOT no_rate",
        Text("Выиграно без суммы", "Won without an amount"),
        Text("Выигранные в периоде сделки без суммы.", "Deals won in the period without an amount."),
        moment="won",
    ),
    Text("Выиграно без суммы: {n}. В чеке не участвуют.", "Won without an amount: {n}. Not in the checks."),
)
WITHOUT_RATE = LeftOut(
    Measure(
        "deals_without_rate",
        "deals",
        f"no_rate AND (({CREATED}) OR ({WON}) OR ({LOST}) OR {IN_WORK})",
        Text("В валюте без курса", "In a currency without a rate"),
        Text("Сделки в валюте, для которой на портале нет курса.", "Deals in a currency the portal has no rate for."),
        moment="created",
    ),
    Text(
        "Сделок в валюте без курса: {n}. Их суммы не сложены с остальными.",
        "Deals in a currency without a rate: {n}. Their amounts are not added to the others.",
    ),
)

PIPELINE = Dimension("pipeline_id", "pipeline_id", Text("Воронка", "Pipeline"), "pipelines")
PLAN_PIPELINE = replace(PIPELINE, whole=Text("все воронки", "all pipelines"))
DEAL_STAGE = Dimension("stage_id", "stage_id", Text("Стадия", "Stage"), "stages", entity="deal")
LEAD_STAGE = Dimension("stage_id", "stage_id", Text("Статус лида", "Lead status"), "stages", entity="lead")
MANAGER = Dimension("manager_id", "manager_id", Text("Менеджер", "Manager"), "managers")
DEPARTMENT = Dimension("department_id", "md.department_id", Text("Отдел", "Department"), "departments", many=True)
SOURCE = Dimension("source_id", "source_id", Text("Источник", "Source"), "sources")
CUSTOMER = Dimension("customer", "customer", Text("Клиент", "Customer"), values=tuple(CUSTOMERS.items()))

GRAIN = Option("grain", Text("Шаг", "Step"), {"": Text("Авто", "Auto"), **GRAINS}, default="")
CARDS = Option(
    "cards",
    Text("Карточки на стадиях", "Cards in stages"),
    {"created": Text("Созданные в периоде", "Created in the period"), "open": Text("Все открытые", "All open")},
    default="created",
    interface="open",
)
STUCK_DAYS = Option(
    "stuck_days",
    Text("Норма стадии, дней (0 – своя у каждой)", "Norm of a stage, days (0: its own)"),
    {},
    "0",
    number=(0, 365, 1),
)
STATE = Option(
    STATE_OPTION,
    Text("Состояние прошлого периода", "State of a past period"),
    {"period_end": Text("На конец периода", "At the period's end"), "now": Text("Сейчас", "Now")},
    default="period_end",
)
IN_WORK_ONLY = Option(
    "in_work_only",
    Text("Только в работе", "In work only"),
    {"true": Text("Только в работе", "In work only"), "false": Text("Все", "All")},
    default="false",
    interface="true",
)

CONVERSION = Option(
    "conversion",
    Text("Конверсия", "Conversion"),
    {
        "worked": Text("От бывших в работе", "Of worked deals"),
        "cohort": Text("Из созданных", "Of created deals"),
        "win_rate": Text("Из закрытых", "Of closed deals"),
    },
    default="worked",
    of_settings="conversion",
)
BY_CONVERSION = (
    ("conversion", "worked", ("conversion_worked",)),
    ("conversion", "cohort", ("conversion_cohort", "maturity")),
    ("conversion", "win_rate", ("win_rate", "win_rate_amount")),
)
"""``Block.only`` of a page that shows one conversion of the three."""

DEALS_LIST = RecordList(
    "deals",
    Text("Список сделок", "Deals"),
    Text(
        "Сделки, созданные в периоде, с фильтрами страницы. Сначала самые долгие.",
        "Deals created in the period, under the page's filters. The longest first.",
    ),
    fact="deals",
    where=CREATED,
)
LEADS_LIST = RecordList(
    "leads",
    Text("Список лидов", "Leads"),
    Text(
        "Лиды, созданные в периоде, с фильтрами страницы. Сначала самые долгие.",
        "Leads created in the period, under the page's filters. The longest first.",
    ),
    fact="leads",
    where=CREATED,
)
