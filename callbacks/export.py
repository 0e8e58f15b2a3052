"""Files: a report, a block, the records in the drawer. Written by the server from the same answers as the page."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.dcc.express import send_bytes

from callbacks.lists import extra_columns
from dash_app.exports.cells import ListLook
from dash_app.exports.csv import block_csv, records_csv
from dash_app.exports.excel import records_workbook, workbook
from dash_app.exports.names import file_name
from dash_app.reports.api import GridRequest
from dash_app.services import Services
from dash_app.views.records import grid_request
from dash_app.web import caption, ids, language
from dash_app.web.pages import report_at
from dash_app.web.report_files import REPORT_FILES
from dash_app.web.state import drawer_of, params_of, without_drawer

_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def chosen_of(shown: list[Any], choosers: list[dict[str, Any]], slug: str, grid: str) -> Any:
    """What the column chooser of a grid says, None where it has none."""
    places = (
        value for value, at in zip(shown, choosers, strict=False) if (at.get("report"), at.get("id")) == (slug, grid)
    )
    return next(places, None)


def look_of(
    requests: list[Any], grids: list[dict[str, Any]], at: dict[str, Any], columns: tuple[str, ...], chosen: object
) -> ListLook:
    """How the list of a grid is sorted and filtered now – what it last asked for – and which columns it shows (``chosen``)."""
    asked = next(
        (
            r
            for r, grid in zip(requests, grids, strict=False)
            if (grid.get("report"), grid.get("id")) == (at["report"], at["id"])
        ),
        None,
    )
    request = grid_request(asked, columns)
    names = frozenset(name for name in chosen if isinstance(name, str)) if isinstance(chosen, list) else None
    return ListLook(columns, names, request.sort, request.filters)


def _download(content: bytes, name: str, kind: str) -> Any:
    return send_bytes(content, name, type=_TYPES[kind])


def register(app: Dash, services: Services) -> None:
    """Buttons to downloads. What goes wrong is a toast (``on_error``)."""

    @app.callback(
        Output(ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(ids.report_export(ALL, ALL), "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def whole_report(_: Any, search: Any) -> Any:
        pressed = ctx.triggered_id
        if not pressed or not any(t["value"] for t in ctx.triggered):
            return no_update
        reports = services.session()
        report = report_at(reports, f"/{pressed['report']}")
        file, lang = REPORT_FILES.get(str(pressed["format"])), language.current()
        if report is None or file is None:
            return no_update
        query = reports.parse(report, params_of(search))
        content = file.made(reports, report, query, lang, services.settings)
        return send_bytes(content, file_name(reports, report, query, file.id, lang), type=file.mime)

    @app.callback(
        Output(ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(ids.block_export(ALL, ALL, ALL), "n_clicks"),
        State(ids.QUERY, "data"),
        State(ids.grid_columns(ALL, ALL), "value"),
        State(ids.grid_columns(ALL, ALL), "id"),
        State(ids.grid(ALL, ALL), "getRowsRequest"),
        State(ids.grid(ALL, ALL), "id"),
        prevent_initial_call=True,
    )
    def one_block(
        _: Any,
        search: Any,
        shown: list[Any],
        choosers: list[dict[str, Any]],
        asked: list[Any],
        grids: list[dict[str, Any]],
    ) -> Any:
        pressed = ctx.triggered_id
        if not pressed or not any(t["value"] for t in ctx.triggered) or pressed["format"] not in _TYPES:
            return no_update
        reports = services.session()
        report = report_at(reports, f"/{pressed['report']}")
        if report is None:
            return no_update
        lang = language.current()
        block_id, kind = str(pressed["id"]), str(pressed["format"])
        query = reports.parse(report, params_of(search))
        title = reports.block_of(report, block_id).title.of(lang)  # raises the sentence for a block there is not
        chosen = chosen_of(shown, choosers, report.slug, block_id)
        look = look_of(asked, grids, pressed, extra_columns(reports, report, block_id, chosen), chosen)
        if kind == "csv":
            content = block_csv(reports, report, block_id, query, lang, look=look)
        else:
            buffer = io.BytesIO()
            workbook(reports, report, query, lang, buffer, [block_id], looks={block_id: look})
            content = buffer.getvalue()
        return _download(content, file_name(reports, report, query, kind, lang, part=title), kind)

    @app.callback(
        Output(ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(ids.drawer_export(ALL), "n_clicks"),
        State(ids.URL, "search"),
        State(ids.URL, "pathname"),
        State(ids.grid(ALL, ALL), "getRowsRequest"),
        State(ids.grid(ALL, ALL), "id"),
        State(ids.grid_columns(ALL, ALL), "value"),
        State(ids.grid_columns(ALL, ALL), "id"),
        prevent_initial_call=True,
    )
    def drawer_records(
        _: Any,
        search: Any,
        pathname: Any,
        requests: list[Any],
        grids: list[dict[str, Any]],
        shown: list[Any],
        choosers: list[dict[str, Any]],
    ) -> Any:
        pressed = ctx.triggered_id
        params, reports = params_of(search), services.session()
        report = report_at(reports, pathname)
        drawer = drawer_of(params, report.renamed) if report else None
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
        chosen = chosen_of(shown, choosers, report.slug, ids.DRAWER_GRID)
        columns = extra_columns(reports, report, drawer.block, chosen, drawer.figure)
        look = look_of(requests, grids, ids.grid(report.slug, ids.DRAWER_GRID), columns, chosen)
        if kind == "csv":
            content = records_csv(*asked, look=look)
        else:
            buffer = io.BytesIO()
            records_workbook(*asked, buffer, look=look)
            content = buffer.getvalue()
        page = reports.records(report, drawer.block, drawer.figure, asked[4], query, GridRequest(0, 0), lang=lang)
        name = file_name(reports, report, query, kind, lang, part=page.title.of(lang), dates=page.base)
        return _download(content, name, kind)

    @app.callback(
        Output(ids.PICTURE, "data"),
        Input(ids.block_export(ALL, ALL, "png"), "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def picture(_: Any, search: Any) -> Any:
        """What the picture of a block says beside its charts; the browser draws them."""
        pressed = ctx.triggered_id
        if not pressed or not any(t["value"] for t in ctx.triggered):
            return no_update
        reports, lang = services.session(), language.current()
        report = report_at(reports, f"/{pressed['report']}")
        if report is None:
            return no_update
        query, block_id = reports.parse(report, params_of(search)), str(pressed["id"])
        if not any(column.role == "base" for column in reports.block(report, block_id, query, lang=lang).columns):
            query = replace(query, cards_compared=False)  # the cards are compared, this block is not
        title = report.block(block_id).title.of(lang)
        return {
            "block": ids.block(report.slug, block_id),
            "name": file_name(reports, report, query, "png", lang, part=title),
            "title": f"{report.title.of(lang)}. {title}",
            "asked": caption.asked(reports, report, query, lang),
            "source": " · ".join(caption.source(reports, query, lang)),
        }

    app.clientside_callback(
        ClientsideFunction("blocks", "picture"), Input(ids.PICTURE, "data"), prevent_initial_call=True
    )
