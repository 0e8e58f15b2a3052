"""Moves of leads between statuses."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Field
from dash_app.portal.entities.stage_history import HISTORY
from dash_app.text import Text

ENTITY = Entity(
    table="lead_history",
    method="crm.stagehistory.list",
    fields=(
        *HISTORY,
        Field("STATUS_ID", "stage_id", wire.text, ("STAGE_ID",)),
        Field("STATUS_SEMANTIC_ID", "semantic", wire.text, ("STAGE_SEMANTIC_ID",)),
    ),
    title=Text("история статусов лидов", "status history of leads"),
    several=Text("строк истории лидов", "rows of the history of leads"),
    being_read=Text("историю лидов", "lead history"),
    lost=Text("История статусов лидов не читается.", "The status history of leads cannot be read."),
    path="items",
    params={"entityTypeId": 1},
    goes_with=("leads",),
    moment="created_time",
    place=5,
    said=6,
)
