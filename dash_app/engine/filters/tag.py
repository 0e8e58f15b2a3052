"""By the tags of a task: any of those chosen."""

from __future__ import annotations

from dash_app.engine.directory import NONE, NOT_SET, Directory
from dash_app.engine.facts import Fact
from dash_app.engine.filters.base import Choice, Clause, Counts, Filter, together
from dash_app.text import Lang, Text


class _Tags(Filter):
    def knows(self, directory: Directory, value: str) -> bool:
        return value in directory.tags

    def name(self, directory: Directory, value: str) -> Text:
        return Text(value, value)

    def clause(self, directory: Directory, fact: Fact, values: frozenset[str]) -> Clause | None:
        column = self.column_of(fact, directory)
        clause = f"list_has_any({column}, $tags::VARCHAR[])"
        if NONE in values:
            clause = f"({clause} OR {column} IS NULL OR len({column}) = 0)"
        return clause, {"tags": sorted(v for v in values if v != NONE)}

    def counts_by(self, fact: Fact, directory: Directory) -> str | None:
        column = self.column_of(fact, directory)
        return column and f"unnest(CASE WHEN len({column}) > 0 THEN {column} ELSE [NULL] END)"

    def choices(self, directory: Directory, counts: Counts, lang: Lang) -> list[Choice]:
        number = together(counts)
        return [
            *(Choice(tag, tag, number.get(tag, 0)) for tag in directory.tags),
            Choice(NONE, NOT_SET.of(lang), number.get(None, 0)),
        ]


FILTER = _Tags(
    id="tag",
    title=Text("Метка", "Tag"),
    genitive=Text("Метки", "tag"),
    column="tags",
    place=90,
    counted=("tasks",),
)
