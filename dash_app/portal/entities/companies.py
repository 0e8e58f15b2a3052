"""Companies that links of own fields lead to, for their names."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, same
from dash_app.record_kinds import COMPANY
from dash_app.text import Text

ENTITY = Entity(
    table="companies",
    method="crm.company.list",
    fields=(*same("ID", wire.link), *same("TITLE", wire.text)),
    reading="names",
    title=Text("компании", "companies"),
    several=Text("компаний", "companies"),
    record=COMPANY,
    select=("ID", "TITLE"),
    place=2,
)
