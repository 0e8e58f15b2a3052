"""What editors of cells share: cells are saved as they are typed, undone, done again, imported; nobody's change is written over unseen."""

from __future__ import annotations

import io
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.dcc.express import send_bytes

from dash_app.errors import UserError
from dash_app.exports.typed_file import BadFile
from dash_app.services import Services
from dash_app.store.edits import EditConflict
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.web import cell_editor, grid_words, ids, language, monthly_page
from dash_app.web.errors import notice, sentence
from dash_app.web.files import uploaded
from dash_app.web.monthly import monthly_pages
from dash_app.web.monthly_page import MonthlyPage, MonthSpan
from dash_app.web.state import params_of, slug_of

MOST_NAME = 60


def who_of(given: object, nobody: Text, lang: Lang) -> str:
    """The name a person typed on the page."""
    name = " ".join(given.split())[:MOST_NAME] if isinstance(given, str) else ""
    return name or nobody.of(lang)


def wire(app: Dash, services: Services, editor: MonthlyPage) -> None:
    """Reading, saving, undo, history, files."""
    own = editor.own

    def span(search: object) -> MonthSpan:
        return monthly_page.span_of(params_of(search), monthly_page.today_of(services))

    @app.callback(
        Output(own.data, "data"),
        Output(own.grid, "columnDefs"),
        Input(ids.URL, "search"),
        Input(ids.PULSE, "n_intervals"),
        State(ids.URL, "pathname"),
        State(own.data, "data"),
    )
    def load(search: Any, _: Any, pathname: Any, shown: Any) -> tuple[Any, Any]:
        if slug_of(pathname) != editor.slug:
            return no_update, no_update
        lang = language.current()
        asked = span(search)
        known = shown if isinstance(shown, dict) else {}
        same = known.get("months") == asked.months
        if same and ctx.triggered_id == ids.PULSE and known.get("version") == services.session().version_of_all():
            return no_update, no_update
        return monthly_page.data(editor, services, asked, lang), no_update if same else cell_editor.columns(
            editor, asked, lang
        )

    def put_back(ask: dict[str, Any], who: str, done: Text, lang: Lang) -> dict[str, Any]:
        try:
            changes = services.session().undo_all([c for c in ask.get("changes", []) if isinstance(c, int)], who)
        except EditConflict as error:
            return {"said": grid_words.UNDO_CONFLICT.format(who=error.who).of(lang), "failed": True}
        return {"said": done.of(lang), "changes": [change.id for change in changes]}

    @app.callback(
        Output(own.answer, "data"),
        Output(own.data, "data", allow_duplicate=True),
        Input(own.ask, "data"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    def answer(ask: Any, search: Any) -> tuple[Any, Any]:
        if not isinstance(ask, dict):
            return no_update, no_update
        lang = language.current()
        who, number = who_of(ask.get("who"), editor.from_page, lang), ask.get("n")
        try:
            match ask.get("kind"):
                case "undo":
                    return {"n": number, **put_back(ask, who, grid_words.UNDONE_OK, lang)}, monthly_page.data(
                        editor, services, span(search), lang
                    )
                case "redo":
                    return {"n": number, **put_back(ask, who, grid_words.REDONE_OK, lang)}, monthly_page.data(
                        editor, services, span(search), lang
                    )
            return {"n": number, **monthly_page.saved(editor, services, ask.get("cells", []), who, lang)}, no_update
        except UserError as error:
            return {"n": number, "said": error.text.of(lang), "failed": True}, no_update
        except Exception as error:  # what was typed stays on the page and can be saved again
            return {"n": number, "said": sentence(error).of(lang), "failed": True}, no_update

    @app.callback(Output(own.history, "children"), Input(own.history_ask, "data"), prevent_initial_call=True)
    def history(ask: Any) -> Any:
        if not isinstance(ask, dict) or not isinstance(ask.get("key"), str):
            return []
        session = services.session()
        state = session.state()
        changes = session.history(f"{editor.kind}:{monthly_page.entry_of(editor, ask['key'])}", most=50)
        return cell_editor.history(
            editor, changes, str(ask.get("title", ""))[:200], state.as_of.tzinfo, language.current(), state.currency
        )

    @app.callback(
        Output(ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(own.export, "n_clicks"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    def export(clicks: Any, search: Any) -> Any:
        if not clicks:
            return no_update
        shown = span(search)
        buffer = io.BytesIO()
        monthly_page.write(editor, services, shown, language.current(), buffer)
        return send_bytes(buffer.getvalue(), f"{editor.file}-{shown.year}{'-' + shown.half if shown.half else ''}.xlsx")

    @app.callback(
        Output(own.upload_report, "children"),
        Output(own.answer, "data", allow_duplicate=True),
        Output(own.data, "data", allow_duplicate=True),
        Output(own.upload, "contents"),
        Input(own.upload, "contents"),
        State(own.who, "value"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    def take(contents: Any, who: Any, search: Any) -> tuple[Any, Any, Any, Any]:
        if not isinstance(contents, str):
            return no_update, no_update, no_update, no_update
        lang = language.current()
        try:
            values = monthly_page.read(editor, services, uploaded(contents))
            changes = services.session().put_entries(editor.kind, values, who_of(who, editor.from_page, lang))
        except BadFile as error:
            return cell_editor.import_errors(error.wrong, lang), no_update, no_update, None
        except UserError as error:
            return notice(error.text, lang), no_update, no_update, None
        counted = editor.grid.words.counted
        words = grid_words.IMPORTED if changes else grid_words.SAME
        said = words.format(
            ru=counted.ru,
            en=counted.en.capitalize(),
            lines=fmt.plural(len(values), "row", lang),
            changed=fmt.number(len(changes), lang),
        )
        said = Text(" ".join(t.ru for t in (said, *values.notes)), " ".join(t.en for t in (said, *values.notes)))
        return (
            notice(said, lang, kind="good"),
            {"n": 0, "changes": [c.id for c in changes]},
            monthly_page.data(editor, services, span(search), lang),
            None,
        )

    def scripted(name: str, output: str, *inputs: Input | State) -> None:
        app.clientside_callback(ClientsideFunction("plans", name), Output(output, "className"), *inputs)

    controls = [own.year, own.half, *([own.measure] if len(editor.measures) > 1 else [])]
    scripted("loaded", own.grid, Input(own.data, "data"), State(own.names, "data"))
    scripted("answered", own.state, Input(own.answer, "data"))
    scripted("chosen", own.notes, *(Input(control, "value") for control in controls))
    scripted("found", own.find, Input(own.find, "value"))
    scripted("address", own.history, Input(ids.URL, "search"), Input(own.names, "data"))


def register(app: Dash, services: Services) -> None:
    """The pages of all grids, and rows added to the plan's by hand."""
    for editor in monthly_pages():
        wire(app, services, editor)
    app.clientside_callback(
        ClientsideFunction("plans", "added"),
        Output(ids.PLAN_ADD, "className"),
        Input(ids.PLAN_ADD_OK, "n_clicks"),
        State(ids.PLAN_ADD_MANAGERS, "value"),
        State(ids.PLAN_ADD_PIPELINE, "value"),
        prevent_initial_call=True,
    )
