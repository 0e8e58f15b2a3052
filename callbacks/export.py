"""Files: a report, a block, the records in the drawer. Written by the server from the same answers as the page."""

from __future__ import annotations

import io
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.dcc.express import send_bytes

from callbacks.lists import extra_columns
from dash_app.engine.query import Query
from dash_app.exports.csv import block_csv, records_csv
from dash_app.exports.excel import records_workbook, workbook
from dash_app.services import Services
from dash_app.web import ids, language
from dash_app.web.pages import report_at
from dash_app.web.state import drawer_of, params_of, without_drawer

_TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}


def file_name(slug: str, query: Query, kind: str, part: str = "") -> str:
    """``sales-dynamics-deals_2026-11-01_2026-11-30.xlsx``."""
    period = query.period
    return f"{slug}{'-' if part else ''}{part}_{period.start.isoformat()}_{period.end.isoformat()}.{kind}"


def _download(content: bytes, name: str, kind: str) -> Any:
    return send_bytes(content, name, type=_TYPES[kind])


def register(app: Dash, services: Services) -> None:
    """Buttons to downloads. What goes wrong is a toast (``on_error``)."""
    reports = services.reports

    @app.callback(
        Output(ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(ids.report_export(ALL), "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def whole_report(_: Any, search: Any) -> Any:
        pressed = ctx.triggered_id
        if not pressed or not any(t["value"] for t in ctx.triggered):
            return no_update
        report = report_at(reports, f"/{pressed['report']}")
        if report is None:
            return no_update
        query = reports.parse(report, params_of(search))
        buffer = io.BytesIO()
        workbook(reports, report, query, language.current(), buffer)
        return _download(buffer.getvalue(), file_name(report.slug, query, "xlsx"), "xlsx")

    @app.callback(
        Output(ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(ids.block_export(ALL, ALL, ALL), "n_clicks"),
        State(ids.QUERY, "data"),
        State(ids.grid_columns(ALL, ALL), "value"),
        State(ids.grid_columns(ALL, ALL), "id"),
        prevent_initial_call=True,
    )
    def one_block(_: Any, search: Any, shown: list[Any], choosers: list[dict[str, Any]]) -> Any:
        pressed = ctx.triggered_id
        if not pressed or not any(t["value"] for t in ctx.triggered) or pressed["format"] not in _TYPES:
            return no_update
        report = report_at(reports, f"/{pressed['report']}")
        if report is None:
            return no_update
        lang = language.current()
        block_id, kind = str(pressed["id"]), str(pressed["format"])
        query = reports.parse(report, params_of(search))
        chosen = next((value for value, at in zip(shown, choosers, strict=False) if at.get("id") == block_id), None)
        columns = extra_columns(reports, report, block_id, chosen)
        if kind == "csv":
            content = block_csv(reports, report, block_id, query, lang, columns=columns)
        else:
            buffer = io.BytesIO()
            workbook(reports, report, query, lang, buffer, [block_id], columns={block_id: columns})
            content = buffer.getvalue()
        return _download(content, file_name(report.slug, query, kind, block_id), kind)

    @app.callback(
        Output(ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(ids.drawer_export(ALL), "n_clicks"),
        State(ids.URL, "search"),
        State(ids.URL, "pathname"),
        prevent_initial_call=True,
    )
    def drawer_records(_: Any, search: Any, pathname: Any) -> Any:
        pressed = ctx.triggered_id
        params = params_of(search)
        drawer = drawer_of(params)
        report = report_at(reports, pathname)
        if (
            not pressed
            or not any(t["value"] for t in ctx.triggered)
            or drawer is None
            or report is None
            or pressed["format"] not in _TYPES
        ):
            return no_update
        lang = language.current()
        kind = str(pressed["format"])
        query = reports.parse(report, without_drawer(params))
        asked = (reports, report, drawer.block, drawer.figure, dict(drawer.row), query, lang)
        if kind == "csv":
            content = records_csv(*asked)
        else:
            buffer = io.BytesIO()
            records_workbook(*asked, buffer)
            content = buffer.getvalue()
        return _download(content, file_name(report.slug, query, kind, f"{drawer.block}-{drawer.figure}"), kind)

    app.clientside_callback(
        ClientsideFunction("blocks", "picture"),
        Input(ids.block_export(ALL, ALL, ALL), "n_clicks"),
        prevent_initial_call=True,
    )
