"""The company's tables (``demo/fields.py``) as entities of the protocol."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from dash_app.demo import fields
from dash_app.demo.rest.columns import Column, Kind
from dash_app.demo.rest.listing import Entity, read_json

_KINDS: Final[dict[str, Kind]] = {"int": "integer", "money_text": "string", "crm": "string", "url": "string"}

TYPE_IDS: Final = {"lead": 1, "deal": 2, "contact": 3, "company": 4}
"""CRM type ids by the entity's name in methods."""


def _column(field: fields.Field) -> Column:
    return Column(
        field.name,
        _KINDS.get(field.type) or cast(Kind, field.type),
        item=field.item_name,
        multiple=field.multiple,
        empty=field.empty,
        star=field.star,
        filterable=field.filterable,
    )


def _entity(name: str, table: str, described: Iterable[fields.Field], order: dict[str, str] | None = None) -> Entity:
    columns = {field.name: _column(field) for field in described}
    return Entity(name, table, columns, order=order or {})


@dataclass(frozen=True, slots=True)
class Card:
    """A kind of CRM card: deal, lead, contact, company."""

    entity: Entity
    type_id: int
    fields: dict[str, fields.Field]

    @property
    def uf_entity(self) -> str:
        """ENTITY_ID of its user fields."""
        return f"CRM_{self.entity.name.upper()}"


def _card(name: str, table: str, described: tuple[fields.Field, ...], order: dict[str, str] | None = None) -> Card:
    return Card(_entity(name, table, described, order), TYPE_IDS[name], {field.name: field for field in described})


_DEAL_STAGE_SORT = (
    "(SELECT s.SORT FROM statuses s WHERE s.STATUS_ID = t.STAGE_ID AND s.ENTITY_ID = "
    "CASE t.CATEGORY_ID WHEN 0 THEN 'DEAL_STAGE' ELSE 'DEAL_STAGE_' || t.CATEGORY_ID END)"
)
_LEAD_STATUS_SORT = "(SELECT s.SORT FROM statuses s WHERE s.STATUS_ID = t.STATUS_ID AND s.ENTITY_ID = 'STATUS')"

DEAL: Final = _card("deal", "deals", fields.DEALS, {"STAGE_ID": _DEAL_STAGE_SORT})
LEAD: Final = _card("lead", "leads", fields.LEADS, {"STATUS_ID": _LEAD_STATUS_SORT})
CONTACT: Final = _card("contact", "contacts", fields.CONTACTS)
COMPANY: Final = _card("company", "companies", fields.COMPANIES)
CARDS: Final = (DEAL, LEAD, CONTACT, COMPANY)

ACTIVITIES: Final = _entity("activity", "activities", fields.ACTIVITIES)
TASKS: Final = _entity("task", "tasks", fields.TASKS)
USERS: Final = _entity("user", "users", fields.USERS)
WORKGROUPS: Final = _entity("workgroup", "workgroups", fields.WORKGROUPS)
COMMENTS: Final = _entity("comment", "comments", fields.COMMENTS)
DEAL_HISTORY: Final = _entity("deal_history", "deal_history", fields.DEAL_HISTORY)
LEAD_HISTORY: Final = _entity("lead_history", "lead_history", fields.LEAD_HISTORY)

_REST_TYPES: Final[dict[str, str]] = {
    "id": "integer",
    "int": "integer",
    "link": "integer",
    "employee": "user",
    "text": "string",
    "culture_datetime": "string",
    "money": "double",
    "flag": "char",
    "money_text": "money",
    "multifield": "crm_multifield",
    "json": "string",
}


def rest_type(field: fields.Field) -> str:
    """Type of a field as ``*.fields`` names it."""
    if field.is_user_field and field.type == "employee":
        return "employee"
    if field.name == "CURRENCY_ID":
        return "crm_currency"
    if field.name in {"COMPANY_ID", "CONTACT_ID", "LEAD_ID"}:
        return "crm_" + field.name.removesuffix("_ID").lower()
    return _REST_TYPES.get(field.type, field.type)


def user_field_definitions(db: sqlite3.Connection, uf_entity: str) -> dict[str, dict[str, Any]]:
    """User fields of an entity by name: ``type``, ``label``, ``settings`` and, for lists, ``items``."""
    rows = db.execute(
        "SELECT FIELD_NAME, USER_TYPE_ID, EDIT_FORM_LABEL, SETTINGS, LIST FROM userfields WHERE ENTITY_ID = ?",
        [uf_entity],
    )
    found = {}
    for name, kind, label, settings, options in rows:
        labels = read_json(label) or {}
        told: dict[str, Any] = {
            "type": kind,
            "label": labels.get("ru") or name,
            "settings": read_json(settings) or [],
        }
        if kind == "enumeration":
            told["items"] = [
                {"ID": str(option["ID"]), "VALUE": str(option["VALUE"])} for option in read_json(options) or []
            ]
        found[name] = told
    return found
