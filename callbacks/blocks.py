"""Fills any block of any report. One callback; each block is asked, kept and fails alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, no_update

from dash_app import logs
from dash_app.engine.blocks import Block, RecordList
from dash_app.engine.language import Report
from dash_app.engine.query import Query
from dash_app.errors import BadInput, UserError
from dash_app.reports.api import GridRequest
from dash_app.reports.session import Session
from dash_app.services import Services
from dash_app.text import Lang
from dash_app.views import blocks as views
from dash_app.views import i18n
from dash_app.views.records import list_view
from dash_app.views.tables import AS_IT_STARTS, TableLook
from dash_app.web import contents, ids, language
from dash_app.web.pages import report_at
from dash_app.web.state import params_of

ChosenColumns = Sequence[str] | None


def list_content(
    reports: Session,
    report: Report,
    block: Block,
    query: Query,
    lang: Lang,
    currency: str,
    columns: ChosenColumns = None,
) -> Any:
    """A list: its first line and an empty grid, which asks for its rows itself. ``columns``: those of a saved view."""
    page = reports.records(report, block.id, "", {}, query, GridRequest(0, 0), lang=lang)
    at = (report.slug, block.id)
    extra = reports.list_columns(report, block.id)
    title = block.title.of(lang)
    return list_view(
        ids.grid(*at),
        ids.grid_columns(*at),
        ids.grid_line(*at),
        page,
        extra,
        lang,
        currency,
        title=title,
        shown=columns,
    )


def content(
    reports: Session,
    report: Report,
    block: Block,
    query: Query,
    lang: Lang,
    *,
    as_table: bool,
    look: TableLook = AS_IT_STARTS,
    columns: ChosenColumns = None,
) -> Any:
    """What stands in a block."""
    if isinstance(block, RecordList):
        return list_content(reports, report, block, query, lang, reports.state().currency, columns)
    return contents.view(reports, report, block, query, lang, as_table=as_table, look=look)


def register(app: Dash, services: Services) -> None:
    """Blocks, and what happens in them without the server."""

    def answer(
        search: Any,
        block_id: dict[str, Any],
        *,
        as_table: bool = False,
        look: TableLook = AS_IT_STARTS,
        columns: ChosenColumns = None,
    ) -> Any:
        lang, reports = language.current(), services.session()
        try:
            report = report_at(reports, f"/{block_id['report']}")
            if report is None:
                return no_update
            block = next((b for b in report.blocks if b.id == block_id["id"]), None)
            if block is None:
                raise BadInput(i18n.EMPTY)
            query = reports.parse(report, params_of(search))
            return content(reports, report, block, query, lang, as_table=as_table, look=look, columns=columns)
        except UserError as error:
            return views.message(error.text, lang)
        except Exception as error:
            number = logs.failure(error, "block_failed", block=block_id.get("id"), report=block_id.get("report"))
            return views.broken(lang, logs.pointer(number))

    @app.callback(
        Output(ids.block(MATCH, MATCH), "children"),
        Input(ids.block_query(MATCH, MATCH), "data"),
        Input(ids.SNAPSHOT, "data"),
        Input(ids.block_shape(MATCH, MATCH), "n_clicks", allow_optional=True),
        Input(ids.block_look(MATCH, MATCH), "data", allow_optional=True),
        State(ids.block(MATCH, MATCH), "id"),
    )
    def fill(search: Any, _: Any, clicks: Any, look: Any, block_id: dict[str, Any]) -> Any:
        return answer(search, block_id, as_table=isinstance(clicks, int) and clicks % 2 == 1, look=TableLook.of(look))

    @app.callback(
        Output(ids.list_body(MATCH, MATCH), "children"),
        Input(ids.block_query(MATCH, MATCH), "data"),
        State(ids.list_body(MATCH, MATCH), "id"),
        State(ids.VIEW, "data"),
    )
    def start_list(search: Any, block_id: dict[str, Any], view: Any = None) -> Any:
        chosen = view if isinstance(view, dict) and view.get("report") == block_id["report"] else {}
        columns = (chosen.get("columns") or {}).get(block_id["id"])
        return answer(search, block_id, columns=columns if isinstance(columns, list) else None)

    app.clientside_callback(
        ClientsideFunction("blocks", "turn"),
        Output(ids.block_query(MATCH, MATCH), "data"),
        Input(ids.QUERY, "data"),
        State(ids.block_query(MATCH, MATCH), "id"),
        State(ids.grid(MATCH, MATCH), "rowModelType", allow_optional=True),
    )
    app.clientside_callback(
        ClientsideFunction("blocks", "filled"), Output(ids.FILLED, "data"), Input(ids.QUERY, "data")
    )
    app.clientside_callback(
        ClientsideFunction("blocks", "query"),
        Output(ids.QUERY, "data"),
        Input(ids.URL, "search"),
        State(ids.QUERY, "data"),
    )
    app.clientside_callback(ClientsideFunction("blocks", "help"), Input(ids.block_help(ALL, ALL), "n_clicks"))
    app.clientside_callback(
        ClientsideFunction("blocks", "pressed"),
        Output(ids.block_shape(MATCH, MATCH), "aria-pressed"),
        Input(ids.block_shape(MATCH, MATCH), "n_clicks"),
    )
