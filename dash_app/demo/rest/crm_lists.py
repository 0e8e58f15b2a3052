"""Classic CRM methods: ``crm.deal|lead|contact|company`` ``.list``, ``.get``, ``.fields`` and ``.userfield.list``.

Everything is a text, unknown filter fields are dropped without a word, business errors have an empty code.
"""

from __future__ import annotations

from typing import Any

from dash_app.demo.rest.columns import Column, classic_sql
from dash_app.demo.rest.entities import CARDS, Card, rest_type, user_field_definitions
from dash_app.demo.rest.filters import Condition, apply_filter
from dash_app.demo.rest.listing import Entity, Paging, Plan, fetch_page, listed, order_sql, plan, read_json, selected
from dash_app.demo.rest.php import as_map, intval
from dash_app.demo.rest.protocol import METHODS, Answer, Call, RestError, not_found
from dash_app.demo.rest.visibility import only_visible


def classic_plan(call: Call, entity: Entity, wanted: Any) -> Plan:
    """The plan of a classic selection."""
    offset = call.portal.user_offset
    return plan(entity, ("classic", offset), selected(entity, wanted), lambda column: classic_sql(column, offset))


def drop_absent(entity: Entity, chosen: Plan, rows: list[dict[str, Any]]) -> None:
    """Multi-fields (PHONE, EMAIL) a record does not have are absent, not empty."""
    absent = [name for name in chosen.names if entity.columns[name].empty == "absent"]
    for row in rows if absent else ():
        for name in absent:
            if row[name] is None:
                del row[name]


def _list(card: Card) -> Any:
    entity = card.entity

    def run(call: Call) -> Answer:
        chosen = classic_plan(call, entity, call.param("select"))
        condition = Condition()
        apply_filter(condition, call.param("filter"), lambda name: entity.columns.get(name), strict=False)
        only_visible(call, condition, "t.ASSIGNED_BY_ID")
        order = order_sql(entity, call.param("order"), lambda name: entity.columns.get(name.upper()), "t.ID ASC")
        page = fetch_page(call.db, chosen, f"{entity.table} t", condition, order, Paging.of(call))
        drop_absent(entity, chosen, page[0])
        return listed(*page, uncounted=0)

    return run


def _get(card: Card) -> Any:
    entity = card.entity

    def run(call: Call) -> Answer:
        identifier = intval(call.param("id"))
        if identifier <= 0:
            raise RestError("", "ID is not defined or invalid.")
        multi = [name for name, column in entity.columns.items() if column.kind == "multifield"]
        chosen = classic_plan(call, entity, ["*", "UF_*", *multi])
        condition = Condition()
        condition.add("t.ID = ?", identifier)
        only_visible(call, condition, "t.ASSIGNED_BY_ID")
        rows = chosen.rows(
            call.db.execute(f"SELECT {chosen.sql} FROM {entity.table} t{condition.sql}", condition.values)
        )
        if not rows:
            raise not_found()
        drop_absent(entity, chosen, rows)
        return Answer(rows[0])

    return run


def _fields(card: Card) -> Any:
    def run(call: Call) -> Answer:
        items = user_field_definitions(call.db, card.uf_entity)
        described = {
            name: describe(column, card, items, {"title": name if column.user_field else card.fields[name].title})
            for name, column in card.entity.columns.items()
        }
        return Answer(described)

    return run


def describe(
    column: Column, card: Card, definitions: dict[str, dict[str, Any]], names: dict[str, str]
) -> dict[str, Any]:
    """A field as ``*.fields`` tells it. ``definitions``: of user fields, by name; ``names``: keys to put last."""
    field = card.fields[column.name]
    definition = definitions.get(column.name, {})
    told: dict[str, Any] = {
        "type": definition.get("type") or rest_type(field),
        "isRequired": False,
        "isReadOnly": field.read_only,
        "isImmutable": False,
        "isMultiple": column.multiple or column.kind == "multifield",
        "isDynamic": column.user_field,
    }
    if field.status_type:
        told["statusType"] = field.status_type
    if definition.get("items") is not None:
        told["items"] = definition["items"]
    told |= names
    if column.user_field:
        label = definition.get("label") or column.name
        told |= {"listLabel": label, "formLabel": label, "filterLabel": label}
        told["settings"] = definition.get("settings") or []
    return told


_LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL")


def _userfields(card: Card) -> Any:
    """Definitions of user fields; labels only with ``filter[LANG]``; no paging."""

    def run(call: Call) -> Answer:
        wanted = as_map(call.param("filter"))
        language = str(wanted.get("LANG", ""))
        cursor = call.db.execute("SELECT * FROM userfields WHERE ENTITY_ID = ? ORDER BY SORT, ID", [card.uf_entity])
        names = [column[0] for column in cursor.description]
        found = [_definition(dict(zip(names, row, strict=True)), language) for row in cursor]
        kept = [
            told
            for told in found
            if all(str(told[key]) == str(value) for key, value in wanted.items() if key != "LANG" and key in told)
        ]
        return Answer(kept, len(kept))

    return run


def _definition(record: dict[str, Any], language: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in record.items():
        if name in _LABELS:
            if language:
                told[name] = (read_json(value) or {}).get(language, "")
        elif name == "SETTINGS":
            told[name] = read_json(value) or []
        elif name == "LIST":
            if record["USER_TYPE_ID"] == "enumeration":
                told[name] = [
                    {key: None if part is None else str(part) for key, part in option.items()}
                    for option in read_json(value) or []
                ]
        else:
            told[name] = None if value is None else str(value)
    return told


for _card in CARDS:
    METHODS.add(f"crm.{_card.entity.name}.list", _list(_card), "crm")
    METHODS.add(f"crm.{_card.entity.name}.get", _get(_card), "crm")
    METHODS.add(f"crm.{_card.entity.name}.fields", _fields(_card), "crm")
    METHODS.add(f"crm.{_card.entity.name}.userfield.list", _userfields(_card), "crm")
