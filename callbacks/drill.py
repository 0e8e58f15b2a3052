"""The drawer: the records behind a number, or how it is counted. The URL opens it, so Back, Esc and a copied address work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html

from dash_app import logs
from dash_app.engine.blocks import Block
from dash_app.engine.filters import known_filters
from dash_app.engine.language import Ratio, Relative, Report, givens_of
from dash_app.engine.query import Query
from dash_app.engine.result import OTHER, Explanation
from dash_app.errors import UserError
from dash_app.reports.api import GridRequest
from dash_app.reports.session import Session
from dash_app.services import Services
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views.blocks import broken, message
from dash_app.views.drawer import Tab, records_drawer
from dash_app.views.explain import block_explanation, explanation
from dash_app.views.scene import Scene, target
from dash_app.web import ids, language, words
from dash_app.web.pages import report_at
from dash_app.web.state import AddressParams, Drawer, drawer_of, params_of, search_of, without_drawer


def page_filter(params: AddressParams, row: dict[str, str]) -> str | None:
    """The address of the page filtered by the row; None when the row names no filter or all are set already."""
    by_key = {f.row_key: f.id for f in known_filters().values() if f.row_key}
    known = {by_key[key]: value for key, value in row.items() if key in by_key and value != OTHER}
    page = without_drawer(params)
    if not known or all(page.get(name) == [value] for name, value in known.items()):
        return None
    return search_of({**page, **{name: [value] for name, value in known.items()}})


def tabs_of(
    block: Block, drawer: Drawer, answered: Callable[[str], Explanation], lang: Lang, currency: str
) -> tuple[str, list[Tab]]:
    """The formula of a ratio with its own numbers, and its numerator and denominator; none for a plain number.

    ``answered``: what explains a figure of the row.
    """
    for figure in block.figures:
        if isinstance(figure, Ratio | Relative) and drawer.figure in (
            figure.id,
            f"{figure.id}_num",
            f"{figure.id}_den",
        ):
            row = dict(drawer.row)
            first, second = (
                (figure.num.label, figure.den.label) if isinstance(figure, Ratio) else (figure.of.label, figure.label)
            )
            is_den = drawer.figure.endswith("_den")
            if isinstance(figure, Relative):
                return "", []  # its denominator belongs to another row
            answer = answered(figure.id)
            values = [fmt.with_unit(value, unit, lang, currency, short=True) for _, _, value, unit in answer.parts]
            formula = f"{figure.label.of(lang)}: {answer.formula.of(lang)}" if answer.formula else ""
            return formula, [
                Tab(first, i18n.NUMERATOR, target(block.id, f"{figure.id}_num", row), not is_den, values[0]),
                Tab(second, i18n.DENOMINATOR, target(block.id, f"{figure.id}_den", row), is_den, values[1]),
            ]
    return "", []


def _block(report: Report, block_id: str) -> Block | None:
    return next((b for b in report.blocks if b.id == block_id), None)


def records(
    reports: Session, report: Report, drawer: Drawer, params: AddressParams, query: Query, lang: Lang
) -> tuple[str, Any]:
    """(title, body) of a drawer of records."""
    row = dict(drawer.row)
    page = reports.records(report, drawer.block, drawer.figure, row, query, GridRequest(0, 0), lang=lang)
    block = report.block(drawer.block)
    currency = reports.state().currency
    chips = [chip.text.of(lang) for chip in reports.chips(report, query)]
    if query.as_of:
        chips.insert(0, words.AS_IT_WAS_AT.of(lang).format(when=fmt.instant(reports.moment(query), lang)))
    formula, tabs = tabs_of(
        reports.block_of(report, block.id, query),
        drawer,
        lambda figure: reports.explain(report, block.id, figure, row, query, lang=lang),
        lang,
        currency,
    )
    body = records_drawer(
        page,
        query,
        chips,
        formula,
        tabs,
        page_filter(params, row),
        lang,
        currency,
        extra=reports.list_columns(report, drawer.block, drawer.figure),
        grid_id=ids.grid(report.slug, ids.DRAWER_GRID),
        chooser_id=ids.grid_columns(report.slug, ids.DRAWER_GRID),
        line_id=ids.grid_line(report.slug, ids.DRAWER_GRID),
        export_id=ids.drawer_export,
    )
    return page.title.of(lang), body


def how_counted(reports: Session, report: Report, drawer: Drawer, query: Query, lang: Lang) -> tuple[str, Any]:
    """(title, body) of a drawer that explains."""
    block = _block(report, drawer.block)
    if block is None:
        reports.block(report, drawer.block, query, lang=lang)  # raises the sentence
        raise KeyError(drawer.block)
    scene = Scene(report.slug, block, lang, reports.state().currency)
    if not drawer.figure:
        return i18n.HOW_COUNTED_OF.format(name=block.title.of(lang)).of(lang), block_explanation(scene)
    row = dict(drawer.row)
    answer = reports.explain(report, drawer.block, drawer.figure, row, query, lang=lang)
    typed = {given.id for given in givens_of(block.figures) if given.people is None}
    drillable = frozenset(p[0] for p in answer.parts) - typed
    return i18n.HOW_COUNTED_OF.format(name=answer.title.of(lang)).of(lang), explanation(
        scene, answer, row, drillable=drillable
    )


def register(app: Dash, services: Services) -> None:
    """Content by the server, opening and closing by the browser."""

    @app.callback(
        Output(ids.DRAWER_TITLE, "children"),
        Output(ids.DRAWER_BODY, "children"),
        Input(ids.DRAWER_QUERY, "data"),
        Input(ids.SNAPSHOT, "data"),
        State(ids.URL, "pathname"),
    )
    def open_drawer(search: Any, _: Any, pathname: Any) -> tuple[Any, Any]:
        params, reports = params_of(search), services.session()
        report = report_at(reports, pathname)
        drawer = drawer_of(params, report.renamed) if report else None
        if drawer is None or report is None:
            return (
                "",
                html.Div(),
            )  # not None: the renderer would keep the way to a grid that is gone, and fail at its late answer
        lang = language.current()
        fallback: Text = i18n.DRAWER if drawer.kind == "drill" else i18n.HOW_COUNTED
        try:
            query = reports.parse(report, without_drawer(params))
            if drawer.kind == "drill":
                return records(reports, report, drawer, params, query, lang)
            return how_counted(reports, report, drawer, query, lang)
        except UserError as error:
            return fallback.of(lang), message(error.text, lang)
        except Exception as error:
            number = logs.failure(error, "drawer_failed", report=report.slug, block=drawer.block, figure=drawer.figure)
            return fallback.of(lang), broken(lang, logs.pointer(number))

    app.clientside_callback(
        ClientsideFunction("blocks", "drawerQuery"),
        Output(ids.DRAWER_QUERY, "data"),
        Input(ids.URL, "search"),
        State(ids.DRAWER_QUERY, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("blocks", "drawer"), Output(ids.DRAWER, "is_open"), Input(ids.URL, "search")
    )
    app.clientside_callback(
        ClientsideFunction("blocks", "close"), Input(ids.DRAWER, "is_open"), prevent_initial_call=True
    )
    app.clientside_callback(
        ClientsideFunction("blocks", "reloadDrawer"), Input(ids.DRAWER_BODY, "children"), prevent_initial_call=True
    )
