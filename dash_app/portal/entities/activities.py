"""CRM activities: calls, letters, meetings, messages, to-dos."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Field, Tally, forms, same, selected
from dash_app.record_kinds import ACTIVITY
from dash_app.text import Text

_FIELDS = (
    *same("ID OWNER_ID RESPONSIBLE_ID AUTHOR_ID ASSOCIATED_ENTITY_ID", wire.link),
    *same("OWNER_TYPE_ID TYPE_ID STATUS DIRECTION", wire.integer),
    *same("PROVIDER_ID PROVIDER_TYPE_ID SUBJECT ORIGIN_ID", wire.text),
    *same("CREATED LAST_UPDATED START_TIME END_TIME DEADLINE", wire.instant),
    *same("COMPLETED IS_INCOMING_CHANNEL", wire.flag),
    Field("SETTINGS", "missed_call", wire.missed_call),
)

ENTITY = Entity(
    table="activities",
    method="crm.activity.list",
    fields=_FIELDS,
    title=Text("дела", "activities"),
    several=Text("дел", "activities"),
    lost=Text(
        "Дела CRM не прочитаны: активность и последние касания неполны.",
        "CRM activities could not be read: activity and last touches are incomplete.",
    ),
    counted=(
        Tally(
            "activities",
            ACTIVITY.forms,
            forms(("новое дело", "новых дела", "новых дел"), ("new activity", "new activities")),
        ),
    ),
    record=ACTIVITY,
    select=selected(_FIELDS),
    changed="LAST_UPDATED",
    changed_column="last_updated",
    tracked=("deadline", "responsible_id", "completed"),
    goes_with=("deals", "leads"),
    moment="created",
    version=2,
    place=2,
    said=3,
)
