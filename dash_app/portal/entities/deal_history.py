"""Moves of deals between stages."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Field
from dash_app.portal.entities.stage_history import HISTORY
from dash_app.text import Text

ENTITY = Entity(
    table="deal_history",
    method="crm.stagehistory.list",
    fields=(
        *HISTORY,
        Field("CATEGORY_ID", "category_id", wire.integer),
        Field("STAGE_ID", "stage_id", wire.text),
        Field("STAGE_SEMANTIC_ID", "semantic", wire.text),
    ),
    title=Text("история стадий сделок", "stage history of deals"),
    several=Text("строк истории сделок", "rows of the history of deals"),
    being_read=Text("историю сделок", "deal history"),
    lost=Text(
        "История стадий сделок не читается: моменты выигрыша взяты из карточек.",
        "The stage history of deals cannot be read: moments of winning are taken from the cards.",
    ),
    path="items",
    params={"entityTypeId": 2},
    goes_with=("deals",),
    moment="created_time",
    place=1,
    said=5,
)
