"""Rows of any list: a block's own and the drawer's. The server sorts, filters and pages over the whole list."""

from __future__ import annotations

from typing import Any

from dash import MATCH, ClientsideFunction, Dash, Input, Output, State, no_update

from dash_app import logs
from dash_app.engine.language import Report
from dash_app.errors import UserError
from dash_app.reports.session import Session
from dash_app.services import Services
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views.records import grid_request, grid_rows
from dash_app.web import ids, language
from dash_app.web.pages import report_at
from dash_app.web.state import drawer_of, params_of, without_drawer

_NOTHING = {"rowData": [], "rowCount": 0}


def extra_columns(reports: Session, report: Report, block_id: str, chosen: object, figure: str = "") -> tuple[str, ...]:
    """Own fields among the columns a browser says are shown; others it may say are ignored. ``figure``: of the drawer's list."""
    if not isinstance(chosen, list):
        return ()
    known = {name for name, _, _ in reports.list_columns(report, block_id, figure)}
    return tuple(name for name in dict.fromkeys(chosen) if isinstance(name, str) and name in known)


def register(app: Dash, services: Services) -> None:
    """Rows, and when they are asked for again."""

    @app.callback(
        Output(ids.grid(MATCH, MATCH), "getRowsResponse"),
        Output(ids.grid_line(MATCH, MATCH), "children"),
        Input(ids.grid(MATCH, MATCH), "getRowsRequest"),
        State(ids.URL, "search"),
        State(ids.grid(MATCH, MATCH), "id"),
        State(ids.grid_columns(MATCH, MATCH), "value", allow_optional=True),
    )
    def rows(request: Any, search: Any, grid_id: dict[str, Any], chosen: Any) -> tuple[Any, Any]:
        if request is None:
            return no_update, no_update
        lang, reports = language.current(), services.session()
        report = report_at(reports, f"/{grid_id['report']}")
        if report is None:
            return _NOTHING, no_update
        params = params_of(search)
        block_id, figure, row = str(grid_id["id"]), "", {}
        if block_id == ids.DRAWER_GRID:
            drawer = drawer_of(params, report.renamed)
            if drawer is None or drawer.kind != "drill":
                return _NOTHING, no_update
            block_id, figure, row = drawer.block, drawer.figure, dict(drawer.row)
        try:
            asked = grid_request(request, extra_columns(reports, report, block_id, chosen, figure))
            query = reports.parse(report, without_drawer(params))
            page = reports.records(report, block_id, figure, row, query, asked, lang=lang)
            currency = reports.state().currency
        except UserError as error:
            return _NOTHING, error.text.of(lang)
        except Exception as error:
            number = logs.failure(error, "rows_failed", block=block_id, report=report.slug)
            return _NOTHING, f"{i18n.BROKEN.of(lang)} {logs.pointer(number).of(lang)}"
        line = fmt.records_line(page.total, page.amount, page.entity, lang, currency)
        if asked.filters:
            line = i18n.SHOWN_OF.format(line=line).of(lang)
        return {"rowData": grid_rows(page, lang, currency), "rowCount": page.total}, line

    app.clientside_callback(
        ClientsideFunction("blocks", "reload"),
        Output(ids.grid(MATCH, MATCH), "className"),
        Input(ids.QUERY, "data"),
        Input(ids.SNAPSHOT, "data"),
        Input(ids.grid_columns(MATCH, MATCH), "value", allow_optional=True),
        State(ids.grid(MATCH, MATCH), "id"),
    )
