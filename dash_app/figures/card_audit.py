"""Аудит карточек: what is not filled on cards and what is wrong with them (metrics.md section 8).

What is missing on each card is decided when facts are made (``store.derive.audit``); here it is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dash_app.card_fields import CHECKS
from dash_app.engine.answer import Numbers, columns_of, filler, key_columns, notes_with_base
from dash_app.engine.blocks import Block, Cards, Fill, RecordList, Table
from dash_app.engine.context import Context, SqlParams
from dash_app.engine.facts import FACTS
from dash_app.engine.language import Dimension, Figure, Measure, Option, Ratio
from dash_app.engine.memo import once
from dash_app.engine.result import FillResult, Row, TableResult
from dash_app.figures import common as c
from dash_app.record_kinds import CARDS, RECORD_KINDS
from dash_app.text import Text

CARDS_OPTION = Option(
    "cards",
    Text("Карточки", "Cards"),
    {"created": Text("Созданные в периоде", "Created in the period"), "open": Text("Все открытые", "All open")},
    default="created",
)
BY_STAGE = Option(
    "by_stage",
    Text("Поля", "Fields"),
    {"false": Text("По воронкам", "By pipeline"), "true": Text("По стадиям", "By stage")},
    default="false",
)
OPTIONS = (CARDS_OPTION, BY_STAGE)

AUDITED = f"(($cards = 'open' AND {c.IN_WORK}) OR ($cards <> 'open' AND {c.CREATED}))"
FAULTY = "len(violated) > 0"
BARELY = 0.01
"""A field filled on a smaller share of recent cards is not used."""

ENTITY = Dimension("entity", "entity", Text("Карточка", "Card"), values=tuple((kind.id, kind.word) for kind in CARDS))
FIELD = Dimension(
    "field_id",
    "''",
    Text("Поле", "Field"),
    "fields",
    holds="coalesce(get_bit(filled, (SELECT any_value(place) FROM audit_fields WHERE of_entity = entity AND field = {value})) = 1, false)",
)
STAGE = Dimension("stage_id", "stage_id", Text("Стадия", "Stage"), "stages")
CHECK = Dimension(
    "check", "''", Text("Проверка", "Check"), values=tuple(CHECKS.items()), holds="list_contains(violated, {value})"
)
WEEK = Dimension("week", "strftime(created_on, '%G-W%V')", Text("Неделя создания", "Week of creation"), "weeks")
_OF_ROWS = (FIELD.id, CHECK.id)

AUDITED_CARDS = Measure(
    "cards",
    "audits",
    AUDITED,
    Text("Карточек", "Cards"),
    Text(
        "Сделки воронок продаж и лиды, созданные в периоде; с «Все открытые» – все в работе на момент данных.",
        "Deals of sales pipelines and leads created in the period; with “All open”, all in work at the moment of the data.",
    ),
    says="present",
    beyond=_OF_ROWS,
)
VIOLATIONS = Measure(
    "violations",
    "audits",
    f"{AUDITED} AND {FAULTY}",
    Text("С замечаниями", "With faults"),
    Text(
        "Карточки, у которых есть хотя бы одно замечание; в строке проверки – те, у которых есть именно оно. Каждая считается один раз.",
        "Cards with at least one fault; in the row of a check, those with just this one. Each counts once.",
    ),
    good=-1,
    says="present",
    columns=("checks", "empty_required"),
)
SHARE = Ratio(
    "share",
    VIOLATIONS,
    AUDITED_CARDS,
    Text("Доля", "Share"),
    Text("Карточки с замечанием / все карточки.", "Cards with the fault / all cards."),
    good=-1,
)
CLEAN = Measure(
    "clean_cards",
    "audits",
    f"{AUDITED} AND NOT {FAULTY}",
    Text("Без замечаний", "Without faults"),
    Text("Карточки, у которых нет ни одного замечания.", "Cards without a single fault."),
    good=1,
    says="present",
)
CLEAN_SHARE = Ratio(
    "clean_share",
    CLEAN,
    AUDITED_CARDS,
    Text("Доля чистых", "Clean share"),
    Text("Карточки без замечаний / все карточки.", "Cards without faults / all cards."),
)
FILLED = Measure(
    "filled",
    "audits",
    AUDITED,
    Text("Заполнено", "Filled"),
    Text(
        "Карточки, у которых поле заполнено. Пустое – пробелы, «-», «.», «тест», «test», «нет», «xxx», один повторённый знак, 0 в деньгах; «нет» флажка и 0 "
        "числа – заполнено.",
        "Cards on which the field is filled. Empty are blanks, “-”, “.”, “test”, “xxx”, one repeated character, 0 of money; a flag's “no” and a number's 0 are filled.",
    ),
    good=1,
    says="present",
)
EMPTY = Measure(
    "empty",
    "audits",
    AUDITED,
    Text("Пусто", "Empty"),
    Text("Карточки, у которых поле не заполнено.", "Cards on which the field is not filled."),
    good=-1,
    says="present",
    lacking=("field_id",),
)
TOTAL = Measure(
    "total",
    "audits",
    AUDITED,
    Text("Всего карточек", "Cards in all"),
    Text("Карточки воронки, у которых есть это поле.", "Cards of the pipeline that have this field."),
    says="present",
    beyond=_OF_ROWS,
)
FILL_RATE = Ratio(
    "fill_rate",
    FILLED,
    TOTAL,
    Text("Заполненность", "Fill rate"),
    Text("Карточки с заполненным полем / все карточки.", "Cards with the field filled / all cards."),
)
RECENT_FILLED = Measure(
    "recent_filled",
    "audits",
    "recent",
    Text("Заполнено за 90 дней", "Filled in 90 days"),
    Text(
        "Карточки, созданные за последние 90 дней, у которых поле заполнено.",
        "Cards created in the last 90 days on which the field is filled.",
    ),
    says="events",
)
RECENT_TOTAL = Measure(
    "recent_total",
    "audits",
    "recent",
    Text("Карточек за 90 дней", "Cards in 90 days"),
    Text("Все карточки, созданные за последние 90 дней.", "All cards created in the last 90 days."),
    says="events",
    beyond=_OF_ROWS,
)
RECENT_RATE = Ratio(
    "recent_fill_rate",
    RECENT_FILLED,
    RECENT_TOTAL,
    Text("Заполненность за 90 дней", "Fill rate in 90 days"),
    Text(
        "Карточки последних 90 дней с заполненным полем / все карточки последних 90 дней. От периода не зависит.",
        "Cards of the last 90 days with the field filled / all of them. The period does not matter.",
    ),
)

# -- what no plain split says: a card is in the rows of all its fields and of all its faults --------------------------

CardCounts = dict[tuple[Any, ...], tuple[int, list[int]]]
"""(entity, pipeline, stage) -> cards, and of these with each field filled, in the order of places."""


def _fields_of(context: Context) -> dict[str, list[str]]:
    """Entity -> its fields by place."""
    found: dict[str, list[str]] = {}
    for entity, field in context.execute(
        "SELECT of_entity, field FROM audit_fields ORDER BY of_entity, place"
    ).fetchall():
        found.setdefault(entity, []).append(field)
    return found


def _read(context: Context, sql: str, params: SqlParams) -> list[Any]:
    return context.execute(sql, params).fetchall()


def _counted(context: Context, where: str, by: str) -> CardCounts:
    """Cards under the page's filters and their filled fields, by keys."""
    scope, params = context.scope(FACTS["audits"])
    answer: CardCounts = {}
    for entity, fields in _fields_of(context).items():
        # cards alike in everything are counted together first: few kinds of them there are
        sums = ", ".join(
            f"coalesce(sum(n) FILTER (get_bit(filled, {place}) = 1), 0)::BIGINT" for place in range(len(fields))
        )
        sql = (
            f"SELECT entity, {by}, sum(n)::BIGINT, [{sums}] FROM (SELECT entity, pipeline_id, stage_id, filled, count(*) AS n FROM audits "
            f"WHERE entity = '{entity}' AND {scope} AND {where} GROUP BY ALL) GROUP BY ALL"
        )
        found = once(context, ("audit", *context.key_of(sql, params)), partial(_read, context, sql, params))
        for kind, pipeline, stage, cards, filled in found:
            answer[kind, pipeline, stage] = (cards, filled)
    return answer


def _everybody(entity: str) -> Text:
    """What cards of a kind without pipelines are called in place of one."""
    many = RECORD_KINDS[entity].many
    return Text(many.ru.capitalize(), many.en.capitalize())


def _rows(
    context: Context,
    base: Context | None,
    figures: tuple[Figure, ...],
    ids: tuple[str, str],
    now: CardCounts,
    before: CardCounts,
    *,
    stages: bool,
) -> list[Row]:
    filled_id, total_id = ids
    names = context.directory
    pipelines = {number: place for place, number in enumerate(names.pipelines)}

    def place(key: tuple[Any, ...]) -> tuple[Any, ...]:
        entity, pipeline, stage = key
        known = names.stages.get((entity, pipeline, stage))
        return (
            [kind.id for kind in CARDS].index(entity),
            pipelines.get(pipeline, len(pipelines)),
            known.rank if known else 10_000,
            str(stage or ""),
        )

    def values(counted: CardCounts, key: tuple[Any, ...], number: int) -> Mapping[str, int]:
        cards, filled = counted.get(key, (0, []))
        there = filled[number] if number < len(filled) else 0
        return {total_id: cards, filled_id: there, EMPTY.id: cards - there}

    keys = sorted({*now, *before}, key=place)
    add = filler(figures, context, base)
    rows: list[Row] = []
    for entity, fields in _fields_of(context).items():
        for number, field in enumerate(fields):
            for key in keys:
                if key[0] != entity:
                    continue
                _, pipeline, stage = key
                row: Row = {
                    "entity": entity,
                    "field_id": field,
                    "field": names.field(entity, field).of(context.lang),
                    "pipeline_id": None if pipeline is None else str(pipeline),
                    "pipeline": (names.pipeline(pipeline) if pipeline is not None else _everybody(entity)).of(
                        context.lang
                    ),
                }
                if stages:
                    row |= {"stage_id": stage, "stage": names.stage(entity, pipeline, stage).of(context.lang)}
                rows.append(
                    add(
                        row,
                        Numbers(dict(values(now, key, number)), dict(values(before, key, number)) if base else None),
                    )
                )
    return rows


def fill_rates(context: Context, block: Block) -> FillResult:
    """Rows: entity x field x pipeline, and by option the stage the card stands in."""
    base = context.base()
    now, then = context.speaking("present"), base.speaking("present") if base else None
    stages = context.query.option("by_stage") == "true"
    by = "pipeline_id, stage_id" if stages else "pipeline_id, NULL AS stage_id"
    assert now is not None
    dimensions = tuple(d for d in block.dimensions if stages or d is not STAGE)
    rows = _rows(
        context,
        base if then else None,
        block.figures,
        ("filled", "total"),
        _counted(now, AUDITED, by),
        _counted(then, AUDITED, by) if then else {},
        stages=stages,
    )
    columns = [*key_columns(dimensions), *columns_of(block.figures, compared=then is not None)]
    return FillResult(block.id, columns, rows, notes=notes_with_base(context, base, block))


def unused(context: Context, block: Block) -> TableResult:
    """Fields nearly nobody fills: rows of entity x field, all pipelines together."""
    counted = _counted(context, "recent", "NULL AS pipeline_id, NULL AS stage_id")
    found = _rows(context, None, block.figures, ("recent_filled", "recent_total"), counted, {}, stages=False)
    rows = []
    for row in found:
        rate = row["recent_fill_rate"]
        if isinstance(rate, int | float) and rate < BARELY:
            rows.append({name: value for name, value in row.items() if name not in ("pipeline_id", "pipeline")})
    columns = [*key_columns(block.dimensions), *columns_of(block.figures, compared=False)]
    return TableResult(block.id, columns, rows, notes=notes_with_base(context, None, block))


def _violations(context: Context) -> tuple[dict[str, int], int]:
    """Check -> cards that violate it; and all the cards."""
    scope, params = context.scope(FACTS["audits"])
    sql = f"SELECT violated, count(*) FROM audits WHERE {scope} AND {AUDITED} GROUP BY 1"
    found: dict[str, int] = dict.fromkeys(CHECKS, 0)
    cards = 0
    for checks, number in once(context, ("checks", *context.key_of(sql, params)), partial(_read, context, sql, params)):
        cards += number
        for check in checks:
            found[check] += number
    return found, cards


def checks(context: Context, block: Block) -> TableResult:
    """A row a check, zeros too."""
    base = context.base()
    now, then = context.speaking("present"), base.speaking("present") if base else None
    assert now is not None
    found, cards = _violations(now)
    before, cards_before = _violations(then) if then else ({}, 0)
    add = filler(block.figures, context, base if then else None)
    rows = [
        add(
            {"check": check},
            Numbers(
                {"violations": found[check], "cards": cards},
                {"violations": before[check], "cards": cards_before} if then else None,
            ),
        )
        for check in CHECKS
    ]
    columns = [*key_columns(block.dimensions), *columns_of(block.figures, compared=then is not None)]
    return TableResult(block.id, columns, rows, notes=notes_with_base(context, base, block))


# -- blocks -----------------------------------------------------------------------------------------------------------

_FIRST = ("checks", "empty_required", "manager", "stage", "amount", "created")
_ORDER = (("check_count", "desc"), ("created", "desc"))

SUMMARY = Cards(
    "summary",
    Text("Главное", "Summary"),
    Text(
        "Сколько карточек заполнено так, что по ним можно считать.",
        "How many cards are filled so that figures can be made of them.",
    ),
    figures=(CLEAN_SHARE, VIOLATIONS, AUDITED_CARDS),
    columns=_FIRST,
    sort=_ORDER,
)
FIELDS = Fill(
    "fields",
    Text("Заполненность полей", "How fields are filled"),
    Text(
        "Доля карточек, у которых поле заполнено, по воронкам. Чем темнее, тем чаще пусто; число открывает карточки, где пусто.",
        "The share of cards on which a field is filled, by pipeline. The darker, the more often empty; a number opens the cards where it is.",
    ),
    figures=(FILL_RATE, FILLED, EMPTY, TOTAL),
    dimensions=(ENTITY, FIELD, c.PIPELINE, STAGE),
    compute=fill_rates,
    options=("by_stage",),
    columns=_FIRST,
    sort=_ORDER,
)
CHECKS_BLOCK = Table(
    "checks",
    Text("Проверки", "Checks"),
    Text(
        "Что не так с карточками. Карточка нарушает проверку один раз; число открывает её карточки.",
        "What is wrong with cards. A card violates a check once; the number opens its cards.",
    ),
    figures=(VIOLATIONS, SHARE),
    dimensions=(CHECK,),
    compute=checks,
    wide=True,
    columns=_FIRST,
    sort=_ORDER,
)
_ROW = (AUDITED_CARDS, VIOLATIONS, CLEAN_SHARE)
MANAGERS = Table(
    "managers",
    Text("У кого", "By manager"),
    Text(
        "Карточки ответственного и доля чистых среди них.",
        "Cards of the person responsible and the clean share of them.",
    ),
    figures=_ROW,
    dimensions=(c.MANAGER,),
    order=("-violations",),
    totals=True,
    wide=True,
    columns=_FIRST,
    sort=_ORDER,
)
DEPARTMENTS = Table(
    "departments",
    Text("По отделам", "By department"),
    Text("Карточки людей отдела и всех вложенных.", "Cards of a department's people and of those below it."),
    figures=_ROW,
    dimensions=(c.DEPARTMENT,),
    order=("-violations",),
    totals=True,
    wide=True,
    columns=_FIRST,
    sort=_ORDER,
)
WEEKS = Table(
    "weeks",
    Text("По неделям создания", "By week of creation"),
    Text(
        "Становятся ли карточки чище: доля чистых среди созданных за неделю (с понедельника).",
        "Whether cards get cleaner: the clean share of those created in a week (from Monday).",
    ),
    figures=(CLEAN_SHARE, AUDITED_CARDS, VIOLATIONS),
    dimensions=(WEEK,),
    order=("week",),
    totals=True,
    compared=False,
    columns=_FIRST,
    sort=_ORDER,
)
UNUSED = Table(
    "unused",
    Text("Поля, которыми не пользуются", "Fields nobody uses"),
    Text(
        "Заполнены меньше чем у 1 % карточек, созданных за последние 90 дней.",
        "Filled on less than 1 % of the cards created in the last 90 days.",
    ),
    figures=(RECENT_RATE, RECENT_FILLED, RECENT_TOTAL),
    dimensions=(ENTITY, FIELD),
    compute=unused,
    compared=False,
    nothing=Text(
        "Таких нет: каждое поле заполнено хотя бы у одной карточки из ста.",
        "There are none: every field is filled on one card of a hundred at least.",
    ),
)
CARDS_LIST = RecordList(
    "cards",
    Text("Карточки с замечаниями", "Cards with faults"),
    Text("Сначала те, у которых замечаний больше.", "Those with the most faults first."),
    fact="audits",
    where=f"{AUDITED} AND {FAULTY}",
    columns=_FIRST,
    sort=_ORDER,
)

BLOCKS = (SUMMARY, FIELDS, CHECKS_BLOCK, MANAGERS, DEPARTMENTS, WEEKS, UNUSED, CARDS_LIST)
