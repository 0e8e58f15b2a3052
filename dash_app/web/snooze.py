"""The dialog that puts a card off: until when, and why."""

from __future__ import annotations

import dash_bootstrap_components as dbc
import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.text import Lang, Text
from dash_app.web import ids, words

HEADING = "snooze-heading"
TITLE = Text("Отложить карточку", "Put a card off")
UNTIL = Text("До какого дня", "Until which day")
REASON = Text("Почему", "Why")
REASON_HINT = Text("Например: клиент вернётся из отпуска 10-го", "For instance: the customer is back on the 10th")
TERMS = {
    "7": Text("Неделя", "A week"),
    "14": Text("Две недели", "Two weeks"),
    "30": Text("Месяц", "A month"),
    "90": Text("90 дней", "90 days"),
}
FIRST_TERM = "14"
SAVE = Text("Отложить", "Put off")
NOTE = Text(
    "До этого дня карточка не считается забытой и стоит среди отложенных. Кто и почему отложил, видно в истории.",
    "Until that day the card does not count as forgotten and stands among those put off. Who did it and why is kept in the history.",
)
DONE = Text("Отложена до {day}.", "Put off until {day}.")
BACK = Text("Карточка снова в общем списке.", "The card is back in the list.")
TAKEN = Text("Срок стадии сохранён: {n} дн.", "The stage's days are saved: {n}.")
UNDONE = Text("Возвращено как было.", "Put back as it was.")
WHO = Text("со страницы отчёта", "from a report page")


def dialog(lang: Lang) -> dbc.Modal:
    """The dialog, closed; ``callbacks.acts`` opens it for a card."""
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(TITLE.of(lang), id=HEADING), close_button=True),
            dbc.ModalBody(
                [
                    dcc.Store(id=ids.SNOOZE_CARD),
                    html.P(id=ids.SNOOZE_TITLE, className="snooze-title"),
                    html.Div(UNTIL.of(lang), className="field-label"),
                    dmc.SegmentedControl(
                        id=ids.SNOOZE_TERM,
                        data=[{"value": days, "label": text.of(lang)} for days, text in TERMS.items()],
                        value=FIRST_TERM,
                        size="xs",
                        fullWidth=True,
                    ),
                    dmc.DateInput(
                        id=ids.SNOOZE_UNTIL,
                        valueFormat="DD.MM.YYYY" if lang == "ru" else "YYYY-MM-DD",
                        size="sm",
                        className="control-form",
                        attributes={"input": {"aria-label": UNTIL.of(lang)}},
                        popoverProps={"zIndex": 1600},
                    ),
                    html.Div(REASON.of(lang), className="field-label"),
                    dmc.Textarea(
                        id=ids.SNOOZE_REASON,
                        value="",
                        placeholder=REASON_HINT.of(lang),
                        autosize=True,
                        minRows=2,
                        maxRows=5,
                        size="sm",
                        className="control-form",
                        attributes={"input": {"aria-label": REASON.of(lang), "maxLength": 500}},
                    ),
                    html.P(NOTE.of(lang), className="field-help"),
                    html.Div(id=ids.SNOOZE_STATE, role="status"),
                ]
            ),
            dbc.ModalFooter(
                [
                    html.Button(
                        words.CANCEL.of(lang),
                        id=ids.SNOOZE_CANCEL,
                        className="button button-quiet",
                        type="button",
                        n_clicks=0,
                    ),
                    html.Button(
                        SAVE.of(lang), id=ids.SNOOZE_SAVE, className="button button-primary", type="button", n_clicks=0
                    ),
                ]
            ),
        ],
        id=ids.SNOOZE,
        is_open=False,
        centered=True,
        scrollable=True,
        className="snooze-dialog",
        labelledby=HEADING,
    )
