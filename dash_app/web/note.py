"""The dialog that says something of a head's week: the words, and who says them."""

from __future__ import annotations

import dash_bootstrap_components as dbc
import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.text import Lang, Text
from dash_app.web import ids, words

HEADING = "note-heading"
TITLE = Text("Комментарий к неделе", "Note on a week")
WORDS = Text("Что важно об этой неделе", "What matters of this week")
AUTHOR = Text("Кто пишет", "Who writes")
HINT = Text(
    "Например: две сделки ушли на декабрь, разобрали причины",
    "For instance: two deals went to December, causes discussed",
)
SAVE = Text("Сохранить", "Save")
NOTE = Text(
    "Кто и когда написал, хранится вместе с текстом и видно в истории. Пустой текст убирает комментарий.",
    "Who wrote it and when is kept with the text and in the history. An empty text takes the note back.",
)
DONE = Text("Комментарий сохранён.", "The note is saved.")
GONE = Text("Комментарий убран.", "The note is taken back.")
SAME = Text("Ничего не изменилось.", "Nothing changed.")
WHO = Text("со страницы отчёта", "from a report page")


def dialog(lang: Lang, *, signed: bool = False) -> dbc.Modal:
    """The dialog, closed; ``callbacks.notes`` opens it for a row. ``signed``: who writes is signed in and not asked."""
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(TITLE.of(lang), id=HEADING), close_button=True),
            dbc.ModalBody(
                [
                    dcc.Store(id=ids.NOTE_ROW),
                    html.P(id=ids.NOTE_TITLE, className="snooze-title"),
                    html.Div(WORDS.of(lang), className="field-label"),
                    dmc.Textarea(
                        id=ids.NOTE_TEXT,
                        value="",
                        placeholder=HINT.of(lang),
                        autosize=True,
                        minRows=3,
                        maxRows=10,
                        size="sm",
                        className="control-form",
                        attributes={"input": {"aria-label": WORDS.of(lang), "maxLength": 2000}},
                    ),
                    html.Div(AUTHOR.of(lang), className="field-label", hidden=signed),
                    dmc.TextInput(
                        id=ids.NOTE_AUTHOR,
                        value="",
                        display="none" if signed else None,
                        size="sm",
                        className="control-form",
                        attributes={"input": {"aria-label": AUTHOR.of(lang), "maxLength": 200}},
                    ),
                    html.P(NOTE.of(lang), className="field-help"),
                    html.Div(id=ids.NOTE_STATE, role="status"),
                ]
            ),
            dbc.ModalFooter(
                [
                    html.Button(
                        words.CANCEL.of(lang),
                        id=ids.NOTE_CANCEL,
                        className="button button-quiet",
                        type="button",
                        n_clicks=0,
                    ),
                    html.Button(
                        SAVE.of(lang), id=ids.NOTE_SAVE, className="button button-primary", type="button", n_clicks=0
                    ),
                ]
            ),
        ],
        id=ids.NOTE,
        is_open=False,
        centered=True,
        scrollable=True,
        className="snooze-dialog",
        labelledby=HEADING,
    )
