"""What is read from a portal: the method, the fields asked for, and the column each becomes, with its type.

The one place where a raw column is declared: tables of ``store.schema.RAW`` that hold portal lists are made of ``Entity.raw``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any

import orjson

from dash_app.portal import wire
from dash_app.portal.errors import no_list
from dash_app.text import Text

Columns = dict[str, list[Any]]
Odd = tuple[int, str | None, str]
"""(record's id, field's wire name, why): a value or record that could not be taken as it came. Why: unreadable | too_long | no_id (id 0)."""


def listed(value: Any) -> list[Any] | None:
    """A list as PHP writes it: one with holes in its keys comes as a map of numbers. None for anything else, a map without keys too."""
    if isinstance(value, Mapping) and value and all(key.isdecimal() for key in value):
        return list(value.values())
    return value if isinstance(value, list) else None


@dataclass(frozen=True, slots=True)
class Field:
    """Wire name -> column. ``also``: other spellings some portals use."""

    name: str
    column: str
    coerce: Callable[[Any], Any]
    also: tuple[str, ...] = ()
    type: str = ""
    """DuckDB type of the column, where it is not the one ``wire.COLUMN_TYPES`` gives to ``coerce``."""


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """A list that is read by id.

    ``path``: where the rows are inside ``result`` ('' – they are the result). ``changed``: the field of the incremental filter.
    ``required``: without it there is nothing to report. ``id_key``: the id's name in an answer row. ``version``: grows when a column
    comes to mean something else under the same name and type: snapshots that lie there read the entity whole once.
    """

    table: str
    method: str
    fields: tuple[Field, ...]
    title: Text
    path: str = ""
    id_key: str = "ID"
    params: Mapping[str, Any] = field(default_factory=dict)
    select: tuple[str, ...] | None = None
    changed: str | None = None
    changed_column: str | None = None
    required: bool = False
    user_fields: bool = False
    scope: str = "crm"
    filter_key: str = "filter"
    keyset: bool = True
    version: int = 1

    @property
    def raw(self) -> dict[str, str]:
        """Columns of its raw table with their DuckDB types. KeyError if a field's ``coerce`` has no type."""
        columns = {f.column: f.type or wire.COLUMN_TYPES[f.coerce] for f in self.fields}
        return {**columns, "uf": "VARCHAR"} if self.user_fields else columns

    def listed(self, result: Any) -> list[Any]:
        """What a page holds, in whatever shape PHP writes a list: rows, and whatever else stands in their place. Raises Refused if it is no list."""
        found = result
        if self.path and isinstance(result, Mapping):
            found = result.get(self.path)
        rows = listed(found)
        if rows is None:
            raise no_list(self.method)
        return rows

    def rows(self, result: Any) -> list[Mapping[str, Any]]:
        """Rows of a page. Raises Refused if it is no list."""
        return [row for row in self.listed(result) if isinstance(row, Mapping)]

    def id_of(self, row: Mapping[str, Any]) -> int:
        """The id of an answer row, 0 if it has none."""
        return wire.link(row.get(self.id_key)) or wire.link(row.get("ID")) or wire.link(row.get("id")) or 0

    def columns(self, rows: Sequence[Mapping[str, Any]], zone: tzinfo = UTC, odd: list[Odd] | None = None) -> Columns:
        """Rows as typed columns of the raw table: naive UTC instants, Decimal money, None for what is empty, missing or unreadable.

        zone: the caller's, for values that come without an offset. odd: values that could not be taken as they came are added to it.
        """
        table: Columns = {}
        strange: list[tuple[int, str, str]] = []
        for item in self.fields:
            name, coerce = item.name, item.coerce
            values = [row.get(name) for row in rows]
            for other in item.also:
                values = [row.get(other) if value is None else value for value, row in zip(values, rows, strict=True)]
            if coerce is wire.instant:
                taken: list[Any] = [wire.moment(v, zone) for v in values]
            elif coerce is wire.integer and item.type != "BIGINT":
                taken = [wire.small(v) for v in values]
            else:
                taken = [coerce(v) for v in values]
            table[item.column] = taken
            if None in taken:
                strange += [
                    (place, name, "unreadable")
                    for place, (got, value) in enumerate(zip(taken, values, strict=True))
                    if got is None and value is not None and not wire.says_nothing(value)
                ]
            if coerce is wire.text and max(map(len, filter(None, taken)), default=0) >= wire.MOST_TEXT:
                strange += [
                    (place, name, "too_long") for place, got in enumerate(taken) if got and len(got) >= wire.MOST_TEXT
                ]
        if self.user_fields:
            table["uf"] = kept = []
            for place, row in enumerate(rows):
                lost: list[str] = []
                kept.append(wire.user_fields(row, lost))
                strange += [(place, name, "unreadable") for name in lost]
        if odd is not None and strange:
            odd += [(self.id_of(rows[place]), wire_name, why) for place, wire_name, why in strange]
        return table

    def known(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Rows that say which record they are."""
        key = self.fields[0]
        return [row for row in rows if any(key.coerce(row.get(name)) is not None for name in (key.name, *key.also))]


def _same(names: str, coerce: Callable[[Any], Any]) -> tuple[Field, ...]:
    return tuple(Field(name, name.lower(), coerce) for name in names.split())


_CARD = (
    *_same("ID ASSIGNED_BY_ID CREATED_BY_ID MODIFY_BY_ID MOVED_BY_ID CONTACT_ID COMPANY_ID", wire.link),
    *_same("TITLE CURRENCY_ID SOURCE_ID UTM_SOURCE UTM_MEDIUM UTM_CAMPAIGN UTM_CONTENT UTM_TERM", wire.text),
    *_same("OPPORTUNITY", wire.money),
    *_same("DATE_CREATE DATE_MODIFY MOVED_TIME LAST_ACTIVITY_TIME LAST_COMMUNICATION_TIME", wire.instant),
    *_same("IS_RETURN_CUSTOMER", wire.flag),
)


def _selected(fields: tuple[Field, ...], *more: str) -> tuple[str, ...]:
    return (*dict.fromkeys(f.name for f in fields), *more)


_DEAL = (
    *_CARD,
    Field("STAGE_ID", "stage_id", wire.text),
    Field("STAGE_SEMANTIC_ID", "semantic", wire.text),
    Field("CATEGORY_ID", "category_id", wire.integer),
    *_same("LEAD_ID", wire.link),
    *_same("TYPE_ID", wire.text),
    *_same("IS_REPEATED_APPROACH IS_RECURRING CLOSED", wire.flag),
    *_same("BEGINDATE CLOSEDATE", wire.day),
)
_LEAD = (
    *_CARD,
    Field("STATUS_ID", "stage_id", wire.text),
    Field("STATUS_SEMANTIC_ID", "semantic", wire.text),
    *_same("DATE_CLOSED", wire.instant),
    *_same("HAS_PHONE HAS_EMAIL", wire.flag),
)
_HISTORY = (
    *_same("ID OWNER_ID", wire.link),
    *_same("TYPE_ID", wire.integer),
    *_same("CREATED_TIME", wire.instant),
)
_ACTIVITY = (
    *_same("ID OWNER_ID RESPONSIBLE_ID AUTHOR_ID ASSOCIATED_ENTITY_ID", wire.link),
    *_same("OWNER_TYPE_ID TYPE_ID STATUS DIRECTION", wire.integer),
    *_same("PROVIDER_ID PROVIDER_TYPE_ID SUBJECT ORIGIN_ID", wire.text),
    *_same("CREATED LAST_UPDATED START_TIME END_TIME DEADLINE", wire.instant),
    *_same("COMPLETED IS_INCOMING_CHANNEL", wire.flag),
    Field("SETTINGS", "missed_call", wire.missed_call),
)


def _task(name: str, column: str, coerce: Callable[[Any], Any], upper: str, type: str = "") -> Field:
    return Field(name, column, coerce, (upper,), type=type)


_TASK = (
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
_TASK_SELECT = tuple(f.also[0] for f in _TASK if f.also[0] != "REAL_STATUS") + ("STATUS",)

DEALS = Entity(
    "deals",
    "crm.deal.list",
    _DEAL,
    Text("сделки", "deals"),
    select=_selected(_DEAL, "UF_*"),
    changed="DATE_MODIFY",
    changed_column="date_modify",
    required=True,
    user_fields=True,
    version=2,
)
LEADS = Entity(
    "leads",
    "crm.lead.list",
    _LEAD,
    Text("лиды", "leads"),
    select=_selected(_LEAD, "UF_*"),
    changed="DATE_MODIFY",
    changed_column="date_modify",
    user_fields=True,
    version=2,
)
DEAL_HISTORY = Entity(
    "deal_history",
    "crm.stagehistory.list",
    (
        *_HISTORY,
        Field("CATEGORY_ID", "category_id", wire.integer),
        Field("STAGE_ID", "stage_id", wire.text),
        Field("STAGE_SEMANTIC_ID", "semantic", wire.text),
    ),
    Text("история стадий сделок", "stage history of deals"),
    path="items",
    params={"entityTypeId": 2},
)
LEAD_HISTORY = Entity(
    "lead_history",
    "crm.stagehistory.list",
    (
        *_HISTORY,
        Field("STATUS_ID", "stage_id", wire.text, ("STAGE_ID",)),
        Field("STATUS_SEMANTIC_ID", "semantic", wire.text, ("STAGE_SEMANTIC_ID",)),
    ),
    Text("история статусов лидов", "status history of leads"),
    path="items",
    params={"entityTypeId": 1},
)
ACTIVITIES = Entity(
    "activities",
    "crm.activity.list",
    _ACTIVITY,
    Text("дела", "activities"),
    select=_selected(_ACTIVITY),
    changed="LAST_UPDATED",
    changed_column="last_updated",
    version=2,
)
TASKS = Entity(
    "tasks",
    "tasks.task.list",
    _TASK,
    Text("задачи", "tasks"),
    path="tasks",
    id_key="id",
    select=_TASK_SELECT,
    changed="CHANGED_DATE",
    changed_column="changed_date",
    scope="task",
    version=2,
)
USERS = Entity(
    "users",
    "user.get",
    (
        *_same("ID", wire.link),
        *_same("ACTIVE", wire.flag),
        *_same("NAME LAST_NAME SECOND_NAME EMAIL WORK_POSITION USER_TYPE", wire.text),
        Field("UF_DEPARTMENT", "departments", wire.links),
    ),
    Text("сотрудники", "users"),
    params={"ADMIN_MODE": True, "sort": "ID", "order": "ASC"},
    filter_key="FILTER",
    scope="user",
)
DEPARTMENTS = Entity(
    "departments",
    "department.get",
    (
        *_same("ID", wire.link),
        *_same("NAME", wire.text),
        *_same("SORT", wire.integer),
        Field("PARENT", "parent_id", wire.link),
        Field("UF_HEAD", "head_id", wire.link),
    ),
    Text("отделы", "departments"),
    scope="department",
    keyset=False,
)
PIPELINES = Entity(
    "pipelines",
    "crm.category.list",
    (
        Field("id", "id", wire.integer, ("ID",)),
        Field("name", "name", wire.text, ("NAME",)),
        Field("sort", "sort", wire.integer, ("SORT",)),
        Field("isDefault", "is_default", wire.flag, ("IS_DEFAULT",)),
    ),
    Text("воронки", "pipelines"),
    path="categories",
    id_key="id",
    params={"entityTypeId": 2},
    keyset=False,
)
STATUSES = Entity(
    "statuses",
    "crm.status.list",
    (
        *_same("ID", wire.link),
        *_same("ENTITY_ID STATUS_ID NAME COLOR", wire.text),
        *_same("SORT", wire.integer),
        Field("SEMANTICS", "semantic", wire.text),
    ),
    Text("стадии и источники", "stages and sources"),
    required=True,
    keyset=False,
)
CURRENCIES = Entity(
    "currencies",
    "crm.currency.list",
    (
        *_same("CURRENCY FULL_NAME", wire.text),
        *_same("AMOUNT_CNT", wire.integer),
        *_same("AMOUNT", wire.rate),
        *_same("BASE", wire.flag),
    ),
    Text("валюты", "currencies"),
    keyset=False,
)
WORKGROUPS = Entity(
    "workgroups",
    "sonet_group.get",
    (
        *_same("ID", wire.link),
        *_same("NAME", wire.text),
        *_same("CLOSED", wire.flag),
        Field("PROJECT", "is_project", wire.flag),
    ),
    Text("проекты", "projects"),
    params={"IS_ADMIN": "Y", "ORDER": {"ID": "ASC"}},
    filter_key="FILTER",
    scope="sonet_group",
    keyset=False,
)

CONTACTS = Entity(
    "contacts",
    "crm.contact.list",
    (*_same("ID", wire.link), *_same("NAME LAST_NAME SECOND_NAME", wire.text)),
    Text("контакты", "contacts"),
    select=("ID", "NAME", "LAST_NAME", "SECOND_NAME"),
)
COMPANIES = Entity(
    "companies",
    "crm.company.list",
    (*_same("ID", wire.link), *_same("TITLE", wire.text)),
    Text("компании", "companies"),
    select=("ID", "TITLE"),
)

BIG: tuple[Entity, ...] = (DEAL_HISTORY, ACTIVITIES, DEALS, LEADS, LEAD_HISTORY, TASKS)
"""Read by id, page by page; the longest first."""
SMALL: tuple[Entity, ...] = (STATUSES, PIPELINES, CURRENCIES, USERS, DEPARTMENTS, WORKGROUPS)
"""Read whole at every refresh."""
NAMED: Mapping[str, Entity] = {"C": CONTACTS, "CO": COMPANIES}
"""Records read for their names alone, those that links of user fields lead to; by the prefix of such a link."""
ENTITIES = {entity.table: entity for entity in (*BIG, *SMALL)}

USER_FIELD_COLUMNS: Mapping[str, str] = {
    "entity": "VARCHAR",
    "field": "VARCHAR",
    "type": "VARCHAR",
    "label": "VARCHAR",
    "multiple": "BOOLEAN",
    "sort": "INTEGER",
    "items": "VARCHAR",
    "settings": "VARCHAR",
}
"""Columns of ``user_fields``. ``entity``: deal | lead; ``items``: JSON [{"ID": "45", "VALUE": "..."}] of list fields; ``settings``: JSON, SETTINGS."""
USER_FIELD_METHODS = {"deal": "crm.deal.userfield.list", "lead": "crm.lead.userfield.list"}


def user_field_columns(entity: str, rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Definitions of user fields as columns of ``user_fields``; labels are there because LANG was asked for."""
    table: Columns = {name: [] for name in USER_FIELD_COLUMNS}
    for row in rows:
        label = next(filter(None, map(_label, (row.get(name) for name in _LABELS))), None)
        listed = row.get("LIST")
        listed = list(listed.values()) if isinstance(listed, Mapping) else listed if isinstance(listed, list) else []
        items = [
            {"ID": number, "VALUE": wire.text(i.get("VALUE")) or number}
            for i in listed
            if isinstance(i, Mapping) and (number := wire.text(i.get("ID")))
        ]
        settings = _settings(row.get("SETTINGS"))
        for name, value in (
            ("entity", entity),
            ("field", wire.text(row.get("FIELD_NAME"))),
            ("type", wire.text(row.get("USER_TYPE_ID"))),
            ("label", label),
            ("multiple", wire.flag(row.get("MULTIPLE"))),
            ("sort", wire.small(row.get("SORT"))),
            ("items", orjson.dumps(items).decode() if items else None),
            ("settings", orjson.dumps(settings).decode() if settings else None),
        ):
            table[name].append(value)
    return table


_LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "FIELD_NAME")


def _settings(value: Any) -> dict[str, str | bool]:
    """What SETTINGS ([] when empty) say in one word each: directories, kinds of records. Whatever is nested is no setting of ours."""
    given = value.items() if isinstance(value, Mapping) else ()
    return {
        name: said
        for key, inner in given
        if (name := wire.text(key)) and (said := inner if isinstance(inner, bool) else wire.text(inner)) is not None
    }


def _label(value: Any) -> str | None:
    """A label as a text; one in several languages in Russian, else in any."""
    if isinstance(value, Mapping):
        return wire.text(value.get("ru")) or next(filter(None, map(wire.text, value.values())), None)
    return wire.text(value)
