"""The workspace of a test, on each database it runs on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dash_app.store.workspace import Workspace
from tests.store.databases import Cluster, running_cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'workspace.sqlite'}"
        return
    with request.getfixturevalue("postgres").fresh() as address:
        yield address


@pytest.fixture
def workspace(database: str) -> Iterator[Workspace]:
    made = Workspace(database, portal="p")
    yield made
    made.close()
