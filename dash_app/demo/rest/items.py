"""Universal methods ``crm.item.list``, ``.get``, ``.fields`` for deals, leads, contacts and companies.

Names in camel case, numbers are numbers, an unknown filter field is an error, nested OR groups are understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dash_app.demo.rest.columns import Column, item_sql
from dash_app.demo.rest.crm_lists import describe
from dash_app.demo.rest.entities import CARDS, Card, user_field_definitions
from dash_app.demo.rest.filters import Condition, apply_filter
from dash_app.demo.rest.listing import Paging, Plan, fetch_page, order_sql, plan
from dash_app.demo.rest.php import as_list, as_map, intval, truth
from dash_app.demo.rest.protocol import METHODS, Answer, Call, RestError
from dash_app.demo.rest.visibility import only_visible


def card_of(call: Call) -> Card:
    """The entity asked for. Raises RestError for a type the portal does not have."""
    wanted = intval(call.param("entityTypeId"))
    for card in CARDS:
        if card.type_id == wanted:
            return card
    raise RestError("NOT_FOUND", f"Smart process not found: {wanted}")


def _names(card: Card, call: Call) -> dict[str, Column]:
    """Columns by the names of this call: user fields keep their own with ``useOriginalUfNames``."""
    original = truth(call.param("useOriginalUfNames", "N"))
    return {
        column.name if column.user_field and original else str(column.item): column
        for column in card.entity.items.values()
    }


def _lookup(names: dict[str, Column]) -> Callable[[str], Column | None]:
    """Names in filters and orders: as in the answer or upper case (``updatedTime``, ``UPDATED_TIME``)."""
    upper = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper(): column for name, column in names.items()}

    def find(name: str) -> Column | None:
        column = names.get(name) or upper.get(name) or upper.get(name.upper())
        return (
            column if column is not None else next((c for c in names.values() if c.user_field and c.name == name), None)
        )

    return find


def _plan(card: Card, call: Call, names: dict[str, Column], wanted: Any) -> Plan:
    asked = [str(name) for name in as_list(wanted)] or ["*"]
    chosen: dict[str, Column] = {"id": names["id"]}
    for name in asked:
        if name == "*":
            chosen.update((n, c) for n, c in names.items() if c.star or c.user_field)
        elif name.upper() == "UF_*":
            chosen.update((n, c) for n, c in names.items() if c.user_field)
        elif name in names:
            chosen[name] = names[name]
    return plan(card.entity, "item", list(chosen.items()), item_sql)


@METHODS.method("crm.item.list", "crm")
def item_list(call: Call) -> Answer:
    """A page of records; under ``start=-1`` without ``total``."""
    card = card_of(call)
    names = _names(card, call)
    chosen = _plan(card, call, names, call.param("select"))
    condition = Condition()
    find = _lookup(names)
    apply_filter(condition, call.param("filter"), find, strict=True, logic=True)
    only_visible(call, condition, "t.ASSIGNED_BY_ID")
    for name in as_map(call.param("order")):
        if find(name) is None:
            raise RestError("INVALID_ARG_VALUE", f"Invalid order: field '{name}' is not allowed in order")
    order = order_sql(card.entity, call.param("order"), find, "t.ID ASC")
    rows, total, following = fetch_page(call.db, chosen, f"{card.entity.table} t", condition, order, Paging.of(call))
    return Answer({"items": _typed(rows, card)}, total, following)


@METHODS.method("crm.item.get", "crm")
def item_get(call: Call) -> Answer:
    """One record."""
    card = card_of(call)
    chosen = _plan(card, call, _names(card, call), ["*"])
    condition = Condition()
    condition.add("t.ID = ?", intval(call.param("id")))
    only_visible(call, condition, "t.ASSIGNED_BY_ID")
    rows = chosen.rows(
        call.db.execute(f"SELECT {chosen.sql} FROM {card.entity.table} t{condition.sql}", condition.values)
    )
    if not rows:
        raise RestError("NOT_FOUND", "Item not found")
    return Answer({"item": _typed(rows, card)[0]})


@METHODS.method("crm.item.fields", "crm")
def item_fields(call: Call) -> Answer:
    """Descriptions of the fields by their item names, with ``upperName``."""
    card = card_of(call)
    items = user_field_definitions(call.db, card.uf_entity)
    return Answer(
        {
            "fields": {
                name: describe(column, card, items, {"title": card.fields[column.name].title, "upperName": column.name})
                for name, column in _names(card, call).items()
            }
        }
    )


def _typed(rows: list[dict[str, Any]], card: Card) -> list[dict[str, Any]]:
    for row in rows:
        row["entityTypeId"] = card.type_id
    return rows
