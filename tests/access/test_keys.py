"""Kept answers of one are never another's: in one process, between processes, in any order. A key that forgot who asks would be noticed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from dash_app.access.scope import EVERYTHING, NOTHING, Scope
from dash_app.reports.api import GridRequest
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.services_factory import typed_of
from tests.access.company import REPORTS, WHO, Company
from tests.figures.facts_builder import NoCache, Published

WINTER = {"from": ["2026-02-01"], "to": ["2026-02-28"]}
SCOPES = (EVERYTHING, Scope.of({1}), Scope.of({2}), NOTHING)
SALES = next(r for r in REPORTS if r.slug == "sales-dynamics")
PLAN = next(r for r in REPORTS if r.slug == "sales-plan")


def query(service: ReportService, **more: list[str]) -> Any:
    return service.parse(SALES, {**WINTER, **more})


KEPT: Mapping[str, Callable[[ReportService], Any]] = {
    "block": lambda s: s.block(SALES, "summary", query(s)),
    "plan rows": lambda s: s.block(PLAN, "managers", s.parse(PLAN, WINTER)),
    "records": lambda s: s.records(SALES, "deals", "", {}, query(s), GridRequest(0, 50)),
    "drill": lambda s: s.records(SALES, "summary", "deals_won", {}, query(s), GridRequest(0, 50)),
    "choices": lambda s: s.choices(SALES, "pipeline", query(s)),
    "own choices": lambda s: s.choices(SALES, f"uf.{WHO}", query(s)),
    "hidden": lambda s: s.hidden(SALES, query(s, source=["none"], status=["lost"], customer=["new"])),
}
"""Every answer that is kept."""
BESIDE: Mapping[str, Callable[[ReportService], Any]] = {
    "names": lambda s: s.directory().managers,
    "typed": lambda s: s.typed().of("plan"),
}
"""What is kept beside them, in a process."""


class Shared:
    """A memory of several processes."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.held.get(key)

    def set(self, key: str, value: bytes, timeout: int | None = None) -> bool:
        self.held[key] = value
        return True


def service_of(company: Company, cache: AnswerCache) -> ReportService:
    published = Published(company.whole)
    return ReportService(lambda: published, REPORTS, cache, typed=typed_of(company.workspaces["whole"]))


def crossed(
    company: Company, ask: Callable[[ReportService], Any], firsts: tuple[Scope, ...] = SCOPES
) -> list[tuple[Scope, Scope]]:
    """(who asked first, who was then given an answer that is not his), by one process and by two."""
    right = {scope: ask(service_of(company, NoCache()).seen_by(scope)) for scope in SCOPES}
    found = []
    for first in firsts:
        shared = Shared()
        one, other = (service_of(company, AnswerCache(shared, b"secret")) for _ in range(2))
        ask(one.seen_by(first))
        for second in SCOPES:
            if any(ask(process.seen_by(second)) != right[second] for process in (one, other)):
                found.append((first, second))
    return found


@pytest.mark.parametrize("what", [*KEPT, *BESIDE])
def test_kept_answers_of_one_are_not_anothers(loud: Company, what: str) -> None:
    assert crossed(loud, {**KEPT, **BESIDE}[what]) == []


@pytest.mark.parametrize("what", KEPT)
def test_a_key_that_forgets_who_asks_is_noticed(loud: Company, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ReportService._key

    def forgetful(self: ReportService, *given: Any) -> tuple[object, ...]:
        return tuple(part for part in whole(self, *given) if part != self.rights.fingerprint)

    monkeypatch.setattr(ReportService, "_key", forgetful)
    assert (EVERYTHING, Scope.of({2})) in crossed(loud, KEPT[what], (EVERYTHING,))


@pytest.mark.parametrize("what", BESIDE)
def test_a_fingerprint_that_is_the_same_for_all_is_noticed(
    loud: Company, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scope, "fingerprint", "everybody")
    assert (Scope.of({1}), Scope.of({2})) in crossed(loud, BESIDE[what], (Scope.of({1}),))
