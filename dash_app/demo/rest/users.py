"""People and departments: ``user.get``, ``user.current``, ``user.search``, ``department.get``."""

from __future__ import annotations

from typing import Any

from dash_app.demo.rest.clock import SERVER_OFFSET
from dash_app.demo.rest.columns import Column, classic_sql
from dash_app.demo.rest.entities import USERS
from dash_app.demo.rest.filters import Condition, apply_filter
from dash_app.demo.rest.listing import Paging, Plan, fetch_page, plan
from dash_app.demo.rest.php import as_list, as_map, intval, truth
from dash_app.demo.rest.protocol import METHODS, Answer, Call

_SCOPES = ("user", "user_basic", "user_brief")
_PERSONAL = {"EMAIL", "PERSONAL_MOBILE", "PERSONAL_PHONE", "WORK_PHONE", "LAST_LOGIN", "LAST_ACTIVITY_DATE"}
_NOT_FILTERS = {"sort", "order", "select", "start", "admin_mode", "filter", "auth", "find", "image_resize"}


def _plan(call: Call) -> Plan:
    scopes = call.portal.settings.scopes
    brief = "user" not in scopes and "user_basic" not in scopes
    asked = {str(name).upper() for name in as_list(call.param("select"))} - {"*"}
    names = [
        (name, column)
        for name, column in USERS.columns.items()
        if column.star and not (brief and name in _PERSONAL) and (not asked or name in asked or name == "ID")
    ]
    return plan(USERS, "user", names, lambda column: classic_sql(column, SERVER_OFFSET))


def _told(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Types of this family: ACTIVE is a boolean, departments are numbers, empty texts are ''."""
    for row in rows:
        for name, value in row.items():
            if value is None:
                row[name] = ""
        if "ACTIVE" in row:
            row["ACTIVE"] = row["ACTIVE"] == "Y"
        row |= {"TIMESTAMP_X": {}, "LAST_ACTIVITY_DATE": {}}  # the portal prints these moments as empty objects
    return rows


def _lookup(name: str) -> Column | None:
    return USERS.columns.get(name.upper())


def _wanted(call: Call) -> dict[str, Any]:
    """Filter fields, given flat or under FILTER in any case."""
    flat = {key: value for key, value in call.params.items() if key.lower() not in _NOT_FILTERS}
    wanted = {**flat, **as_map(call.param("FILTER"))}
    return {
        key: "N" if value is False and key.upper().lstrip("=!") == "ACTIVE" else value for key, value in wanted.items()
    }


def _page(call: Call, condition: Condition) -> Answer:
    if not (truth(call.param("ADMIN_MODE")) and call.portal.settings.admin):
        condition.add("t.UF_DEPARTMENT IS NOT NULL AND t.UF_DEPARTMENT <> '[]'")
    sort = _lookup(str(call.param("sort", "ID") or "ID"))
    direction = "DESC" if str(call.param("order", "ASC")).upper() == "DESC" else "ASC"
    order = f" ORDER BY {sort.raw if sort else 't.ID'} {direction}"
    rows, total, following = fetch_page(call.db, _plan(call), "users t", condition, order, Paging.of(call))
    if not rows:
        return Answer([])
    return Answer(_told(rows), 0 if total is None else total, following)


@METHODS.method("user.get", *_SCOPES)
def user_get(call: Call) -> Answer:
    """People, dismissed ones too; those without a department only with ``ADMIN_MODE``."""
    condition = Condition()
    wanted = _wanted(call)
    for key in [key for key in wanted if key.upper().lstrip("=") == "UF_DEPARTMENT"]:
        _in_departments(condition, wanted.pop(key))
    apply_filter(condition, wanted, _lookup, strict=False)
    return _page(call, condition)


@METHODS.method("user.search", *_SCOPES)
def user_search(call: Call) -> Answer:
    """People by a part of a name, a position or a department's name (``FIND``)."""
    condition = Condition()
    wanted = _wanted(call)
    find = str(call.param("FIND") or as_map(call.param("FILTER")).get("FIND", "")).strip()
    wanted = {key: value for key, value in wanted.items() if key.upper() != "FIND"}
    for word in find.split():
        pattern = f"%{word.replace('%', '')}%"
        fields = ("NAME", "LAST_NAME", "SECOND_NAME", "WORK_POSITION")
        test = " OR ".join(f"fold(t.{name}) LIKE fold(?)" for name in fields)
        condition.add(
            f"({test} OR EXISTS (SELECT 1 FROM json_each(t.UF_DEPARTMENT) j JOIN departments d ON d.ID = j.value "
            "WHERE fold(d.NAME) LIKE fold(?)))",
            *[pattern] * 5,
        )
    names = wanted.pop("UF_DEPARTMENT_NAME", None)
    if names:
        condition.add(
            "EXISTS (SELECT 1 FROM json_each(t.UF_DEPARTMENT) j JOIN departments d ON d.ID = j.value "
            "WHERE fold(d.NAME) LIKE fold(?))",
            f"%{names}%",
        )
    for key in [key for key in wanted if key.upper().lstrip("=") == "UF_DEPARTMENT"]:
        _in_departments(condition, wanted.pop(key))
    apply_filter(condition, wanted, _lookup, strict=False)
    return _page(call, condition)


@METHODS.method("user.current", *_SCOPES)
def user_current(call: Call) -> Answer:
    """The caller."""
    chosen = _plan(call)
    rows = call.db.execute(f"SELECT {chosen.sql} FROM users t WHERE t.ID = ?", [call.portal.settings.user_id])
    return Answer(_told(chosen.rows(rows))[0])


def _in_departments(condition: Condition, value: Any) -> None:
    ids = [intval(item) for item in as_list(value)]
    marks = ",".join("?" * len(ids))
    condition.add(f"EXISTS (SELECT 1 FROM json_each(t.UF_DEPARTMENT) j WHERE j.value IN ({marks}))", *ids)


_DEPARTMENT = {
    "ID": Column("ID", "id"),
    "NAME": Column("NAME", "string"),
    "PARENT": Column("PARENT", "link"),
    "UF_HEAD": Column("UF_HEAD", "link"),
}


@METHODS.method("department.get", "department")
def department_get(call: Call) -> Answer:
    """Departments in tree order; keys that are null are missing (the root has no PARENT)."""
    condition = Condition()
    # ``sort`` and ``order`` are how to sort, not filters; an empty value asks nothing
    wanted = {k: v for k, v in call.params.items() if k.lower() not in _NOT_FILTERS and v != "" and v is not None}
    apply_filter(condition, wanted, lambda name: _DEPARTMENT.get(name.upper()), strict=False)
    rows = call.db.execute(
        f"SELECT ID, NAME, SORT, PARENT, UF_HEAD FROM departments t{condition.sql}", condition.values
    )
    found = []
    for identifier, name, sort, parent, head in rows:
        told: dict[str, Any] = {"ID": str(identifier), "NAME": name, "SORT": sort}
        if parent:
            told["PARENT"] = str(parent)
        if head:
            told["UF_HEAD"] = str(head)
        found.append(told)
    column = str(call.param("sort", "") or "").upper()
    if column in {"ID", "NAME", "SORT", "PARENT", "UF_HEAD"}:
        down = str(call.param("order", "ASC")).upper() == "DESC"
        number = column not in {"NAME"}
        found.sort(key=lambda row: intval(row.get(column, 0)) if number else row["NAME"], reverse=down)
    else:
        found = _tree(found)
    paging = Paging.of(call)
    total = len(found)
    following = paging.offset + 50
    return Answer(found[paging.offset : following], total, following if paging.counted and following < total else None)


def _tree(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parents before their children, brothers by SORT, as a walk of the tree."""
    children: dict[str, list[dict[str, Any]]] = {}
    known = {row["ID"] for row in rows}
    for row in rows:
        parent = row.get("PARENT", "")
        children.setdefault(parent if parent in known else "", []).append(row)
    ordered: list[dict[str, Any]] = []
    pending = sorted(children.get("", []), key=_sibling, reverse=True)
    while pending:
        row = pending.pop()
        ordered.append(row)
        pending += sorted(children.get(row["ID"], []), key=_sibling, reverse=True)
    return ordered


def _sibling(row: dict[str, Any]) -> tuple[int, int]:
    return (intval(row["SORT"]), intval(row["ID"]))
