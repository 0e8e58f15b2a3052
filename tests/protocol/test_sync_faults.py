"""Real refreshes of the demo portal with its faults switched on: the data is right or the refresh says why, never half."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dash_app.demo.testing import running_portal
from dash_app.portal.client import Client
from dash_app.portal.credentials import Webhook
from dash_app.portal.errors import Unusable
from dash_app.portal.pacing import Pacing
from dash_app.portal.reader import Reader
from dash_app.store.derive import DeriveConfig
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh
from dash_app.store.snapshots import Snapshot, Snapshots

SCALE = 400


class Quick(Pacing):
    """The pacing without its patience: waits are a hundred times shorter."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / 100)


@pytest.fixture
def portal() -> Iterator[Any]:
    with running_portal(scale=SCALE, seed=2, limits="off") as running:
        yield running


def sync(portal: Any, folder: Path, *, full: bool = False) -> Snapshot:
    webhook = Webhook.parse(portal.webhook)
    pacing = Quick(rate=100_000, burst=1_000_000)
    paths = PortalPaths.of(folder, webhook.portal_key)
    Refresh(paths, Reader(Client(webhook, pacing)), DeriveConfig(), full=full, cancelled=pacing.cancelled).run()
    current = Snapshots(paths).current()
    assert current is not None
    return current


def rows(snapshot: Snapshot, sql: str) -> Any:
    con = duckdb.connect(str(snapshot.raw_path), read_only=True)
    try:
        return con.execute(sql).fetchall()
    finally:
        con.close()


def truth(portal: Any, table: str) -> set[int]:
    con = sqlite3.connect(portal.database)
    try:
        return {row[0] for row in con.execute(f"SELECT ID FROM {table}")}
    finally:
        con.close()


def check_whole(portal: Any, snapshot: Snapshot) -> None:
    for table in ("deals", "leads", "deal_history", "lead_history", "activities", "tasks"):
        assert {r[0] for r in rows(snapshot, f"SELECT id FROM {table}")} == truth(portal, table), table


@pytest.mark.parametrize(
    "fault",
    [
        "503:next=3",
        "html:after=5,next=3",
        "cut:after=5,next=3",
        "close:after=5,next=2",
        "500:after=5,next=3",
        "command:next=4",
        "missing:next=3",
        "503:rate=0.2",
        "command:rate=0.05",
    ],
)
def test_a_passing_fault_loses_no_row(portal: Any, tmp_path: Path, fault: str) -> None:
    portal.faults.add(fault)
    check_whole(portal, sync(portal, tmp_path))


def test_a_record_deleted_between_two_pages_does_not_shift_the_others(portal: Any, tmp_path: Path) -> None:
    victim = sorted(truth(portal, "deals"))[10]
    portal.faults.add(f"delete:entity=deal,id={victim},method=crm.deal.list,next=1")
    snapshot = sync(portal, tmp_path)
    left = truth(portal, "deals")
    assert victim not in left
    assert left <= {r[0] for r in rows(snapshot, "SELECT id FROM deals")}
    check_whole(portal, sync(portal, tmp_path))


def test_an_expired_token_leaves_the_old_data_and_a_sentence(portal: Any, tmp_path: Path) -> None:
    old = sync(portal, tmp_path)
    portal.faults.add("expired:next=1000")
    with pytest.raises(Unusable) as error:
        sync(portal, tmp_path)
    assert "B24_WEBHOOK_URL" in error.value.text.ru
    assert Snapshots(PortalPaths.of(tmp_path, Webhook.parse(portal.webhook).portal_key)).current().id == old.id  # type: ignore[union-attr]


def test_a_missing_scope_is_a_note(tmp_path: Path) -> None:
    with running_portal(scale=60, seed=2, limits="off", scopes=["crm", "user", "department"]) as portal:
        snapshot = sync(portal, tmp_path)
        assert rows(snapshot, "SELECT count(*) FROM tasks") == [(0,)]
        assert rows(snapshot, "SELECT count(*) FROM deals")[0][0] == len(truth(portal, "deals"))
        assert any("task" in line["ru"] for line in snapshot.manifest.notes)


def test_changes_of_the_portal_arrive_with_the_next_refresh(portal: Any, tmp_path: Path) -> None:
    first = sync(portal, tmp_path)
    client = Client(Webhook.parse(portal.webhook), Quick(rate=100_000, burst=1_000_000))
    victim, edited = sorted(truth(portal, "deals"))[5:7]
    client.call("crm.deal.delete", {"id": victim})
    client.call("crm.deal.update", {"id": edited, "fields": {"OPPORTUNITY": "777.00"}})
    new = client.call("crm.deal.add", {"fields": {"TITLE": "Новая", "CATEGORY_ID": 0}})["result"]
    second = sync(portal, tmp_path)
    assert not second.manifest.full and first.manifest.full
    check_whole(portal, second)
    assert rows(second, f"SELECT CAST(opportunity AS INTEGER) FROM deals WHERE id = {edited}") == [(777,)]
    assert rows(second, f"SELECT title FROM deals WHERE id = {int(new)}") == [("Новая",)]
    assert rows(second, "SELECT count(*) FROM change_log WHERE field = 'opportunity'")[0][0] >= 1


def test_a_healthy_portal_with_real_limits_never_answers_503(tmp_path: Path) -> None:
    with running_portal(scale=200, seed=2, limits="real") as portal:
        webhook = Webhook.parse(portal.webhook)
        pacing = Pacing()
        Refresh(PortalPaths.of(tmp_path, webhook.portal_key), Reader(Client(webhook, pacing)), DeriveConfig()).run()
        assert portal.stats["refused_503"] == 0
