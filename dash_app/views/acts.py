"""What can be done with a row: put a card off, bring it back, take a suggestion over.

An act is a button with ``data-act``, ``data-key`` and ``data-value``; one listener in ``assets/blocks/20-clicks.js`` hands them to the store ``act``,
and ``callbacks/acts.py`` does it. Everything in them comes back from the browser and is checked there again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash_app.engine.language import Unit
from dash_app.engine.result import BlockResult, RecordsPage, Row
from dash_app.record_kinds import is_card
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views import markup as html
from dash_app.views.scene import Scene, attrs

PUT_OFF = Text("Отложить", "Put off")
PUT_OFF_OF = Text("Отложить: {title}", "Put off: {title}")
BRING_BACK = Text("Вернуть", "Bring back")
BRING_BACK_OF = Text("Вернуть в забытые: {title}", "Bring back: {title}")
TAKE = Text("Принять {n}", "Take {n}")
TAKE_OF = Text("{stage}: принять срок {n}", "{stage}: take {n} days")
TAKEN = Text("принято", "taken")
NOTE = Text("Комментарий", "Note")
WRITE_NOTE = Text("Написать", "Write")
CHANGE_NOTE = Text("Изменить", "Change")
ACTS = Text("Действие", "Action")


def act_button(
    name: str, key: str, shown: Text, spoken: str, lang: Lang, *, value: str = "", title: str = ""
) -> html.Button:
    """A button that acts."""
    return html.Button(
        shown.of(lang),
        className="button button-small act",
        type="button",
        **attrs({"data-act": name, "data-key": key, "data-value": value, "aria-label": spoken}),
        **({"title": title} if title else {}),
    )


def of_record(page: RecordsPage, row: Row, lang: Lang) -> dict[str, str] | None:
    """The act of a record in a list, as its cell renderer draws it: name, key, label, spoken. None if there is none."""
    if "snooze" not in page.actions or not is_card(page.entity) or row.get("status_id") != "in_work":
        return None
    title = str(row.get("title") or row["id"])
    key = str(row.get("key") or f"{page.entity}:{row['id']}")
    if row.get("snoozed_until"):
        return {
            "name": "unsnooze",
            "key": key,
            "label": BRING_BACK.of(lang),
            "spoken": BRING_BACK_OF.format(title=title).of(lang),
        }
    return {"name": "snooze", "key": key, "label": PUT_OFF.of(lang), "spoken": PUT_OFF_OF.format(title=title).of(lang)}


def column(page: RecordsPage, lang: Lang) -> dict[str, Any] | None:
    """The column of acts of a list; None for lists without any."""
    if "snooze" not in page.actions or not is_card(page.entity):
        return None
    return {
        "field": "act",
        "headerName": "",
        "headerTooltip": ACTS.of(lang),
        "width": 118,
        "minWidth": 52,
        "pinned": "right",
        "sortable": False,
        "filter": False,
        "cellDataType": False,
        "resizable": False,
        "suppressMovable": True,
        "cellRenderer": "Act",
        "cellClass": "cell-act",
    }


def of_row(scene: Scene, result: BlockResult, row: Row) -> Any:
    """The cell of acts of a block's row."""
    if "take_days" in scene.block.actions:
        return _take_days(scene, row)
    if "note" in scene.block.actions:
        return _note(scene, row)
    return None


def _note(scene: Scene, row: Mapping[str, Any]) -> html.Button:
    """Writes or changes the note of a head's week; who wrote it and when on hover."""
    shown = CHANGE_NOTE if row.get("note") else WRITE_NOTE
    spoken = f"{shown.of(scene.lang)}, {NOTE.of(scene.lang).lower()}: {row.get('manager')}, {row.get('department')}, {row.get('week')}"
    key = f"{row['department_id']}:{row['manager_id']}:{row['week']}"
    when = scene.show(row.get("note_at"), Unit.DATE) if row.get("note_at") else ""
    title = ", ".join(part for part in (str(row.get("note_author") or ""), when) if part)
    return act_button("note", key, shown, spoken, scene.lang, title=title)


def _take_days(scene: Scene, row: Mapping[str, Any]) -> Any:
    suggested = row.get("suggested_days")
    if suggested is None:
        return None
    if suggested == row.get("days"):
        return html.Span(TAKEN.of(scene.lang), className="muted")
    shown = fmt.number(suggested, scene.lang)
    spoken = TAKE_OF.format(stage=row.get("stage"), n=shown).of(scene.lang)
    return act_button(
        "take_days",
        f"deal:{row['pipeline_id']}:{row['stage_id']}",
        TAKE.format(n=shown),
        spoken,
        scene.lang,
        value=str(suggested),
    )


def has_column(scene: Scene) -> bool:
    """Whether a block's table ends with a column of acts."""
    return not {"take_days", "note"}.isdisjoint(scene.block.actions)
