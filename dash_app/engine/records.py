"""The records behind a number: the measure's predicate, the row's dimensions, the page's filters – nothing else.

Sorting, filtering and paging run over the whole list in the engine; only the page shown leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dash_app.engine.aggregate import bucket_expression, bucket_scope, evaluate, split_of
from dash_app.engine.answer import base_notes, block_predicate, step_keys
from dash_app.engine.cards import card_url, linked_url
from dash_app.engine.context import Context, Params
from dash_app.engine.directory import NONE, UserField
from dash_app.engine.facts import FACTS
from dash_app.engine.language import (
    Block,
    Dimension,
    Formula,
    Measure,
    Part,
    PerDay,
    Ratio,
    Relative,
    Unit,
    measures_of,
)
from dash_app.engine.lists import FILE, FILES, LINKS, LISTS, ListColumn, ListSpec, list_columns
from dash_app.engine.page_plan import of_list
from dash_app.engine.periods import buckets, grain_of, span_of, to_local
from dash_app.engine.query import Period
from dash_app.engine.result import OTHER, Money, RecordsPage, Row
from dash_app.errors import BadInput
from dash_app.text import Lang, Text


@dataclass(frozen=True, slots=True)
class Behind:
    """A number to open: its measure, whether it belongs to the base of the comparison, and, where it is another row's, which."""

    measure: Measure | None  # None: the list block itself
    of_base: bool = False
    against: Relative | None = None  # the denominator of a step: the same measure of the first or the previous row


def find(block: Block, figure_id: str) -> Behind:
    """The measure a column of a block stands for: ``x``, ``x_num``, ``x_den``, ``x_base``; BadInput if none."""
    if not figure_id:
        return Behind(None)
    name, of_base = (figure_id[:-5], True) if figure_id.endswith("_base") else (figure_id, False)
    for figure in block.figures:
        if isinstance(figure, Ratio):
            parts: dict[str, Part] = {
                figure.id: figure.num,
                f"{figure.id}_num": figure.num,
                f"{figure.id}_den": figure.den,
            }
        elif isinstance(figure, Formula) and figure.fraction:
            parts = {f"{figure.id}_den": figure.parts[-1]}
        elif isinstance(figure, Relative):
            if name == f"{figure.id}_den":
                return Behind(figure.of, of_base, figure)
            parts = {figure.id: figure.of, f"{figure.id}_num": figure.of}
        elif isinstance(figure, PerDay):
            parts = {figure.id: figure.num}
        elif isinstance(figure, Measure):
            parts = {figure.id: figure}
        else:
            continue
        part = parts.get(name)
        if isinstance(part, Measure):
            return Behind(part, of_base)
    known = (*measures_of(block.figures), *block.sources, *(n.measure for n in block.notes))
    for measure in known:
        if measure.id == name:
            return Behind(measure, of_base)
    raise BadInput(
        Text(
            f"Показателя «{figure_id[:40]}» в этом блоке нет.", f"There is no figure “{figure_id[:40]}” in this block."
        )
    )


def added(block: Block, figure_id: str) -> tuple[str, ...]:
    """The figures whose records together are those of ``figure_id``: its parts where it adds counts up, else itself."""
    for figure in block.figures:
        if isinstance(figure, Formula) and figure.adds and figure.id == figure_id.removesuffix("_base"):
            return tuple(part.id + figure_id[len(figure.id) :] for part in figure.parts)
    return (figure_id,)


def keys_of(block: Block) -> tuple[str, ...]:
    """Names of the keys a row of the block has."""
    return (
        *(("bucket",) if block.view == "series" else ()),
        *(d.id for d in (*block.dimensions, *((block.split,) if block.split else ()))),
    )


def compared_row(context: Context, block: Block, step: Relative, row: Mapping[str, str]) -> Mapping[str, str]:
    """The row a step of the funnel is measured against: the first of its kind, or the one before."""
    keys = [
        dict(zip((d.id for d in block.dimensions), map(str, key), strict=True)) for key in step_keys(context, block)
    ]
    alike = [key for key in keys if key.get(step.within) == row.get(step.within)]
    place = next((n for n, key in enumerate(alike) if all(row.get(name) == value for name, value in key.items())), None)
    if place is None or (step.to == "previous" and place == 0):
        raise BadInput(Text("За этим числом нет записей.", "There are no records behind this number."))
    return alike[0 if step.to == "first" else place - 1]


def base_bucket(context: Context, block: Block, row: Mapping[str, str]) -> Mapping[str, str]:
    """The row of a base's bucket: buckets of period and base belong together by position."""
    if "bucket" not in row or context.query.compare is None:
        return row
    grain = grain_of(context.query.option("grain"), context.query.period, block.finest)
    starts = [b.start for b in buckets(context.query.period, grain, context.first_month)]
    day = _day(row["bucket"])
    bases = [b.start for b in buckets(context.query.compare, grain, context.first_month)]
    if day not in starts or starts.index(day) >= len(bases):
        raise BadInput(
            Text(f"Отрезка {day:%d.%m.%Y} в периоде нет.", f"The period has no bucket of {day.isoformat()}.")
        )
    return {**row, "bucket": bases[starts.index(day)].isoformat()}


def row_predicate(
    context: Context, block: Block, measure: Measure | None, row: Mapping[str, str]
) -> tuple[str, Params]:
    """The row's dimensions as SQL over the measure's fact. Ids of a row are strings; ``none`` or '' mean NULL."""
    clauses: list[str] = []
    params: Params = {}
    by_id: dict[str, Dimension] = {d.id: d for d in (*block.dimensions, *((block.split,) if block.split else ()))}
    for name, value in row.items():
        if name == "bucket" and measure is not None:
            grain = grain_of(context.query.option("grain"), context.query.period, block.finest)
            params["row_bucket"] = _day(value)
            clauses.append(
                f"({bucket_expression(measure, grain, context.first_month)}) = $row_bucket::DATE AND {bucket_scope(measure)}"
            )
            continue
        dimension = by_id.get(name)
        if dimension is None:
            continue
        empty = value in ("", NONE)
        if empty and dimension.whole is not None:
            continue
        if block.split is not None and dimension is block.split and value == OTHER:
            # which values are the largest is a matter of the period asked for, in its base too
            split = split_of(context.asked(), block, block_predicate(block, context))
            params.update(split.params)
            clauses.append(f"NOT {split.inside}")
        elif dimension.many:
            people = context.directory.managers_of([NONE if empty else value])
            ids = ", ".join(str(p) for p in sorted(p for p in people if p is not None)) or "NULL"
            clauses.append(f"(manager_id IN ({ids}){' OR manager_id IS NULL' if empty else ''})")
        elif empty:
            clauses.append(f"({dimension.expr}) IS NULL")
        else:
            params[f"row_{name}"] = value
            clauses.append(f"CAST({dimension.expr} AS VARCHAR) = $row_{name}")
    return " AND ".join(clauses) or "true", params


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BadInput(
            Text(f"Строки «{text[:40]}» в этом блоке нет.", f"There is no row “{text[:40]}” in this block.")
        ) from None


def selection(
    context: Context, block: Block, behind: Behind, row: Mapping[str, str]
) -> tuple[str, str, Params, Context]:
    """(entity, predicate over the list table ``t``, parameters, the context to ask)."""
    asked = context
    if behind.of_base:
        base = context.base()
        if base is None:
            raise BadInput(Text("Сравнение выключено, базы нет.", "There is no comparison, hence no base."))
        asked = base
        row = base_bucket(context, block, row)
    if behind.against is not None:
        row = compared_row(asked, block, behind.against, row)
    measure = behind.measure
    fact_id = measure.fact if measure else block.fact
    if fact_id is None:
        raise BadInput(Text("За этим числом нет записей.", "There are no records behind this number."))
    fact = FACTS[fact_id]
    if measure is not None:
        then = asked.speaking(measure.speaking)
        if then is None:
            raise BadInput(Text("Состояние сегодняшнее, базы у него нет.", "The state is today's, it has no base."))
        asked = then
    scope, params = asked.scope(fact)
    clauses = [scope]
    own = block_predicate(block, asked)
    if own:
        clauses.append(own)
    if measure is not None:
        clauses.append(measure.where)
        if measure.agg != "count":
            clauses.append(f"({measure.of}) IS NOT NULL" if measure.agg != "sum" else "true")
    where, values = row_predicate(asked, block, measure, row)
    clauses.append(where)
    params.update(values)
    predicate = " AND ".join(f"({c})" for c in clauses if c != "true") or "true"
    if fact.table != LISTS[fact.entity].table:
        predicate = f"t.id IN (SELECT id FROM {fact.table} WHERE {predicate})"
    return fact.entity, predicate, params, asked


def page(
    context: Context,
    block: Block,
    figure_id: str,
    row: Mapping[str, str],
    *,
    start: int,
    end: int,
    sort: tuple[tuple[str, str], ...],
    filters: Mapping[str, object] | None,
    extra: tuple[str, ...],
    title: Text,
) -> RecordsPage:
    """One page of the records behind a number, with the count and sum of the whole list."""
    entity, predicate, params, asked = selection(context, block, find(block, figure_id), row)
    spec = LISTS[entity]
    measure = find(block, figure_id).measure
    more_columns = [
        name for option, chosen, names in block.columns_when if context.query.option(option) == chosen for name in names
    ]
    columns = list_columns(asked, entity, (*(measure.columns if measure else ()), *block.columns, *more_columns), extra)
    narrowed, more = filter_predicate(columns, filters or {}, asked)
    params.update(more)
    table = f"{spec.table} AS t"
    where = f"{predicate} AND {narrowed}" if narrowed != "true" else predicate
    amount: Decimal | None
    if measure is None and narrowed == "true" and block.fact and FACTS[block.fact].table == spec.table:
        known = evaluate(asked, of_list(block), (), block.switched(context.query.option))[()]
        total, amount = known["records"], known.get("amount")
    else:
        summed = f"sum({_summed(block, figure_id, spec)})" if spec.amount else "NULL"
        total, amount = asked.execute(f"SELECT count(*), {summed} FROM {table} WHERE {where}", params).fetchone() or (
            0,
            None,
        )
    if spec.amount and amount is None:
        amount = Decimal(0)
    wanted = [*columns.values()]
    usual = block.sort or spec.sort
    rows: list[Row] = []
    if end > start:
        picked = ", ".join([*(c.value for c in wanted), *(spec.links.get(name, "NULL") for name in LINKS)])
        order = _order(columns, (*sort, *usual), asked.lang)
        limit = f"LIMIT {max(0, int(end) - int(start))}"
        # the page is cut first, by the columns that sort it: the others are read for its rows only, and, after the second limit, titles looked up
        cut = f"SELECT t.rowid FROM {table} WHERE {where} ORDER BY {order} {limit} OFFSET {max(0, int(start))}"
        sql = f"SELECT {picked} FROM (SELECT * FROM {table} WHERE t.rowid IN ({cut}) {limit}) AS t ORDER BY {order}"
        rows = [_row(asked, spec, wanted, values) for values in asked.execute(sql, params).fetchall()]
    base = context.base() if find(block, figure_id).of_base else None
    dates = base_notes(base)[0].text if base else None
    return RecordsPage([c.column for c in wanted], rows, int(total), amount, entity, title, usual, block.actions, dates)


def _summed(block: Block, figure_id: str, spec: ListSpec) -> str | None:
    """What the list adds up: the measure's own column where it is a sum over these very records."""
    measure = find(block, figure_id).measure
    if measure is not None and measure.agg == "sum" and FACTS[measure.fact].table == spec.table:
        return measure.of
    return spec.amount


def _order(columns: Mapping[str, ListColumn], sort: tuple[tuple[str, str], ...], lang: Lang) -> str:
    parts = []
    for name, direction in sort:
        column = columns.get(name)
        if column is not None:
            parts.append(f"{column.key(lang)} {'DESC' if direction == 'desc' else 'ASC'} NULLS LAST")
    return ", ".join([*parts, "t.id"])


def _row(context: Context, spec: ListSpec, columns: list[ListColumn], values: tuple[Any, ...]) -> Row:
    names = context.directory
    row: Row = {}
    own: dict[str, tuple[UserField, Any]] = {}
    links = dict(zip(LINKS, values[len(columns) :], strict=True))
    for column, value in zip(columns, values, strict=False):
        name = column.column.id
        match name:
            case "pipeline":
                row["pipeline_id"] = None if value is None else str(value)
                row[name] = (
                    names.pipeline(value).of(context.lang) if value is not None or spec.entity == "deal" else None
                )
            case "stage":
                row["stage_id"] = value
                row[name] = names.stage(spec.entity, links["pipeline_id"], value).of(context.lang)
            case "manager":
                row["manager_id"] = None if value is None else str(value)
                row[name] = names.manager(value).of(context.lang)
            case "department":
                row["department_id"] = names.manager_department_ids(links["manager_id"])
                row[name] = names.manager_departments(links["manager_id"]).of(context.lang)
            case "source":
                row["source_id"] = value
                row[name] = names.source(value).of(context.lang)
            case "project":
                row["project_id"] = None if value is None else str(value)
                row[name] = names.project(value).of(context.lang)
            case "id":
                row["id"] = str(value)
            case _ if column.values:
                key = None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
                row[f"{name}_id"] = key
                known = column.values.get(key) if key is not None else None
                row[name] = known.of(context.lang) if known else key
            case _:
                meta = names.fields.get((spec.entity, name))
                if meta is None:
                    row[name] = _shown(context, value)
                else:
                    own[name] = (meta, value)
    if spec.entity == "response":  # a lead and a deal may share a number
        row["key"] = f"{links['owner_type']}:{row['id']}"
    row["url"] = _url(names.address, spec.entity, int(str(row["id"])), links)
    for meta, value in own.values():
        row.update(own_cell(context, meta, value, str(row["url"])))
    for name in ("contact", "company"):
        row[f"{name}_url"] = card_url(names.address, name, links[f"{name}_id"]) if links[f"{name}_id"] else None
    manager = links["manager_id"]
    row["manager_url"] = card_url(names.address, "user", manager) if manager else None
    return row


def _url(address: str, entity: str, record_id: int, links: Mapping[str, Any]) -> str:
    """The card a record opens: its own, or that of the card it belongs to."""
    owner = links["owner_type"]
    if owner in ("deal", "lead", "contact", "company") and links["owner_id"]:
        return card_url(address, owner, links["owner_id"])
    return card_url(address, entity, record_id, user_id=links["manager_id"])


def own_cell(context: Context, meta: UserField, value: Any, card: str) -> Row:
    """What a list shows of an own field: a value, or a list of them; ``<field>_urls`` beside it where these lead somewhere.

    ``card``: the record's own address: it is where its files are.
    """
    name = meta.field
    if value is None or value == []:
        return {name: None}
    match meta.type.cell:
        case "file":
            words = FILE if len(value) == 1 else FILES.format(n=len(value))
            return {name: words.of(context.lang), f"{name}_urls": [card]}
        case "words":
            shown: list[Any] = [meta.words(v).of(context.lang) for v in value]
            urls = [_address(context, meta.type.kind, v) for v in value]
            addresses: Row = {f"{name}_urls": urls} if any(urls) else {}
            return {name: shown if len(shown) > 1 else shown[0], **addresses}
        case "money":
            amounts = [_money(context, v) for v in (value if isinstance(value, list) else [value])]
            return {name: amounts if isinstance(value, list) and len(amounts) > 1 else amounts[0]}
    if isinstance(value, list):
        shown = [_shown(context, v) for v in value]
        return {name: shown if len(shown) > 1 else shown[0]}
    return {name: _shown(context, value)}


def _money(context: Context, value: Mapping[str, Any]) -> Money | Decimal:
    """An amount as typed; of the base currency it is a plain sum."""
    amount, currency = value["amount"], value["currency"]
    return amount if currency == context.directory.currency else Money(amount, currency)


def _address(context: Context, kind: str, value: str) -> str:
    """Where an id leads: a person's page, a card; '' nowhere."""
    if kind == "people":
        return card_url(context.directory.address, "user", int(value)) if value.isdigit() else ""
    return linked_url(context.directory.address, value) or "" if kind == "links" else ""


def _shown(context: Context, value: Any) -> Any:
    """Instants leave in the portal's zone."""
    return to_local(value, context.zone) if isinstance(value, datetime) else value


# -- AG Grid filter models ------------------------------------------------------------------------------------

_COMPARE = {
    "equals": "=",
    "notEqual": "<>",
    "greaterThan": ">",
    "greaterThanOrEqual": ">=",
    "lessThan": "<",
    "lessThanOrEqual": "<=",
}
_TEXT = {
    "contains": "contains({c}, {v})",
    "notContains": "NOT contains({c}, {v})",
    "equals": "{c} = {v}",
    "notEqual": "{c} <> {v}",
    "startsWith": "starts_with({c}, {v})",
    "endsWith": "ends_with({c}, {v})",
}


def filter_predicate(
    columns: Mapping[str, ListColumn], model: Mapping[str, object], context: Context
) -> tuple[str, Params]:
    """SQL of an AG Grid filterModel; unknown columns and shapes are refused, values are bound."""
    clauses: list[str] = []
    params: Params = {}
    for name, condition in model.items():
        column = columns.get(name)
        if column is None or not isinstance(condition, Mapping):
            raise BadInput(
                Text(
                    f"Фильтр по столбцу «{str(name)[:40]}» непонятен.", f"The filter on “{str(name)[:40]}” is unclear."
                )
            )
        clauses.append(_condition(column, condition, params, context))
    return " AND ".join(clauses) or "true", params


def _condition(column: ListColumn, condition: Mapping[str, Any], params: Params, context: Context) -> str:
    parts = condition.get("conditions")
    if isinstance(parts, list) and parts:
        joiner = " OR " if condition.get("operator") == "OR" else " AND "
        return "(" + joiner.join(_condition(column, p, params, context) for p in parts if isinstance(p, Mapping)) + ")"
    kind = str(condition.get("type", ""))
    if kind == "blank":
        return f"({column.key(context.lang)} IS NULL)"
    if kind == "notBlank":
        return f"({column.key(context.lang)} IS NOT NULL)"
    name = f"grid_{len(params)}"
    unit = column.column.unit
    try:
        if unit is Unit.TEXT:
            params[name] = str(condition.get("filter") or "").lower()
            key = f"lower(CAST({column.read(context.lang)} AS VARCHAR))"
            return "(" + _TEXT[kind].format(c=key, v=f"${name}") + ")"
        if unit is Unit.DATE:
            return _dates(column, condition, kind, params, name, context)
        params[name] = Decimal(str(condition.get("filter")))
        if kind == "inRange":
            params[f"{name}_to"] = Decimal(str(condition.get("filterTo")))
            return _each(column, f"{{c}} BETWEEN ${name} AND ${name}_to", context)
        if kind == "notEqual" and column.element:
            return f"NOT {_each(column, f'{{c}} = ${name}', context)}"
        return _each(column, f"{{c}} {_COMPARE[kind]} ${name}", context)
    except (KeyError, ArithmeticError, ValueError):
        title = column.column.label
        raise BadInput(
            Text(f"Фильтр столбца «{title.ru}» непонятен.", f"The filter of “{title.en}” is unclear.")
        ) from None


def _each(column: ListColumn, condition: str, context: Context) -> str:
    """A condition on ``{c}``; where a record has several values, one of them is enough."""
    if not column.element:
        return f"({condition.format(c=column.key(context.lang))})"
    return f"(len(list_filter({column.value}, lambda v: {condition.format(c=column.element)})) > 0)"


def _dates(
    column: ListColumn, condition: Mapping[str, Any], kind: str, params: Params, name: str, context: Context
) -> str:
    """A day of the portal's zone against instants: equals means within that day."""
    first = _day(str(condition.get("dateFrom")))
    last = _day(str(condition.get("dateTo"))) if kind == "inRange" else first
    if column.is_day:
        params[name], params[f"{name}_to"] = first, last + timedelta(days=1)
    else:
        span = span_of(Period(first, last), context.zone)
        params[name], params[f"{name}_to"] = span.start, span.end
    if kind == "notEqual" and column.element:
        return f"NOT {_dates(column, condition, 'equals', params, name, context)}"
    forms = {
        "equals": f"{{c}} >= ${name} AND {{c}} < ${name}_to",
        "inRange": f"{{c}} >= ${name} AND {{c}} < ${name}_to",
        "notEqual": f"{{c}} < ${name} OR {{c}} >= ${name}_to",
        "lessThan": f"{{c}} < ${name}",
        "greaterThan": f"{{c}} >= ${name}_to",
        "lessThanOrEqual": f"{{c}} < ${name}_to",
        "greaterThanOrEqual": f"{{c}} >= ${name}",
    }
    return _each(column, forms[kind], context)
