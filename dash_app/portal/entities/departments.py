"""The company's structure."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Field, Tally, forms, same
from dash_app.portal.rights import DEPARTMENT
from dash_app.text import Text

ENTITY = Entity(
    table="departments",
    method="department.get",
    fields=(
        *same("ID", wire.link),
        *same("NAME", wire.text),
        *same("SORT", wire.integer),
        Field("PARENT", "parent_id", wire.link),
        Field("UF_HEAD", "head_id", wire.link),
    ),
    reading="directory",
    title=Text("отделы", "departments"),
    several=Text("отделов", "departments"),
    lost=Text(
        "Отделы не прочитаны: фильтра по отделам нет.",
        "Departments could not be read: there is no filter by department.",
    ),
    counted=(
        Tally(
            "departments",
            forms(("отдел", "отдела", "отделов"), ("department", "departments")),
            forms(("новый отдел", "новых отдела", "новых отделов"), ("new department", "new departments")),
        ),
    ),
    right=DEPARTMENT,
    place=5,
    said=8,
)
