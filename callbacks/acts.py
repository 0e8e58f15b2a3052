"""What buttons of rows do: put a card off and bring it back, take a suggested N over, undo. Every act is a kept change."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update

from dash_app.errors import BadInput, UserError
from dash_app.services import Services
from dash_app.store.edits import Change
from dash_app.store.kinds import MOST_SNOOZE_DAYS
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.acts import act_button
from dash_app.web import ids, language, snooze, words
from dash_app.web.errors import notice, sentence, toast

UNCLEAR = Text("Это действие непонятно. Обновите страницу.", "This action is unclear. Reload the page.")


def take_days(services: Services, key: str, value: str) -> Change | None:
    """Makes a suggested N the stage's own."""
    if not value.isascii() or not value.isdigit():
        raise BadInput(UNCLEAR)
    return services.admin().workspace.amend(
        "forgotten_days_by_stage", lambda now: {**now, key: int(value)}, services.signed(snooze.WHO.ru)
    )


def undo_of(change: Change | None, lang: Lang) -> Any:
    """The way back, inside the message about a change."""
    if change is None:
        return None
    return act_button("undo", str(change.id), words.UNDO, words.UNDO.of(lang), lang)


def register(app: Dash, services: Services) -> None:
    """Acts of rows and the dialog that puts a card off."""

    def done(text: str, change: Change | None, lang: Lang) -> tuple[Any, Any]:
        """(message, snapshot): the same snapshot anew makes every block ask again."""
        return toast(text, kind="good", lang=lang, more=undo_of(change, lang)), services.session().state().snapshot

    @app.callback(
        Output(ids.SNOOZE, "is_open"),
        Output(ids.SNOOZE_CARD, "data"),
        Output(ids.SNOOZE_TITLE, "children"),
        Output(ids.SNOOZE_TERM, "value"),
        Output(ids.SNOOZE_UNTIL, "minDate"),
        Output(ids.SNOOZE_UNTIL, "maxDate"),
        Output(ids.SNOOZE_REASON, "value"),
        Output(ids.SNOOZE_STATE, "children"),
        Output(ids.TOAST, "children", allow_duplicate=True),
        Output(ids.SNAPSHOT, "data", allow_duplicate=True),
        Input(ids.ACT, "data"),
        Input(ids.SNOOZE_CANCEL, "n_clicks"),
        prevent_initial_call=True,
    )
    def act(asked: Any, _: Any) -> tuple[Any, ...]:
        nothing = (no_update,) * 8
        if ctx.triggered_id == ids.SNOOZE_CANCEL:
            return (False, *(no_update,) * 9)
        if not isinstance(asked, dict):
            return (no_update,) * 10
        lang = language.current()
        name, key, value = (str(asked.get(part, ""))[:200] for part in ("name", "key", "value"))
        entity, _, card_id = key.partition(":")
        session = services.session()
        try:
            match name:
                case "snooze":
                    card = session.card(entity, card_id)
                    today = session.state().as_of.date()
                    first, last = today + timedelta(days=1), today + timedelta(days=MOST_SNOOZE_DAYS)
                    target = {"entity": entity, "id": str(card.id), "today": today.isoformat(), "n": asked.get("n")}
                    return (
                        True,
                        target,
                        card.title,
                        snooze.FIRST_TERM,
                        first.isoformat(),
                        last.isoformat(),
                        "",
                        None,
                        no_update,
                        no_update,
                    )
                case "unsnooze":
                    change = session.bring_back(entity, card_id, snooze.WHO.ru)
                    return (*nothing, *done(snooze.BACK.of(lang), change, lang))
                case "take_days":
                    change = take_days(services, key, value)
                    return (*nothing, *done(snooze.TAKEN.format(n=value).of(lang), change, lang))
                case "note" | "view_back":  # callbacks.notes, callbacks.views
                    return (no_update,) * 10
                case "undo" if key.isascii() and key.isdigit():
                    session.undo(int(key), snooze.WHO.ru)
                    return (*nothing, *done(snooze.UNDONE.of(lang), None, lang))
            raise BadInput(UNCLEAR)
        except UserError as error:
            return (*nothing, toast(error.text.of(lang), kind="warning", lang=lang), no_update)

    @app.callback(
        Output(ids.SNOOZE_UNTIL, "value"),
        Input(ids.SNOOZE_TERM, "value"),
        Input(ids.SNOOZE_CARD, "data"),
        prevent_initial_call=True,
    )
    def term(days: Any, card: Any) -> Any:
        if not isinstance(card, dict) or days not in snooze.TERMS:
            return no_update
        return (date.fromisoformat(str(card["today"])) + timedelta(days=int(days))).isoformat()

    @app.callback(
        Output(ids.SNOOZE, "is_open", allow_duplicate=True),
        Output(ids.SNOOZE_STATE, "children", allow_duplicate=True),
        Output(ids.TOAST, "children", allow_duplicate=True),
        Output(ids.SNAPSHOT, "data", allow_duplicate=True),
        Input(ids.SNOOZE_SAVE, "n_clicks"),
        State(ids.SNOOZE_CARD, "data"),
        State(ids.SNOOZE_UNTIL, "value"),
        State(ids.SNOOZE_REASON, "value"),
        running=[(Output(ids.SNOOZE_SAVE, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def save(clicks: Any, card: Any, until: Any, reason: Any) -> tuple[Any, ...]:
        if not clicks or not isinstance(card, dict):
            return (no_update,) * 4
        lang = language.current()
        try:
            day = str(until or "")[:10]
            change = services.session().put_off(
                str(card.get("entity")), str(card.get("id")), day, str(reason or ""), snooze.WHO.ru
            )
        except UserError as error:
            return no_update, notice(error.text, lang), no_update, no_update
        except Exception as error:
            return no_update, notice(sentence(error), lang), no_update, no_update
        return (
            False,
            None,
            *done(snooze.DONE.format(day=fmt.day(date.fromisoformat(day), lang)).of(lang), change, lang),
        )
