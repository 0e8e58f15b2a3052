"""Pipelines (categories) of deals."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Field, Tally, forms
from dash_app.text import Text

ENTITY = Entity(
    table="pipelines",
    method="crm.category.list",
    fields=(
        Field("id", "id", wire.integer, ("ID",)),
        Field("name", "name", wire.text, ("NAME",)),
        Field("sort", "sort", wire.integer, ("SORT",)),
        Field("isDefault", "is_default", wire.flag, ("IS_DEFAULT",)),
    ),
    reading="directory",
    title=Text("воронки", "pipelines"),
    several=Text("воронок", "pipelines"),
    lost=Text("Воронки не прочитаны: вместо имён номера.", "Pipelines could not be read: numbers stand for names."),
    counted=(
        Tally(
            "pipelines",
            forms(("воронка", "воронки", "воронок"), ("pipeline", "pipelines")),
            forms(("новая воронка", "новые воронки", "новых воронок"), ("new pipeline", "new pipelines")),
        ),
    ),
    path="categories",
    id_key="id",
    params={"entityTypeId": 2},
    place=2,
    said=9,
)
