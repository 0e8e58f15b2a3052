"""Errors a person may see: each carries one sentence in both languages, what is wrong and what to do."""

from __future__ import annotations

from dash_app.text import Text


class UserError(Exception):
    """Something a person can understand and mend. ``text`` is shown as is; the CLI prints it and exits with 2."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class BadInput(UserError):
    """A parameter, filter, date or file that makes no sense."""


class NoData(UserError):
    """Nothing has been loaded from the portal yet."""
