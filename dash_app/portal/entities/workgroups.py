"""Workgroups and projects, which tasks may belong to."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Field, Names, Tally, forms, same
from dash_app.portal.rights import WORKGROUP
from dash_app.text import Text

ENTITY = Entity(
    table="workgroups",
    method="sonet_group.get",
    fields=(
        *same("ID", wire.link),
        *same("NAME", wire.text),
        *same("CLOSED", wire.flag),
        Field("PROJECT", "is_project", wire.flag),
    ),
    reading="directory",
    title=Text("проекты", "projects"),
    several=Text("проектов", "projects"),
    lost=Text("Проекты не прочитаны: вместо имён номера.", "Projects could not be read: numbers stand for names."),
    counted=(
        Tally(
            "workgroups",
            forms(("проект", "проекта", "проектов"), ("project", "projects")),
            forms(("новый проект", "новых проекта", "новых проектов"), ("new project", "new projects")),
        ),
    ),
    names=Names(
        unknown=Text("Проект №{id}", "Project #{id}"),
        unset=Text("(без проекта)", "(no project)"),
        also=("closed",),
        met_in=("tasks", "project_id"),
    ),
    right=WORKGROUP,
    params={"IS_ADMIN": "Y", "ORDER": {"ID": "ASC"}},
    filter_key="FILTER",
    by_id=True,
    place=6,
    said=11,
)
