"""A small portal whose records have one odd value each, answered in this process as JSON text: what arrives is what a portal could send.

Every field of every entity gets every odd value in a record of its own. Beside them stand control records nobody touches. Odd values never name a control record, so
whatever differs in the controls between a portal with the odd values and the same portal without them is damage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from dash_app.portal import client as wire_client
from dash_app.portal.client import Client
from dash_app.portal.credentials import Webhook
from dash_app.portal.pacing import Pacing

NOW: Final = "2026-03-20T12:00:00+03:00"
CONTROL: Final = 1_000_000
"""Ids of control records lie above, so that no odd value is one."""
PAGE: Final = 50
MISSING: Final = object()


def deep(levels: int, *, maps: bool = False) -> Any:
    """A list in a list in a list …, or a map in a map."""
    value: Any = "x"
    for _ in range(levels):
        value = {"a": value} if maps else [value]
    return value


ODD: Final[tuple[Any, ...]] = (
    None,
    MISSING,
    "",
    " \t\n",
    0,
    "0",
    -5,
    "-5",
    True,
    False,
    [],
    {},
    [None],
    ["a", {"b": []}],
    {"id": 5, "value": "x"},
    deep(400),
    deep(400, maps=True),
    "x" * 200_000,
    "9" * 40,
    10**30,
    1e300,
    3.5,
    float("nan"),
    float("inf"),
    "NaN",
    "1_0",
    "не то",
    "a\x00b\x07",
    "\ud83d",
    "ООО &quot;Ромашка&quot; &#39;&bad;",
    "<script>alert(1)</script>",
    "'; DROP TABLE deals; --",
    "Y",
    "ID",
    "0001-01-01T00:00:00+03:00",
    "0000-00-00 00:00:00",
    "1899-12-31T00:00:00+03:00",
    "9999-12-31T23:59:59+03:00",
    "12345-01-01T00:00:00+03:00",
    "2090-01-01T00:00:00+03:00",
    "2026-02-30T00:00:00+03:00",
    "01.08.2025 10:00:00",
    "100|",
    "1|USD|x",
)
"""Wrong types, nothing in all spellings, too much, too deep, too early, too late, no text, markup, a name of ours."""

USER_FIELDS: Final[dict[str, Any]] = {
    "string": "слово",
    "integer": "5",
    "double": "1.5",
    "boolean": "1",
    "enumeration": "101",
    "crm_status": "FOOD",
    "date": "2026-03-05T03:00:00+03:00",
    "datetime": "2026-03-05T10:00:00+03:00",
    "money": "100|RUB",
    "employee": str(CONTROL + 1),
    "crm": "D_410",
    "address": "Гранатный пер., 10|55.76;37.59|571",
    "url": "https://example.com",
    "file": {"id": 5, "showUrl": "/x?auth=T", "downloadUrl": "/y?auth=T"},
}


def _card(number: int, stage: str, **more: Any) -> dict[str, Any]:
    return {
        "ID": str(number),
        "TITLE": f"Карточка {number}",
        "OPPORTUNITY": "1000.00",
        "CURRENCY_ID": "RUB",
        "ASSIGNED_BY_ID": str(CONTROL + 1),
        "CREATED_BY_ID": str(CONTROL + 1),
        "MODIFY_BY_ID": str(CONTROL + 1),
        "MOVED_BY_ID": str(CONTROL + 1),
        "DATE_CREATE": "2026-03-02T10:00:00+03:00",
        "DATE_MODIFY": "2026-03-03T10:00:00+03:00",
        "MOVED_TIME": "2026-03-03T10:00:00+03:00",
        "LAST_ACTIVITY_TIME": "2026-03-03T11:00:00+03:00",
        "LAST_COMMUNICATION_TIME": "03.03.2026 11:00:00",
        "SOURCE_ID": "WEB",
        "CONTACT_ID": "5",
        "COMPANY_ID": "6",
        "IS_RETURN_CUSTOMER": "N",
        **{f"UTM_{name}": "x" for name in ("SOURCE", "MEDIUM", "CAMPAIGN", "CONTENT", "TERM")},
        **{f"UF_CRM_{name.upper()}": value for name, value in USER_FIELDS.items()},
        **more,
    }


def _deal(number: int, pipeline: int, stage: str = "NEW", semantic: str = "P", **more: Any) -> dict[str, Any]:
    return _card(
        number,
        stage,
        **{
            "STAGE_ID": f"C{pipeline}:{stage}",
            "STAGE_SEMANTIC_ID": semantic,
            "CATEGORY_ID": str(pipeline),
            "LEAD_ID": "0",
            "TYPE_ID": "SALE",
            "IS_REPEATED_APPROACH": "N",
            "IS_RECURRING": "N",
            "CLOSED": "N" if semantic == "P" else "Y",
            "BEGINDATE": "2026-03-02T03:00:00+03:00",
            "CLOSEDATE": "2026-03-25T03:00:00+03:00",
            **more,
        },
    )


def _lead(number: int, stage: str = "NEW", semantic: str = "P", **more: Any) -> dict[str, Any]:
    return _card(
        number,
        stage,
        **{
            "STATUS_ID": stage,
            "STATUS_SEMANTIC_ID": semantic,
            "DATE_CLOSED": "",
            "HAS_PHONE": "Y",
            "HAS_EMAIL": "N",
            **more,
        },
    )


def _moved(number: int, owner: int, day: int, stage: str, semantic: str, pipeline: int | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ID": number,
        "TYPE_ID": 1 if day == 2 else 2,
        "OWNER_ID": owner,
        "CREATED_TIME": f"2026-03-{day:02d}T10:00:00+03:00",
    }
    if pipeline is None:
        return {**row, "STATUS_ID": stage, "STATUS_SEMANTIC_ID": semantic}
    return {**row, "CATEGORY_ID": pipeline, "STAGE_ID": f"C{pipeline}:{stage}", "STAGE_SEMANTIC_ID": semantic}


def _activity(number: int, owner: int, kind: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "ID": str(number),
        "OWNER_ID": str(owner),
        "OWNER_TYPE_ID": "2",
        "TYPE_ID": str(kind),
        "PROVIDER_ID": "VOXIMPLANT_CALL",
        "PROVIDER_TYPE_ID": "CALL",
        "SUBJECT": "Звонок",
        "CREATED": "2026-03-04T10:00:00+03:00",
        "LAST_UPDATED": "2026-03-04T10:05:00+03:00",
        "START_TIME": "2026-03-04T10:00:00+03:00",
        "END_TIME": "2026-03-04T10:05:00+03:00",
        "DEADLINE": "2026-03-04T10:05:00+03:00",
        "COMPLETED": "Y",
        "STATUS": "2",
        "RESPONSIBLE_ID": str(CONTROL + 1),
        "AUTHOR_ID": str(CONTROL + 1),
        "DIRECTION": "2",
        "ASSOCIATED_ENTITY_ID": "0",
        "ORIGIN_ID": "VI_1",
        "IS_INCOMING_CHANNEL": "N",
        "SETTINGS": [],
        **more,
    }


def _task(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "title": f"Задача {number}",
        "status": "3",
        "priority": "1",
        "createdBy": str(CONTROL + 1),
        "responsibleId": str(CONTROL + 1),
        "createdDate": "2026-03-04T16:15:55+03:00",
        "changedDate": "2026-03-05T10:00:00+03:00",
        "deadline": "2026-03-10T19:00:00+03:00",
        "startDatePlan": "2026-03-05T10:00:00+03:00",
        "endDatePlan": None,
        "dateStart": "2026-03-05T11:00:00+03:00",
        "closedDate": None,
        "statusChangedDate": "2026-03-05T11:00:00+03:00",
        "activityDate": "2026-03-05T11:00:00+03:00",
        "groupId": str(CONTROL + 1),
        "parentId": "0",
        "timeEstimate": "3600",
        "timeSpentInLogs": None,
        "mark": None,
        "ufCrmTask": ["D_410"],
        "tags": {"1": {"id": 1, "title": "срочно"}},
        **more,
    }


def _user(number: int, **more: Any) -> dict[str, Any]:
    return {
        "ID": str(number),
        "ACTIVE": True,
        "NAME": "Анна",
        "LAST_NAME": f"Петрова {number}",
        "SECOND_NAME": "",
        "EMAIL": "a@example.com",
        "WORK_POSITION": "Менеджер",
        "USER_TYPE": "employee",
        "UF_DEPARTMENT": [CONTROL + 1],
        **more,
    }


def _department(number: int, **more: Any) -> dict[str, Any]:
    return {
        "ID": str(number),
        "NAME": f"Отдел {number}",
        "SORT": 500,
        "PARENT": str(CONTROL + 1),
        "UF_HEAD": "7",
        **more,
    }


def _pipeline(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": f"Воронка {number}", "sort": 300, "isDefault": "N", **more}


def _status(number: int, entity: str, code: str, **more: Any) -> dict[str, Any]:
    return {
        "ID": str(number),
        "ENTITY_ID": entity,
        "STATUS_ID": code,
        "NAME": f"Стадия {code}",
        "SORT": "10",
        "SEMANTICS": None,
        "COLOR": "#39A8EF",
        **more,
    }


def _currency(number: int, **more: Any) -> dict[str, Any]:
    return {
        "CURRENCY": f"X{number}",
        "AMOUNT_CNT": "1",
        "AMOUNT": "90.5000",
        "BASE": "N",
        "FULL_NAME": "Монета",
        **more,
    }


def _group(number: int, **more: Any) -> dict[str, Any]:
    return {"ID": str(number), "NAME": f"Проект {number}", "CLOSED": "N", "PROJECT": "Y", **more}


def _user_field(number: int, **more: Any) -> dict[str, Any]:
    return {
        "ID": str(number),
        "FIELD_NAME": f"UF_CRM_ODD_{number}",
        "USER_TYPE_ID": "enumeration",
        "MULTIPLE": "N",
        "SORT": "150",
        "EDIT_FORM_LABEL": "Причина",
        "LIST_COLUMN_LABEL": "Причина",
        "LIST_FILTER_LABEL": "Причина",
        "SETTINGS": {"DISPLAY": "LIST"},
        "LIST": [{"ID": "101", "VALUE": "Дорого"}],
        **more,
    }


SALES, ODD_SALES, ODD_STAGES = 1_000_007, 1_000_009, 1_000_008
"""Pipelines: of the controls, of odd deals, of odd stages."""

_SAMPLES: Final[dict[str, Any]] = {
    "crm.deal.list": lambda n: _deal(n, ODD_SALES),
    "crm.lead.list": lambda n: _lead(n, "ODD"),
    "crm.stagehistory.list?2": lambda n: _moved(n, 500_000 + n, 3, "WORK", "P", ODD_SALES),
    "crm.stagehistory.list?1": lambda n: _moved(n, 500_000 + n, 3, "ODD", "P", None),
    "crm.activity.list": lambda n: _activity(n, 500_000),
    "tasks.task.list": _task,
    "user.get": _user,
    "department.get": _department,
    "crm.category.list": _pipeline,
    "crm.status.list": lambda n: _status(n, f"DEAL_STAGE_{ODD_STAGES}", f"C{ODD_STAGES}:ODD{n}"),
    "crm.currency.list": _currency,
    "sonet_group.get": _group,
    "crm.deal.userfield.list": _user_field,
}
"""Method (and entity type of a history) -> a sound record of an id, which no control record leans on."""


def controls() -> dict[str, list[dict[str, Any]]]:
    """Records nobody touches: won, lost and open deals, leads, their history, activities, tasks, directories."""
    rows: dict[str, list[dict[str, Any]]] = {method: [] for method in (*_SAMPLES, "crm.lead.userfield.list")}
    history = 2 * CONTROL
    for number in range(60):
        deal, lead = CONTROL + 100 + number, CONTROL + 300 + number
        ends = ("NEW", "P") if number % 3 == 0 else ("WON", "S") if number % 3 == 1 else ("LOSE", "F")
        path = [(2, "NEW", "P")] + ([(3 + number % 9, *ends)] if ends[1] != "P" else [])
        moved = f"2026-03-{path[-1][0]:02d}T10:00:00+03:00"
        rows["crm.deal.list"].append(_deal(deal, SALES, *ends, MOVED_TIME=moved, LEAD_ID=str(lead)))
        rows["crm.lead.list"].append(_lead(lead, MOVED_TIME="2026-03-02T10:00:00+03:00"))
        for day, stage, semantic in path:
            history += 1
            rows["crm.stagehistory.list?2"].append(_moved(history, deal, day, stage, semantic, SALES))
        rows["crm.stagehistory.list?1"].append(_moved(history, lead, 2, "NEW", "P", None))
        rows["crm.activity.list"].append(_activity(CONTROL + number, deal))
        rows["tasks.task.list"].append(_task(CONTROL + number))
    rows["user.get"] = [_user(CONTROL + 1)]
    rows["department.get"] = [_department(CONTROL + 1, PARENT=None)]
    rows["crm.category.list"] = [_pipeline(n) for n in (SALES, ODD_STAGES, ODD_SALES)]
    number = CONTROL
    for pipeline in (SALES, ODD_SALES, ODD_STAGES):
        for code, semantic in (("NEW", None), ("WORK", None), ("WON", "S"), ("LOSE", "F")):
            number += 1
            rows["crm.status.list"].append(
                _status(number, f"DEAL_STAGE_{pipeline}", f"C{pipeline}:{code}", SEMANTICS=semantic, SORT=str(number))
            )
    for code, semantic in (("NEW", None), ("ODD", None), ("CONVERTED", "S"), ("JUNK", "F")):
        number += 1
        rows["crm.status.list"].append(_status(number, "STATUS", code, SEMANTICS=semantic, SORT=str(number)))
    rows["crm.status.list"].append(_status(number + 1, "SOURCE", "WEB"))
    rows["crm.currency.list"] = [_currency(0, CURRENCY="RUB", AMOUNT="1", BASE="Y")]
    rows["sonet_group.get"] = [_group(CONTROL + 1)]
    for method in ("crm.deal.userfield.list", "crm.lead.userfield.list"):
        rows[method] = [
            _user_field(number, FIELD_NAME=f"UF_CRM_{name.upper()}", USER_TYPE_ID=name)
            for number, name in enumerate(USER_FIELDS, CONTROL)
        ]
    return rows


@dataclass(frozen=True, slots=True)
class Oddity:
    """One odd value in one field of one record of its own."""

    method: str
    field: str
    value: Any

    def __repr__(self) -> str:
        return f"{self.method} {self.field} = {repr(self.value)[:40] if self.value is not MISSING else 'missing'}"


def oddities() -> list[Oddity]:
    """Every field of every entity with every odd value."""
    return [Oddity(method, name, value) for method, sample in _SAMPLES.items() for name in sample(1) for value in ODD]


@dataclass(slots=True)
class Rows:
    """The portal's lists, each in the order of what ids were before they became odd."""

    lists: dict[str, list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Sequence[Oddity], *, odd: bool = True) -> Rows:
        """Controls and a record an oddity; ``odd=False``: the same records, all sound."""
        found: dict[str, list[tuple[int, dict[str, Any]]]] = {
            method: [(int(row.get("ID", row.get("id", 0))), row) for row in rows] for method, rows in controls().items()
        }
        for number, oddity in enumerate(given, 1000):
            row = _SAMPLES[oddity.method](number)
            if odd and oddity.value is MISSING:
                del row[oddity.field]
            elif odd:
                row[oddity.field] = oddity.value
            found[oddity.method].append((number, row))
        return cls({method: sorted(rows, key=lambda r: r[0]) for method, rows in found.items()})


_REFERENCE = re.compile(r"\$result\[(\w+)\]((?:\[\w+\])+)")
_SHAPES = {"crm.stagehistory.list": "items", "tasks.task.list": "tasks", "crm.category.list": "categories"}
_PAGED = frozenset(
    {"user.get", "department.get", "sonet_group.get", "crm.deal.userfield.list", "crm.lead.userfield.list"}
)


class OddPortal(Client):
    """A client that is its own portal."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(
            Webhook.parse("http://127.0.0.1:9/rest/1/secret/"), Pacing(1e6, 10**6, idle=lambda seconds: None)
        )
        self.rows = rows

    def _once(self, method: str, body: Mapping[str, Any], methods: frozenset[str]) -> dict[str, Any]:
        if method == "batch":
            results: dict[str, Any] = {}
            for key, command in body["cmd"].items():
                name, _, query = command.partition("?")
                asked = {n: _resolved(v, results) for n, v in parse_qsl(query, keep_blank_values=True)}
                results[key] = self._answer(name, asked)["result"]
            answer: dict[str, Any] = {"result": {"result": results, "result_error": []}}
        else:
            answer = self._answer(method, {name: str(value) for name, value in _flat(body)})
        parsed = wire_client._parsed(json.dumps(answer).encode())
        assert parsed is not None, method
        return parsed

    def _answer(self, method: str, asked: Mapping[str, str]) -> dict[str, Any]:
        match method:
            case "server.time":
                return {"result": NOW}
            case "profile":
                return {"result": {"ID": "1", "ADMIN": True, "TIME_ZONE": "Europe/Moscow"}}
            case "crm.currency.base.get":
                return {"result": "RUB"}
            case "crm.settings.mode.get":
                return {"result": 1}
        key = f"{method}?{asked['entityTypeId']}" if method == "crm.stagehistory.list" else method
        rows = self.rows.lists.get(key, [])
        for name, value in asked.items():
            if found := re.fullmatch(r"(?:filter|FILTER)\[(>|<=)ID\]", name):
                bound = int(m[0]) if (m := re.match(r"-?\d+", value)) else 0
                rows = [r for r in rows if (r[0] > bound if found[1] == ">" else r[0] <= bound)]
        total, start = len(rows), int(asked.get("start", "0"))
        paged = start >= 0 and method in _PAGED
        page = (
            rows[start : start + PAGE]
            if paged
            else rows
            if method.endswith((".category.list", ".status.list", ".currency.list"))
            else rows[:PAGE]
        )
        listed = [row for _, row in page]
        shape = _SHAPES.get(method)
        following = {"next": start + PAGE} if paged and start + PAGE < total else {}
        return {"result": {shape: listed} if shape else listed, "total": total, **following}


def _resolved(value: str, results: Mapping[str, Any]) -> str:
    found = _REFERENCE.fullmatch(value)
    if found is None:
        return value
    at: Any = results.get(found[1])
    for step in re.findall(r"\[(\w+)\]", found[2]):
        try:
            at = at[int(step)] if isinstance(at, list) else at[step]
        except (KeyError, IndexError, TypeError):
            return value
    return str(at)


def _flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{prefix}[{key}]" if prefix else str(key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _flat(inner, f"{prefix}[{index}]")
    else:
        yield prefix, value
