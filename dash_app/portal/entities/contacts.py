"""Contacts that links of own fields lead to, for their names."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, same
from dash_app.record_kinds import CONTACT
from dash_app.text import Text

ENTITY = Entity(
    table="contacts",
    method="crm.contact.list",
    fields=(*same("ID", wire.link), *same("NAME LAST_NAME SECOND_NAME", wire.text)),
    reading="names",
    title=Text("контакты", "contacts"),
    several=Text("контактов", "contacts"),
    record=CONTACT,
    select=("ID", "NAME", "LAST_NAME", "SECOND_NAME"),
    place=1,
)
