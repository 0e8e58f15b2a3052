"""What the portal cannot tell again outlives snapshots, full reads, kills and upgrades."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dash_app.errors import UserError
from dash_app.portal.reader import BoundActivity
from dash_app.store.derive import DeriveConfig
from dash_app.store.files import read_json, write_json
from dash_app.store.observed import Observed
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh, bring_up_to_date, rederive
from dash_app.store.snapshots import Snapshot, Snapshots
from tests.store.fake_portal import START, FakePortal

CONFIG = DeriveConfig(roles={5: "after-sale"})


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    return PortalPaths.of(tmp_path, "portal")


def load(paths: PortalPaths, portal: FakePortal, **more: Any) -> Snapshot:
    Refresh(paths, portal, CONFIG, **more).run()
    current = Snapshots(paths).current()
    assert current is not None
    return current


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    con = duckdb.connect(str(path), read_only=True)
    try:
        return con.execute(sql).fetchall()
    finally:
        con.close()


LOG = "SELECT entity, id, field, old, new, seen_at FROM change_log ORDER BY ALL"


def lose_snapshots(paths: PortalPaths) -> None:
    shutil.rmtree(paths.snapshots)


def lose_pointer_too(paths: PortalPaths) -> None:
    shutil.rmtree(paths.snapshots)
    paths.current.unlink()


def portal_with_a_past(paths: PortalPaths) -> tuple[FakePortal, int, datetime]:
    """A deal of 100 that became 250 between two loads, and a moment in between."""
    portal = FakePortal()
    deal = portal.add_deal(100)
    portal.add_deal(40)
    load(paths, portal)
    then = portal.now + timedelta(minutes=10)
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(250), assigned_by_id=2)
    load(paths, portal)
    return portal, deal, then


def worth(snapshot: Snapshot, moment: datetime) -> list[tuple[Any, ...]]:
    return ask(snapshot.facts_as_of(moment), "SELECT id, CAST(amount AS INTEGER), manager_id FROM deals ORDER BY id")


@pytest.mark.parametrize("lose", [lose_snapshots, lose_pointer_too])
def test_snapshots_can_be_deleted_without_loss(paths: PortalPaths, lose: Any) -> None:
    portal, deal, then = portal_with_a_past(paths)
    before = Snapshots(paths).current()
    assert before is not None
    log, past = ask(before.raw_path, LOG), worth(before, then)
    assert (deal, 100, 1) in past
    lose(paths)
    portal.tick()
    again = load(paths, portal)
    assert ask(again.raw_path, LOG) == log and worth(again, then) == past


def test_what_changed_while_no_snapshot_was_there_is_seen_all_the_same(paths: PortalPaths) -> None:
    portal, deal, then = portal_with_a_past(paths)
    lose_snapshots(paths)
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(900))
    snapshot = load(paths, portal)
    assert ("deal", deal, "opportunity", "250.0000", "900.0000", portal.now) in ask(snapshot.raw_path, LOG)
    assert (deal, 250, 2) in worth(snapshot, portal.now - timedelta(minutes=5))
    assert (deal, 100, 1) in worth(snapshot, then)


class Tunnel(FakePortal):
    """Two pipelines; a tunnel leaves of a deal's history the row of its arrival alone."""

    def __init__(self) -> None:
        super().__init__()
        self.tables["pipelines"][5] = {"id": 5, "name": "Производство", "sort": 2, "is_default": False}
        for number, (code, semantic) in enumerate((("C5:NEW", None), ("C5:WON", "S")), 90):
            self.tables["statuses"][number] = {
                "id": number, "entity_id": "DEAL_STAGE_5", "status_id": code, "name": code, "sort": number, "semantic": semantic,
            }  # fmt: skip

    def to_production(self, deal: int) -> None:
        history = self.tables["deal_history"]
        for row in [r for r, v in history.items() if v["owner_id"] == deal]:
            del history[row]
        self.tables["deals"][deal].update(
            stage_id="C5:NEW", semantic="P", category_id=5, moved_time=self.now, date_modify=self.now
        )
        row = self.new_id()
        history[row] = {
            "id": row, "type_id": 5, "owner_id": deal, "created_time": self.now, "category_id": 5, "stage_id": "C5:NEW", "semantic": "P",
        }  # fmt: skip


def test_a_deal_won_and_moved_on_by_a_tunnel_stays_won_after_a_full_read(paths: PortalPaths) -> None:
    portal = Tunnel()
    won, other = portal.add_deal(1000), portal.add_deal(500)
    portal.tick()
    portal.move(won, "WON")
    portal.move(other, "WON")
    load(paths, portal)
    portal.tick()
    portal.to_production(won)
    sold = "SELECT count(*), CAST(sum(amount) AS INTEGER) FROM deals WHERE in_sales AND status = 'won'"
    assert ask(load(paths, portal).facts_path, sold) == [(2, 1500)]
    portal.tick()
    whole = load(paths, portal, full=True)
    assert whole.manifest.full and ask(whole.facts_path, sold) == [(2, 1500)]
    lose_snapshots(paths)
    portal.tick()
    assert ask(load(paths, portal).facts_path, sold) == [(2, 1500)]
    portal.delete_deal(won)
    portal.tick()
    gone = load(paths, portal, full=True)
    assert ask(gone.raw_path, f"SELECT count(*) FROM deal_history WHERE owner_id = {won}") == [(0,)], (
        "rows of living records alone"
    )


def test_a_first_load_says_how_many_histories_begin_late(paths: PortalPaths) -> None:
    portal = Tunnel()
    for _ in range(3):
        portal.add_deal()
    portal.tick()
    portal.to_production(1)
    assert [n["ru"] for n in load(paths, portal).manifest.notes if "не с создания" in n["ru"]] == [
        "Сделок, у которых история стадий начинается не с создания: 1. Что было раньше, портал уже не хранит."
    ]
    portal.tick()
    assert not [n for n in load(paths, portal).manifest.notes if "не с создания" in n["ru"]]


class Asked(FakePortal):
    """Counts the cards asked by themselves."""

    asked = 0

    def __init__(self, page: int = 3) -> None:
        super().__init__(page)
        self.tables["activities"][900] = {
            "id": 900,
            "owner_type_id": 3,
            "owner_id": 1,
            "created": START,
            "last_updated": START,
        }

    def bound_activities(self, owner_type_id: int, owner_ids: Sequence[int]) -> dict[int, list[BoundActivity]]:
        self.asked += len(owner_ids)
        return {card: [BoundActivity(900, self.now, self.now, None, True)] for card in owner_ids}

    def latest_comments(self, owner_type_id: int, owner_ids: Sequence[int]) -> dict[int, Any]:
        return dict.fromkeys(owner_ids, self.now)


def test_checks_of_silent_cards_outlive_full_reads_and_snapshots(paths: PortalPaths) -> None:
    portal = Asked()
    for _ in range(3):
        portal.add_deal()
    portal.tick(60 * 24 * 10)
    more: dict[str, Any] = {"idle_after": timedelta(days=7)}
    checks = "SELECT owner_id, commented_at FROM card_checks ORDER BY ALL"
    known = ask(load(paths, portal, **more).raw_path, checks)
    assert len(known) == portal.asked == 3
    portal.tick(60)
    whole = load(paths, portal, full=True, **more)
    assert (ask(whole.raw_path, checks), portal.asked) == (known, 3)
    lose_snapshots(paths)
    portal.tick(60)
    again = load(paths, portal, **more)
    assert (ask(again.raw_path, checks), portal.asked) == (known, 3)
    assert ask(again.raw_path, "SELECT count(*) FROM bound_activities") == [(3,)]
    del portal.tables["activities"][900]
    for lost in (False, True):
        if lost:
            lose_snapshots(paths)
        portal.tick(60)
        assert ask(load(paths, portal, **more).raw_path, "SELECT count(*) FROM bound_activities") == [(0,)]


def test_facts_derived_anew_and_increments_do_not_read_the_whole_history(paths: PortalPaths) -> None:
    portal, deal, _ = portal_with_a_past(paths)
    rederive(paths, CONFIG)
    current = Snapshots(paths).current()
    known = Observed(paths).known(current)
    assert known is not None and not known.stored
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(1))
    load(paths, portal)
    (number,) = ask(paths.history, "SELECT max(n) FROM loads")[0]
    assert ask(paths.history, f"SELECT id FROM seen_deals WHERE n = {number}") == [(deal,)]
    assert ask(paths.history, f"SELECT count(*) FROM deal_history WHERE n = {number}") == [(0,)]


def test_history_of_the_snapshots_of_an_earlier_version_is_taken_over(paths: PortalPaths) -> None:
    portal, deal, then = portal_with_a_past(paths)
    snapshot = Snapshots(paths).current()
    assert snapshot is not None
    log = ask(snapshot.raw_path, LOG)
    paths.history.unlink()
    for folder in paths.snapshots.iterdir():
        manifest = read_json(folder / "manifest.json") or {}
        write_json(folder / "manifest.json", {**{k: v for k, v in manifest.items() if k != "raw"}, "facts": 7})
    bring_up_to_date(paths, CONFIG)
    assert ask(paths.history, LOG) == log
    lose_snapshots(paths)
    portal.tick()
    assert (deal, 100, 1) in worth(load(paths, portal), then)


def test_a_damaged_history_is_put_aside_and_made_anew_of_the_snapshots(paths: PortalPaths) -> None:
    portal, _, _ = portal_with_a_past(paths)
    log = ask(paths.history, LOG)
    paths.history.write_bytes(b"damaged" * 4000)
    portal.tick()
    snapshot = load(paths, portal)
    assert any("history.duckdb" in n["ru"] for n in snapshot.manifest.notes)
    assert ask(paths.history, LOG) == log == ask(snapshot.raw_path, LOG)
    assert list(paths.root.glob("history-damaged-*.duckdb"))
    paths.history.write_bytes(b"damaged" * 4000)
    lose_snapshots(paths)
    with pytest.raises(UserError, match="restore"):
        load(paths, portal)


def test_a_history_of_a_newer_version_is_refused_untouched(paths: PortalPaths) -> None:
    portal, _, _ = portal_with_a_past(paths)
    con = duckdb.connect(str(paths.history))
    con.execute("UPDATE format SET version = 99")
    con.close()
    with pytest.raises(UserError, match="newer"):
        load(paths, portal)
    assert ask(paths.history, "SELECT version FROM format") == [(99,)]
