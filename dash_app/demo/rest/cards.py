"""Card pages: a link from a report to the portal opens something. Title and main fields, nothing to edit."""

from __future__ import annotations

import re
import sqlite3
from html import escape

from dash_app.demo.rest.clock import iso

_ROUTES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"/crm/(deal|lead|contact|company)/details/(\d+)/?$"), ""),
    (re.compile(r"/company/personal/user/\d+/tasks/task/view/(\d+)/?$"), "task"),
    (re.compile(r"/workgroups/group/\d+/tasks/task/view/(\d+)/?$"), "task"),
    (re.compile(r"/company/personal/user/(\d+)/?$"), "user"),
    (re.compile(r"/workgroups/group/(\d+)/?$"), "workgroup"),
)
_TABLES = {
    "deal": "deals",
    "lead": "leads",
    "contact": "contacts",
    "company": "companies",
    "task": "tasks",
    "user": "users",
    "workgroup": "workgroups",
}
_NAMES = {
    "deal": "Сделка",
    "lead": "Лид",
    "contact": "Контакт",
    "company": "Компания",
    "task": "Задача",
    "user": "Сотрудник",
    "workgroup": "Проект",
}
_MOMENTS = re.compile(r"^(DATE_|.*_DATE$|.*_TIME$|DEADLINE$|CREATED)")
_PAGE = """<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:52rem;padding:0 1rem}}
td,th{{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}}th{{font-weight:500;color:#667}}</style></head>
<body><p>Демо-портал · {kind} № {id}</p><h1>{title}</h1><table>{rows}</table></body></html>
"""


def card_page(db: sqlite3.Connection, path: str) -> str | None:
    """HTML of the card an address names; None if there is no such address or record."""
    for pattern, entity in _ROUTES:
        match = pattern.match(path)
        if not match:
            continue
        kind = entity or match.group(1)
        found = _record(db, _TABLES[kind], int(match.groups()[-1][:18]))
        return _page(kind, found) if found else None
    return None


def _record(db: sqlite3.Connection, table: str, identifier: int) -> dict[str, object] | None:
    cursor = db.execute(f"SELECT * FROM {table} WHERE ID = ?", [identifier])
    row = cursor.fetchone()
    return dict(zip([column[0] for column in cursor.description], row, strict=True)) if row else None


def _page(kind: str, record: dict[str, object]) -> str:
    names = (record.get(name) for name in ("TITLE", "NAME", "LAST_NAME"))
    title = " ".join(str(name) for name in names if name) or f"№ {record['ID']}"
    rows = []
    for name, value in record.items():
        if value is None or value == "":
            continue
        if isinstance(value, int) and _MOMENTS.match(name) and value > 10_000_000:
            shown = iso(value)
        elif name == "OPPORTUNITY" and isinstance(value, int):
            shown = f"{value / 100:.2f}"
        else:
            shown = str(value)
        rows.append(f"<tr><th>{escape(name)}</th><td>{escape(shown)}</td></tr>")
    return _PAGE.format(title=escape(title), kind=_NAMES[kind], id=record["ID"], rows="".join(rows))
