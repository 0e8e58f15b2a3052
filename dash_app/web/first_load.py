"""The page of a portal nothing has been loaded from yet: what is being fetched, how long it takes, what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dash_app.disk import FileTrouble
from dash_app.errors import NoData
from dash_app.portal.doctor import ConnectionCheck
from dash_app.portal.entities import TABLES
from dash_app.services import Services
from dash_app.store.progress import Progress
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.scene import attrs
from dash_app.web import words
from dash_app.web.frame import icon

DETAILS = "first-details"
FINDINGS = "first-findings"
CHECK = "first-check"


def page(services: Services, lang: Lang, connecting: Any = None, *, demo: bool = False) -> html.Div:
    """Shown on every address until the first snapshot is published. ``connecting``: the way to another portal, below. ``demo``: what is loaded is made up."""
    progress = services.progress()
    return html.Div(
        [
            html.Div(icon("cloud-arrow-down"), className="first-icon"),
            html.Div(details(progress, lang, why(services), demo=demo), id=DETAILS),
            html.Div(words.FIRST_BY_OWNER.of(lang), className="first-text")
            if not services.may_refresh()
            else html.Div(
                [
                    html.Button(
                        (words.DEMO_BUTTON if demo else words.FIRST_BUTTON).of(lang),
                        id="first-refresh",
                        className="button button-primary",
                        type="button",
                        n_clicks=0,
                    ),
                    None
                    if demo
                    else html.Button(
                        words.CHECK_CONNECTION.of(lang),
                        id=CHECK,
                        className="button button-quiet",
                        type="button",
                        n_clicks=0,
                    ),
                ],
                className="first-buttons",
            ),
            html.Div(id=FINDINGS, className="findings", **attrs({"aria-live": "polite"})),
            connecting,
        ],
        className="first-load",
    )


def why(services: Services) -> Text | None:
    """What is wrong with the data that is there; None where there is none yet."""
    try:
        services.session().state()
    except FileTrouble as error:
        return error.text
    except NoData:
        pass
    return None


def details(progress: Progress | None, lang: Lang, trouble: Text | None = None, *, demo: bool = False) -> list[Any]:
    """What has been read so far, entity by entity, or what to expect. ``trouble``: what is wrong with the data there is."""
    running = progress is not None and progress.running
    title, text = (words.FIRST_RUNNING, words.FIRST_RUNNING_TEXT) if running else (words.FIRST_TITLE, words.FIRST_TEXT)
    if demo:
        title, text = (words.DEMO_RUNNING, words.DEMO_RUNNING_TEXT) if running else (words.DEMO_TITLE, words.DEMO_TEXT)
    if trouble is not None and not running:
        title, text = words.DATA_UNREADABLE, trouble
    parts: list[Any] = [html.H1(title.of(lang)), html.P(text.of(lang), className="first-text")]
    if progress is not None and not running and progress.error is not None:
        parts.append(html.P([icon("exclamation-triangle"), " ", progress.error.of(lang)], className="first-error"))
    if progress is not None and running and progress.entities:
        rows = []
        for name, (read, expected) in progress.entities.items():
            done = expected and read >= expected
            count = (
                fmt.number(read, lang)
                if not expected
                else words.ROWS_OF.of(lang).format(rows=fmt.number(read, lang), expected=fmt.number(expected, lang))
            )
            label = TABLES[name].title.of(lang)
            rows.append(
                html.Li(
                    [icon("check-circle" if done else "circle"), html.Span(label), html.Span(count, className="num")]
                )
            )
        parts.append(html.Ul(rows, className="first-list"))
    return parts


def findings(found: Sequence[ConnectionCheck], lang: Lang) -> list[Any]:
    """The doctor's sentences."""
    icons = {"ok": "check-circle", "warning": "exclamation-triangle", "error": "x-circle"}
    return [
        html.P([icon(icons[f.level]), html.Span(f.text.of(lang))], className=f"finding finding-{f.level}")
        for f in found
    ]
