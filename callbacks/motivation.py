"""The page «Мотивация»: a ladder edited with its example, lists added to and removed from, months closed and reopened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ALL, MATCH, Dash, Input, Output, State, ctx, no_update

from dash_app.errors import NoData, UserError
from dash_app.motivation import closing_panel
from dash_app.motivation import lists as motivation_lists
from dash_app.motivation import page as motivation
from dash_app.motivation import words as w
from dash_app.reports.closing import check_right, checked_threshold
from dash_app.services import Services
from dash_app.store.edits import EditConflict
from dash_app.store.kinds import ENTRY_KINDS
from dash_app.text import Lang, Text
from dash_app.web import language
from dash_app.web.errors import notice
from dash_app.web.setting_words import directory_of

STEP = motivation.step_id(ALL, ALL)


def register(app: Dash, services: Services) -> None:
    """Ladder, example, lists, closing, history."""
    _ladder(app, services)
    _example(app, services)
    _lists(app, services)
    _closing_and_history(app, services)


def _refused(services: Services, error: UserError, lang: Lang) -> Any:
    """What a change that was refused is answered with; of two editors the second reads both values in words."""
    if isinstance(error, EditConflict):
        kind, _, _ = error.key.partition(":")
        last = services.session().history(error.key, most=1)
        return notice(
            motivation_lists.conflict(
                kind, error.theirs, error.yours, last[0].who if last else "?", directory_of(services), lang
            ),
            lang,
        )
    return notice(error.text, lang)


def _ladder(app: Dash, services: Services) -> None:
    @app.callback(Output(motivation.FORM, "children"), Input(motivation.SCHEME, "value"), prevent_initial_call=True)
    def choose(key: Any) -> Any:
        return motivation.form(services, language.current(), str(key or motivation.NEW))

    @app.callback(
        Output(motivation.STEPS, "children"),
        Input(motivation.ADD_STEP, "n_clicks"),
        Input(motivation.remove_id(ALL), "n_clicks"),
        State(STEP, "value"),
        State(STEP, "id"),
        prevent_initial_call=True,
    )
    def change_steps(added: Any, removed: list[Any], values: list[Any], controls: list[dict[str, Any]]) -> Any:
        cause = ctx.triggered_id
        rows = motivation.step_rows(controls, values)
        if isinstance(cause, dict) and any(removed):
            rows.pop(int(cause["row"]), None)
        elif cause == motivation.ADD_STEP and added:
            last = max(
                (float(n) for r in rows.values() if (n := motivation.exact(r.get("reached"))) is not None), default=80.0
            )
            rows[max(rows, default=-1) + 1] = {
                "reached": last + 10 if rows else 100,
                "pay": next((r.get("pay") for r in reversed(rows.values())), "share"),
                "value": "",
            }
        else:
            return no_update
        return motivation.steps(list(rows.values()), language.current())

    form = (
        State(motivation.NAME, "value"),
        State(motivation.MONTH, "value"),
        State(motivation.MODE, "value"),
        State(motivation.DEPARTMENTS, "value"),
        State(motivation.MANAGERS, "value"),
        State(motivation.CAP_KIND, "value"),
        State(motivation.CAP_VALUE, "value"),
    )

    @app.callback(
        Output(motivation.BODY, "children", allow_duplicate=True),
        Input(motivation.SAVE, "n_clicks"),
        Input(motivation.DELETE, "n_clicks"),
        State(STEP, "value"),
        State(STEP, "id"),
        State(motivation.VERSION, "data"),
        *form,
        prevent_initial_call=True,
    )
    def save(
        saved: Any, deleted: Any, values: list[Any], controls: list[dict[str, Any]], seen: Any, *given: Any
    ) -> Any:
        lang = language.current()
        key, version = str(seen["key"]), int(seen["version"])
        who = w.ON_PAGE.of(lang)
        new = key
        try:
            if ctx.triggered_id == motivation.DELETE and deleted:
                services.session().put_entries("scheme", {key: None}, who, expected={key: version})
                return motivation.body(services, lang, said={"scheme": notice(w.SCHEME_DELETED, lang, kind="good")})
            if ctx.triggered_id != motivation.SAVE or not saved:
                return no_update
            value = ENTRY_KINDS["scheme"].value(motivation.scheme_value(motivation.step_rows(controls, values), *given))
            new = value.key
            changes: dict[str, Any] = {new: value.model_dump(mode="json")}
            expected = {new: version if new == key else 0}
            if key != motivation.NEW and new != key and new.rpartition(":")[2] == key.rpartition(":")[2]:
                changes[key], expected[key] = None, version  # the same first month: a new name, not a new version
            services.session().put_entries("scheme", changes, who, expected=expected)
        except EditConflict as error:
            return motivation.body(
                services,
                lang,
                scheme=new if new in services.session().entries("scheme") else motivation.NEW,
                said={"scheme": _refused(services, error, lang)},
            )
        return motivation.body(services, lang, scheme=new, said={"scheme": notice(w.SCHEME_SAVED, lang, kind="good")})


def _example(app: Dash, services: Services) -> None:
    @app.callback(
        Output(motivation.SLIDER, "value"),
        Output(motivation.example_id("fact"), "value"),
        Input(motivation.SLIDER, "value"),
        Input(motivation.example_id("fact"), "value"),
        Input(motivation.example_id("plan"), "value"),
        prevent_initial_call=True,
    )
    def move(percent: Any, fact: Any, plan: Any) -> tuple[Any, Any]:
        """The slider and the fact say the same; whoever moved decides."""
        whole, sold = motivation.exact(plan), motivation.exact(fact)
        if not whole or percent is None:
            return no_update, no_update
        if ctx.triggered_id == motivation.SLIDER:
            return no_update, float(whole * int(percent) / 100)
        return min(int((sold or 0) * 100 / whole), 200), no_update

    @app.callback(
        Output(motivation.RESULT, "children"),
        Input(STEP, "value"),
        Input(motivation.MODE, "value"),
        Input(motivation.CAP_KIND, "value"),
        Input(motivation.CAP_VALUE, "value"),
        Input(motivation.example_id(ALL), "value"),
        Input(motivation.STEPS, "children"),
        State(STEP, "id"),
        State(motivation.example_id(ALL), "id"),
    )
    def show(
        values: list[Any],
        mode: Any,
        cap_kind: Any,
        cap_value: Any,
        given: list[Any],
        _: Any,
        controls: list[dict[str, Any]],
        names: list[dict[str, Any]],
    ) -> Any:
        lang = language.current()
        try:
            currency = services.session().state().currency
        except NoData:
            currency = "RUB"
        scheme = motivation.scheme_value(
            motivation.step_rows(controls, values), "", "", mode, (), (), cap_kind, cap_value
        )
        try:
            case = motivation.example_case(
                services, scheme, {n["name"]: v for n, v in zip(names, given, strict=True)}, currency
            )
        except UserError as error:
            return notice(error.text, lang)
        return motivation.result(case, lang)


def _lists(app: Dash, services: Services) -> None:
    @app.callback(
        Output(motivation_lists.list_id(MATCH), "children"),
        Input(motivation_lists.add_id(MATCH), "n_clicks"),
        Input(motivation_lists.remove_id(MATCH, ALL), "n_clicks"),
        State(motivation_lists.field_id(MATCH, ALL), "value"),
        State(motivation_lists.field_id(MATCH, ALL), "checked"),
        State(motivation_lists.field_id(MATCH, ALL), "id"),
        State(motivation_lists.versions_id(MATCH), "data"),
        prevent_initial_call=True,
    )
    def change(
        added: Any, removed: list[Any], values: list[Any], ticked: list[Any], names: list[dict[str, Any]], versions: Any
    ) -> Any:
        lang = language.current()
        cause = ctx.triggered_id
        if not isinstance(cause, dict) or not (added if cause["type"] == "motivation-add" else any(removed)):
            return no_update
        kind, seen = str(cause["kind"]), versions if isinstance(versions, dict) else {}
        if kind not in motivation_lists.KNOWN:
            return no_update
        said: Any = None
        try:
            if cause["type"] == "motivation-remove":
                key = str(cause["key"])
                services.session().put_entries(
                    kind, {key: None}, w.ON_PAGE.of(lang), expected={key: int(seen.get(key, 0))}
                )
            else:
                given = {
                    n["name"]: (t if t is not None and v is None else v)
                    for n, v, t in zip(names, values, ticked, strict=True)
                }
                value = ENTRY_KINDS[kind].value(motivation_lists.value_of(kind, given))
                services.session().put_entries(
                    kind,
                    {value.key: value.model_dump(mode="json")},
                    w.ON_PAGE.of(lang),
                    expected={value.key: int(seen.get(value.key, 0))},
                )
        except EditConflict as error:
            said = _refused(services, error, lang)
        return motivation_lists.content(services.session(), directory_of(services), kind, lang, said)

    @app.callback(
        Output(motivation.HISTORY, "children"),
        Output(motivation.example_id("grade"), "data"),
        Input(motivation_lists.list_id(ALL), "children"),
        prevent_initial_call=True,
    )
    def note(_: Any) -> tuple[Any, Any]:
        lang = language.current()
        grades = [
            {"value": "", "label": w.NO_GRADE.of(lang)},
            *({"value": g, "label": g} for g in motivation.known_grades(services)),
        ]
        return motivation.history(services, lang), grades


def _closing_and_history(app: Dash, services: Services) -> None:
    def done(act: Callable[[], object], section: str, good: Text, lang: Lang) -> Any:
        try:
            act()
        except UserError as error:
            return motivation.body(services, lang, said={section: _refused(services, error, lang)})
        return motivation.body(services, lang, said={section: notice(good, lang, kind="good")})

    @app.callback(
        Output(motivation.BODY, "children", allow_duplicate=True),
        Input(closing_panel.close_id(ALL), "n_clicks"),
        Input(closing_panel.reopen_id(ALL), "n_clicks"),
        Input(motivation.undo_id(ALL), "n_clicks"),
        State(closing_panel.reason_id(ALL), "value"),
        State(closing_panel.reason_id(ALL), "id"),
        State(closing_panel.code_id(ALL), "value"),
        State(closing_panel.THRESHOLD, "value", allow_optional=True),
        prevent_initial_call=True,
    )
    def act(
        closed: list[Any],
        opened: list[Any],
        undone: list[Any],
        reasons: list[Any],
        names: list[dict[str, Any]],
        codes: list[Any],
        threshold: Any,
    ) -> Any:
        lang = language.current()
        cause = ctx.triggered_id
        if not isinstance(cause, dict) or not any([*closed, *opened, *undone]):
            return no_update
        who = w.ON_PAGE.of(lang)
        if cause["type"] == "motivation-undo":
            return done(
                lambda: services.session().undo(int(cause["change"]), who),
                "history",
                Text("Возвращено как было.", "Put back as it was."),
                lang,
            )
        month = str(cause["month"])
        if cause["type"] == "motivation-close":

            def close() -> None:
                least = checked_threshold(motivation.exact(threshold, percents=True))
                services.session().close_month(month, who, least)

            return done(close, "closing", w.MONTH_CLOSED.format(month=month), lang)
        reason, code = next(
            ((str(r or ""), given) for r, given, n in zip(reasons, codes, names, strict=True) if n["month"] == month),
            ("", ""),
        )

        def reopen() -> None:
            check_right(services.reopen_code, code)
            services.session().reopen_month(month, who, reason)

        return done(reopen, "closing", w.MONTH_OPENED.format(month=month), lang)
