"""By the source of a card."""

from __future__ import annotations

from dash_app.engine.directory import NONE, NOT_SET, Directory
from dash_app.engine.filters.base import CARDS, Choice, Counts, OfTexts, together
from dash_app.text import Lang, Text


class _Sources(OfTexts):
    def knows(self, directory: Directory, value: str) -> bool:
        return value in directory.sources

    def name(self, directory: Directory, value: str) -> Text:
        return directory.source(value)

    def choices(self, directory: Directory, counts: Counts, lang: Lang) -> list[Choice]:
        number = together(counts)
        return [
            *(
                Choice(source, directory.source(source).of(lang), number.get(source, 0), inactive=not known)
                for source, (_, known) in directory.sources.items()
            ),
            Choice(NONE, NOT_SET.of(lang), number.get(None, 0)),
        ]


FILTER = _Sources(
    id="source",
    title=Text("Источник", "Source"),
    genitive=Text("Источника", "source"),
    column="source_id",
    place=50,
    row_key="source_id",
    counted=CARDS,
)
