"""What a portal says wrongly once is right with the next refresh: a refused list, a garbled row, a garbled value lose no change and log none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dash_app.portal.entities import DEALS, Entity
from dash_app.portal.errors import Refused, missing_scope
from dash_app.portal.reader import PortalPage
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh
from dash_app.store.snapshots import Snapshot, Snapshots
from tests.store.fake_portal import FakePortal
from tests.store.test_observed import ask
from tests.store.test_refresh import CONFIG

OPPORTUNITY = next(f.name for f in DEALS.fields if f.column == "opportunity")


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    return PortalPaths.of(tmp_path, "portal")


def load(paths: PortalPaths, portal: FakePortal, *, full: bool = False) -> Snapshot:
    portal.tick()
    Refresh(paths, portal, CONFIG, full=full).run()
    current = Snapshots(paths).current()
    assert current is not None
    return current


class Garbled(FakePortal):
    """``nameless``: table -> how many times its lists come with their rows garbled, so that none says its id. ``spoilt``: deals whose amount is
    no number; ``patient``: not even when they are asked for by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.nameless: dict[str, int] = {}
        self.spoilt: set[int] = set()
        self.patient = False

    def read(self, entity: Entity, *args: Any, **more: Any) -> Iterator[PortalPage]:
        pages = list(super().read(entity, *args, **more))
        if pages and self.nameless.get(entity.table, 0) > 0:
            self.nameless[entity.table] -= 1
            nobody = tuple((0, None, "no_id") for page in pages for _ in range(page.rows))
            yield PortalPage(entity, self._columns(entity.table, []), 0, 0, 0, nobody)
            return
        for page in pages:
            yield self._spoil(page)

    def records(self, entity: Entity, ids: Sequence[int]) -> PortalPage:
        page = super().records(entity, ids)
        return self._spoil(page) if self.patient else page

    def _spoil(self, page: PortalPage) -> PortalPage:
        if page.entity is not DEALS or not self.spoilt & set(page.columns["id"]):
            return page
        wrong = [number in self.spoilt for number in page.columns["id"]]
        amounts = [None if w else a for w, a in zip(wrong, page.columns["opportunity"], strict=True)]
        odd = tuple((n, OPPORTUNITY, "unreadable") for n, w in zip(page.columns["id"], wrong, strict=True) if w)
        return replace(page, columns={**page.columns, "opportunity": amounts}, odd=odd)


ODD = "SELECT entity, id, field, why FROM odd_values ORDER BY ALL"
LOG = "SELECT entity, field, old, new FROM change_log ORDER BY seen_at, entity, field"


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("table", ["tasks", "leads", "activities"])
def test_a_list_refused_for_a_while_loses_no_change(paths: PortalPaths, table: str, full: bool) -> None:
    portal = FakePortal()
    portal.add_deal()
    column = {"tasks": "title", "leads": "title", "activities": "subject"}[table]
    record = portal.add(table, **{column: "before"})
    portal.change(table, record)
    load(paths, portal)
    portal.change(table, record, **{column: "after"})
    for _ in range(2):
        portal.broken[table] = missing_scope(table)
        assert any("прав" in line["ru"] for line in load(paths, portal, full=full).manifest.notes)
        portal.tick(60)
    del portal.broken[table]
    assert ask(load(paths, portal).raw_path, f"SELECT {column} FROM {table} WHERE id = {record}") == [("after",)]


def test_a_list_refused_when_ids_are_compared_costs_itself_alone(paths: PortalPaths) -> None:
    class Refuses(FakePortal):
        refuses = False

        def ids(self, entity: Entity) -> Iterator[list[int]]:
            if self.refuses and entity.table == "tasks":
                raise Refused(missing_scope("tasks.task.list").text)
            yield from super().ids(entity)

    portal = Refuses()
    gone, stays = (portal.add("tasks", title=name, changed_date=portal.now) for name in ("gone", "stays"))
    load(paths, portal)
    del portal.tables["tasks"][gone]
    portal.add_deal()
    portal.refuses = True
    snapshot = load(paths, portal)
    assert snapshot.manifest.notes and ask(snapshot.raw_path, "SELECT count(*) FROM deals") == [(1,)]
    portal.refuses = False
    assert ask(load(paths, portal).raw_path, "SELECT id FROM tasks") == [(stays,)]


@pytest.mark.parametrize("full", [False, True])
def test_rows_garbled_once_come_with_the_next_refresh(paths: PortalPaths, full: bool) -> None:
    portal = Garbled()
    deal = portal.add_deal()
    load(paths, portal)
    portal.move(deal, "WON")
    portal.change("deals", deal, opportunity=Decimal(700))
    portal.nameless = {"deal_history": 1} if full else {"deal_history": 1, "deals": 1}
    assert ask(load(paths, portal, full=full).raw_path, f"SELECT DISTINCT why FROM ({ODD})") == [("no_id",)]
    portal.tick(60)
    healed = load(paths, portal)
    assert not healed.manifest.full
    assert ask(healed.raw_path, "SELECT CAST(opportunity AS INTEGER), stage_id FROM deals") == [(700, "WON")]
    assert ask(healed.raw_path, "SELECT stage_id FROM deal_history ORDER BY id") == [("NEW",), ("WON",)]
    if not full:
        assert ask(healed.raw_path, ODD) == []


def test_rows_that_never_say_an_id_do_not_hold_the_next_refreshes_back(paths: PortalPaths) -> None:
    portal = Garbled()
    portal.change("deals", portal.add_deal())
    load(paths, portal)
    portal.nameless = {"deals": 10**6}
    for _ in range(6):
        portal.tick(60)
        portal.change("deals", 1)
        load(paths, portal)
    asked = [since for table, _, since in portal.reads if table == "deals" and since is not None]
    assert portal.now - max(asked) < timedelta(hours=4), "only one refresh is made up for"


@pytest.mark.parametrize("full", [False, True])
def test_a_garbled_value_is_asked_for_by_itself(paths: PortalPaths, full: bool) -> None:
    portal = Garbled()
    deals = [portal.add_deal(amount) for amount in (100, 200)]
    load(paths, portal)
    portal.change("deals", deals[0], opportunity=Decimal(150))
    portal.spoilt = {deals[0]}
    snapshot = load(paths, portal, full=full)
    assert ask(snapshot.raw_path, "SELECT CAST(opportunity AS INTEGER) FROM deals ORDER BY id") == [(150,), (200,)]
    assert ask(snapshot.raw_path, ODD) == []
    assert ask(snapshot.raw_path, LOG) == [("deal", "opportunity", "100.0000", "150.0000")]


@pytest.mark.parametrize("lost", [False, True])
def test_a_value_that_cannot_be_read_for_a_while_is_no_change(paths: PortalPaths, lost: bool) -> None:
    portal = Garbled()
    deal = portal.add_deal()
    load(paths, portal)
    portal.spoilt, portal.patient = {deal}, True
    portal.change("deals", deal, title="Другая", assigned_by_id=2)
    snapshot = load(paths, portal)
    assert ask(snapshot.raw_path, ODD) == [("deals", deal, OPPORTUNITY, "unreadable")]
    assert ask(snapshot.raw_path, LOG) == [("deal", "assigned_by_id", "1", "2")]
    portal.patient = False
    if lost:  # what is compared with is the history beside the workspace then
        for file in paths.snapshots.rglob("*.*"):
            file.unlink()
    healed = load(paths, portal)
    assert ask(healed.raw_path, "SELECT CAST(opportunity AS INTEGER) FROM deals") == [(100,)]
    assert ask(healed.raw_path, ODD) == []
    assert ask(healed.raw_path, LOG) == [("deal", "assigned_by_id", "1", "2")]
