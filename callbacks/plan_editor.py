"""The plan editor: cells are saved as they are typed, undone, imported; nobody's change is written over unseen."""

from __future__ import annotations

import base64
import binascii
import io
import logging
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, no_update

from dash_app.errors import BadInput, NoData, UserError
from dash_app.exports.plans import BadPlanFile, plans_of, plans_xlsx, read_plans
from dash_app.services import Services
from dash_app.store.kinds import KINDS
from dash_app.store.plans import MEASURES, Cell, Edit, closed_months, save
from dash_app.store.workspace import Change, EditConflict
from dash_app.text import Lang
from dash_app.views import format as fmt
from dash_app.web import ids, language, plan_editor, plan_words
from dash_app.web.errors import notice, sentence
from dash_app.web.pages import PLANS
from dash_app.web.state import params_of, slug_of

log = logging.getLogger(__name__)
MOST_NAME = 60


def who_of(given: object, lang: Lang) -> str:
    """The name a person typed on the page."""
    name = " ".join(given.split())[:MOST_NAME] if isinstance(given, str) else ""
    return name or plan_words.FROM_PAGE.of(lang)


def edits_of(given: object) -> list[Edit]:
    """Cells as the browser sends them: [manager, pipeline, month, measure, text, was]; BadInput for what is none."""
    edits = []
    for item in given if isinstance(given, list) else []:
        if not (isinstance(item, list) and len(item) == 6 and all(isinstance(part, str) for part in item)) or item[3] not in MEASURES:
            raise BadInput(plan_words.BAD_CELL)
        cell = Cell(item[0], item[1], item[2], item[3])
        KINDS["plan"].value({"manager_id": cell.manager_id, "pipeline_id": cell.pipeline_id, "month": cell.month, "plan_amount": "0"})
        edits.append(Edit(cell, item[4][:200], item[5][:40]))
    return edits


def register(app: Dash, services: Services) -> None:
    """Reading, saving, undo, history, files."""
    workspace = services.workspace

    def rows(search: object, lang: Lang) -> dict[str, Any]:
        return plan_editor.data(services, plan_editor.span_of(params_of(search), plan_editor.today_of(services)), lang)

    @app.callback(
        Output(ids.PLAN_DATA, "data"),
        Output(ids.PLAN_GRID, "columnDefs"),
        Input(ids.URL, "search"),
        Input(ids.PULSE, "n_intervals"),
        State(ids.URL, "pathname"),
        State(ids.PLAN_DATA, "data"),
    )
    def load(search: Any, _: Any, pathname: Any, shown: Any) -> tuple[Any, Any]:
        if slug_of(pathname) != PLANS:
            return no_update, no_update
        lang = language.current()
        span = plan_editor.span_of(params_of(search), plan_editor.today_of(services))
        known = shown if isinstance(shown, dict) else {}
        same = known.get("months") == span.months
        if same and ctx.triggered_id == ids.PULSE and known.get("version") == workspace.version_of_all():
            return no_update, no_update
        return plan_editor.data(services, span, lang), no_update if same else plan_editor.columns(span, lang)

    def saved(ask: dict[str, Any], who: str, lang: Lang) -> dict[str, Any]:
        outcome = save(workspace, edits_of(ask.get("cells")), who)
        touched = {c.key: c for c in [*outcome.saved, *(r.edit.cell for r in outcome.refused), *(c.edit.cell for c in outcome.conflicts)]}
        entries = workspace.entries("plan")
        return {
            "cells": [[c.manager_id, c.pipeline_id, c.month, plan_editor.cell(entries.get(key))] for key, c in touched.items()],
            "refused": [[*_place(r.edit), r.edit.text, r.why.of(lang)] for r in outcome.refused],
            "conflicts": [[*_place(c.edit), c.edit.text, c.theirs, c.who] for c in outcome.conflicts],
            "changes": [change.id for change in outcome.changes],
        }

    def undone(ask: dict[str, Any], who: str, lang: Lang) -> dict[str, Any]:
        changes = [c for c in ask.get("changes", []) if isinstance(c, int)]
        try:
            workspace.undo_all(changes, who)
        except EditConflict as error:
            return {"said": plan_words.UNDO_CONFLICT.format(who=error.who).of(lang), "failed": True}
        return {"said": plan_words.UNDONE_OK.of(lang)}

    @app.callback(
        Output(ids.PLAN_ANSWER, "data"),
        Output(ids.PLAN_DATA, "data", allow_duplicate=True),
        Input(ids.PLAN_ASK, "data"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    def answer(ask: Any, search: Any) -> tuple[Any, Any]:
        if not isinstance(ask, dict):
            return no_update, no_update
        lang = language.current()
        who = who_of(ask.get("who"), lang)
        number = ask.get("n")
        try:
            if ask.get("kind") == "undo":
                return {"n": number, **undone(ask, who, lang)}, rows(search, lang)
            return {"n": number, **saved(ask, who, lang)}, no_update
        except UserError as error:
            return {"n": number, "said": error.text.of(lang), "failed": True}, no_update
        except Exception as error:  # what was typed stays on the page and can be saved again
            return {"n": number, "said": sentence(error).of(lang), "failed": True}, no_update

    @app.callback(
        Output(ids.PLAN_HISTORY, "children"),
        Input(ids.PLAN_HISTORY_ASK, "data"),
        prevent_initial_call=True,
    )
    def history(ask: Any) -> Any:
        if not isinstance(ask, dict) or not isinstance(ask.get("key"), str):
            return []
        lang = language.current()
        state = services.reports.state()
        changes = workspace.history(f"plan:{ask['key']}", most=50)
        return plan_editor.history(changes, str(ask.get("title", ""))[:200], state.as_of.tzinfo, lang, state.currency)

    @app.callback(
        Output(ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(ids.PLAN_EXPORT, "n_clicks"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    def export(clicks: Any, search: Any) -> Any:
        if not clicks:
            return no_update
        span = plan_editor.span_of(params_of(search), plan_editor.today_of(services))
        months = set(span.months)
        plans = [plan for plan in plans_of(workspace.entries("plan")).values() if plan.month in months]
        buffer = io.BytesIO()
        plans_xlsx(plans, services.reports.directory(), language.current(), buffer)
        return dcc.send_bytes(buffer.getvalue(), f"plan-{span.year}{'-' + span.half if span.half else ''}.xlsx")

    @app.callback(
        Output(ids.PLAN_IMPORT_REPORT, "children"),
        Output(ids.PLAN_ANSWER, "data", allow_duplicate=True),
        Output(ids.PLAN_DATA, "data", allow_duplicate=True),
        Output(ids.PLAN_IMPORT, "contents"),
        Input(ids.PLAN_IMPORT, "contents"),
        State(ids.PLAN_WHO, "value"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    def take(contents: Any, who: Any, search: Any) -> tuple[Any, Any, Any, Any]:
        if not isinstance(contents, str):
            return no_update, no_update, no_update, no_update
        lang = language.current()
        try:
            lines, changes = imported(contents, who_of(who, lang))
        except BadPlanFile as error:
            return plan_editor.import_errors(error.wrong, lang), no_update, no_update, None
        except UserError as error:
            return notice(error.text, lang), no_update, no_update, None
        words = plan_words.IMPORTED if changes else plan_words.SAME
        said = words.format(lines=fmt.plural(lines, "row", lang), changed=fmt.number(len(changes), lang))
        return notice(said, lang, kind="good"), {"n": 0, "changes": [c.id for c in changes]}, rows(search, lang), None

    def imported(contents: str, who: str) -> tuple[int, list[Change]]:
        try:
            content = base64.b64decode(contents.partition(",")[2], validate=True)
        except (binascii.Error, ValueError):
            raise BadInput(plan_words.BAD_FILE) from None
        try:
            directory = services.reports.directory()
        except NoData:
            directory = None
        plans = read_plans(content, directory, plans_of(workspace.entries("plan")), closed_months(workspace))
        return len(plans), workspace.put_entries("plan", {key: plan.model_dump(mode="json") for key, plan in plans.items()}, who)

    for name, output, inputs, states in (
        ("loaded", Output(ids.PLAN_GRID, "className"), [Input(ids.PLAN_DATA, "data")], [State(ids.PLAN_NAMES, "data")]),
        ("answered", Output(ids.PLAN_STATE, "className"), [Input(ids.PLAN_ANSWER, "data")], []),
        ("chosen", Output(ids.PLAN_NOTES, "className"), [Input(name, "value") for name in (ids.PLAN_YEAR, ids.PLAN_HALF, ids.PLAN_MEASURE)], []),
        ("found", Output(ids.PLAN_FIND, "className"), [Input(ids.PLAN_FIND, "value")], []),
        ("added", Output(ids.PLAN_ADD, "className"), [Input(ids.PLAN_ADD_OK, "n_clicks")], [State(ids.PLAN_ADD_MANAGERS, "value"), State(ids.PLAN_ADD_PIPELINE, "value")]),
        ("address", Output(ids.PLAN_HISTORY, "className"), [Input(ids.URL, "search"), Input(ids.PLAN_NAMES, "data")], []),
    ):
        app.clientside_callback(ClientsideFunction("plans", name), output, *inputs, *states, prevent_initial_call=name == "added")


def _place(edit: Edit) -> tuple[str, str, str, str]:
    return edit.cell.manager_id, edit.cell.pipeline_id, edit.cell.month, edit.cell.measure
