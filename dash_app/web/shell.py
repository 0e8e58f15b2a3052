"""What stands around every page: navigation, data freshness, filters, drawer, messages. One layout for all addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import dash_bootstrap_components as dbc
import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.engine.language import Report
from dash_app.errors import NoData
from dash_app.services import Power, Services
from dash_app.text import Lang, Text
from dash_app.views.scene import attrs
from dash_app.web import connect, ids, language, note, snooze, views_menu, who_line, words
from dash_app.web.filterbar import filter_bar
from dash_app.web.frame import icon
from dash_app.web.index import PRODUCT
from dash_app.web.period_choices import Offer

PULSE_SECONDS = 15
TICK_SECONDS = 1
HEAD = "page-head"
ACTIONS = "page-actions"


def shell(services: Services) -> dmc.MantineProvider:
    """The layout of the application for the request being answered."""
    lang = language.current()
    reports = services.session().reports()
    fields = _fields(services, reports)
    offer, today = _offer(services)
    return dmc.MantineProvider(
        dmc.DatesProvider(
            [
                dcc.Location(id=ids.URL, refresh=False),
                dcc.Store(id=ids.QUERY),
                dcc.Store(id=ids.FILLED),
                dcc.Store(id=ids.DRAWER_QUERY),
                dcc.Store(id=ids.SNAPSHOT, data=_snapshot(services)),
                dcc.Store(id=ids.REPORT),
                dcc.Store(id=ids.PERIODS, data=offer.key),
                dcc.Store(id=ids.LANG, data=lang),
                dcc.Store(id=ids.TIMELESS, data=[f"/{r.slug}" for r in reports if r.default_period == "all"]),
                dcc.Store(id=ids.TITLE),
                dcc.Store(id=ids.ACT),
                dcc.Store(id=ids.VIEW, storage_type="session"),
                dcc.Store(id=ids.FIRST_VIEWS, data=views_menu.first_views(services)),
                dcc.Interval(id=ids.PULSE, interval=PULSE_SECONDS * 1000),
                dcc.Interval(id=ids.TICK, interval=TICK_SECONDS * 1000, disabled=True),
                dcc.Download(id=ids.DOWNLOAD),
                dcc.Store(id=ids.PICTURE),
                html.Div(id=ids.SINK, hidden=True),
                html.A(words.SKIP.of(lang), href="#content", className="skip-link"),
                html.Div(
                    [_sidebar(services, reports, lang), _main(services, fields, offer.choices(lang), today, lang)],
                    className="app",
                ),
                html.Div(id=ids.TOAST, className="toasts", role="status", **attrs({"aria-live": "polite"})),
                _drawer(lang),
                snooze.dialog(lang),
                note.dialog(lang, signed=services.sign_in is not None),
            ],
            settings={"locale": lang, "firstDayOfWeek": 1, "weekendDays": [0, 6]},
        ),
        id=ids.MANTINE,
        theme={
            "fontFamily": "inherit",
            "defaultRadius": "md",
            "primaryColor": "blue",
            "headings": {"fontFamily": "inherit"},
            "respectReducedMotion": True,
        },
    )


def _fields(services: Services, reports: Sequence[Report]) -> list[tuple[str, Text]]:
    try:
        return services.session().field_filters(reports[0]) if reports else []
    except NoData:
        return []


def _offer(services: Services) -> tuple[Offer, date]:
    """Periods to choose from and the day of the data; without data those of the calendar."""
    try:
        return Offer.of(services.session()), services.session().state().as_of.date()
    except NoData:
        today = datetime.now(UTC).date()
        return Offer(today.year, services.session().first_month()), today


def _snapshot(services: Services) -> str | None:
    try:
        return services.session().state().snapshot
    except NoData:
        return None


def _sidebar(services: Services, reports: Sequence[Report], lang: Lang) -> html.Aside:
    own = [_link("/settings", "gear", words.SETTINGS, lang)] if services.may(Power.SETTINGS) else []
    badge = connect.badge(lang, "in-sidebar") if connect.is_demo(services) else None
    links: list[Any] = [_link("/", "grid-1x2", words.HOME, lang)]
    links += [_link(f"/{report.slug}", report.icon, report.title, lang) for report in reports]
    return html.Aside(
        [
            html.Div(
                [
                    html.Span(icon("bar-chart-fill"), className="brand-mark"),
                    html.Span(PRODUCT.of(lang), className="brand-name"),
                    html.Button(
                        icon("x-lg"),
                        className="tool menu-close",
                        type="button",
                        **attrs({"aria-label": words.CLOSE.of(lang), "data-close-menu": "true"}),
                    ),
                ],
                className="brand",
            ),
            html.Nav(links, className="nav-list", **attrs({"aria-label": words.REPORTS.of(lang)})),
            html.Div(
                [
                    html.Div(badge, id="portal-line", className="portal-line"),
                    *own,
                ],
                className="sidebar-foot",
            ),
        ],
        className="sidebar",
        id=ids.MENU,
    )


def _link(path: str, icon_name: str, text: Text, lang: Lang) -> dcc.Link:
    return dcc.Link([icon(icon_name), html.Span(text.of(lang))], href=path, id=ids.nav(path), className="nav-item")


def _main(
    services: Services,
    fields: Sequence[tuple[str, Text]],
    periods: list[dict[str, Any]],
    today: date,
    lang: Lang,
) -> html.Div:
    badge = connect.badge(lang, "on-phone") if connect.is_demo(services) else None
    return html.Div(
        [
            who_line.line(services, lang),
            _topbar(services, lang),
            html.Div(id=ids.PROGRESS, className="progress-slot", **attrs({"aria-live": "polite"})),
            html.Main(
                [
                    badge,
                    html.Div(id=HEAD, className="page-head-slot"),
                    html.Div(id=ids.AS_OF_LINE, className="as-of-slot", role="status"),
                    filter_bar(fields, periods, today, lang),
                    html.Div(id=ids.PAGE, className="page"),
                ],
                id="content",
                tabIndex=-1,
            ),
        ],
        className="main",
    )


def _topbar(services: Services, lang: Lang) -> html.Header:
    return html.Header(
        [
            html.Button(
                icon("list"),
                id=ids.MENU_BUTTON,
                className="tool menu-button",
                type="button",
                **attrs({"aria-label": words.MENU.of(lang), "aria-expanded": "false", "aria-controls": ids.MENU}),
            ),
            html.Div(id=ids.FRESHNESS, className="freshness"),
            html.Button(
                [icon("arrow-repeat"), html.Span(words.REFRESH.of(lang))],
                id=ids.REFRESH,
                className="button button-quiet refresh",
                type="button",
                n_clicks=0,
                hidden=not services.may_refresh(),  # who may not refresh sees how old the data is
                **attrs({"aria-label": words.REFRESH.of(lang)}),
            ),
            html.Div(id=ACTIONS, className="page-actions"),
            html.Div(
                [
                    html.Button(
                        words.OTHER_LANGUAGE_SHORT.of(lang),
                        id=ids.LANG_BUTTON,
                        className="tool tool-text",
                        type="button",
                        n_clicks=0,
                        title=words.OTHER_LANGUAGE.of(lang),
                        lang="en" if lang == "ru" else "ru",
                        **attrs({"aria-label": words.OTHER_LANGUAGE.of(lang)}),
                    ),
                    html.Button(
                        icon("circle-half"),
                        id=ids.THEME_BUTTON,
                        className="tool",
                        type="button",
                        n_clicks=0,
                        title=words.THEME.of(lang),
                        **attrs({"aria-label": words.THEME.of(lang)}),
                    ),
                ],
                className="look",
            ),
        ],
        className="topbar",
    )


def _drawer(lang: Lang) -> dbc.Offcanvas:
    """The empty drawer; ``callbacks.drill`` fills it and opens it by the URL."""
    return dbc.Offcanvas(
        html.Div(id=ids.DRAWER_BODY),
        id=ids.DRAWER,
        title=html.Span(id=ids.DRAWER_TITLE),
        placement="end",
        is_open=False,
        scrollable=False,
        className="drawer",
        autoFocus=True,
        keyboard=True,
        labelledby=ids.DRAWER_TITLE,
    )
