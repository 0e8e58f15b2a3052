"""Незабудка: open cards nobody has touched for N days and more, and what that may cost (metrics.md section 6)."""

from __future__ import annotations

import math
from dataclasses import replace

from dash_app.engine.answer import key_cells
from dash_app.engine.blocks import Block, Cards, RecordList, Table
from dash_app.engine.context import Context
from dash_app.engine.facts import FACTS
from dash_app.engine.idleness import IDLE, norm, snoozed
from dash_app.engine.language import Dimension, Figure, Formula, LeftOut, Measure, Option, Ratio, Unit
from dash_app.engine.result import Column, Note, Row, TableResult
from dash_app.figures import common as c
from dash_app.text import Text

# -- options -------------------------------------------------------------------------------------------------------

_YES_NO = {"false": Text("Нет", "No"), "true": Text("Да", "Yes")}
LEAD_DAYS = Option(
    "lead_days",
    Text("Лид забыт через, дней", "Lead forgotten after, days"),
    {},
    default="7",
    number=(1, 3650, 1),
    of_settings="forgotten_lead_days",
)
DEAL_DAYS = Option(
    "deal_days",
    Text("Сделка забыта через, дней", "Deal forgotten after, days"),
    {},
    default="14",
    number=(1, 3650, 1),
    of_settings="forgotten_deal_days",
)
CLOCK = Option(
    "clock",
    Text("Что считать касанием", "What counts as a touch"),
    {"touched": Text("Любое касание", "Any touch"), "contact": Text("Только контакт", "Contact only")},
    default="touched",
)
WORKING_DAYS = Option(
    "working_days",
    Text("Дни", "Days"),
    {"false": Text("Все дни", "All days"), "true": Text("Рабочие дни", "Working days")},
    default="false",
)
IGNORE_PLANNED = Option(
    "ignore_planned",
    Text("С делом в будущем", "With an activity ahead"),
    {"false": Text("Все карточки", "All cards"), "true": Text("Без дела впереди", "Nothing planned")},
    default="false",
)
INCLUDE_SNOOZED = Option(
    "include_snoozed",
    Text("Отложенные", "Put off"),
    {"false": Text("Без отложенных", "Without those put off"), "true": Text("С отложенными", "With those put off")},
    default="false",
)
OPTIONS = (LEAD_DAYS, DEAL_DAYS, CLOCK, WORKING_DAYS, IGNORE_PLANNED, INCLUDE_SNOOZED)

# -- predicates ----------------------------------------------------------------------------------------------------

_NORM = {entity: norm(entity) for entity in ("deal", "lead")}
_PLANNED = "($ignore_planned <> 'true' OR next_activity_at IS NULL)"
_OPEN = f"{c.IN_WORK} AND {c.CREATED}"


def _silent(entity: str) -> str:
    return f"{_OPEN} AND {IDLE} >= {_NORM[entity]} AND {_PLANNED}"


def _forgotten(entity: str) -> str:
    return f"{_silent(entity)} AND ($include_snoozed = 'true' OR NOT {snoozed(entity)})"


# -- figures -------------------------------------------------------------------------------------------------------

_RULE = Text(
    "В работе и без касаний N дней и больше. Отложенные не входят, пока не выбрано «С отложенными».",
    "In work and without a touch for N days or more. Those put off are left out unless asked for.",
)
LEADS_FORGOTTEN = Measure(
    "leads_forgotten",
    "leads",
    _forgotten("lead"),
    Text("Забыто лидов", "Leads forgotten"),
    _RULE,
    good=-1,
    says="present",
)
DEALS_FORGOTTEN = Measure(
    "deals_forgotten",
    "deals",
    _forgotten("deal"),
    Text("Забыто сделок", "Deals forgotten"),
    _RULE,
    good=-1,
    says="present",
)
DEALS_FORGOTTEN_AMOUNT = Measure(
    "deals_forgotten_amount",
    "deals",
    _forgotten("deal"),
    Text("Сумма забытых сделок", "Amount forgotten"),
    Text("Сумма забытых сделок в базовой валюте.", "Amount of forgotten deals, base currency."),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
    good=-1,
    says="present",
)
AT_RISK = Measure(
    "at_risk",
    "deals",
    _forgotten("deal"),
    Text("Под угрозой", "At risk"),
    Text(
        "Сумма каждой забытой сделки × доля выигранных среди сделок, дошедших до её стадии. Сделки без суммы не добавляют ничего.",
        "Each forgotten deal's amount × the share won of the deals that reached its stage. Deals without an amount add nothing.",
    ),
    agg="sum",
    of="at_risk",
    unit=Unit.MONEY,
    good=-1,
    says="present",
)
LEADS_OPEN = Measure(
    "leads_open",
    "leads",
    _OPEN,
    Text("Лидов в работе", "Leads in work"),
    Text("Все открытые лиды, созданные в периоде.", "All open leads created in the period."),
    says="present",
)
DEALS_OPEN = Measure(
    "deals_open",
    "deals",
    _OPEN,
    Text("Сделок в работе", "Deals in work"),
    Text("Все открытые сделки, созданные в периоде.", "All open deals created in the period."),
    says="present",
)
DEALS_OPEN_AMOUNT = Measure(
    "deals_open_amount",
    "deals",
    _OPEN,
    Text("Сумма в работе", "Amount in work"),
    Text("Сумма открытых сделок, созданных в периоде.", "Amount of open deals created in the period."),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
    says="present",
)
LEADS_SHARE = Ratio(
    "leads_forgotten_share",
    LEADS_FORGOTTEN,
    LEADS_OPEN,
    Text("Доля забытых лидов", "Share of leads forgotten"),
    Text("Забытые лиды / лиды в работе.", "Forgotten leads / leads in work."),
    good=-1,
)
DEALS_SHARE = Ratio(
    "deals_forgotten_share",
    DEALS_FORGOTTEN,
    DEALS_OPEN,
    Text("Доля забытых сделок", "Share of deals forgotten"),
    Text("Забытые сделки / сделки в работе.", "Forgotten deals / deals in work."),
    good=-1,
)
AMOUNT_SHARE = Ratio(
    "deals_forgotten_amount_share",
    DEALS_FORGOTTEN_AMOUNT,
    DEALS_OPEN_AMOUNT,
    Text("Доля забытой суммы", "Share of amount forgotten"),
    Text("Сумма забытых сделок / сумма сделок в работе.", "Amount of forgotten deals / amount in work."),
    good=-1,
)
_WHY = ("snoozed_until", "snooze_reason")
_PUT_OFF = Text("Были бы забыты, но отложены до даты.", "Would be forgotten but are put off until a date.")
LEADS_SNOOZED = Measure(
    "leads_snoozed",
    "leads",
    f"{_silent('lead')} AND {snoozed('lead')}",
    Text("Отложено лидов", "Leads put off"),
    _PUT_OFF,
    columns=_WHY,
    says="present",
)
DEALS_SNOOZED = Measure(
    "deals_snoozed",
    "deals",
    f"{_silent('deal')} AND {snoozed('deal')}",
    Text("Отложено сделок", "Deals put off"),
    _PUT_OFF,
    columns=_WHY,
    says="present",
)
SNOOZED = Formula(
    "snoozed",
    (DEALS_SNOOZED, LEADS_SNOOZED),
    lambda values: values["deals_snoozed"] + values["leads_snoozed"],
    Text("Отложено", "Put off"),
    _PUT_OFF,
    Text("отложенные сделки + отложенные лиды", "deals put off + leads put off"),
    unit=Unit.COUNT,
    good=0,
    adds=True,
)
_SNOOZED_NOTES = (
    LeftOut(DEALS_SNOOZED, Text("Отложено сделок: {n}. Открыть.", "Deals put off: {n}. Open.")),
    LeftOut(LEADS_SNOOZED, Text("Отложено лидов: {n}. Открыть.", "Leads put off: {n}. Open.")),
)
WITHOUT_AMOUNT = LeftOut(
    Measure(
        "deals_forgotten_without_amount",
        "deals",
        f"{_forgotten('deal')} AND amount IS NULL AND NOT no_rate",
        Text("Забыто сделок без суммы", "Forgotten without an amount"),
        Text("Забытые сделки, у которых нет суммы.", "Forgotten deals that have no amount."),
        says="present",
    ),
    Text(
        "Забытых сделок без суммы: {n}. Что они могут стоить, неизвестно.",
        "Forgotten deals without an amount: {n}. What they may cost is unknown.",
    ),
)
NEVER_CONTACTED = LeftOut(
    Measure(
        "deals_never_contacted",
        "deals",
        f"{_forgotten('deal')} AND $clock = 'contact' AND last_contact_at IS NULL",
        Text("Ни одного контакта", "Never contacted"),
        Text(
            "Забытые сделки без единого звонка, письма, сообщения и встречи.",
            "Forgotten deals without a single call, e-mail, message or meeting.",
        ),
        says="present",
    ),
    Text(
        "Сделок без единого контакта: {n}. Их дни считаются от создания.",
        "Deals never contacted: {n}. Their days count from creation.",
    ),
)

WITHOUT_RATE = LeftOut(
    Measure(
        "deals_forgotten_without_rate",
        "deals",
        f"no_rate AND {_forgotten('deal')}",
        c.WITHOUT_RATE.measure.label,
        c.WITHOUT_RATE.measure.help,
        says="present",
    ),
    c.WITHOUT_RATE.text,
)


def _clock(context: Context) -> tuple[Note, ...]:
    """The note under the cards: what counts as a touch by the option ``clock``."""
    if context.query.option("clock") == "contact":
        return (
            Note(
                Text(
                    "Касание – только звонок, письмо, сообщение или встреча; без них дни идут от создания. Комментарии и смены стадий не в счёт.",
                    "A touch is only a call, an e-mail, a message or a meeting; without any the days count from creation. Comments and moves do not count.",
                )
            ),
        )
    return (
        Note(
            Text(
                "Касание – любое: создание, смена стадии, дело, звонок, письмо, комментарий. «Только контакт» строже: звонки, письма, сообщения и встречи.",
                "Any touch counts: creation, a move, an activity, a call, an e-mail, a comment. “Contact only” is stricter: calls, e-mails, messages, meetings.",
            )
        ),
    )


_FIGURES: tuple[Figure, ...] = (
    DEALS_FORGOTTEN,
    AT_RISK,
    DEALS_FORGOTTEN_AMOUNT,
    DEALS_SHARE,
    AMOUNT_SHARE,
    LEADS_FORGOTTEN,
    LEADS_SHARE,
)
_FIRST = ("at_risk", "amount", "idle_days", "manager", "stage", "last_activity")
_WHEN = (("include_snoozed", "true", _WHY),)
_ORDER = (("at_risk", "desc"), ("idle_days", "desc"))

SUMMARY = Cards(
    "summary",
    Text("Главное", "Summary"),
    Text(
        "Сколько карточек забыто и что это может стоить. «Любое касание» – создание, смена стадии, дело, звонок, письмо, комментарий. "
        "«Только контакт» – звонки, письма, сообщения и встречи; без контактов дни идут от создания. Свой срок стадии из настроек действует, пока N "
        "на странице не изменено.",
        "How many cards are forgotten and what that may cost. “Any touch” is creation, a move, an activity, a call, an e-mail, a comment. “Contact only” "
        "is calls, e-mails, messages and meetings; without any the days count from creation. A stage's own N of the settings holds until N is changed on the page.",
    ),
    figures=(
        DEALS_FORGOTTEN,
        AT_RISK,
        DEALS_FORGOTTEN_AMOUNT,
        LEADS_FORGOTTEN,
        DEALS_SHARE,
        AMOUNT_SHARE,
        LEADS_SHARE,
        SNOOZED,
        DEALS_SNOOZED,
        LEADS_SNOOZED,
    ),
    headline=("deals_forgotten", "at_risk", "deals_forgotten_amount", "leads_forgotten", "snoozed"),
    columns=_FIRST,
    columns_when=_WHEN,
    sort=_ORDER,
    notes=(*_SNOOZED_NOTES, WITHOUT_AMOUNT, NEVER_CONTACTED, WITHOUT_RATE),
    remarks=_clock,
    actions=("snooze",),
)
MANAGERS = Table(
    "managers",
    Text("У кого", "By manager"),
    Text(
        "Забытые карточки у их ответственных. Сначала те, у кого это может стоить дороже.",
        "Forgotten cards by the person responsible. First those with the most at risk.",
    ),
    figures=_FIGURES,
    dimensions=(c.MANAGER,),
    order=("-at_risk", "-deals_forgotten", "-leads_forgotten"),
    totals=True,
    columns=_FIRST,
    columns_when=_WHEN,
    sort=_ORDER,
    actions=("snooze",),
    wide=True,
)
DEPARTMENTS = Table(
    "departments",
    Text("По отделам", "By department"),
    Text(
        "Забытые карточки сотрудников отдела и всех вложенных.",
        "Forgotten cards of a department's people and of those below it.",
    ),
    figures=_FIGURES,
    dimensions=(c.DEPARTMENT,),
    order=("-at_risk", "-deals_forgotten", "-leads_forgotten"),
    totals=True,
    columns=_FIRST,
    columns_when=_WHEN,
    sort=_ORDER,
    actions=("snooze",),
    wide=True,
)

_NORM_OF_ANY = f"CASE WHEN pipeline_id IS NULL THEN {_NORM['lead']} ELSE {_NORM['deal']} END"
AGE = Dimension(
    "age",
    f"CASE WHEN {IDLE} < 2 * ({_NORM_OF_ANY}) THEN 'n_2n' WHEN {IDLE} < 4 * ({_NORM_OF_ANY}) THEN '2n_4n' ELSE 'over_4n' END",
    Text("Без касаний", "Idle for"),
    values=(
        ("n_2n", Text("от N до 2N", "N to 2N")),
        ("2n_4n", Text("от 2N до 4N", "2N to 4N")),
        ("over_4n", Text("4N и больше", "4N and more")),
    ),
)
AGES = Table(
    "ages",
    Text("Как давно", "For how long"),
    Text(
        "N у каждой карточки свой: лида, сделки или её стадии.",
        "N is each card's own: a lead's, a deal's or its stage's.",
    ),
    figures=(DEALS_FORGOTTEN, AT_RISK, DEALS_FORGOTTEN_AMOUNT, LEADS_FORGOTTEN),
    dimensions=(AGE,),
    totals=True,
    columns=_FIRST,
    columns_when=_WHEN,
    sort=_ORDER,
    actions=("snooze",),
    wide=True,
)

DEALS = RecordList(
    "deals",
    Text("Забытые сделки", "Forgotten deals"),
    Text(
        "Сначала те, что могут стоить дороже: сумма × шанс выиграть.",
        "First those that may cost the most: amount × chance to win.",
    ),
    fact="deals",
    where=_forgotten("deal"),
    columns=_FIRST,
    columns_when=_WHEN,
    sort=_ORDER,
    actions=("snooze",),
)
LEADS = RecordList(
    "leads",
    Text("Забытые лиды", "Forgotten leads"),
    Text("Сначала те, что лежат дольше.", "The longest idle first."),
    fact="leads",
    where=_forgotten("lead"),
    columns=_FIRST,
    columns_when=_WHEN,
    sort=(("idle_days", "desc"),),
    actions=("snooze",),
)

# -- N a stage's won deals suggest ------------------------------------------------------------------------------------

ENOUGH_STAYS = 10
"""With fewer won deals that left the stage nothing is suggested."""


_SUGGESTED = (
    "(SELECT map_from_entries(list((pipeline_id || ':' || stage_id, greatest(1, ceil(stay_p90_won))))) FROM stage_norms "
    f"WHERE stays >= {ENOUGH_STAYS})[pipeline_id || ':' || stage_id]"
)
"""SQL: N suggested for a deal's stage; NULL where nothing is."""
FORGOTTEN_IF_TAKEN = replace(
    DEALS_FORGOTTEN,
    id="forgotten_if_taken",
    where=_forgotten("deal").replace(_NORM["deal"], _SUGGESTED),
    label=Text("Станет забыто", "Would be forgotten"),
    help=Text("Забыто сделок, если принять подсказку.", "Deals forgotten if the suggestion is taken."),
)

WON_STAYS = Measure(
    "won_stays",
    "deal_stages",
    "status = 'won' AND stay_days IS NOT NULL AND id IN (SELECT id FROM deals WHERE in_sales)",
    Text("Выигранных прошло", "Won deals passed"),
    Text(
        "Выигранные сделки, прошедшие стадию за всё время: по ним подсказка. Фильтры страницы, кроме воронки, на неё не действуют.",
        "Won deals that passed the stage, of all time: the suggestion is made of them. Of the page's filters it knows the pipeline alone.",
    ),
    says="present",
)
"""What ``stage_norms.stays`` counts (``store.derive.norms``)."""


def suggest(context: Context, block: Block) -> TableResult:
    """Rows: a stage in work, N in force, N suggested (p90 of the stays of won deals, up), forgotten now and with the suggestion."""
    narrowed = context.rights.is_limited or bool(context.narrowing(FACTS["deals"], ("pipeline",)))
    columns = [
        Column("pipeline_id", c.PIPELINE.label, Unit.TEXT, "key", hidden=True),
        Column("pipeline", c.PIPELINE.label, Unit.TEXT, "label", "pipeline_id"),
        Column("stage_id", c.DEAL_STAGE.label, Unit.TEXT, "key", hidden=True),
        Column("stage", c.DEAL_STAGE.label, Unit.TEXT, "label", "stage_id"),
        Column(
            "days",
            Text("N сейчас", "N now"),
            Unit.COUNT,
            help=Text("Срок стадии, по которому считает страница.", "The stage's N the page counts by."),
        ),
        Column(
            "suggested_days",
            Text("N по выигранным", "N by won deals"),
            Unit.COUNT,
            help=Text(
                "9 из 10 выигранных сделок простояли на стадии не дольше. Меньше десяти таких сделок – подсказки нет.",
                "Nine of ten won deals stayed in the stage no longer. With fewer than ten of them nothing is suggested.",
            ),
        ),
        # the suggestion is made of the whole portal's: a list under filters would be of fewer
        Column("won_stays", WON_STAYS.label, Unit.COUNT, help=WON_STAYS.help, drills=not narrowed),
        *(
            Column(m.id, m.label, m.unit, help=m.help, drills=True, good=m.good)
            for m in (DEALS_FORGOTTEN, FORGOTTEN_IF_TAKEN)
        ),
    ]
    scope, params = context.scope(FACTS["deals"])
    rows = context.execute(
        f"""
        WITH n AS (
            SELECT pipeline_id, stage_id, {_NORM["deal"]} AS days, stays,
                   CASE WHEN stays >= {ENOUGH_STAYS} THEN greatest(1, ceil(stay_p90_won)) END AS suggested
            FROM stage_norms
        ), counted AS (
            SELECT pipeline_id, stage_id, count(*) FILTER (WHERE {DEALS_FORGOTTEN.where}) AS now,
                   count(*) FILTER (WHERE {FORGOTTEN_IF_TAKEN.where}) AS then
            FROM deals WHERE {scope} GROUP BY 1, 2
        )
        SELECT n.pipeline_id, n.stage_id, n.days, n.suggested, n.stays, coalesce(k.now, 0), CASE WHEN n.suggested IS NOT NULL THEN coalesce(k.then, 0) END
        FROM n LEFT JOIN counted k ON k.pipeline_id = n.pipeline_id AND k.stage_id = n.stage_id
        """,
        params,
    ).fetchall()
    result = TableResult(block.id, columns, [])
    chosen = context.query.filters.of("pipeline")
    pipelines, stages = list(context.directory.pipelines), context.directory.stages
    order = {
        key: (pipelines.index(key[1]) if key[1] in pipelines else -1, stage.rank)
        for key, stage in stages.items()
        if key[0] == "deal" and stage.known
    }
    for pipeline, stage, days, suggested, stays, now, then in sorted(
        rows, key=lambda r: order.get(("deal", r[0], r[1]), (10_000, 0))
    ):
        if ("deal", pipeline, stage) not in order or (chosen and str(pipeline) not in chosen):
            continue
        row: Row = {
            **key_cells(context, block.dimensions, (pipeline, stage)),
            "days": math.ceil(days),
            "suggested_days": None if suggested is None else int(suggested),
            "won_stays": stays,
            "deals_forgotten": now,
            "forgotten_if_taken": then,
        }
        result.rows.append(row)
    if (
        context.query.option("deal_days")
        and float(context.query.option("deal_days")) != context.typed.preferences.forgotten_deal_days
    ):
        result.notes.append(
            Note(
                Text(
                    "N изменено на странице: свои сроки стадий сейчас не действуют.",
                    "N is changed on the page: the stages' own days do not hold now.",
                )
            )
        )
    return result


SUGGESTIONS = Table(
    "suggestions",
    Text("Сроки по стадиям", "Days by stage"),
    Text(
        "Каким N сделать для каждой стадии: столько на ней стояли 9 из 10 выигранных сделок. Подсказку можно принять одной кнопкой, она станет настройкой.",
        "Which N to take for each stage: nine of ten won deals stayed there no longer. A suggestion is taken by one button and becomes a setting.",
    ),
    dimensions=(c.PIPELINE, c.DEAL_STAGE),
    compute=suggest,
    sources=(DEALS_FORGOTTEN, FORGOTTEN_IF_TAKEN, WON_STAYS),
    compared=False,
    columns=_FIRST,
    columns_when=_WHEN,
    sort=_ORDER,
    actions=("take_days",),
    wide=True,
)

BLOCKS = (SUMMARY, DEALS, MANAGERS, AGES, DEPARTMENTS, LEADS, SUGGESTIONS)
