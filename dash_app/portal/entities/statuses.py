"""Values of the CRM's dictionaries: stages, sources, types and others."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Field, Tally, forms, same
from dash_app.text import Text

_IS_STAGE = "(entity_id = 'STATUS' OR starts_with(entity_id, 'DEAL_STAGE'))"
_KEY = ("entity_id", "status_id")

ENTITY = Entity(
    table="statuses",
    method="crm.status.list",
    fields=(
        *same("ID", wire.link),
        *same("ENTITY_ID STATUS_ID NAME COLOR", wire.text),
        *same("SORT", wire.integer),
        Field("SEMANTICS", "semantic", wire.text),
    ),
    reading="directory",
    title=Text("стадии и источники", "stages and sources"),
    several=Text("стадий и значений справочников", "stages and dictionary values"),
    counted=(
        Tally(
            "stages",
            forms(("стадия", "стадии", "стадий"), ("stage", "stages")),
            forms(("новая стадия", "новые стадии", "новых стадий"), ("new stage", "new stages")),
            _KEY,
            _IS_STAGE,
        ),
        Tally(
            "dictionaries",
            forms(
                ("значение справочника", "значения справочников", "значений справочников"),
                ("dictionary value", "dictionary values"),
            ),
            forms(
                ("новое значение справочника", "новых значения справочников", "новых значений справочников"),
                ("new dictionary value", "new dictionary values"),
            ),
            _KEY,
            f"NOT {_IS_STAGE}",
        ),
    ),
    required=True,
    place=1,
    said=10,
)
