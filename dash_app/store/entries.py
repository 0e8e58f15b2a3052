"""One entry of the workspace as it is read."""

from __future__ import annotations

from dataclasses import dataclass

from dash_app.store.entry_kind import EntryValue


@dataclass(frozen=True, slots=True)
class Entry:
    """A typed value and how often it was changed; hand ``version`` back on saving to notice another editor."""

    value: EntryValue
    version: int
