"""Saving settings: every change is kept, facts are derived anew, and the page says what it did to the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.dcc.express import send_bytes

from dash_app.errors import UserError
from dash_app.reports.closing import needs_code
from dash_app.reports.effects import figures_now, moved
from dash_app.reports.known_ids import refuse_unknown, unknown
from dash_app.services import Services
from dash_app.store.preferences import Preferences, affects
from dash_app.text import Lang, Text
from dash_app.web import ids, language, settings_form, settings_history, words
from dash_app.web.errors import notice, sentence
from dash_app.web.files import uploaded
from dash_app.web.setting_words import directory_of
from dash_app.web.settings_topics import FILE, HISTORY, topic_at

MOST = 1_000_000


def register(app: Dash, services: Services) -> None:
    """Save, undo, export, import."""

    def applied(change: Callable[[], list[Any]], keys: Iterable[str], lang: Lang) -> tuple[bool, Any, Any, Any]:
        """Makes a change of these settings or entries and what follows of it, and keeps what it did: (whether anything
        changed, what to say, the effect, snapshot)."""
        keys = list(keys)
        before = figures_now(services.session(), keys)
        try:
            done = [c for c in change() if c is not None]
        except UserError as error:
            return False, notice(error.text, lang), None, no_update
        if not done:
            return False, notice(words.NOT_CHANGED, lang, kind="info"), None, no_update
        snapshot: Any = no_update
        shown: Any = None
        state: Any = notice(words.SAVED, lang, kind="good")
        try:
            if any(affects(c.what) == "facts" for c in done) and before:
                services.admin().rederive()
                snapshot = services.session().state().snapshot
            if before:
                after = figures_now(services.session(), keys)
                settings_history.effects_of(services).keep(done, before, after)
                shown = settings_form.effect(moved(before, after, keys), lang)
        except UserError as error:
            kept = Text(
                f"Сохранено, но цифры ещё прежние. {error.text.ru}",
                f"Saved, but the figures are still the old ones. {error.text.en}",
            )
            state = notice(kept, lang)
        except Exception as error:  # the setting is saved whatever became of the figures
            state = notice(sentence(error), lang)
        return True, state, shown, snapshot

    def put(wanted: dict[str, Any], who: str, expected: dict[str, int]) -> list[Any]:
        workspace = services.admin().workspace
        refuse_unknown(wanted, workspace.values(), directory_of(services))
        return workspace.set_many(wanted, who, expected=expected)

    def versions() -> dict[str, int]:
        workspace = services.admin().workspace
        return {key: workspace.version(key) for key in Preferences.model_fields}

    def last(controls: list[dict[str, str]], lang: Lang) -> list[Any]:
        """When each setting on the page was changed last, and what that did."""
        lines = settings_history.last_lines(services, [control["key"] for control in controls], lang)
        return [lines.get(control["key"]) for control in controls]

    def narrowed(topic: Any, who: Any, lang: Lang) -> Any:
        """The whole history as its two controls say."""
        about = topic_at(f"/settings/{topic}") if topic and topic != settings_history.ALL else None
        by = str(who) if who and who != settings_history.ALL else None
        return settings_history.history(services, lang, about, by)

    @app.callback(
        Output(ids.SETTINGS_STATE, "children"),
        Output(ids.SETTINGS_EFFECT, "children"),
        Output(ids.SETTINGS_HISTORY, "children"),
        Output(settings_form.VERSIONS, "data"),
        Output(ids.setting_last(ALL), "children"),
        Output(ids.SNAPSHOT, "data", allow_duplicate=True),
        Input(ids.SETTINGS_SAVE, "n_clicks"),
        State(ids.setting(ALL, ALL), "value"),
        State(ids.setting(ALL, ALL), "id"),
        State(settings_form.VERSIONS, "data"),
        State(ids.URL, "pathname"),
        State(ids.setting_last(ALL), "id"),
        running=[
            (Output(ids.SETTINGS_SAVE, "disabled"), True, False),
            (Output(ids.SETTINGS_SAVE, "className"), "button button-primary is-busy", "button button-primary"),
        ],
        prevent_initial_call=True,
    )
    def save(
        clicks: Any,
        values: list[Any],
        controls: list[dict[str, str]],
        seen: Any,
        pathname: Any,
        lines: list[dict[str, str]],
    ) -> tuple[Any, ...]:
        """What was typed stays as it was typed, saved or refused."""
        lang, topic = language.current(), topic_at(pathname)
        same = [no_update] * len(lines)
        if not clicks or topic is None:
            return (*(no_update,) * 4, same, no_update)
        now = services.admin().workspace.values()
        wanted = settings_form.values_of(list(zip(controls, values, strict=True)), now)
        expected = {key: int(seen[key]) for key in wanted if isinstance(seen, dict) and isinstance(seen.get(key), int)}
        done, state, shown, snapshot = applied(
            lambda: put(wanted, services.signed(words.ON_PAGE.of(lang)), expected) if wanted else [], list(wanted), lang
        )
        if not done:
            return state, None, no_update, no_update, same, no_update
        history = settings_history.topic_lines(services, topic, lang)
        return state, shown, history, versions(), last(lines, lang), snapshot

    @app.callback(
        Output(ids.SETTINGS_FORM, "children"),
        Output(ids.SETTINGS_HISTORY, "children", allow_duplicate=True),
        Output(ids.SNAPSHOT, "data", allow_duplicate=True),
        Input(ids.undo(ALL), "n_clicks"),
        State(ids.URL, "pathname"),
        State(ids.HISTORY_TOPIC, "value", allow_optional=True),
        State(ids.HISTORY_WHO, "value", allow_optional=True),
        prevent_initial_call=True,
    )
    def put_back(clicks: list[Any], pathname: Any, about: Any = None, by: Any = None) -> tuple[Any, ...]:
        lang, topic, cause = language.current(), topic_at(pathname), ctx.triggered_id
        if topic is None or not isinstance(cause, dict) or not any(clicks):
            return (no_update,) * 3
        who, workspace, number = (
            services.signed(words.ON_PAGE.of(lang)),
            services.admin().workspace,
            int(str(cause.get("change"))),
        )
        _, state, shown, snapshot = applied(
            lambda: [workspace.undo(number, who)],
            [c.what for c in workspace.history(most=MOST) if c.id == number],
            lang,
        )
        form = settings_form.form(services, topic, lang, state=state, shown=shown)
        lines = (
            narrowed(about, by, lang) if topic.id == HISTORY else settings_history.topic_lines(services, topic, lang)
        )
        return form, lines, snapshot

    @app.callback(
        Output(ids.SETTINGS_FORM, "children", allow_duplicate=True),
        Output(ids.SNAPSHOT, "data", allow_duplicate=True),
        Input(ids.SETTINGS_IMPORT, "contents"),
        prevent_initial_call=True,
    )
    def take(content: Any) -> tuple[Any, ...]:
        if not isinstance(content, str):
            return no_update, no_update
        lang, workspace = language.current(), services.admin().workspace
        _, state, shown, snapshot = applied(
            lambda: list(
                workspace.import_(
                    uploaded(content),
                    services.signed(words.ON_PAGE.of(lang)),
                    may_reopen=not needs_code(services.reopen_code),
                    unknown=lambda given: unknown(given, workspace.values(), directory_of(services)),
                )
            ),
            Preferences.model_fields,
            lang,
        )
        file = topic_at(f"/settings/{FILE}")
        assert file is not None
        return settings_form.form(services, file, lang, state=state, shown=shown), snapshot

    @app.callback(
        Output(ids.SETTINGS_HISTORY, "children", allow_duplicate=True),
        Input(ids.HISTORY_TOPIC, "value"),
        Input(ids.HISTORY_WHO, "value"),
        prevent_initial_call=True,
    )
    def narrow(topic: Any, who: Any) -> Any:
        return narrowed(topic, who, language.current())

    @app.callback(Output(ids.SETTINGS_FOUND, "children"), Input(ids.SETTINGS_FIND, "value"), prevent_initial_call=True)
    def find(asked: Any) -> Any:
        return settings_form.found_list(str(asked or ""), language.current())

    @app.callback(
        Output(ids.DOWNLOAD, "data", allow_duplicate=True),
        Input(ids.SETTINGS_EXPORT, "n_clicks"),
        prevent_initial_call=True,
    )
    def export(clicks: Any) -> Any:
        return send_bytes(services.admin().workspace.export(), "settings.json") if clicks else no_update
