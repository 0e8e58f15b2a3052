"""The one refresh of the portal on every page: button, progress, cancel, and what changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel.dates import format_timedelta
from dash import ALL, Dash, Input, Output, State, ctx, html, no_update

from dash_app.errors import NoData, UserError
from dash_app.portal.entities import COUNTED
from dash_app.reports.api import DataState
from dash_app.services import OWNERS, Services
from dash_app.store.progress import Progress
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.scene import attrs
from dash_app.web import connect, first_load, ids, language, words
from dash_app.web.errors import notice, toast
from dash_app.web.frame import icon


def age(moment: datetime, now: datetime, lang: Lang) -> str:
    """«5 минут назад»."""
    seconds = max(0.0, (now - moment).total_seconds())
    if seconds < 60:
        return Text("только что", "just now").of(lang)
    return format_timedelta(moment - now, add_direction=True, locale=lang, threshold=1.2)


def clock(moment: datetime, now: datetime, lang: Lang) -> str:
    """«14:32» today, «20.03, 14:32» on another day, with its year if that is another one."""
    today = now.astimezone(moment.tzinfo).date()
    if moment.date() == today:
        return f"{moment:%H:%M}"
    if moment.year == today.year:
        return f"{moment:%d.%m, %H:%M}" if lang == "ru" else f"{moment.day} {moment:%b, %H:%M}"
    return f"{moment:%d.%m.%Y, %H:%M}" if lang == "ru" else f"{moment:%Y-%m-%d, %H:%M}"


def freshness(state: DataState | None, lang: Lang, now: datetime | None = None) -> list[Any]:
    """«Данные на 14:32, 5 минут назад», and what could not be read."""
    if state is None:
        return [html.Span(words.NO_DATA_YET.of(lang))]
    moment = now or datetime.now(state.as_of.tzinfo)
    before, _, after = words.DATA_AT.of(lang).partition("{when}")
    at: list[Any] = [html.Span(before, className="fresh-word"), clock(state.as_of, moment, lang), after]
    parts: list[Any] = [
        html.Span(at, className="fresh-at"),
        html.Span(", " + age(state.as_of, moment, lang), className="fresh-age"),
    ]
    warnings = [note.text.of(lang) for note in state.notes if note.level == "warning"]
    if warnings:
        parts.append(
            html.Details(
                [
                    html.Summary(icon("exclamation-triangle"), **attrs({"aria-label": warnings[0]})),
                    html.Div([html.P(w) for w in warnings], className="fresh-notes"),
                ],
                className="fresh-warning",
            )
        )
    return parts


def left(seconds: float | None, lang: Lang) -> str:
    """«осталось около 2 мин»."""
    if seconds is None or seconds < 1:
        return ""
    if seconds < 90:
        return words.SECONDS_LEFT.of(lang).format(n=max(5, 5 * round(seconds / 5)))
    return words.MINUTES_LEFT.of(lang).format(n=round(seconds / 60))


def doing(progress: Progress, lang: Lang) -> str:
    """«Читаю сделки: 4 200 из 12 000»."""
    line = words.PHASES.get(progress.phase, words.PHASES[""]).of(lang)
    if progress.phase == "read" and progress.entity:
        line += " " + words.BEING_READ.get(progress.entity, Text(progress.entity, progress.entity)).of(lang)
        rows, expected = progress.entities.get(progress.entity, [progress.rows, progress.expected])
        if expected:
            line += ": " + words.ROWS_OF.of(lang).format(
                rows=fmt.number(rows, lang), expected=fmt.number(expected, lang)
            )
        elif rows:
            line += f": {fmt.number(rows, lang)}"
    return line


def panel(progress: Progress, lang: Lang, *, usable: bool, able: bool = True) -> html.Div:
    """The bar of a running refresh. ``able``: who looks may cancel it."""
    rest = left(progress.seconds_left, lang)
    return html.Div(
        [
            html.Div(
                html.Div(className="progress-fill", style={"width": f"{max(2, progress.percent)}%"}),
                className="progress-line",
                role="progressbar",
                **attrs(
                    {
                        "aria-label": words.PROGRESS_LABEL.of(lang),
                        "aria-valuenow": progress.percent,
                        "aria-valuemin": 0,
                        "aria-valuemax": 100,
                    }
                ),
            ),
            html.Div(
                [
                    html.Span(doing(progress, lang), className="progress-what"),
                    html.Span(
                        " · ".join(part for part in (rest, words.OLD_USABLE.of(lang) if usable else "") if part),
                        className="progress-rest",
                    ),
                ],
                className="progress-text",
            ),
            html.Button(
                words.CANCEL.of(lang), id=ids.CANCEL, className="button button-quiet", type="button", n_clicks=0
            )
            if able
            else None,
        ],
        className="progress-panel",
    )


def changes_line(state: DataState, lang: Lang) -> str:
    """«Данные обновлены – 3 новые сделки; изменилось: 1 лид, 1 сотрудник»: what a refresh brought."""

    def listed(how: str) -> str:
        return ", ".join(
            fmt.counted(number, what.new if how == "new" else what.word, lang).replace(fmt.NBSP, " ")
            for name, (_, what) in COUNTED.items()
            if (number := state.changes.get(f"{name}_{how}"))
        )

    parts = [listed("new")]
    for how, text in (("changed", words.CHANGED_RECORDS), ("deleted", words.DELETED_RECORDS)):
        if what := listed(how):
            parts.append(text.format(what=what).of(lang))
    said = "; ".join(part for part in parts if part)
    if not said:
        return f"{words.FRESH.of(lang)} {words.NOTHING_CHANGED.of(lang)}"
    return words.FRESH_WITH.format(what=said).of(lang)


def question(progress: Progress | None, lang: Lang) -> Any:
    """What a person has to confirm before the portal's data is published, with the button that does."""
    if progress is None or progress.running or progress.question is None or progress.error is None:
        return None
    button = html.Button(
        words.ACCEPT.of(lang),
        id=ids.accept(progress.question),
        className="button button-quiet",
        type="button",
        n_clicks=0,
    )
    return notice(
        Text(f"{progress.error.ru} {words.KEPT.ru}", f"{progress.error.en} {words.KEPT.en}"), lang, more=button
    )


def ended(progress: Progress | None, lang: Lang) -> Any:
    """The message of a refresh that ended badly."""
    if progress is None or progress.phase not in ("failed", "cancelled") or progress.question is not None:
        return None
    if progress.phase == "cancelled":
        return toast(words.CANCELLED.of(lang), lang=lang)
    said = f"{progress.error.of(lang)} {words.KEPT.of(lang)}" if progress.error else words.FAILED.of(lang)
    return toast(said, kind="warning", lang=lang)


def register(app: Dash, services: Services) -> None:
    """Watching the refresh, starting and cancelling it."""

    def _allowed() -> None:
        """Where people sign in the refresh is whose the settings are; where nobody does, of whoever reaches the page."""
        if not services.may_refresh():
            raise UserError(OWNERS)

    def state() -> DataState | None:
        try:
            return services.session().state()
        except NoData:
            return None

    @app.callback(
        Output(ids.PROGRESS, "children"),
        Output(ids.TICK, "disabled"),
        Output(ids.FRESHNESS, "children"),
        Output("portal-line", "children"),
        Output(ids.SNAPSHOT, "data"),
        Output(ids.TOAST, "children", allow_duplicate=True),
        Output(ids.REFRESH, "disabled"),
        Input(ids.REFRESH, "n_clicks"),
        Input("first-refresh", "n_clicks", allow_optional=True),
        Input(ids.CANCEL, "n_clicks", allow_optional=True),
        Input(ids.accept(ALL), "n_clicks"),
        Input(ids.TICK, "n_intervals"),
        Input(ids.PULSE, "n_intervals"),
        State(ids.SNAPSHOT, "data"),
        State(ids.TICK, "disabled"),
        prevent_initial_call="initial_duplicate",
    )
    def watch(
        clicks: Any, first: Any, cancelled: Any, accepted: list[Any], _tick: Any, _pulse: Any, shown: Any, idle: Any
    ) -> tuple[Any, ...]:
        lang = language.current()
        cause = ctx.triggered_id
        if (cause == ids.REFRESH and clicks) or (cause == "first-refresh" and first):
            _allowed()
            services.refresh.start(words.REFRESH.ru)
        elif cause == ids.CANCEL and cancelled:
            _allowed()
            services.refresh.cancel()
        elif isinstance(cause, dict) and any(accepted):
            services.admin()  # whose data it is to be is for who sees all of it to say
            services.refresh.start(words.ACCEPT.ru, accept=str(cause.get("question")))
        progress = services.progress()
        now = state()
        running = progress is not None and progress.running
        message: Any = no_update
        fresh: Any = no_update
        if now is not None and now.snapshot != shown:
            fresh = now.snapshot
            if shown:
                message = toast(changes_line(now, lang), kind="good", lang=lang)
        if not running and idle is False and message is no_update:
            message = ended(progress, lang) or no_update
        able = services.may_refresh()
        bar = panel(progress, lang, usable=now is not None, able=able) if progress is not None and running else None
        bar = bar or (question(progress, lang) if able else None)
        line = portal_line(now, lang, demo=connect.is_demo(services))
        return bar, not running, freshness(now, lang), line, fresh, message, running

    @app.callback(
        Output(first_load.DETAILS, "children"),
        Input(ids.TICK, "n_intervals"),
        Input(ids.PULSE, "n_intervals"),
        prevent_initial_call=True,
    )
    def details(_tick: Any, _pulse: Any) -> Any:
        demo = connect.is_demo(services)
        return first_load.details(services.progress(), language.current(), first_load.why(services), demo=demo)

    @app.callback(
        Output(first_load.FINDINGS, "children"),
        Input(first_load.CHECK, "n_clicks"),
        running=[(Output(first_load.CHECK, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def check(_: Any) -> Any:
        return first_load.findings(services.admin().doctor(), language.current())


def portal_line(state: DataState | None, lang: Lang, *, demo: bool) -> Any:
    """Whose data this is; that it is nobody's, with the way to one's own."""
    if demo:
        return connect.badge(lang, "in-sidebar")
    return None if state is None else [icon("database"), html.Span(state.address.partition("://")[2])]
