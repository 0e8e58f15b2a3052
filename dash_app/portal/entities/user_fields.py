"""Definitions of own fields of deals and leads: two methods, one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from dash_app.portal import wire
from dash_app.portal.entities.base import Columns, PortalTable, Tally, forms
from dash_app.text import Text

TABLE = PortalTable(
    table="user_fields",
    title=Text("свои поля", "user fields"),
    several=Text("своих полей", "user fields"),
    lost=Text("Описания своих полей не прочитаны.", "Definitions of user fields could not be read."),
    counted=(
        Tally(
            "user_fields",
            forms(("поле карточки", "поля карточек", "полей карточек"), ("card field", "card fields")),
            forms(
                ("новое поле карточки", "новых поля карточек", "новых полей карточек"),
                ("new card field", "new card fields"),
            ),
            ("entity", "field"),
        ),
    ),
    said=13,
)
COLUMNS: Mapping[str, str] = {
    "entity": "VARCHAR",
    "field": "VARCHAR",
    "type": "VARCHAR",
    "label": "VARCHAR",
    "multiple": "BOOLEAN",
    "sort": "INTEGER",
    "items": "VARCHAR",
    "settings": "VARCHAR",
}
"""Columns of ``user_fields``. ``entity``: deal | lead; ``items``: JSON [{"ID": "45", "VALUE": "..."}] of list fields; ``settings``: JSON, SETTINGS."""
METHODS: Mapping[str, str] = {"deal": "crm.deal.userfield.list", "lead": "crm.lead.userfield.list"}
"""Record kind -> what lists its fields."""


def columns_of(kind: str, rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Definitions of user fields as columns of ``user_fields``; labels are there because LANG was asked for."""
    table: Columns = {name: [] for name in COLUMNS}
    for row in rows:
        label = next(filter(None, map(_label, (row.get(name) for name in _LABELS))), None)
        listed = row.get("LIST")
        listed = list(listed.values()) if isinstance(listed, Mapping) else listed if isinstance(listed, list) else []
        items = [
            {"ID": number, "VALUE": wire.text(i.get("VALUE")) or number}
            for i in listed
            if isinstance(i, Mapping) and (number := wire.text(i.get("ID")))
        ]
        settings = _settings(row.get("SETTINGS"))
        for name, value in (
            ("entity", kind),
            ("field", wire.text(row.get("FIELD_NAME"))),
            ("type", wire.text(row.get("USER_TYPE_ID"))),
            ("label", label),
            ("multiple", wire.flag(row.get("MULTIPLE"))),
            ("sort", wire.small(row.get("SORT"))),
            ("items", orjson.dumps(items).decode() if items else None),
            ("settings", orjson.dumps(settings).decode() if settings else None),
        ):
            table[name].append(value)
    return table


_LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "FIELD_NAME")


def _settings(value: Any) -> dict[str, str | bool]:
    """What SETTINGS ([] when empty) say in one word each: directories, kinds of records. Whatever is nested is no setting of ours."""
    given = value.items() if isinstance(value, Mapping) else ()
    return {
        name: said
        for key, inner in given
        if (name := wire.text(key)) and (said := inner if isinstance(inner, bool) else wire.text(inner)) is not None
    }


def _label(value: Any) -> str | None:
    """A label as a text; one in several languages in Russian, else in any."""
    if isinstance(value, Mapping):
        return wire.text(value.get("ru")) or next(filter(None, map(wire.text, value.values())), None)
    return wire.text(value)
