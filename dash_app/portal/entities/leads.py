"""Leads."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Field, Tally, forms, same, selected
from dash_app.portal.entities.cards import CARD
from dash_app.record_kinds import LEAD
from dash_app.text import Text

_FIELDS = (
    *CARD,
    Field("STATUS_ID", "stage_id", wire.text),
    Field("STATUS_SEMANTIC_ID", "semantic", wire.text),
    *same("DATE_CLOSED", wire.instant),
    *same("HAS_PHONE HAS_EMAIL", wire.flag),
)

ENTITY = Entity(
    table="leads",
    method="crm.lead.list",
    fields=_FIELDS,
    title=Text("лиды", "leads"),
    several=Text("лидов", "leads"),
    lost=Text("Лиды не прочитаны: лидов и их отчётов нет.", "Leads could not be read: their reports are empty."),
    counted=(Tally("leads", LEAD.forms, forms(("новый лид", "новых лида", "новых лидов"), ("new lead", "new leads"))),),
    another=Text("другой лид", "another lead"),
    record=LEAD,
    select=selected(_FIELDS, "UF_*"),
    changed="DATE_MODIFY",
    changed_column="date_modify",
    user_fields=True,
    tracked=("opportunity", "currency_id", "assigned_by_id", "stage_id"),
    moment="date_create",
    version=2,
    place=4,
    said=2,
)
