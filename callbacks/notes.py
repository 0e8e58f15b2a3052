"""The dialog of a note on a head's week: opened by a row's button, saved as a kept change."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update

from dash_app.engine import units
from dash_app.errors import UserError
from dash_app.reports import leader_notes
from dash_app.services import Services
from dash_app.text import Lang
from dash_app.views import format as fmt
from dash_app.web import ids, language, note
from dash_app.web.errors import notice, sentence, toast


def _title(services: Services, key: str, lang: Lang) -> str:
    """«Елена Семёнова, Группа продаж «Центр», 9–15 ноября 2026»; UserError for a row that is none."""
    department, manager, week = (*key.split(":"), "", "", "")[:3]
    names = services.session().directory()
    leader_notes.key_of(names, department, manager, week)
    days = units.named(week)
    assert days is not None
    shown = fmt.bucket_long(days.start, days.end, "week", lang)
    return f"{names.manager(int(manager)).of(lang)}, {names.department(int(department)).of(lang)}, {shown}"


def register(app: Dash, services: Services) -> None:
    """Opening, closing and saving."""

    @app.callback(
        Output(ids.NOTE, "is_open"),
        Output(ids.NOTE_ROW, "data"),
        Output(ids.NOTE_TITLE, "children"),
        Output(ids.NOTE_TEXT, "value"),
        Output(ids.NOTE_AUTHOR, "value"),
        Output(ids.NOTE_STATE, "children"),
        Output(ids.TOAST, "children", allow_duplicate=True),
        Input(ids.ACT, "data"),
        Input(ids.NOTE_CANCEL, "n_clicks"),
        prevent_initial_call=True,
    )
    def show(asked: Any, _: Any) -> tuple[Any, ...]:
        if ctx.triggered_id == ids.NOTE_CANCEL:
            return (False, *(no_update,) * 6)
        if not isinstance(asked, dict) or asked.get("name") != "note":
            return (no_update,) * 7
        lang, key = language.current(), str(asked.get("key", ""))[:60]
        try:
            title = _title(services, key, lang)
            entry = services.session().entries(leader_notes.KIND).get(key)
        except UserError as error:
            return (*(no_update,) * 6, toast(error.text.of(lang), kind="warning", lang=lang))
        text, author = (entry.value.text, entry.value.author) if entry else ("", "")  # type: ignore[attr-defined]
        return True, {"key": key, "n": asked.get("n")}, title, text, author, None, no_update

    @app.callback(
        Output(ids.NOTE, "is_open", allow_duplicate=True),
        Output(ids.NOTE_STATE, "children", allow_duplicate=True),
        Output(ids.TOAST, "children", allow_duplicate=True),
        Output(ids.SNAPSHOT, "data", allow_duplicate=True),
        Input(ids.NOTE_SAVE, "n_clicks"),
        State(ids.NOTE_ROW, "data"),
        State(ids.NOTE_TEXT, "value"),
        State(ids.NOTE_AUTHOR, "value"),
        running=[(Output(ids.NOTE_SAVE, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def save(clicks: Any, row: Any, text: Any, author: Any) -> tuple[Any, ...]:
        if not clicks or not isinstance(row, dict):
            return (no_update,) * 4
        lang, session = language.current(), services.session()
        try:
            department, manager, week = (*str(row.get("key")).split(":"), "", "", "")[:3]
            said, who = str(text or "")[:2000], services.signed(str(author or "").strip()[:200] or note.WHO.ru)
            change = leader_notes.write(session, department, manager, week, said, who)
        except UserError as error:
            return no_update, notice(error.text, lang), no_update, no_update
        except Exception as error:
            return no_update, notice(sentence(error), lang), no_update, no_update
        if change is None:
            return False, None, toast(note.SAME.of(lang), kind="info", lang=lang), no_update
        done = note.DONE if said.strip() else note.GONE
        return False, None, toast(done.of(lang), kind="good", lang=lang), session.state().snapshot
