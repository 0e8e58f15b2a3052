"""Saved views of a report: the menu follows the address; saving, renaming, sharing, deleting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from dash_app.engine.language import Report
from dash_app.errors import BadInput, UserError
from dash_app.reports.saved_views import GONE, Views
from dash_app.services import Services
from dash_app.text import Text
from dash_app.views.acts import act_button
from dash_app.web import ids, language, owner, views_menu, words
from dash_app.web.errors import notice, toast
from dash_app.web.pages import report_at
from dash_app.web.state import AddressParams, params_of, without_drawer


def columns_of(report: Report, values: Sequence[Any], controls: Sequence[dict[str, str]]) -> dict[str, tuple[str, ...]]:
    """Columns of the report's lists as they are on the page."""
    return {
        control["id"]: tuple(str(name) for name in value)
        for value, control in zip(values, controls, strict=False)
        if control["report"] == report.slug and control["id"] != ids.DRAWER_GRID and isinstance(value, list)
    }


def done(
    views: Views,
    report: Report,
    act: str,
    view: int,
    name: str,
    params: AddressParams,
    columns: dict[str, tuple[str, ...]],
) -> tuple[Text, int | None]:
    """Does what a button of the menu says: (what to say, the view chosen now)."""
    who = owner.whose()
    named = next((v.name for v in views.of(report, who) if v.id == view), "")
    match act:
        case "save":
            return views_menu.SAVED.format(name=name.strip()), views.save(report, who, name, params, columns)
        case "update":
            views.put(view, report, who, params, columns)
            return views_menu.SAVED.format(name=named), view
        case "rename":
            views.rename(view, report, who, name)
            return views_menu.RENAMED.format(name=name.strip()), view
        case "share" | "mine":
            views.share(view, report, who, shared=act == "share")
            return (views_menu.NOW_SHARED if act == "share" else views_menu.NOW_MINE).format(name=named), view
        case "first" | "bare":
            views.put_first(view if act == "first" else None, report, who)
            return (views_menu.NOW_FIRST if act == "first" else views_menu.NOW_BARE).format(name=named), view
        case "delete":
            return views_menu.DELETED.format(name=views.remove(view, report, who)), None
    raise BadInput(GONE)


def register(app: Dash, services: Services) -> None:
    """The menu and its buttons."""

    @app.callback(
        Output(ids.VIEWS_BUTTON, "children"),
        Output(ids.VIEWS_BUTTON, "className"),
        Output(ids.VIEWS, "children"),
        Input(ids.URL, "search"),
        Input(ids.VIEW, "data"),
        State(ids.URL, "pathname"),
        prevent_initial_call=True,
    )
    def show(search: Any, chosen: Any, pathname: Any) -> tuple[Any, ...]:
        session = services.session()
        report = report_at(session, pathname)
        if report is None:
            return (no_update,) * 3
        params = without_drawer(params_of(search))
        shown = views_menu.menu(session.views, report, params, chosen, language.current())
        return shown.label, shown.button, shown.body

    @app.callback(
        Output(ids.VIEW, "data"),
        Output(ids.VIEW_STATE, "children"),
        Output(ids.FIRST_VIEWS, "data"),
        Output(ids.TOAST, "children", allow_duplicate=True),
        Input(ids.view_act(ALL, ALL), "n_clicks"),
        State(ids.VIEW_NAME, "value"),
        State(ids.URL, "search"),
        State(ids.URL, "pathname"),
        State(ids.VIEW, "data"),
        State(ids.grid_columns(ALL, ALL), "value"),
        State(ids.grid_columns(ALL, ALL), "id"),
        prevent_initial_call=True,
    )
    def act(
        clicks: list[Any],
        name: Any,
        search: Any,
        pathname: Any,
        chosen: Any,
        values: list[Any],
        controls: list[dict[str, str]],
    ) -> tuple[Any, ...]:
        cause, lang, session = ctx.triggered_id, language.current(), services.session()
        report = report_at(session, pathname)
        if report is None or not isinstance(cause, dict) or not any(clicks):
            return (no_update,) * 4
        asked, number = str(cause["act"]), int(cause["view"])
        try:
            said, now = done(
                session.views,
                report,
                asked,
                number,
                str(name or ""),
                without_drawer(params_of(search)),
                columns_of(report, values, controls),
            )
        except UserError as error:
            return no_update, notice(error.text, lang), no_update, no_update
        back = (
            act_button("view_back", f"{report.slug}:{number}", words.UNDO, words.UNDO.of(lang), lang)
            if asked == "delete"
            else None
        )
        return (
            {"report": report.slug, "id": now, "n": _next(chosen)},
            None,
            views_menu.first_views(services),
            toast(said.of(lang), kind="good", lang=lang, more=back),
        )

    @app.callback(
        Output(ids.VIEW, "data", allow_duplicate=True),
        Output(ids.TOAST, "children", allow_duplicate=True),
        Input(ids.ACT, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def bring_back(asked: Any, chosen: Any) -> tuple[Any, ...]:
        if not isinstance(asked, dict) or asked.get("name") != "view_back":
            return no_update, no_update
        lang, session = language.current(), services.session()
        slug, _, number = str(asked.get("key", ""))[:120].rpartition(":")
        report = report_at(session, f"/{slug}")
        try:
            if report is None or not number.isascii() or not number.isdigit() or len(number) > 15:
                raise BadInput(GONE)
            session.views.restore(int(number), report, owner.whose())
        except UserError as error:
            return no_update, toast(error.text.of(lang), kind="warning", lang=lang)
        now = {"report": slug, "id": int(number), "n": _next(chosen)}
        return now, toast(views_menu.BACK.of(lang), kind="good", lang=lang)


def _next(chosen: Any) -> int:
    """So that a store told the same view anew still says something new."""
    n = chosen.get("n") if isinstance(chosen, dict) else 0
    return n + 1 if isinstance(n, int) and 0 <= n < 2**31 else 1
