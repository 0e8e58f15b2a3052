"""Directories of the CRM: statuses and stages, pipelines, currencies. Most return everything at once."""

from __future__ import annotations

from typing import Any

from dash_app.demo.rest.clock import SERVER_OFFSET
from dash_app.demo.rest.columns import moment_sql
from dash_app.demo.rest.listing import read_json
from dash_app.demo.rest.php import as_map, intval
from dash_app.demo.rest.protocol import METHODS, Answer, Call, RestError, not_found

_LEAD_AND_DEAL_STAGES = ("STATUS", "QUOTE_STATUS", "DEAL_STAGE")
STATUS_COLUMNS = "ID, ENTITY_ID, STATUS_ID, NAME, NAME_INIT, SORT, SYSTEM, CATEGORY_ID, COLOR, SEMANTICS, EXTRA"


def is_stage_entity(entity_id: str) -> bool:
    """Whether a directory holds stages (of leads, quotes or a pipeline of deals)."""
    return entity_id in _LEAD_AND_DEAL_STAGES or entity_id.startswith("DEAL_STAGE_")


@METHODS.method("crm.status.list", "crm")
def status_list(call: Call) -> Answer:
    """All directories; a filter's value must be a text."""
    wanted = as_map(call.param("filter"))
    conditions, values = [], []
    for name, value in wanted.items():
        if name not in {"ID", "ENTITY_ID", "STATUS_ID", "NAME", "SORT", "SYSTEM", "SEMANTICS", "CATEGORY_ID"}:
            continue
        if isinstance(value, (list, dict)):
            raise RestError("", f"Filter by {name} must be a string")
        conditions.append(f"CAST({name} AS TEXT) = ?")
        values.append(str(value))
    order = ", ".join(
        f"{name.upper()} {'DESC' if str(direction).upper() == 'DESC' else 'ASC'}"
        for name, direction in as_map(call.param("order")).items()
        if name.upper() in STATUS_COLUMNS.split(", ")
    )
    where = " WHERE " + " AND ".join(conditions) if conditions else ""
    rows = call.db.execute(
        f"SELECT {STATUS_COLUMNS} FROM statuses{where} ORDER BY {order or 'ENTITY_ID, SORT, ID'}", values
    )
    found = [_status(row) for row in rows]
    return Answer(found, len(found))


def _status(row: tuple[Any, ...]) -> dict[str, Any]:
    identifier, entity, status, name, initial, sort, system, category, color, semantics, extra = row
    told: dict[str, Any] = {
        "ID": str(identifier),
        "ENTITY_ID": entity,
        "STATUS_ID": status,
        "NAME": name,
        "NAME_INIT": initial or "",
        "SORT": str(sort),
        "SYSTEM": system or "N",
        "CATEGORY_ID": None if category is None else str(category),
        "COLOR": color,
        "SEMANTICS": semantics,
    }
    if extra:
        told["EXTRA"] = read_json(extra)
    return told


@METHODS.method("crm.status.entity.types", "crm")
def status_entity_types(call: Call) -> Answer:
    """The kinds of directories, stage directories with their first and final stages."""
    found = []
    pipelines = {
        f"DEAL_STAGE_{key}" if key else "DEAL_STAGE": (key, name)
        for key, name in call.db.execute("SELECT ID, NAME FROM categories ORDER BY ID")
    }
    names = {
        "STATUS": "Стадии лидов",
        "SOURCE": "Источники",
        "DEAL_TYPE": "Тип сделки",
        "CONTACT_TYPE": "Тип контакта",
        "COMPANY_TYPE": "Тип компании",
        "INDUSTRY": "Сфера деятельности",
        "EMPLOYEES": "Количество сотрудников",
        "HONORIFIC": "Обращения",
    }
    for (entity,) in call.db.execute("SELECT DISTINCT ENTITY_ID FROM statuses ORDER BY ENTITY_ID").fetchall():
        told: dict[str, Any] = {"ID": entity, "NAME": names.get(entity, entity), "SEMANTIC_INFO": []}
        if is_stage_entity(entity):
            stages = call.db.execute(
                "SELECT STATUS_ID, SEMANTICS, SORT FROM statuses WHERE ENTITY_ID = ? ORDER BY SORT, ID", [entity]
            ).fetchall()
            won = next((stage for stage in stages if stage[1] == "S"), None)
            lost = next((stage for stage in stages if stage[1] == "F"), None)
            told["SEMANTIC_INFO"] = {
                "START_FIELD": stages[0][0],
                "FINAL_SUCCESS_FIELD": won[0] if won else "",
                "FINAL_UNSUCCESS_FIELD": lost[0] if lost else "",
                "FINAL_SORT": won[2] if won else 0,
            }
            told["ENTITY_TYPE_ID"] = 1 if entity == "STATUS" else 2
        if entity in pipelines:
            key, name = pipelines[entity]
            told |= {
                "NAME": name,
                "PARENT_ID": "DEAL_STAGE",
                "PREFIX": f"C{key}" if key else "",
                "CATEGORY_ID": str(key) if key else 0,
            }
        found.append(told)
    return Answer(found)


@METHODS.method("crm.category.list", "crm")
def category_list(call: Call) -> Answer:
    """Pipelines of deals, the general one too; numbers."""
    kind = intval(call.param("entityTypeId"))
    if kind != 2:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", f"Entity type {kind} is not supported")
    rows = call.db.execute("SELECT ID, NAME, SORT FROM categories ORDER BY SORT, ID").fetchall()
    told = [
        {"id": key, "name": name, "sort": sort, "entityTypeId": 2, "isDefault": "N" if key else "Y"}
        | ({"originId": "", "originatorId": ""} if key else {})
        for key, name, sort in rows
    ]
    return Answer({"categories": told}, len(told))


@METHODS.method("crm.dealcategory.list", "crm")
def dealcategory_list(call: Call) -> Answer:
    """Pipelines but the general one; texts."""
    rows = call.db.execute("SELECT ID, NAME, SORT FROM categories WHERE ID <> 0 ORDER BY SORT, ID").fetchall()
    told = [{"ID": str(key), "NAME": name, "SORT": str(sort), "IS_LOCKED": "N"} for key, name, sort in rows]
    return Answer(told, len(told))


@METHODS.method("crm.dealcategory.default.get", "crm")
def dealcategory_default(call: Call) -> Answer:
    """The general pipeline."""
    row = call.db.execute("SELECT NAME FROM categories WHERE ID = 0").fetchone()
    return Answer({"ID": "0", "NAME": row[0] if row else ""})


@METHODS.method("crm.currency.base.get", "crm")
def currency_base(call: Call) -> Answer:
    """The base currency's code."""
    row = call.db.execute("SELECT CURRENCY FROM currencies WHERE BASE = 'Y'").fetchone()
    return Answer(row[0] if row else "")


def _currencies(call: Call, where: str = "", values: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    cursor = call.db.execute(
        "SELECT CURRENCY, CAST(AMOUNT_CNT AS TEXT), AMOUNT, CAST(SORT AS TEXT), BASE, FULL_NAME, LID, FORMAT_STRING, "
        f"DEC_POINT, THOUSANDS_SEP, CAST(DECIMALS AS TEXT), {moment_sql('DATE_UPDATE', SERVER_OFFSET)} "
        f"FROM currencies {where} ORDER BY currencies.SORT, CURRENCY",
        values,
    )
    names = (
        "CURRENCY",
        "AMOUNT_CNT",
        "AMOUNT",
        "SORT",
        "BASE",
        "FULL_NAME",
        "LID",
        "FORMAT_STRING",
        "DEC_POINT",
        "THOUSANDS_SEP",
        "DECIMALS",
        "DATE_UPDATE",
    )
    return [dict(zip(names, row, strict=True)) for row in cursor]


@METHODS.method("crm.currency.list", "crm")
def currency_list(call: Call) -> Answer:
    """All currencies with today's rates; ``total`` is always 0."""
    return Answer(_currencies(call), 0)


@METHODS.method("crm.currency.get", "crm")
def currency_get(call: Call) -> Answer:
    """One currency by its code."""
    found = _currencies(call, "WHERE CURRENCY = ?", (str(call.param("id", "")),))
    if not found:
        raise not_found()
    return Answer(found[0])
