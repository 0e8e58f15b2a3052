"""``tasks.task.list``, ``.get``, ``.fields``: upper-case names in, camel case out, times in the caller's zone.

The mirror trap of the portal is kept: ``status`` of the answer is filtered by REAL_STATUS, ``subStatus`` by STATUS.
"""

from __future__ import annotations

import re
from typing import Any

from dash_app.demo.rest.columns import Column, moment_sql
from dash_app.demo.rest.entities import TASKS
from dash_app.demo.rest.filters import Condition, apply_filter
from dash_app.demo.rest.listing import Paging, Plan, fetch_page, order_sql, plan
from dash_app.demo.rest.php import as_list, as_map, intval
from dash_app.demo.rest.protocol import METHODS, Answer, Call, RestError

_ZEROS = {"PARENT_ID", "GROUP_ID", "STAGE_ID", "CLOSED_BY", "FORUM_TOPIC_ID"}
_NUMBERS = {"FORUM_TOPIC_ID", "CHAT_ID"}


def camel(name: str) -> str:
    """``CREATED_DATE`` -> ``createdDate``."""
    return re.sub(r"_(.)", lambda match: match.group(1).upper(), name.lower())


def _sub_status(now: int) -> str:
    return (
        f"CASE WHEN t.STATUS IN (2, 3) AND t.DEADLINE < {now} THEN -1 "
        f"WHEN t.STATUS IN (2, 3) AND t.DEADLINE < {now + 86400} THEN -3 ELSE t.STATUS END"
    )


def _filter_column(call: Call, name: str) -> Column | None:
    upper = name.upper()
    if upper == "REAL_STATUS":
        return TASKS.columns["STATUS"]
    if upper in {"STATUS", "SUB_STATUS"}:
        return Column("STATUS", "integer", sql=f"({_sub_status(int(call.portal.clock.now()))})")
    return TASKS.columns.get(upper)


def _plan(call: Call, wanted: Any) -> Plan:
    asked = {str(name).upper() for name in as_list(wanted)}
    everything = not asked or "*" in asked
    names: list[tuple[str, Column]] = []
    for name, column in TASKS.columns.items():
        if name == "ID" or name in asked or (everything and column.star):
            names.append((camel(name), column))
    offset = call.portal.user_offset
    return plan(TASKS, ("task", offset), names, lambda column: _printed(column, offset))


def _printed(column: Column, offset: int) -> str:
    if column.is_json:
        return f"coalesce({column.raw}, '[]')"
    if column.kind == "datetime":
        return moment_sql(column.raw, offset)
    if column.name in _NUMBERS:
        return column.raw
    if column.name in _ZEROS:
        return f"CAST(coalesce({column.raw}, 0) AS TEXT)"
    return f"CAST({column.raw} AS TEXT)"


def _dress(call: Call, rows: list[dict[str, Any]]) -> None:
    """Objects of people and projects, subStatus, and the shapes only this method knows."""
    if not rows:
        return
    now = int(call.portal.clock.now())
    marks = ",".join("?" * len(rows))
    ids = [int(row["id"]) for row in rows]
    sub = dict(call.db.execute(f"SELECT t.ID, {_sub_status(now)} FROM tasks t WHERE t.ID IN ({marks})", ids).fetchall())
    people = _people(call, {row.get(key) for row in rows for key in ("responsibleId", "createdBy")})
    groups = _groups(call, {row.get("groupId") for row in rows})
    for row in rows:
        if "status" in row:
            row["subStatus"] = str(sub[int(row["id"])])
        if "responsibleId" in row:
            row["responsible"] = people.get(row["responsibleId"], [])
        if "createdBy" in row:
            row["creator"] = people.get(row["createdBy"], [])
        if "groupId" in row:
            row["group"] = groups.get(row["groupId"], [])
        if "ufCrmTask" in row:
            row["ufCrmTask"] = row["ufCrmTask"] or False
            row |= {"ufTaskWebdavFiles": False, "ufMailMessage": None}
        if "tags" in row:
            row["tags"] = _tags(row["tags"])
        for name in ("accomplices", "auditors"):
            if name in row:
                row[name] = [str(item) for item in row[name]]


def _tags(tags: Any) -> Any:
    if isinstance(tags, list) and tags and not isinstance(tags[0], dict):
        return {str(number): {"id": number, "title": title} for number, title in enumerate(tags, 1)}
    return tags or []


def _people(call: Call, wanted: set[Any]) -> dict[str, dict[str, Any]]:
    ids = [intval(item) for item in wanted if item]
    rows = call.db.execute(
        f"SELECT ID, NAME, LAST_NAME, WORK_POSITION FROM users WHERE ID IN ({','.join('?' * len(ids))})", ids
    )
    return {
        str(key): {
            "id": str(key),
            "name": f"{name or ''} {last or ''}".strip(),
            "link": f"/company/personal/user/{key}/",
            "icon": "/bitrix/images/tasks/default_avatar.png",
            "workPosition": position or "",
        }
        for key, name, last, position in rows
    }


def _groups(call: Call, wanted: set[Any]) -> dict[str, dict[str, Any]]:
    ids = [intval(item) for item in wanted if item and item != "0"]
    if not ids:
        return {}
    rows = call.db.execute(
        f"SELECT ID, NAME, NUMBER_OF_MEMBERS FROM workgroups WHERE ID IN ({','.join('?' * len(ids))})", ids
    )
    return {
        str(key): {
            "id": str(key),
            "name": name,
            "opened": True,
            "membersCount": members or 0,
            "image": "",
            "additionalData": [],
        }
        for key, name, members in rows
    }


def _only_mine(call: Call, condition: Condition) -> None:
    settings = call.portal.settings
    if not settings.admin:
        condition.add("(t.RESPONSIBLE_ID = ? OR t.CREATED_BY = ?)", settings.user_id, settings.user_id)


@METHODS.method("tasks.task.list", "task", "tasks")
def task_list(call: Call) -> Answer:
    """A page of tasks; under ``start=-1`` without ``total``."""
    order = as_map(call.param("order"))
    for name in order:
        if _filter_column(call, str(name)) is None:
            raise RestError("0", "Invalid sorting key")
    condition = Condition()
    apply_filter(condition, call.param("filter"), lambda name: _filter_column(call, name), strict=False)
    _only_mine(call, condition)
    sort = order_sql(TASKS, order, lambda name: _filter_column(call, name), "t.ID ASC")
    chosen = _plan(call, call.param("select"))
    rows, total, following = fetch_page(call.db, chosen, "tasks t", condition, sort, Paging.of(call))
    _dress(call, rows)
    return Answer({"tasks": rows}, total, following)


@METHODS.method("tasks.task.get", "task", "tasks")
def task_get(call: Call) -> Answer:
    """One task."""
    condition = Condition()
    condition.add("t.ID = ?", intval(call.param("taskId")))
    _only_mine(call, condition)
    chosen = _plan(call, call.param("select"))
    rows = chosen.rows(call.db.execute(f"SELECT {chosen.sql} FROM tasks t{condition.sql}", condition.values))
    if not rows:
        raise RestError("1048582", "Task not found or access denied")
    _dress(call, rows)
    return Answer({"task": rows[0]})


@METHODS.method("tasks.task.getFields", "task", "tasks")
def task_fields(call: Call) -> Answer:
    """Names and types of a task's fields."""
    return Answer(
        {
            "fields": {
                name: {"title": name, "type": "datetime" if column.kind == "datetime" else "string"}
                for name, column in TASKS.columns.items()
            }
        }
    )
