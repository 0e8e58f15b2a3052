"""Answers of a small portal, as views get them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult
from dash_app.reports.service import ReportService
from dash_app.views.scene import Scene
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Published, random_portal, service_of

PARAMS = {
    "from": ["2026-01-01"],
    "to": ["2026-03-31"],
    "compare": ["previous"],
    "in_work_only": ["false"],
    "grain": ["week"],
}


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> ReportService:
    """Reports over 300 made-up deals; the data speaks of 20 March 2026."""
    path = random_portal(tmp_path_factory.mktemp("views") / "facts.duckdb", 5, deals=300, leads=120)
    return service_of(Published(path), REPORT)


@pytest.fixture(scope="session")
def query(service: ReportService) -> Query:
    """The first quarter against the one before."""
    return service.parse(REPORT, PARAMS)


Asked = Callable[..., tuple[Scene, BlockResult]]


@pytest.fixture
def ask(service: ReportService, query: Query) -> Asked:
    """block id -> (scene, answer); other parameters of the address as keywords."""

    def asked(block_id: str, lang: Any = "ru", **params: list[str]) -> tuple[Scene, BlockResult]:
        wanted = service.parse(REPORT, {**PARAMS, **params}) if params else query
        block = REPORT.block(block_id)
        return Scene(REPORT.slug, block, lang, "RUB"), service.block(REPORT, block_id, wanted, lang=lang)

    return asked


def walk(component: Any) -> Iterator[Any]:
    """Every component of a tree, itself first."""
    if component is None or isinstance(component, str | int | float):
        return
    if isinstance(component, list | tuple):
        for child in component:
            yield from walk(child)
        return
    yield component
    yield from walk(getattr(component, "children", None))


def text_of(component: Any) -> str:
    """What a person reads."""
    if component is None:
        return ""
    if isinstance(component, list | tuple):
        return "".join(text_of(c) for c in component)
    return text_of(component.children) if hasattr(component, "children") else str(component)


def find(component: Any, attribute: str) -> list[Any]:
    """Components with this attribute, ``data-drill`` for one."""
    return [c for c in walk(component) if attribute in vars(c)]


def prop(component: Any, name: str) -> Any:
    """A property, ``data-*`` too."""
    return vars(component).get(name)
