"""What the start page says: what stands out, and the one number of each report."""

from __future__ import annotations

from typing import Any

from dash import MATCH, Dash, Input, Output, State, dcc

from dash_app import logs
from dash_app.errors import UserError
from dash_app.services import Services
from dash_app.views.blocks import broken
from dash_app.web import home, ids, language, words
from dash_app.web.contents import sparks
from dash_app.web.errors import notice
from dash_app.web.pages import report_at
from dash_app.web.state import params_of


def register(app: Dash, services: Services) -> None:
    """One request for what stands out, one a report: the slowest does not hold the others."""

    @app.callback(Output(ids.TODAY, "children"), Input(ids.SNAPSHOT, "data"), Input(ids.QUERY, "data"))
    def today(_: Any, search: Any) -> Any:
        lang, reports = language.current(), services.session()
        try:
            answer = reports.today(home.carried(params_of(search)), lang=lang)
            return home.filled(answer, lang, reports.state().currency)
        except UserError as error:
            way_out = dcc.Link(words.RESET_BAD.of(lang), href="/", className="button button-quiet")
            return notice(error.text, lang, more=way_out)
        except Exception as error:
            return broken(lang, logs.pointer(logs.failure(error, "today_failed")))

    @app.callback(
        Output(ids.headline(MATCH), "children"),
        Input(ids.SNAPSHOT, "data"),
        Input(ids.QUERY, "data"),
        State(ids.headline(MATCH), "id"),
    )
    def headline(_: Any, search: Any, card: dict[str, str]) -> Any:
        lang = language.current()
        reports = services.session()
        report = report_at(reports, card["report"])
        block = home.headline_block(report) if report else None
        if report is None or block is None:
            return []
        try:
            query = reports.parse(report, {**home.carried(params_of(search)), "compare": ["previous"]})
            result = reports.block(report, block.id, query, lang=lang)
            course = sparks(reports, report, block, query, lang)
            return home.figure(report, block, result, course, lang, reports.state().currency)
        except UserError as error:
            return error.text.of(lang)
