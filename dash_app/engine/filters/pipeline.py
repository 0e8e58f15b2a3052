"""By the pipeline (category) of a deal."""

from __future__ import annotations

from dash_app.engine.directory import Directory
from dash_app.engine.filters.base import Choice, Counts, OfNumbers, is_number, together
from dash_app.text import Lang, Text


class _Pipelines(OfNumbers):
    def knows(self, directory: Directory, value: str) -> bool:
        return is_number(value) and int(value) in directory.pipelines

    def name(self, directory: Directory, value: str) -> Text:
        return directory.pipeline(int(value))

    def choices(self, directory: Directory, counts: Counts, lang: Lang) -> list[Choice]:
        number = together(counts)
        return [
            Choice(str(p.id), directory.pipeline(p.id).of(lang), number.get(p.id, 0), inactive=not p.known)
            for p in directory.pipelines.values()
            if p.role == "sales" and (p.known or number.get(p.id))
        ]


FILTER = _Pipelines(
    id="pipeline",
    title=Text("Воронка", "Pipeline"),
    genitive=Text("Воронки", "pipeline"),
    column="pipeline_id",
    place=10,
    main=True,
    carried=True,
    row_key="pipeline_id",
    unset=None,
)
