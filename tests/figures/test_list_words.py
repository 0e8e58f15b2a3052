"""Lists sort and filter by the words people read, in the language they read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dash_app.engine.blocks import RecordList
from dash_app.engine.language import Report, Unit
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.text import Lang, Text
from tests.figures.facts_builder import Published, random_portal, service_of

REPORT = Report(
    slug="lists",
    title=Text("Списки", "Lists"),
    question=Text("Что там?", "What is there?"),
    icon="list",
    order=1,
    blocks=tuple(
        RecordList(fact, Text(fact, fact), Text(fact, fact), fact=fact)
        for fact in ("deals", "leads", "activities", "tasks", "responses")
    ),
    default_period="all",
)
WORDS = {
    "deals": ("pipeline", "stage", "status", "manager", "department", "source"),
    "leads": ("stage", "status", "manager", "department", "source"),
    "activities": ("kind", "manager", "department", "completed", "owner", "pipeline"),
    "tasks": ("task_status", "manager", "department", "project"),
    "responses": ("card", "manager", "department", "source", "pipeline", "status", "answer", "self_made"),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> ReportService:
    path: Path = random_portal(tmp_path_factory.mktemp("lists") / "portal.duckdb", 7, deals=60, leads=60)
    return service_of(Published(path), REPORT)


def page(service: ReportService, fact: str, lang: Lang, **request: Any) -> Any:
    query = service.parse(REPORT, {})
    return service.records(REPORT, fact, "", {}, query, GridRequest(0, 1000, **request), lang=lang)


def test_every_column_of_words_is_tried(service: ReportService) -> None:
    free = {"title", "owner_title", "tags"}
    for fact, named in WORDS.items():
        texts = {c.id for c in page(service, fact, "ru").columns if c.unit is Unit.TEXT}
        assert texts - free == set(named), fact


@pytest.mark.parametrize(("fact", "column"), [(fact, column) for fact, named in WORDS.items() for column in named])
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_what_is_read_is_what_sorts_and_filters(service: ReportService, lang: Lang, fact: str, column: str) -> None:
    rows = page(service, fact, lang, sort=((column, "asc"),)).rows
    key = "key" if fact == "responses" else "id"
    blank = {r[key] for r in page(service, fact, lang, filters={column: {"type": "blank"}}).rows}
    shown = [r[column] for r in rows if r[key] not in blank]
    assert shown == sorted(shown) and shown
    assert [r[key] in blank for r in rows] == sorted(r[key] in blank for r in rows)  # nothing set is last
    assert {r[column] for r in rows if r[key] in blank} <= {
        None,
        "(не указан)",
        "(not set)",
        "(без отдела)",
        "(no department)",
        "(без проекта)",
        "(no project)",
    }
    for words in {r[column] for r in rows if r[column] is not None}:
        found = page(service, fact, lang, filters={column: {"type": "equals", "filter": words}}).rows
        assert {r[key] for r in found} == {r[key] for r in rows if r[column] == words}, words
