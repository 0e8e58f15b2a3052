"""Deals of every pipeline."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Field, Tally, forms, same, selected
from dash_app.portal.entities.cards import CARD
from dash_app.record_kinds import DEAL
from dash_app.text import Text

_FIELDS = (
    *CARD,
    Field("STAGE_ID", "stage_id", wire.text),
    Field("STAGE_SEMANTIC_ID", "semantic", wire.text),
    Field("CATEGORY_ID", "category_id", wire.integer),
    *same("LEAD_ID", wire.link),
    *same("TYPE_ID", wire.text),
    *same("IS_REPEATED_APPROACH IS_RECURRING CLOSED", wire.flag),
    *same("BEGINDATE CLOSEDATE", wire.day),
)

ENTITY = Entity(
    table="deals",
    method="crm.deal.list",
    fields=_FIELDS,
    title=Text("сделки", "deals"),
    several=Text("сделок", "deals"),
    counted=(
        Tally("deals", DEAL.forms, forms(("новая сделка", "новые сделки", "новых сделок"), ("new deal", "new deals"))),
    ),
    another=Text("другая сделка", "another deal"),
    record=DEAL,
    select=selected(_FIELDS, "UF_*"),
    changed="DATE_MODIFY",
    changed_column="date_modify",
    required=True,
    user_fields=True,
    tracked=("opportunity", "currency_id", "assigned_by_id", "closedate", "stage_id", "category_id"),
    moment="date_create",
    version=2,
    place=3,
    said=1,
)
