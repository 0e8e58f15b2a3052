"""How it looks is remembered by the browser alone: theme, language, what is unfolded."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State

from dash_app.services import Services
from dash_app.web import ids


def register(app: Dash, services: Services) -> None:
    """All of it runs in the browser (``assets/shell/30-look.js``)."""
    app.clientside_callback(
        ClientsideFunction("shell", "theme"),
        Output(ids.MANTINE, "forceColorScheme"),
        Input(ids.THEME_BUTTON, "n_clicks"),
    )
    app.clientside_callback(
        ClientsideFunction("shell", "language"),
        Output(ids.LANG_BUTTON, "title"),
        Input(ids.LANG_BUTTON, "n_clicks"),
        State(ids.LANG, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("shell", "more"),
        Output(ids.MORE, "is_open"),
        Output(ids.MORE_BUTTON, "aria-expanded"),
        Input(ids.MORE_BUTTON, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("shell", "firstData"),
        Output(ids.SINK, "className"),
        Input(ids.SNAPSHOT, "data"),
        State(ids.SINK, "className"),
    )
