"""Everyone of the company, dismissed people too."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Field, Tally, forms, same
from dash_app.portal.rights import USER
from dash_app.text import Text

ENTITY = Entity(
    table="users",
    method="user.get",
    fields=(
        *same("ID", wire.link),
        *same("ACTIVE", wire.flag),
        *same("NAME LAST_NAME SECOND_NAME EMAIL WORK_POSITION USER_TYPE", wire.text),
        Field("UF_DEPARTMENT", "departments", wire.links),
    ),
    reading="directory",
    title=Text("сотрудники", "users"),
    several=Text("сотрудников", "users"),
    lost=Text("Сотрудники не прочитаны: вместо имён номера.", "Users could not be read: numbers stand for names."),
    counted=(
        Tally(
            "users",
            forms(("сотрудник", "сотрудника", "сотрудников"), ("person", "people")),
            forms(("новый сотрудник", "новых сотрудника", "новых сотрудников"), ("new person", "new people")),
        ),
    ),
    right=USER,
    params={"ADMIN_MODE": True, "sort": "ID", "order": "ASC"},
    filter_key="FILTER",
    place=4,
    said=7,
)
