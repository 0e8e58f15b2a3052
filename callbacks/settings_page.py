"""Saving settings: every change is kept, facts are derived anew, and the page says what it did to the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.dcc.express import send_bytes

from dash_app.errors import UserError
from dash_app.reports.closing import needs_code
from dash_app.reports.known_ids import refuse_unknown, unknown
from dash_app.services import Services
from dash_app.store.preferences import Preferences, affects, report_of
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.web import ids, language, settings_form, words
from dash_app.web.errors import notice, sentence
from dash_app.web.files import uploaded
from dash_app.web.home import headline_block

Figures = dict[tuple[str, str], tuple[str, str]]
"""(report's title, figure id) -> label, value as shown."""


def headline_figures(services: Services, slugs: Iterable[str], lang: Lang) -> Figures:
    """First figures of these reports: of this month, or of all time where a report speaks of that. A report that fails is left out."""
    found: Figures = {}
    for report in services.session().reports():
        block = headline_block(report)
        if block is None or report.slug not in slugs:
            continue
        try:
            query = services.session().parse(
                report, {} if report.default_period == "all" else {"period": ["this_month"]}
            )
            result = services.session().block(report, block.id, query, lang=lang)
            currency = services.session().state().currency
        except UserError:
            continue
        row = result.totals or (result.rows[0] if result.rows else {})
        wanted = block.headline or tuple(f.id for f in block.figures)
        for name in wanted:
            if name in row:
                column = result.column(name)
                found[report.title.of(lang), name] = (
                    column.label.of(lang),
                    fmt.with_unit(row[name], column.unit, lang, currency),
                )
    return found


def register(app: Dash, services: Services) -> None:
    """Save, undo, export, import."""

    def applied(change: Callable[[], list[Any]], keys: Iterable[str], lang: Lang) -> tuple[Any, ...]:
        """Makes a change of these settings or entries and what follows of it: (state, effect, history, form, snapshot)."""
        slugs = {report_of(key) for key in keys if affects(key) != "work"} | (
            {"sales-dynamics"} if any(affects(key) == "facts" for key in keys) else set()
        )
        before = headline_figures(services, slugs, lang)
        try:
            done = [c for c in change() if c is not None]
        except UserError as error:
            return notice(error.text, lang), None, no_update, no_update, no_update
        if not done:
            return notice(words.NOT_CHANGED, lang, kind="info"), None, no_update, no_update, no_update
        snapshot: Any = no_update
        shown: Any = None
        state: Any = notice(words.SAVED, lang, kind="good")
        try:
            if any(affects(c.what) == "facts" for c in done) and before:
                services.admin().rederive()
                snapshot = services.session().state().snapshot
            if before:
                after = headline_figures(services, slugs, lang)
                rows = [
                    settings_form.Headline(place[0], label, value, after.get(place, (label, value))[1])
                    for place, (label, value) in before.items()
                ]
                shown = settings_form.effect(rows, lang)
        except UserError as error:
            kept = Text(
                f"Сохранено, но цифры ещё прежние. {error.text.ru}",
                f"Saved, but the figures are still the old ones. {error.text.en}",
            )
            state = notice(kept, lang)
        except Exception as error:  # the setting is saved whatever became of the figures
            state = notice(sentence(error), lang)
        return state, shown, settings_form.history(services, lang), no_update, snapshot

    outputs = (
        Output(ids.SETTINGS_STATE, "children", allow_duplicate=True),
        Output(ids.SETTINGS_EFFECT, "children", allow_duplicate=True),
        Output(ids.SETTINGS_HISTORY, "children", allow_duplicate=True),
        Output(settings_form.VERSIONS, "data", allow_duplicate=True),
        Output(ids.SNAPSHOT, "data", allow_duplicate=True),
    )

    def put(wanted: dict[str, Any], who: str, expected: dict[str, int]) -> list[Any]:
        workspace = services.admin().workspace
        refuse_unknown(wanted, workspace.values(), settings_form.directory_of(services))
        return workspace.set_many(wanted, who, expected=expected)

    def versions() -> dict[str, int]:
        workspace = services.admin().workspace
        return {key: workspace.version(key) for key in Preferences.model_fields}

    @app.callback(
        *outputs,
        Input(ids.SETTINGS_SAVE, "n_clicks"),
        State(ids.setting(ALL, ALL), "value"),
        State(ids.setting(ALL, ALL), "id"),
        State(settings_form.VERSIONS, "data"),
        running=[
            (Output(ids.SETTINGS_SAVE, "disabled"), True, False),
            (Output(ids.SETTINGS_SAVE, "className"), "button button-primary is-busy", "button button-primary"),
        ],
        prevent_initial_call=True,
    )
    def save(clicks: Any, values: list[Any], controls: list[dict[str, str]], seen: Any) -> tuple[Any, ...]:
        lang = language.current()
        if not clicks:
            return (no_update,) * 5
        now = services.admin().workspace.values()
        wanted = settings_form.values_of(list(zip(controls, values, strict=True)), now)
        expected = {key: int(seen[key]) for key in wanted if isinstance(seen, dict) and isinstance(seen.get(key), int)}
        state, shown, history, _, snapshot = applied(
            lambda: put(wanted, words.ON_PAGE.of(lang), expected) if wanted else [],
            list(wanted),
            lang,
        )
        return state, shown, history, versions(), snapshot

    @app.callback(
        Output(ids.SETTINGS_FORM, "children"),
        Output(ids.SETTINGS_HISTORY, "children"),
        Output(ids.SNAPSHOT, "data", allow_duplicate=True),
        Input(ids.undo(ALL), "n_clicks"),
        Input(ids.SETTINGS_IMPORT, "contents"),
        prevent_initial_call=True,
    )
    def put_back(clicks: list[Any], content: Any) -> tuple[Any, ...]:
        lang = language.current()
        cause = ctx.triggered_id
        who, workspace = words.ON_PAGE.of(lang), services.admin().workspace
        if isinstance(cause, dict) and any(clicks):
            number = cause.get("change")
            state, shown, history, _, snapshot = applied(
                lambda: [workspace.undo(int(str(number)), who)],
                [c.what for c in workspace.history() if c.id == number],
                lang,
            )
        elif cause == ids.SETTINGS_IMPORT and isinstance(content, str):
            state, shown, history, _, snapshot = applied(
                lambda: list(
                    workspace.import_(
                        uploaded(content),
                        who,
                        may_reopen=not needs_code(services.settings.reopen_code),
                        unknown=lambda given: unknown(given, workspace.values(), settings_form.directory_of(services)),
                    )
                ),
                Preferences.model_fields,
                lang,
            )
        else:
            return (no_update,) * 3
        form = settings_form.form(services, lang)
        form[-2].children[1].children = state
        form[-1].children = shown
        return form, history, snapshot

    @app.callback(
        Output(ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(ids.SETTINGS_EXPORT, "n_clicks"),
        prevent_initial_call=True,
    )
    def export(clicks: Any) -> Any:
        return send_bytes(services.admin().workspace.export(), "settings.json") if clicks else no_update
