"""Columns of the company's tables as the protocol sees them, and how each is printed in either family of methods.

Values are formatted by SQL: SQLite prints a page of 50 rows several times faster than Python would, and a batch of
50 x 50 wide rows must not take longer than the portal's own clock allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dash_app.demo.rest.clock import SERVER_OFFSET, offset_text

Kind = Literal[
    "id",
    "integer",
    "link",
    "string",
    "text",
    "datetime",
    "culture_datetime",
    "date",
    "money",
    "double",
    "flag",
    "boolean",
    "enumeration",
    "employee",
    "crm_status",
    "multifield",
    "file",
    "json",
]
"""How a column is stored and printed.

id, integer, link (an id that may be missing), employee: INTEGER; datetime, culture_datetime: epoch seconds UTC;
date: 'YYYY-MM-DD'; money: hundredths; double: REAL; flag: 'Y'/'N'; boolean: 1/0 (user field); multifield: one telephone or e-mail;
file: the id of a file (user field); json: an object or a list.
"""

NUMBERS = frozenset({"id", "integer", "link", "employee", "enumeration", "boolean", "file"})
MOMENTS = frozenset({"datetime", "culture_datetime"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``name`` is the classic REST field and the SQL column; ``item`` its name in ``crm.item.*``.

    empty: what the old methods print for NULL (null, "0", "", false; absent: the key is left out).
    star: comes with ``*`` (user fields: with ``UF_*``). ``sql``: expression where it is not a stored column.
    """

    name: str
    kind: Kind
    item: str | None = None
    multiple: bool = False
    empty: Literal["null", "zero", "blank", "false", "absent"] = "null"
    star: bool = True
    filterable: bool = True
    sql: str | None = None

    @property
    def user_field(self) -> bool:
        """Whether it is a user field."""
        return self.name.startswith("UF_CRM_") and self.name != "UF_CRM_TASK"

    @property
    def raw(self) -> str:
        """SQL of the stored value."""
        return self.sql or f't."{self.name}"'

    @property
    def is_json(self) -> bool:
        """Whether the printed value is JSON text that still has to be read."""
        return self.multiple or self.kind in {"json", "multifield", "file"}


def moment_sql(raw: str, offset: int) -> str:
    """SQL of an ISO datetime with offset from epoch seconds."""
    return f"strftime('%Y-%m-%dT%H:%M:%S{offset_text(offset)}', {raw} + {offset}, 'unixepoch')"


def day_sql(raw: str) -> str:
    """SQL of a "date" field: midnight UTC moved by the server's offset, ``2026-08-30T03:00:00+03:00``."""
    shift = f"{SERVER_OFFSET // 3600:02d}:{SERVER_OFFSET % 3600 // 60:02d}:00{offset_text(SERVER_OFFSET)}"
    return f"{raw} || 'T{shift}'"


_TOKEN = "demo7f3a90c1e5"
"""What the portal puts into addresses of files: a session's token. Whoever keeps it keeps a key."""


def file_sql(column: Column, names: tuple[str, ...]) -> str:
    """SQL of a user field's files: an id and addresses with a token, a list of them where there may be several."""
    raw = column.raw

    def printed(number: str) -> str:
        path = f"'/bitrix/components/bitrix/crm.deal.show/show_file.php?auth={_TOKEN}&ownerId=' || t.ID || '&fileId=' || {number}"
        addresses = ", ".join(f"'{name}', {path}" for name in names)
        return f"json_object('id', {number}, {addresses})"

    if column.multiple:
        listed = f"(SELECT json_group_array(json({printed('j.value')})) FROM json_each({raw}) j)"
        return f"CASE WHEN {raw} IS NOT NULL THEN {listed} ELSE '{'false' if column.empty == 'false' else '[]'}' END"
    return f"CASE WHEN {raw} IS NOT NULL THEN {printed(raw)} END"


def classic_sql(column: Column, user_offset: int) -> str:
    """SQL of a column as the old methods print it: everything is a text."""
    raw = column.raw
    if column.kind == "multifield":
        number = f"CAST(2 * t.ID + {0 if column.name == 'PHONE' else 1} AS TEXT)"
        value = f"'ID', {number}, 'VALUE_TYPE', 'WORK', 'VALUE', {raw}, 'TYPE_ID', '{column.name}'"
        return f"CASE WHEN {raw} IS NOT NULL THEN json_array(json_object({value})) END"
    if column.kind == "file":
        return file_sql(column, ("showUrl", "downloadUrl"))
    if column.is_json:
        return f"coalesce({raw}, '{'false' if column.user_field else '[]'}')"
    if column.kind == "datetime":
        printed = moment_sql(raw, SERVER_OFFSET)
    elif column.kind == "culture_datetime":
        printed = f"strftime('%d.%m.%Y %H:%M:%S', {raw} + {user_offset}, 'unixepoch')"
    elif column.kind == "date":
        printed = day_sql(raw)
    elif column.kind == "money":
        printed = f"printf('%d.%02d', {raw} / 100, abs({raw} % 100))"
        return f"CASE WHEN {raw} IS NULL THEN NULL ELSE {printed} END"
    elif column.kind in NUMBERS or column.kind == "double":
        printed = f"CAST({raw} AS TEXT)"
    else:
        printed = raw
    if column.empty == "zero":
        return f"coalesce({printed}, '0')"
    if column.empty == "blank":
        return f"coalesce({printed}, '')"
    return printed


def item_sql(column: Column) -> str:
    """SQL of a column as ``crm.item.*`` prints it: numbers are numbers."""
    raw = column.raw
    if column.kind == "file":
        return file_sql(column, ("url", "urlMachine"))
    if column.is_json:
        return f"coalesce({raw}, '[]')"
    if column.kind in MOMENTS:
        return moment_sql(raw, SERVER_OFFSET)
    if column.kind == "date":
        return day_sql(raw)
    if column.kind == "money":
        return f"CASE WHEN {raw} % 100 = 0 THEN {raw} / 100 ELSE {raw} / 100.0 END"
    if column.kind == "boolean":
        return f"CASE {raw} WHEN 1 THEN 'Y' WHEN 0 THEN 'N' END"
    if column.kind == "link":
        return f"coalesce({raw}, 0)"
    return raw
