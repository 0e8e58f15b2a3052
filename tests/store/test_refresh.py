"""One refresh: full, resumed, incremental, refused, cancelled, killed – and what is on screen meanwhile."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from dash_app.errors import UserError
from dash_app.portal.entities import DEALS, Entity
from dash_app.portal.errors import Busy, Cancelled, missing_scope
from dash_app.portal.reader import BoundActivity
from dash_app.store import progress as progresses
from dash_app.store.derive import DeriveConfig
from dash_app.store.paths import PortalPaths
from dash_app.store.progress import AlreadyRunning
from dash_app.store.refresh import Refresh, rederive
from dash_app.store.schema import RAW
from dash_app.store.snapshots import Snapshot, Snapshots
from dash_app.text import Text
from tests.store.fake_portal import START, FakePortal
from tests.thorough import asked

CONFIG = DeriveConfig()


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    return PortalPaths.of(tmp_path, "portal")


def refresh(paths: PortalPaths, portal: FakePortal, **more: Any) -> Snapshot:
    Refresh(paths, portal, more.pop("config", CONFIG), **more).run()
    current = Snapshots(paths).current()
    assert current is not None
    return current


def facts(snapshot: Snapshot, sql: str) -> list[tuple[Any, ...]]:
    con = duckdb.connect(str(snapshot.facts_path), read_only=True)
    try:
        return con.execute(sql).fetchall()
    finally:
        con.close()


def raw_tables(snapshot: Snapshot) -> dict[str, set[str]]:
    con = duckdb.connect(str(snapshot.raw_path), read_only=True)
    try:
        return {
            t: {repr(r) for r in con.execute(f"SELECT * FROM {t}").fetchall()}
            for t in RAW
            if t not in ("change_log", "portal")
        }
    finally:
        con.close()


def busy() -> Busy:
    return Busy(Text("Портал занят.", "The portal is busy."))


def test_a_first_refresh_publishes_everything(paths: PortalPaths) -> None:
    portal = FakePortal()
    deals = [portal.add_deal() for _ in range(8)]
    portal.tick()
    portal.move(deals[0], "WON")
    snapshot = refresh(paths, portal)
    assert facts(snapshot, "SELECT count(*), count(*) FILTER (WHERE status = 'won') FROM deals") == [(8, 1)]
    assert snapshot.manifest.full
    progress = progresses.read(paths)
    assert progress is not None and (progress.phase, progress.running, progress.percent) == ("done", False, 100)


def test_an_increment_asks_only_for_what_changed(paths: PortalPaths) -> None:
    portal = FakePortal()
    deals = [portal.add_deal() for _ in range(8)]
    refresh(paths, portal)
    portal.reads.clear()
    portal.tick()
    portal.change("deals", deals[1], opportunity=Decimal(500))
    portal.move(deals[2], "LOSE")
    snapshot = refresh(paths, portal)
    assert not snapshot.manifest.full
    assert all(
        since is not None or after > 0 for table, after, since in portal.reads if table in ("deals", "deal_history")
    )
    assert facts(
        snapshot, f"SELECT status, CAST(amount AS INTEGER) FROM deals WHERE id IN ({deals[1]}, {deals[2]}) ORDER BY id"
    ) == [("in_work", 500), ("lost", 100)]
    assert snapshot.manifest.changes["deals_changed"] == 2


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["add", "move", "amount", "delete", "restore", "task", "refresh"]), st.integers(0, 10**6)
    ),
    max_size=20,
)


@settings(
    max_examples=asked(12), phases=(Phase.explicit, Phase.generate, Phase.target)
)  # each example is several refreshes: shrinking would take minutes
@given(ACTIONS)
@example(
    [("refresh", 16), ("delete", 0), ("restore", 0), ("add", 0)]
)  # the added one is read first and has the higher id
def test_an_incremental_snapshot_equals_one_from_scratch(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, int]]
) -> None:
    portal = FakePortal()
    for _ in range(5):
        portal.add_deal()
    step = PortalPaths.of(tmp_path_factory.mktemp("step"), "portal")
    by_parts = {
        "reconcile_after": None
    }  # the hours that pass here would call for a reading of everything, which proves nothing
    refresh(step, portal, **by_parts)
    binned: list[dict[str, Any]] = []
    for action, number in actions:
        portal.tick(number % 90)
        deals = sorted(portal.tables["deals"])
        deal = deals[number % len(deals)] if deals else portal.add_deal()
        match action:
            case "add":
                portal.add_deal(number % 1000)
            case "move":
                portal.move(deal, ["NEW", "WON", "LOSE"][number % 3])
            case "amount":
                portal.change("deals", deal, opportunity=Decimal(number % 1000))
            case "delete":
                binned.append(portal.tables["deals"][deal])
                portal.delete_deal(deal)
            case "restore":
                if binned:
                    portal.restore(binned.pop())
            case "task":
                portal.add(
                    "tasks",
                    title="Задача",
                    status=2,
                    created_date=portal.now,
                    changed_date=portal.now,
                    responsible_id=1,
                )
            case "refresh":
                refresh(step, portal, **by_parts)
    portal.tick()
    incremental = refresh(step, portal, **by_parts)
    whole = refresh(PortalPaths.of(tmp_path_factory.mktemp("whole"), "portal"), portal)
    assert not incremental.manifest.full and whole.manifest.full
    assert raw_tables(incremental) == raw_tables(whole)
    assert facts(incremental, "SELECT * FROM deals ORDER BY id") == facts(whole, "SELECT * FROM deals ORDER BY id")


def test_after_a_day_of_increments_everything_is_read_again(paths: PortalPaths) -> None:
    portal = FakePortal()
    portal.add_deal()
    refresh(paths, portal)
    portal.tick(23 * 60)
    assert not refresh(paths, portal).manifest.full
    portal.tick(60)
    assert refresh(paths, portal).manifest.full, "counted from the last whole reading, not from the last increment"
    portal.tick(60)
    assert not refresh(paths, portal).manifest.full


def test_the_change_log_keeps_what_the_portal_forgets(paths: PortalPaths) -> None:
    portal = FakePortal()
    deal = portal.add_deal(100)
    task = portal.add(
        "tasks",
        title="Задача",
        status=2,
        created_date=portal.now,
        changed_date=portal.now,
        responsible_id=1,
        deadline=portal.now,
    )
    refresh(paths, portal)
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(250), assigned_by_id=2)
    portal.change("tasks", task, deadline=portal.now)
    refresh(paths, portal)
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(300))
    snapshot = refresh(paths, portal, full=True)  # a reconcile keeps the log too
    con = duckdb.connect(str(snapshot.raw_path), read_only=True)
    logged = con.execute("SELECT entity, field, old, new FROM change_log ORDER BY seen_at, entity, field").fetchall()
    con.close()
    assert logged[0] == ("deal", "assigned_by_id", "1", "2")
    assert [(e, f) for e, f, _, _ in logged] == [
        ("deal", "assigned_by_id"),
        ("deal", "opportunity"),
        ("task", "deadline"),
        ("deal", "opportunity"),
    ]
    before = snapshot.facts_as_of(portal.now - timedelta(minutes=45))
    con = duckdb.connect(str(before), read_only=True)
    assert con.execute("SELECT CAST(amount AS INTEGER), manager_id FROM deals").fetchall() == [(100, 1)]
    con.close()


def test_a_missing_right_to_tasks_does_not_stop_the_rest(paths: PortalPaths) -> None:
    portal = FakePortal()
    portal.add_deal()
    portal.broken["tasks"] = missing_scope("tasks.task.list")
    snapshot = refresh(paths, portal)
    assert facts(snapshot, "SELECT count(*) FROM deals") == [(1,)]
    assert any("task" in line["ru"] for line in snapshot.manifest.notes)


def test_a_webhook_of_a_mere_user_is_said(paths: PortalPaths) -> None:
    portal = FakePortal()
    portal.admin = False
    assert any("не администратор" in line["ru"] for line in refresh(paths, portal).manifest.notes)


@pytest.mark.parametrize("table", ["deals", "activities", "tasks"])
def test_a_failure_in_the_middle_leaves_the_old_data_and_says_why(paths: PortalPaths, table: str) -> None:
    portal = FakePortal()
    portal.add_deal()
    old = refresh(paths, portal)
    portal.tick()
    for _ in range(9):
        portal.add_deal()
        portal.add("tasks", title="Задача", status=2, created_date=portal.now, changed_date=portal.now)
        portal.add(
            "activities", owner_id=1, owner_type_id=2, created=portal.now, last_updated=portal.now, completed=False
        )
    portal.broken[table], portal.after_pages[table] = busy(), 1
    with pytest.raises(Busy):
        refresh(paths, portal)
    assert Snapshots(paths).current().id == old.id  # type: ignore[union-attr]
    progress = progresses.read(paths)
    assert (
        progress is not None
        and progress.phase == "failed"
        and progress.error is not None
        and progress.error.ru == "Портал занят."
    )


def test_an_interrupted_first_load_goes_on_where_it_stopped(paths: PortalPaths) -> None:
    portal = FakePortal()
    for _ in range(10):
        portal.add_deal()
    portal.broken["deals"], portal.after_pages["deals"] = busy(), 2
    with pytest.raises(Busy):
        refresh(paths, portal)
    portal.broken.clear()
    portal.reads.clear()
    portal.tick()
    snapshot = refresh(paths, portal)
    first = next(after for table, after, since in portal.reads if table == "deals" and since is None)
    assert first > 0, "the deals already read are not asked for again"
    assert facts(snapshot, "SELECT count(*) FROM deals") == [(10,)]


def test_two_refreshes_of_one_portal_are_one(paths: PortalPaths) -> None:
    with progresses.held(paths), pytest.raises(AlreadyRunning):
        refresh(paths, FakePortal())


def test_cancelling_keeps_the_old_data(paths: PortalPaths) -> None:
    portal = FakePortal()
    portal.add_deal()
    old = refresh(paths, portal)
    job = Refresh(paths, portal, CONFIG)
    job.cancelled.set()
    with pytest.raises(Cancelled):
        job.run()
    assert Snapshots(paths).current().id == old.id  # type: ignore[union-attr]
    progress = progresses.read(paths)
    assert progress is not None and progress.phase == "cancelled"


def test_changed_settings_derive_new_facts_from_the_same_raw_data(paths: PortalPaths) -> None:
    portal = FakePortal()
    portal.move(portal.add_deal(), "WON")
    first = refresh(paths, portal)
    manifest = rederive(paths, DeriveConfig(roles={0: "other"}))
    second = Snapshots(paths).current()
    assert second is not None and second.id == manifest.id != first.id
    assert os.stat(first.raw_path).st_ino == os.stat(second.raw_path).st_ino
    assert facts(second, "SELECT in_sales FROM deals") == [(False,)]


def test_old_snapshots_expire_but_never_the_current_one(paths: PortalPaths) -> None:
    portal = FakePortal()
    portal.add_deal()
    first = refresh(paths, portal)
    reader = duckdb.connect(str(first.facts_path), read_only=True)
    for _ in range(4):
        portal.tick()
        refresh(paths, portal)
    assert len(list(paths.snapshots.iterdir())) == 3
    assert reader.execute("SELECT count(*) FROM deals").fetchone() == (1,)  # a reader finishes with what it opened
    reader.close()


def test_rederiving_without_data_says_so(paths: PortalPaths) -> None:
    with pytest.raises(UserError):
        rederive(paths, CONFIG)


_CHILD = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.store.fake_portal import FakePortal
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh
from dash_app.store.derive import DeriveConfig
portal = FakePortal(page=1)
for _ in range(40): portal.add_deal()
portal.tick(60)
for _ in range(int(sys.argv[2])): portal.add_deal()
print("go", flush=True)
Refresh(PortalPaths.of(Path(sys.argv[1]), "portal"), portal, DeriveConfig(), full=True).run()
"""


def test_killing_the_process_at_any_moment_leaves_the_last_published_snapshot(paths: PortalPaths) -> None:
    root = str(Path(__file__).parents[2])
    portal = FakePortal()
    portal.add_deal()
    published = refresh(paths, portal).id
    rng = random.Random(5)
    finished = 0
    for attempt in range(8):
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD.format(root=root), str(paths.root.parent), str(attempt)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
        )
        assert child.stdout is not None and child.stdout.readline() == "go\n"
        time.sleep(rng.uniform(0.02, 1.2))
        child.send_signal(signal.SIGKILL)
        child.wait()
        current = Snapshots(paths).current()
        assert current is not None
        count = facts(current, "SELECT count(*) FROM deals")[0][0]
        assert count in (1, *range(40, 50)), "a snapshot is whole or not there"
        finished += current.id != published
        progress = progresses.read(paths)
        assert progress is not None and not progress.running
    portal.tick()
    assert facts(refresh(paths, portal, full=True, trusts=True), "SELECT count(*) FROM deals") == [(1,)]


class Asked(FakePortal):
    """A portal that tells which cards were asked by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, tuple[int, ...]]] = []
        self.refuses = False
        self.refused: set[int] = set()
        self.tables["activities"][900] = {
            "id": 900,
            "owner_type_id": 3,
            "owner_id": 1,
            "created": START,
            "last_updated": START,
        }

    def bound_activities(self, owner_type_id: int, owner_ids: Sequence[int]) -> dict[int, list[BoundActivity]]:
        if self.refuses:
            raise missing_scope("crm.activity.list")
        self.asked.append((owner_type_id, tuple(owner_ids)))
        first = {card: [BoundActivity(900, self.now, self.now, None, True)] for card in owner_ids[:1]}
        return {card: first.get(card, []) for card in owner_ids if card not in self.refused}

    def latest_comments(self, owner_type_id: int, owner_ids: Sequence[int]) -> dict[int, Any]:
        return {card: self.now if card in owner_ids[1:] else None for card in owner_ids if card not in self.refused}


def test_silent_cards_are_asked_by_themselves_now_and_then(paths: PortalPaths) -> None:
    portal = Asked()
    silent = [portal.add_deal(amount) for amount in (100, 500)]
    portal.tick(60 * 24 * 10)
    fresh = portal.add_deal()
    week = timedelta(days=7)
    snapshot = refresh(paths, portal, idle_after=week, reconcile_after=None)
    # the dearest first; the new one last: it has no open activity of its own
    assert portal.asked == [(2, (silent[1], silent[0], fresh))]
    assert facts(snapshot, f"SELECT idle_days FROM deals WHERE id = {silent[0]}") == [(0,)]  # commented
    assert raw_tables(snapshot)["bound_activities"] == {repr((900, 2, silent[1]))}
    portal.tick(60)
    refresh(paths, portal, idle_after=week, reconcile_after=None)
    assert len(portal.asked) == 1  # asked an hour ago
    portal.tick(60 * 13)
    refresh(paths, portal, idle_after=week, reconcile_after=None)
    assert len(portal.asked) == 2
    portal.refuses = True
    portal.tick(60 * 13)
    kept = refresh(paths, portal, idle_after=week, reconcile_after=None)
    assert any("перепроверены" in line["ru"] for line in kept.manifest.notes)
    assert raw_tables(kept)["bound_activities"]  # what was known stays
    refresh(paths, portal)  # without a term nobody is asked
    assert len(portal.asked) == 2


def test_what_changed_is_counted_by_any_column_and_in_directories_too(paths: PortalPaths) -> None:
    portal = FakePortal()
    deals = [portal.add_deal() for _ in range(5)]
    refresh(paths, portal)
    assert refresh(paths, portal).manifest.changes == {}
    portal.tick()
    portal.change("deals", deals[0], title="Новое имя")  # the title is no tracked field
    portal.tables["users"][1]["last_name"] = "Лиева"
    portal.tables["statuses"][1]["name"] = "Новая"
    portal.tables["pipelines"][3] = {"id": 3, "name": "Ещё одна", "sort": 2}
    portal.delete_deal(deals[1])
    for full in (False, True):
        assert refresh(paths, portal, full=full).manifest.changes == (
            {}
            if full
            else {"deals_changed": 1, "deals_deleted": 1, "users_changed": 1, "stages_changed": 1, "pipelines_new": 1}
        )


def test_the_same_read_again_whole_has_not_changed(paths: PortalPaths) -> None:
    portal = FakePortal(page=2)
    for _ in range(4):
        portal.add_deal()
    refresh(paths, portal)
    assert refresh(paths, portal, full=True).manifest.changes == {}


def test_a_silent_card_that_cannot_be_asked_costs_itself_alone(paths: PortalPaths) -> None:
    portal = Asked()
    cards = [portal.add_deal() for _ in range(6)]
    portal.tick(60 * 24 * 10)
    portal.refused = {cards[3]}
    week = timedelta(days=7)
    snapshot = refresh(paths, portal, idle_after=week)
    assert facts(snapshot, "SELECT id FROM deals WHERE idle_days > 7") == [(cards[0],), (cards[3],)]
    (line,) = [note["ru"] for note in snapshot.manifest.notes if "молчащие" in note["ru"]]
    assert line.startswith(f"Не перепроверены молчащие карточки (сделки): 1 (№ {cards[3]}).")
    portal.tick(60)
    portal.asked.clear()
    portal.refused.clear()
    again = refresh(paths, portal, idle_after=week, reconcile_after=None)
    assert portal.asked == [(2, (cards[3],))], "the others were asked an hour ago"
    assert not [note for note in again.manifest.notes if "молчащие" in note["ru"]]


def test_what_was_known_of_a_card_stays_when_the_portal_refuses_it_later(paths: PortalPaths) -> None:
    portal = Asked()
    cards = [portal.add_deal() for _ in range(3)]
    portal.tick(60 * 24 * 10)
    week = timedelta(days=7)
    refresh(paths, portal, idle_after=week, reconcile_after=None)
    portal.tick(60 * 13)
    portal.refused = set(cards)
    snapshot = refresh(paths, portal, idle_after=week, reconcile_after=None)
    assert facts(snapshot, f"SELECT idle_days FROM deals WHERE id = {cards[1]}") == [(0,)]


class Counting(FakePortal):
    """A portal that counts three deals more than it gives."""

    def expected(self, entity: Entity, after_id: int = 0) -> int | None:
        return (super().expected(entity, after_id) or 0) + 3 * (entity is DEALS)


def test_records_the_portal_counts_and_does_not_give_are_said_as_long_as_they_are(paths: PortalPaths) -> None:
    portal = Counting()
    deal = portal.add_deal()
    said = "Сделки: портал насчитал 4, а отдал 1. Остальных в отчётах нет."
    assert [note["ru"] for note in refresh(paths, portal).manifest.notes] == [said]
    portal.tick()
    portal.change("deals", deal, title="Иначе")
    again = refresh(paths, portal).manifest
    assert not again.full and [note["ru"] for note in again.notes] == [said]


def test_whoever_asks_whether_a_refresh_runs_is_not_taken_for_one(tmp_path: Path) -> None:
    paths = PortalPaths.of(tmp_path, "p")
    stop = threading.Event()

    def asks() -> None:
        while not stop.is_set():
            progresses.is_held(paths)

    asking = [threading.Thread(target=asks) for _ in range(2)]
    for thread in asking:
        thread.start()
    try:
        for _ in range(20):
            with progresses.held(paths):
                pass
    finally:
        stop.set()
        for thread in asking:
            thread.join()
