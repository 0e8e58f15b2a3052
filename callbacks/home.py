"""The one number of each report on the start page."""

from __future__ import annotations

from typing import Any

from dash import MATCH, Dash, Input, Output, State

from dash_app.errors import UserError
from dash_app.services import Services
from dash_app.web import home, ids, language
from dash_app.web.contents import sparks
from dash_app.web.pages import report_at
from dash_app.web.state import params_of


def register(app: Dash, services: Services) -> None:
    """One request a report: the slowest does not hold the others."""

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
            as_of = {"as_of": params_of(search).get("as_of", [])}
            query = reports.parse(report, {"compare": ["previous"], **as_of})
            result = reports.block(report, block.id, query, lang=lang)
            course = sparks(reports, report, block, query, lang)
            return home.figure(report, block, result, course, lang, reports.state().currency)
        except UserError as error:
            return error.text.of(lang)
