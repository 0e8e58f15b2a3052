"""Errors as a person meets them: a sentence, never a trace."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html, set_props

from dash_app import logs
from dash_app.disk import foreseen
from dash_app.text import Lang, Text
from dash_app.views.scene import attrs
from dash_app.web import ids, language

UNEXPECTED = Text(
    "Что-то пошло не так. {pointer} Обновите страницу; если повторится, передайте номер администратору.",
    "Something went wrong. {pointer} Reload the page; if it happens again, tell the administrator this number.",
)


def sentence(error: Exception, event: str = "unexpected", **about: Any) -> Text:
    """What to say of an error; the unexpected is written to the log under a number that is said."""
    known = foreseen(error)
    if known is not None:
        return known.text
    return pointing(UNEXPECTED, logs.failure(error, event, **about))


def pointing(text: Text, number: str) -> Text:
    """A sentence with where its ``{pointer}`` leads."""
    pointer = logs.pointer(number)
    return Text(text.ru.replace("{pointer}", pointer.ru), text.en.replace("{pointer}", pointer.en))


def toast(text: str, *, kind: str = "info", lang: Lang = "ru", more: Any = None) -> dbc.Toast:
    """A passing message. ``kind``: info | good | warning; a warning stays until closed. ``more``: what can be done about it."""
    icons = {"info": "info-circle", "good": "check-circle", "warning": "exclamation-triangle"}
    return dbc.Toast(
        [html.I(className=f"bi bi-{icons[kind]} toast-icon", **attrs({"aria-hidden": "true"})), html.Span(text), more],
        header=None,
        className=f"toast-{kind}",
        is_open=True,
        dismissable=True,
        duration=None if kind == "warning" else 8000 if more is None else 20_000,
    )


def notice(text: Text, lang: Lang, *, kind: str = "warning", more: Any = None) -> html.Div:
    """A calm message inside the page."""
    icon = {"warning": "exclamation-triangle", "info": "info-circle", "good": "check-circle"}[kind]
    return html.Div(
        [html.I(className=f"bi bi-{icon}", **attrs({"aria-hidden": "true"})), html.Div([html.P(text.of(lang)), more])],
        className=f"notice notice-{kind}",
        role="status",
    )


def on_error(error: Exception) -> None:
    """Of the whole application: what a callback raised becomes a toast, its outputs stay as they were."""
    lang = language.current()
    set_props(ids.TOAST, {"children": toast(sentence(error).of(lang), kind="warning", lang=lang)})
