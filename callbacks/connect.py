"""Connecting a portal: the webhook is checked by the doctor, kept, and the first load begins."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from dash_app.errors import UserError
from dash_app.services import Services
from dash_app.web import connect, ids, language
from dash_app.web.errors import notice


def register(app: Dash, services: Services) -> None:
    """The form of ``web.connect``."""

    @app.callback(
        Output(ids.CONNECT_STATE, "children"),
        Output(ids.CONNECT_WEBHOOK, "value"),
        Output(ids.CONNECT_DONE, "data"),
        Input(ids.CONNECT_CHECK, "n_clicks"),
        Input(ids.CONNECT_ANYWAY, "n_clicks", allow_optional=True),
        State(ids.CONNECT_WEBHOOK, "value"),
        running=[
            (Output(ids.CONNECT_CHECK, "disabled"), True, False),
            (Output(ids.CONNECT_CHECK, "className"), "button button-primary is-busy", "button button-primary"),
        ],
        prevent_initial_call=True,
    )
    def connect_portal(clicks: Any, anyway: Any, webhook: Any) -> tuple[Any, Any, Any]:
        lang = language.current()
        if not clicks and not anyway:
            return no_update, no_update, no_update
        if (why := connect.refusal(services)) is not None:
            return notice(why, lang), no_update, no_update
        given = str(webhook or "").strip()
        if not given:
            return notice(connect.EMPTY, lang, kind="info"), no_update, no_update
        try:
            admin = services.admin()
            found = admin.try_webhook(given)
            levels = {finding.level for finding in found}
            if "error" in levels or ("warning" in levels and ctx.triggered_id != ids.CONNECT_ANYWAY):
                return connect.said(found, lang), no_update, no_update
            admin.connect(given)
        except UserError as error:
            return notice(error.text, lang), no_update, no_update
        return notice(connect.CONNECTED, lang, kind="good"), "", 1

    app.clientside_callback(
        ClientsideFunction("shell", "connected"), Output(ids.SINK, "lang"), Input(ids.CONNECT_DONE, "data")
    )
