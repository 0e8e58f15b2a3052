"""A portal over the small hand-written company, and a short way to call it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from dash_app.demo.testing import RunningPortal, running_portal
from tests.demo.small import small_company


class Caller:
    """Calls methods of one portal and reads its file."""

    def __init__(self, portal: RunningPortal) -> None:
        self.portal = portal
        self.session = requests.Session()

    def raw(self, method: str, params: dict[str, Any] | None = None) -> requests.Response:
        """The HTTP answer of a JSON POST."""
        return self.session.post(self.portal.webhook + method, json=params or {}, timeout=10, allow_redirects=False)

    def __call__(self, method: str, **params: Any) -> Any:
        """The whole envelope."""
        return self.raw(method, params).json()

    def result(self, method: str, **params: Any) -> Any:
        """``result`` of an answer that must not be an error."""
        answer = self(method, **params)
        assert "error" not in answer, answer
        return answer["result"]

    def ids(self, method: str, **params: Any) -> list[int]:
        """Ids of a list method's rows."""
        rows = self.result(method, **params)
        if isinstance(rows, dict):
            rows = next(iter(rows.values()))
        return [int(row.get("ID", row.get("id"))) for row in rows]

    def batch(self, commands: dict[str, str] | list[str], halt: int = 0) -> dict[str, Any]:
        """The five maps of a batch's answer."""
        answer: dict[str, Any] = self.result("batch", halt=halt, cmd=commands)
        return answer

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the company's file."""
        db = sqlite3.connect(self.portal.database)
        try:
            return db.execute(query, values).fetchall()
        finally:
            db.close()

    def control(self, what: str, body: Any = None, verb: str = "POST") -> Any:
        """The control desk."""
        address = f"{self.portal.address}/_demo/{what}"
        return self.session.request(verb, address, data=None if body is None else json.dumps(body), timeout=10).json()


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Caller]:
    """A fresh portal of an administrator without limits."""
    with running_portal(database=small_company(tmp_path / "company.sqlite")) as portal:
        yield Caller(portal)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """One portal for the tests of a module that only read."""
    with running_portal(database=small_company(tmp_path_factory.mktemp("portal") / "company.sqlite")) as portal:
        yield Caller(portal)
