"""Tasks, linked to cards or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Field, Tally, forms
from dash_app.portal.rights import TASK
from dash_app.record_kinds import TASK as KIND
from dash_app.text import Text


def _task(name: str, column: str, coerce: Callable[[Any], Any], upper: str, type: str = "") -> Field:
    return Field(name, column, coerce, (upper,), type=type)


_FIELDS = (
    _task("id", "id", wire.link, "ID"),
    _task("title", "title", wire.text, "TITLE"),
    _task("status", "status", wire.integer, "REAL_STATUS"),
    _task("priority", "priority", wire.integer, "PRIORITY"),
    _task("createdBy", "created_by", wire.link, "CREATED_BY"),
    _task("responsibleId", "responsible_id", wire.link, "RESPONSIBLE_ID"),
    _task("createdDate", "created_date", wire.instant, "CREATED_DATE"),
    _task("changedDate", "changed_date", wire.instant, "CHANGED_DATE"),
    _task("deadline", "deadline", wire.instant, "DEADLINE"),
    _task("startDatePlan", "start_date_plan", wire.instant, "START_DATE_PLAN"),
    _task("endDatePlan", "end_date_plan", wire.instant, "END_DATE_PLAN"),
    _task("dateStart", "date_start", wire.instant, "DATE_START"),
    _task("closedDate", "closed_date", wire.instant, "CLOSED_DATE"),
    _task("statusChangedDate", "status_changed_date", wire.instant, "STATUS_CHANGED_DATE"),
    _task("activityDate", "activity_date", wire.instant, "ACTIVITY_DATE"),
    _task("groupId", "group_id", wire.link, "GROUP_ID"),
    _task("parentId", "parent_id", wire.link, "PARENT_ID"),
    _task("timeEstimate", "time_estimate", wire.integer, "TIME_ESTIMATE", "BIGINT"),
    _task("timeSpentInLogs", "time_spent", wire.integer, "TIME_SPENT_IN_LOGS", "BIGINT"),
    _task("mark", "mark", wire.text, "MARK"),
    _task("ufCrmTask", "uf_crm_task", wire.texts, "UF_CRM_TASK"),
    _task("tags", "tags", wire.texts, "TAGS"),
)
_SELECT = tuple(f.also[0] for f in _FIELDS if f.also[0] != "REAL_STATUS") + ("STATUS",)

ENTITY = Entity(
    table="tasks",
    method="tasks.task.list",
    fields=_FIELDS,
    title=Text("задачи", "tasks"),
    several=Text("задач", "tasks"),
    lost=Text("Задачи не прочитаны: отчёт о задачах пуст.", "Tasks could not be read: their report is empty."),
    counted=(
        Tally("tasks", KIND.forms, forms(("новая задача", "новые задачи", "новых задач"), ("new task", "new tasks"))),
    ),
    right=TASK,
    record=KIND,
    path="tasks",
    id_key="id",
    select=_SELECT,
    changed="CHANGED_DATE",
    changed_column="changed_date",
    tracked=("deadline", "responsible_id", "status", "start_date_plan"),
    moment="created_date",
    version=2,
    place=6,
    said=4,
)
