"""Addresses to pages. The pages hold no data: they are frames which other callbacks fill."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, html

from dash_app.engine.language import Report
from dash_app.errors import BadInput, NoData, UserError
from dash_app.motivation import page as motivation
from dash_app.motivation import words as motivation_words
from dash_app.services import Services
from dash_app.text import Lang
from dash_app.views.today import title_of
from dash_app.web import (
    cell_editor,
    connect,
    first_load,
    home,
    ids,
    language,
    settings_form,
    views_menu,
    words,
)
from dash_app.web.errors import notice
from dash_app.web.frame import blocks_in_order, head, report_actions, report_page, report_settings
from dash_app.web.index import PRODUCT
from dash_app.web.monthly import monthly_page_at
from dash_app.web.options import placed
from dash_app.web.pages import CONNECT, HOME, MOTIVATION, SETTINGS, report_at
from dash_app.web.settings_topics import Topic, topic_at
from dash_app.web.shell import ACTIONS, HEAD
from dash_app.web.state import AddressParams, params_of, slug_of, without_drawer


def _settings(services: Services, topic: Topic, search: Any, lang: Lang) -> Any:
    try:
        return settings_form.page(services, topic, lang, next(iter(params_of(search).get("find", [])), ""))
    except UserError as error:
        return notice(error.text, lang, kind="info")


def _connect(services: Services, lang: Lang) -> Any:
    try:
        services.admin()
        return connect.page(services, lang)
    except UserError as error:
        return notice(error.text, lang, kind="info")


def _connecting(services: Services, lang: Lang) -> Any:
    """The form of the page that connects a portal; nothing for who may not."""
    try:
        services.admin()
    except UserError:
        return None
    return connect.panel(services, lang)


def register(app: Dash, services: Services) -> None:
    """The router and the links that carry filters along."""

    def has_data() -> bool:
        try:
            services.session().state()
        except NoData:
            return False
        return True

    def option_of(report: Report, search: Any) -> Callable[[str], str]:
        """The value of an option by its id: that of the address, of the bare one where it makes no sense or there is no data."""
        reports = services.session()
        for params in (params_of(search), {}):
            try:
                return reports.parse(report, params).option
            except UserError:
                continue
        return {o.id: o.interface if o.interface is not None else o.default for o in report.options}.__getitem__

    def settings_of(report: Report, search: Any, lang: Lang) -> Any:
        _, whole = placed(report, blocks_in_order(report))
        return report_settings(whole, option_of(report, search), lang)

    def moment_of(params: AddressParams) -> datetime | None:
        """The local instant the start page speaks of; None where the address asks for none there is."""
        reports = services.session()
        try:
            return reports.moment(reports.parse(reports.reports()[0], {"as_of": params.get("as_of", [])}))
        except (BadInput, IndexError):
            return None

    def page(pathname: Any, search: Any, chosen: Any, lang: Lang) -> tuple[Any, Any, str | None, str]:
        """Head, body, report on screen, title."""
        report = report_at(services.session(), pathname)
        slug = slug_of(pathname)
        topic = topic_at(pathname)
        if topic is not None:
            title = (
                words.SETTINGS.of(lang) if slug == SETTINGS else f"{topic.title.of(lang)} · {words.SETTINGS.of(lang)}"
            )
            return (
                head(words.SETTINGS, words.SETTINGS_QUESTION, lang),
                _settings(services, topic, search, lang),
                None,
                title,
            )
        if slug == MOTIVATION:
            return (
                head(motivation_words.TITLE, motivation_words.QUESTION, lang),
                motivation.page(services, lang),
                None,
                motivation_words.TITLE.of(lang),
            )
        if slug == CONNECT:
            return head(connect.TITLE, connect.QUESTION, lang), _connect(services, lang), None, connect.TITLE.of(lang)
        grid = monthly_page_at(slug)
        if grid is not None and has_data():
            body = cell_editor.page(grid, services, params_of(search), lang)
            return head(grid.title, grid.question, lang), body, None, grid.title.of(lang)
        if report is None and slug != HOME and grid is None:
            body = notice(words.NOT_FOUND_WHY, lang, kind="info")
            return (
                html.Div(html.H1(words.NOT_FOUND.of(lang)), className="page-head"),
                body,
                None,
                words.NOT_FOUND.of(lang),
            )
        if not has_data():
            demo = connect.is_demo(services)
            other = _connecting(services, lang) if demo else None
            return None, first_load.page(services, lang, other, demo=demo), None, words.FIRST_TITLE.of(lang)
        if report is None:
            params = params_of(search)
            moment = moment_of(params)
            today = title_of(moment) if moment else words.HOME
            return (
                head(today, words.HOME_QUESTION, lang),
                home.page(services.session().reports(), lang, params, views_menu.first_views(services)),
                None,
                today.of(lang),
            )
        body = report_page(report, lang, option_of(report, search))
        views = views_menu.menu(services.session().views, report, without_drawer(params_of(search)), chosen, lang)
        above = head(report.title, report.question, lang, views_menu.place(views))
        return above, body, report.slug, report.title.of(lang)

    @app.callback(
        Output(HEAD, "children"),
        Output(ACTIONS, "children"),
        Output(ids.REPORT_SETTINGS, "children"),
        Output(ids.PAGE, "children"),
        Output(ids.REPORT, "data"),
        Output(ids.TITLE, "data"),
        Input(ids.URL, "pathname"),
        State(ids.URL, "search"),
        State(ids.VIEW, "data"),
    )
    def show(pathname: Any, search: Any, chosen: Any = None) -> tuple[Any, Any, Any, Any, str | None, str]:
        lang = language.current()
        above, body, slug, title = page(pathname, search, chosen, lang)
        report = report_at(services.session(), slug) if slug else None
        actions = report_actions(report, lang) if report else None
        settings = settings_of(report, search, lang) if report else None
        return above, actions, settings, body, slug, f"{title} · {PRODUCT.of(lang)}"

    app.clientside_callback(
        ClientsideFunction("shell", "navigate"),
        Output(ids.nav(ALL), "href"),
        Output(ids.nav(ALL), "className"),
        Input(ids.URL, "search"),
        Input(ids.URL, "pathname"),
        Input(ids.FIRST_VIEWS, "data"),
        State(ids.nav(ALL), "id"),
        State(ids.TIMELESS, "data"),
    )
    app.clientside_callback(ClientsideFunction("shell", "title"), Output(ids.SINK, "title"), Input(ids.TITLE, "data"))
