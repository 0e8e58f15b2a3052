"""The expense editor: cells are saved as they are typed, undone, imported; nobody's change is written over unseen."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, no_update

from dash_app.errors import BadInput, UserError
from dash_app.exports.expenses import expenses_of, expenses_xlsx, read_expenses
from dash_app.exports.typed_file import BadFile
from dash_app.services import Services
from dash_app.store.expenses import Edit, save, stored
from dash_app.store.kinds import KINDS
from dash_app.store.workspace import Change, EditConflict
from dash_app.text import Lang
from dash_app.views import format as fmt
from dash_app.web import expense_editor, ids, language, plan_editor, plan_words
from dash_app.web.errors import notice, sentence
from dash_app.web.pages import EXPENSES
from dash_app.web.state import params_of, slug_of

MOST_NAME = 60


def who_of(given: object, lang: Lang) -> str:
    """The name a person typed on the page."""
    name = " ".join(given.split())[:MOST_NAME] if isinstance(given, str) else ""
    return name or expense_editor.FROM_PAGE.of(lang)


def edits_of(given: object) -> list[Edit]:
    """Cells as the browser sends them: [source, '', month, 'amount', text, was]; BadInput for what is none."""
    edits = []
    for item in given if isinstance(given, list) else []:
        if not (isinstance(item, list) and len(item) == 6 and all(isinstance(part, str) for part in item)):
            raise BadInput(expense_editor.BAD_CELL)
        KINDS["expense"].value({"source_id": item[0], "month": item[2], "amount": "0"})
        edits.append(Edit(item[0], item[2], item[4][:200], item[5][:40]))
    return edits


def register(app: Dash, services: Services) -> None:
    """Reading, saving, undo, history, files."""
    workspace = services.workspace

    def span(search: object) -> plan_editor.Span:
        return plan_editor.span_of(params_of(search), plan_editor.today_of(services))

    @app.callback(
        Output(ids.COST_DATA, "data"),
        Output(ids.COST_GRID, "columnDefs"),
        Input(ids.URL, "search"),
        Input(ids.PULSE, "n_intervals"),
        State(ids.URL, "pathname"),
        State(ids.COST_DATA, "data"),
    )
    def load(search: Any, _: Any, pathname: Any, shown: Any) -> tuple[Any, Any]:
        if slug_of(pathname) != EXPENSES:
            return no_update, no_update
        lang = language.current()
        known = shown if isinstance(shown, dict) else {}
        same = known.get("months") == span(search).months
        if same and ctx.triggered_id == ids.PULSE and known.get("version") == workspace.version_of_all():
            return no_update, no_update
        return expense_editor.data(services, span(search), lang), no_update if same else expense_editor.columns(span(search), lang)

    def saved(ask: dict[str, Any], who: str, lang: Lang) -> dict[str, Any]:
        outcome = save(workspace, edits_of(ask.get("cells")), who)
        entries = workspace.entries("expense")
        touched = [*outcome.saved, *(edit for edit, _ in outcome.refused), *(edit for edit, _, _ in outcome.conflicts)]
        return {
            "cells": [[edit.source_id, "", edit.month, [stored(entries.get(edit.key))]] for edit in touched],
            "refused": [[edit.source_id, "", edit.month, "amount", edit.text, why.of(lang)] for edit, why in outcome.refused],
            "conflicts": [[edit.source_id, "", edit.month, "amount", edit.text, theirs, by] for edit, theirs, by in outcome.conflicts],
            "changes": [change.id for change in outcome.changes],
        }

    def undone(ask: dict[str, Any], who: str, lang: Lang) -> dict[str, Any]:
        try:
            workspace.undo_all([c for c in ask.get("changes", []) if isinstance(c, int)], who)
        except EditConflict as error:
            return {"said": plan_words.UNDO_CONFLICT.format(who=error.who).of(lang), "failed": True}
        return {"said": plan_words.UNDONE_OK.of(lang)}

    @app.callback(
        Output(ids.COST_ANSWER, "data"),
        Output(ids.COST_DATA, "data", allow_duplicate=True),
        Input(ids.COST_ASK, "data"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    def answer(ask: Any, search: Any) -> tuple[Any, Any]:
        if not isinstance(ask, dict):
            return no_update, no_update
        lang = language.current()
        who, number = who_of(ask.get("who"), lang), ask.get("n")
        try:
            if ask.get("kind") == "undo":
                return {"n": number, **undone(ask, who, lang)}, expense_editor.data(services, span(search), lang)
            return {"n": number, **saved(ask, who, lang)}, no_update
        except UserError as error:
            return {"n": number, "said": error.text.of(lang), "failed": True}, no_update
        except Exception as error:  # what was typed stays on the page and can be saved again
            return {"n": number, "said": sentence(error).of(lang), "failed": True}, no_update

    @app.callback(Output(ids.COST_HISTORY, "children"), Input(ids.COST_HISTORY_ASK, "data"), prevent_initial_call=True)
    def history(ask: Any) -> Any:
        if not isinstance(ask, dict) or not isinstance(ask.get("key"), str):
            return []
        source, _, month = ask["key"].rpartition(":")
        state = services.reports.state()
        changes = workspace.history(f"expense:{source.removesuffix(':all')}:{month}", most=50)
        return expense_editor.history(changes, str(ask.get("title", ""))[:200], state.as_of.tzinfo, language.current(), state.currency)

    @app.callback(Output(ids.DOWNLOAD, "data", allow_duplicate=True), Input(ids.COST_EXPORT, "n_clicks"), State(ids.URL, "search"), prevent_initial_call=True)
    def export(clicks: Any, search: Any) -> Any:
        if not clicks:
            return no_update
        shown = span(search)
        costs = [cost for cost in expenses_of(workspace.entries("expense")).values() if cost.month in set(shown.months)]
        buffer = io.BytesIO()
        expenses_xlsx(costs, services.reports.directory(), language.current(), buffer)
        return dcc.send_bytes(buffer.getvalue(), f"expenses-{shown.year}{'-' + shown.half if shown.half else ''}.xlsx")

    @app.callback(
        Output(ids.COST_IMPORT_REPORT, "children"),
        Output(ids.COST_ANSWER, "data", allow_duplicate=True),
        Output(ids.COST_DATA, "data", allow_duplicate=True),
        Output(ids.COST_IMPORT, "contents"),
        Input(ids.COST_IMPORT, "contents"),
        State(ids.COST_WHO, "value"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    def take(contents: Any, who: Any, search: Any) -> tuple[Any, Any, Any, Any]:
        if not isinstance(contents, str):
            return no_update, no_update, no_update, no_update
        lang = language.current()
        try:
            lines, changes = imported(contents, who_of(who, lang))
        except BadFile as error:
            return plan_editor.import_errors(error.wrong, lang), no_update, no_update, None
        except UserError as error:
            return notice(error.text, lang), no_update, no_update, None
        words = expense_editor.IMPORTED if changes else plan_words.SAME
        said = words.format(lines=fmt.plural(lines, "row", lang), changed=fmt.number(len(changes), lang))
        return notice(said, lang, kind="good"), {"n": 0, "changes": [c.id for c in changes]}, expense_editor.data(services, span(search), lang), None

    def imported(contents: str, who: str) -> tuple[int, list[Change]]:
        try:
            content = base64.b64decode(contents.partition(",")[2], validate=True)
        except (binascii.Error, ValueError):
            raise BadInput(plan_words.BAD_FILE) from None
        costs = read_expenses(content, services.reports.directory())
        return len(costs), workspace.put_entries("expense", {key: cost.model_dump(mode="json") for key, cost in costs.items()}, who)

    for name, output, inputs, states in (
        ("loaded", Output(ids.COST_GRID, "className"), [Input(ids.COST_DATA, "data")], [State(ids.COST_NAMES, "data")]),
        ("answered", Output(ids.COST_STATE, "className"), [Input(ids.COST_ANSWER, "data")], []),
        ("chosen", Output(ids.COST_NOTES, "className"), [Input(control, "value") for control in (ids.COST_YEAR, ids.COST_HALF)], []),
        ("found", Output(ids.COST_FIND, "className"), [Input(ids.COST_FIND, "value")], []),
        ("address", Output(ids.COST_HISTORY, "className"), [Input(ids.URL, "search"), Input(ids.COST_NAMES, "data")], []),
    ):
        app.clientside_callback(ClientsideFunction("plans", name), output, *inputs, *states)
