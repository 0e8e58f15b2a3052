"""The records behind a number: the measure's predicate, the row's dimensions, the page's filters – nothing else.

Sorting, filtering and paging run over the whole list in the engine; only the page shown leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

from dash_app.engine.aggregate import bucket_expression, bucket_scope, evaluate, split_of
from dash_app.engine.answer import base_notes, block_predicate, day_of, is_past, opens_records, step_keys
from dash_app.engine.blocks import Block, RecordList, Series, Table
from dash_app.engine.cards import card_url, linked_url
from dash_app.engine.context import Context, SqlParams
from dash_app.engine.directory import NONE, UserField
from dash_app.engine.facts import FACTS
from dash_app.engine.language import (
    Dimension,
    Figure,
    Formula,
    Given,
    Measure,
    Part,
    PerDay,
    Ratio,
    Relative,
    Unit,
    all_parts,
    measures_of,
)
from dash_app.engine.lists import FILE, FILES, LINKS, LISTS, ListColumn, ListSpec, list_columns, together
from dash_app.engine.page_plan import of_list
from dash_app.engine.periods import buckets, grain_of, span_of, to_local
from dash_app.engine.predicates import with_parameters
from dash_app.engine.query import Period
from dash_app.engine.result import OTHER, UNTIL, Money, OfPerson, RecordsPage, Row
from dash_app.errors import BadInput
from dash_app.record_kinds import RECORD_KINDS, TOGETHER, has_pipelines
from dash_app.text import Lang, Text


@dataclass(frozen=True, slots=True)
class Behind:
    """A number to open: what counts it, whether it belongs to the base of the comparison, and, where it is another row's, which.

    ``counted`` None: the list block itself. A formula adds up counts of deals and of leads; a given value counts people.
    """

    counted: Measure | Formula | Given | None
    of_base: bool = False
    against: Relative | None = None  # the denominator of a step: the same measure of the first or the previous row

    @property
    def measure(self) -> Measure | None:
        """The one measure behind it, if it is one."""
        return self.counted if isinstance(self.counted, Measure) else None


def _opened(figure: Figure) -> Mapping[str, Part | Formula]:
    """Columns of a figure -> what each of them counts."""
    match figure:
        case Ratio():
            return {figure.id: figure.num, f"{figure.id}_num": figure.num, f"{figure.id}_den": figure.den}
        case Formula() if figure.fraction:
            return {f"{figure.id}_den": figure.parts[-1]}
        case Formula() if figure.adds:
            return {figure.id: figure}
        case Relative():
            return {figure.id: figure.of, f"{figure.id}_num": figure.of}
        case PerDay():
            return {figure.id: figure.num}
        case Measure() | Given():
            return {figure.id: figure}
    return {}


def find(block: Block, figure_id: str) -> Behind:
    """What a column of a block stands for: ``x``, ``x_num``, ``x_den``, ``x_base``; BadInput if nothing."""
    if not figure_id:
        return Behind(None)
    name, of_base = (figure_id[:-5], True) if figure_id.endswith("_base") else (figure_id, False)
    for figure in block.figures:
        if isinstance(figure, Relative) and name == f"{figure.id}_den":
            return Behind(figure.of, of_base, figure)
        counted = _opened(figure).get(name)
        if counted is not None and opens_records(counted):
            return Behind(counted, of_base)
    for part in (*all_parts(block.figures), *block.sources, *(n.measure for n in block.notes)):
        if part.id == name and opens_records(part):
            return Behind(part, of_base)
    raise BadInput(
        Text(
            f"Показателя «{figure_id[:40]}» в этом блоке нет.", f"There is no figure “{figure_id[:40]}” in this block."
        )
    )


def entity_of(block: Block, figure_id: str) -> str | None:
    """Of which kind the records behind a number are, '' for the list block itself; None where a block has none. BadInput for no number."""
    match find(block, figure_id).counted:
        case Given():
            return "person"
        case Formula():
            return TOGETHER
        case Measure(fact=fact):
            return FACTS[fact].entity
    return FACTS[block.fact].entity if block.fact else None


def keys_of(block: Block) -> tuple[str, ...]:
    """Names of the keys a row of the block has."""
    return (
        *(("bucket",) if isinstance(block, Series) else ()),
        *((UNTIL,) if isinstance(block, Series) and block.course else ()),
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


def _grain(context: Context, block: Block) -> str:
    """The step of a block's buckets."""
    finest = block.finest if isinstance(block, Series) else "day"
    return grain_of(context.query.option("grain"), context.query.period, finest)


def base_bucket(context: Context, block: Block, row: Mapping[str, str]) -> Mapping[str, str]:
    """The row of a base's bucket: buckets of period and base belong together by position."""
    name = next((name for name in ("bucket", UNTIL) if name in row), None)
    if name is None or context.query.compare is None:
        return row
    grain = _grain(context, block)
    edge: Callable[[Period], date] = attrgetter("start" if name == "bucket" else "end")
    known = [edge(b) for b in buckets(context.query.period, grain, context.first_month)]
    day = _day(row[name])
    bases = [edge(b) for b in buckets(context.query.compare, grain, context.first_month)]
    if day not in known or known.index(day) >= len(bases):
        raise BadInput(
            Text(f"Отрезка {day:%d.%m.%Y} в периоде нет.", f"The period has no bucket of {day.isoformat()}.")
        )
    return {**row, name: bases[known.index(day)].isoformat()}


def row_predicate(
    context: Context, block: Block, measure: Measure | None, row: Mapping[str, str]
) -> tuple[str, SqlParams]:
    """The row's dimensions as SQL over the measure's fact, with its parameters. Ids of a row are strings; ``none`` or '' mean NULL; keys the block does not
    have are passed over. BadInput for a bucket that is no day.
    """
    clauses: list[str] = []
    params: SqlParams = {}
    by_id: dict[str, Dimension] = {d.id: d for d in (*block.dimensions, *((block.split,) if block.split else ()))}
    for name, value in row.items():
        if name in ("bucket", UNTIL) and measure is not None:
            bucket = bucket_expression(measure, _grain(context, block), context.first_month)
            params[f"row_{name}"] = _day(value)
            relation = "=" if name == "bucket" else "<="
            clauses.append(f"({bucket}) {relation} $row_{name}::DATE AND {bucket_scope(measure)}")
            continue
        dimension = by_id.get(name)
        if dimension is None or (measure is not None and name in measure.beyond):
            continue
        if dimension.facts and measure is not None and measure.fact not in dimension.facts:
            continue
        empty = value in ("", NONE)
        if dimension.holds:
            params[f"row_{name}"] = value
            negated = "NOT " if measure is not None and name in measure.lacking else ""
            clauses.append(f"{negated}({dimension.holds.replace('{value}', f'$row_{name}')})")
            continue
        if empty and dimension.whole is not None:
            continue
        if isinstance(block, Series) and dimension is block.split and value == OTHER:
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


@dataclass(frozen=True, slots=True)
class Selection:
    """The records behind a number: rows of ``table`` (alias ``t``) that satisfy ``where``, asked of ``context``."""

    entity: str
    table: str
    where: str
    params: SqlParams
    context: Context


def selection(context: Context, block: Block, behind: Behind, row: Mapping[str, str]) -> Selection:
    """What a number of a row opens; BadInput where there is nothing behind it."""
    asked = context
    if isinstance(block, Table) and block.question is not None and row:
        asked = block.question(context, behind.measure, row, behind.of_base)
    elif behind.of_base:
        base = context.base()
        if base is None:
            raise BadInput(Text("Сравнение выключено, базы нет.", "There is no comparison, hence no base."))
        asked = base
        row = base_bucket(context, block, row)
    if behind.against is not None:
        row = compared_row(asked, block, behind.against, row)
    match behind.counted:
        case Given():
            return _people(asked, block, behind.counted, row)
        case Formula():
            return _together([_of(asked, block, part, row) for part in measures_of((behind.counted,))])
    return _of(asked, block, behind.counted, row)


def _of(asked: Context, block: Block, measure: Measure | None, row: Mapping[str, str]) -> Selection:
    """The records of one measure, or of a list block."""
    fact_id = measure.fact if measure else block.fact
    if fact_id is None:
        raise BadInput(Text("За этим числом нет записей.", "There are no records behind this number."))
    fact = FACTS[fact_id]
    if measure is not None:
        then = asked.speaking(measure.speaking)
        if then is None:
            if measure.speaking == "state":
                raise BadInput(Text("Состояние сегодняшнее, базы у него нет.", "The state is today's, it has no base."))
            raise BadInput(Text("База моложе периода, сравнить нечего.", "The base is younger than the period."))
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
    table = LISTS[fact.entity].table
    if fact.table != table:
        predicate = f"t.id IN (SELECT id FROM {fact.table} WHERE {predicate})"
    return Selection(fact.entity, table, predicate, params, asked)


def _together(parts: list[Selection]) -> Selection:
    """Records of several kinds in one list."""
    params: SqlParams = {}
    predicates: dict[str, str] = {}
    for part in parts:  # of one filter each kind may have values of its own under the same names
        mine = {name: f"{part.entity}_{name}" for name in part.params}
        predicates[part.entity] = with_parameters(part.where, mine)
        params.update({mine[name]: value for name, value in part.params.items()})
    return Selection(TOGETHER, together(predicates), "true", params, parts[0].context)


def _people(asked: Context, block: Block, counted: Given, row: Mapping[str, str]) -> Selection:
    """The people a value counts, in the rows the keys name; without keys in all of them."""
    assert counted.people is not None
    dimensions = block.dimensions if row else ()
    names = [d.id for d in dimensions]
    people = {
        person
        for key, found in counted.people(asked, dimensions).items()
        if all(_is_spelled(value, row[name]) for name, value in zip(names, key, strict=True) if name in row)
        for person in found
    }
    return Selection("person", LISTS["person"].table, "true", {"people": sorted(people)}, asked)


def _is_spelled(value: Any, text: str) -> bool:
    """Whether the address means this id of a row."""
    return text in ("", NONE) if value is None else text == str(value)


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
    """Records ``start`` to ``end`` (half-open) behind a number, with the count and sum of the whole list. ``title`` is given the instant it speaks of, where
    that is an earlier one. ``sort``: (column id, asc | desc); ``filters``: AG Grid's filterModel. BadInput for what the list does not have.
    """
    behind = find(block, figure_id)
    found = selection(context, block, behind, row)
    entity, params, asked = found.entity, found.params, found.context
    spec = LISTS[entity]
    first = [name for measure in _measures(behind) for name in measure.columns]
    more_columns = [
        name for option, chosen, names in block.columns_when if context.query.option(option) == chosen for name in names
    ]
    columns = list_columns(asked, entity, (*dict.fromkeys(first), *block.columns, *more_columns), extra)
    narrowed, more = filter_predicate(columns, filters or {}, asked)
    params = {**params, **more}
    table = f"{found.table} AS t"
    where = f"{found.where} AND {narrowed}" if narrowed != "true" else found.where
    amount: Decimal | None
    summed = f"sum({_summed(behind.measure, spec)})" if spec.amount else "NULL"
    whole = behind.counted is None and narrowed == "true"
    if whole and isinstance(block, RecordList) and FACTS[block.fact].table == spec.table:
        known = evaluate(asked, of_list(block), (), block.switched(context.query.option))[()]
        total, amount = known["records"], known.get("amount")
    else:
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
        cut = f"FROM {table} WHERE {where} ORDER BY {order} {limit} OFFSET {max(0, int(start))}"
        if found.table.startswith("("):
            sql = f"SELECT {picked} {cut}"
        else:
            # the page is cut first, by the columns that sort it: the others are read for its rows only, and, after the second limit, titles looked up
            sql = f"SELECT {picked} FROM (SELECT * FROM {table} WHERE t.rowid IN (SELECT t.rowid {cut}) {limit}) AS t ORDER BY {order}"
        rows = [_row(asked, spec, wanted, values) for values in asked.execute(sql, params).fetchall()]
    people: tuple[OfPerson, ...] = ()
    same: tuple[str, ...] = ()
    alike: Row = {}
    if end <= start and behind.counted is not None and total:
        people = _people_of(asked, columns, table, where, params, summed)
        same = _same_in_all(asked, columns, table, where, params) if total > 1 else ()
        if same:
            picked = ", ".join([*(c.value for c in wanted), *(spec.links.get(name, "NULL") for name in LINKS)])
            first_row = asked.execute(f"SELECT {picked} FROM {table} WHERE {where} LIMIT 1", params).fetchone()
            assert first_row is not None
            alike = _row(asked, spec, wanted, first_row)
    base = context.base() if behind.of_base else None
    dates = base_notes(base)[0].text if base else None
    if is_past(asked, asked.as_of):
        day = day_of(asked, asked.as_of)
        title = Text(f"{title.ru}, на {day.ru}", f"{title.en}, as of {day.en}")
    shown = [c.column for c in wanted]
    return RecordsPage(shown, rows, int(total), amount, entity, title, usual, block.actions, dates, people, same, alike)


_ALIKE = ("card", "pipeline", "stage", "status", "manager", "department", "source", "kind")
"""Columns of few values, beside those a directory names: where all records of a list have the same, it is said once."""


def _people_of(
    asked: Context, columns: Mapping[str, ListColumn], table: str, where: str, params: SqlParams, summed: str
) -> tuple[OfPerson, ...]:
    """Whose the records are, those with most first."""
    if "manager" not in columns:
        return ()
    who = columns["manager"].value
    found = asked.execute(
        f"SELECT {who}, count(*), {summed} FROM {table} WHERE {where} GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST", params
    ).fetchall()
    names = asked.directory
    return tuple(
        OfPerson(None if person is None else str(person), names.manager(person), int(count), amount)
        for person, count, amount in found
    )


def _same_in_all(
    asked: Context, columns: Mapping[str, ListColumn], table: str, where: str, params: SqlParams
) -> tuple[str, ...]:
    """Columns of which all records have one value, or none."""
    known = [name for name in (*_ALIKE, *(n for n, column in columns.items() if column.table)) if name in columns]
    if not known:
        return ()
    one = ", ".join(
        f"min({v}) IS NOT DISTINCT FROM max({v}) AND count({v}) IN (0, count(*))"
        for v in (columns[n].value for n in known)
    )
    answer = asked.execute(f"SELECT {one} FROM {table} WHERE {where}", params).fetchone() or ()
    return tuple(name for name, is_one in zip(known, answer, strict=False) if is_one)


def _measures(behind: Behind) -> tuple[Measure, ...]:
    return measures_of((behind.counted,)) if behind.counted is not None else ()


def _summed(measure: Measure | None, spec: ListSpec) -> str | None:
    """What the list adds up: the measure's own column where it is a sum over these very records."""
    if measure is not None and measure.agg == "sum" and FACTS[measure.fact].table == spec.table:
        return measure.of
    return spec.amount


def _order(columns: Mapping[str, ListColumn], sort: tuple[tuple[str, str], ...], lang: Lang) -> str:
    parts = []
    for name, direction in sort:
        column = columns.get(name)
        if column is not None:
            parts.append(f"{column.key(lang)} {'DESC' if direction == 'desc' else 'ASC'} NULLS LAST")
    kinds = ("t.entity",) if "card" in columns else ("t.kind", "t.week") if "item" in columns else ()
    return ", ".join([*parts, "t.id", *kinds])


def _row(context: Context, spec: ListSpec, columns: list[ListColumn], values: tuple[Any, ...]) -> Row:
    names = context.directory
    row: Row = {}
    own: dict[str, tuple[UserField, Any]] = {}
    links = dict(zip(LINKS, values[len(columns) :], strict=True))
    entity = str(links["owner_type"] if spec.of_cards else links["item"] or spec.entity)
    for column, value in zip(columns, values, strict=False):
        name = column.column.id
        match name:
            case "pipeline":
                row["pipeline_id"] = None if value is None else str(value)
                row[name] = (
                    names.pipeline(value).of(context.lang) if value is not None or has_pipelines(entity) else None
                )
            case "stage":
                row["stage_id"] = value
                row[name] = names.stage(entity, links["pipeline_id"], value).of(context.lang)
            case "manager":
                row["manager_id"] = None if value is None else str(value)
                row[name] = names.manager(value).of(context.lang)
            case "department":
                row["department_id"] = names.manager_department_ids(links["manager_id"])
                row[name] = names.manager_departments(links["manager_id"]).of(context.lang)
            case "source":
                row["source_id"] = value
                row[name] = names.source(value).of(context.lang)
            case "id":
                row["id"] = str(value)
            case _ if column.table:
                row[f"{name}_id"] = None if value is None else str(value)
                row[name] = names.called(column.table, value).of(context.lang)
            case _ if column.words:
                found = value or []
                row[f"{name}_id"] = list(found)
                row[name] = [column.words(names, entity, v).of(context.lang) for v in found] or None
            case _ if column.values:
                key = None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
                row[f"{name}_id"] = key
                known = column.values.get(key) if key is not None else None
                row[name] = known.of(context.lang) if known else key
            case _:
                meta = names.fields.get((entity, name))
                if meta is None:
                    row[name] = _shown(context, value)
                else:
                    own[name] = (meta, value)
    if spec.of_cards:  # a lead and a deal may share a number
        row["entity"], row["key"] = links["owner_type"], f"{links['owner_type']}:{row['id']}"
    if links["item"]:  # a task and an activity may, and one of them may be there for several weeks
        row["entity"], row["key"] = links["item"], f"{links['item']}:{row['id']}:{row['week']}"
    row["url"] = _url(names.address, entity, int(str(row["id"])), links)
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
    if owner in RECORD_KINDS and links["owner_id"]:
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
) -> tuple[str, SqlParams]:
    """SQL of an AG Grid filterModel; unknown columns and shapes are BadInput, values are bound."""
    clauses: list[str] = []
    params: SqlParams = {}
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


def _condition(column: ListColumn, condition: Mapping[str, Any], params: SqlParams, context: Context) -> str:
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
    column: ListColumn, condition: Mapping[str, Any], kind: str, params: SqlParams, name: str, context: Context
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
