"""A load killed at every phase in turn: the next one finishes without a hand and publishes what a fault-free one would have."""

from __future__ import annotations

import copy
import itertools
import shutil
import signal
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dash_app.store.observed import Observed
from dash_app.store.paths import PortalPaths
from dash_app.store.snapshots import Snapshots
from tests.store.killing import Killer, job, killer
from tests.store.test_observed import Asked

SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
LOOK_EVERY = 16
"""So many kills in a row before a load is let finish."""
_OF_THE_LOAD = ("cursors", "fresh", "shapes")


class Portal(Asked):
    """Cards with activities, a lead, a task, a link to a contact: every phase has something to do."""

    def __init__(self) -> None:
        super().__init__(page=2)
        self.tables["contacts"] = {41: {"name": "Олег"}, 42: {"name": "Инна"}}
        for _ in range(5):
            self.add_deal()
        self.tables["deals"][1]["uf"] = '{"UF_CRM_1": "C_41"}'
        for number in (1, 2, 3):
            self.add(
                "activities", owner_id=1, owner_type_id=2, type_id=2, created=self.now, last_updated=self.now,
                start_time=self.now, end_time=self.now, responsible_id=number, completed=number == 2,
            )  # fmt: skip
        lead = {
            "title": "Лид",
            "stage_id": "NEW",
            "assigned_by_id": 1,
            "date_create": self.now,
            "date_modify": self.now,
        }
        self.add("leads", **lead)
        self.add("tasks", title="Задача", status=2, responsible_id=1, created_date=self.now, changed_date=self.now)

    def user_fields(self, entity: str) -> Any:
        found = super().user_fields(entity)
        if entity == "deal":
            found = {name: [None] for name in found} | {"entity": ["deal"], "field": ["UF_CRM_1"], "type": ["crm"]}
        return found

    def live(self) -> None:
        """What happens between two loads: something of every kind."""
        self.tick(30)
        first, second, third = sorted(self.tables["deals"])[:3]
        self.change("deals", first, opportunity=Decimal(999), uf='{"UF_CRM_1": "C_42"}')
        self.move(second, "WON")
        self.delete_deal(third)
        self.add_deal(77)
        self.change("tasks", max(self.tables["tasks"]), status=5, closed_date=self.now)


def first(paths: PortalPaths, portal: Portal) -> None:
    """Nothing has been loaded."""
    portal.tick(60 * 24 * 9)


def increment(paths: PortalPaths, portal: Portal) -> None:
    """Loaded half an hour ago."""
    portal.tick(60 * 24 * 9)
    job(paths, portal).run()
    portal.live()


def due_reconcile(paths: PortalPaths, portal: Portal) -> None:
    """Loaded more than a day ago, changed since, and the pointer's snapshot has a past in the change log."""
    increment(paths, portal)
    job(paths, portal).run()
    portal.tick(60 * 25)
    portal.change("deals", 1, opportunity=Decimal(5))


def content(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    con = duckdb.connect(str(database), read_only=True)
    try:
        tables = [t for (t,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {t: con.execute(f"FROM {t} ORDER BY ALL").fetchall() for t in tables if t not in _OF_THE_LOAD}
    finally:
        con.close()


def published(paths: PortalPaths) -> dict[str, Any]:
    """All that a snapshot is, and the history beside it."""
    current = Snapshots(paths).current()
    assert current is not None and Observed(paths).loads()[-1] == current.id and not paths.building.exists()
    assert [f.name for f in current.path.iterdir() if f.name.startswith(".") or f.suffix == ".json"] == [
        "manifest.json"
    ]
    history = content(paths.history)
    seen = {t: {r[:-1] for r in rows} for t, rows in history.items() if t != "loads"}
    return {"facts": content(current.facts_path), "raw": content(current.raw_path), "history": seen}


def copied(paths: PortalPaths, name: str) -> PortalPaths:
    root = paths.root.with_name(name)
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(paths.root, root)
    return PortalPaths(root)


def without_snapshots(found: dict[str, Any]) -> dict[str, Any]:
    """What a snapshot and the history hold of the portal and its past: not how often a load was made."""
    return {
        "facts": found["facts"],
        "log": found["raw"]["change_log"],
        "stages": found["raw"]["deal_history"],
        "checks": found["raw"]["card_checks"],
    }


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with killer(tmp_path_factory.mktemp("killer")) as made:
        yield made


@pytest.mark.parametrize("situation", [first, increment, due_reconcile])
def test_a_load_killed_at_any_phase_is_finished_by_the_next(
    tmp_path: Path, apart: Killer, situation: Callable[[PortalPaths, Portal], None]
) -> None:
    base = PortalPaths.of(tmp_path, "base")
    portal = Portal()
    situation(base, portal)
    undisturbed = copied(base, "undisturbed")
    phases = apart.phases(undisturbed, portal)
    expected, current = published(undisturbed), Snapshots(undisturbed).current()
    facts = current.facts_path if current else Path()
    assert len(phases) > 20 and {"derive > _derive", "Snapshots.publish > write_atomically"} <= set(phases)
    struck = copied(base, "struck")
    done: list[str] = []
    for number, (phase, how) in enumerate(zip(phases, itertools.cycle(SIGNALS), strict=False), 1):
        code = apart.load(struck, portal, phase, how, facts)
        done.append(f"{how.name} at {phase}")
        assert code == (130 if how is signal.SIGINT else -how), done[-1]
        if number % LOOK_EVERY == 0 or number == len(phases):
            after = copied(struck, "after")
            job(after, copy.deepcopy(portal)).run()
            assert published(after) == expected, done


def test_snapshots_deleted_at_any_phase_of_a_load_cost_nothing(tmp_path: Path, apart: Killer) -> None:
    base = PortalPaths.of(tmp_path, "base")
    portal = Portal()
    increment(base, portal)
    undisturbed = copied(base, "undisturbed")
    phases = apart.phases(undisturbed, portal)
    current = Snapshots(undisturbed).current()
    assert current is not None
    expected = without_snapshots(published(undisturbed))
    ended = []
    for phase in phases[::4]:
        struck = copied(base, "struck")
        ended.append(apart.load(struck, portal, phase, None, current.facts_path))
        job(struck, copy.deepcopy(portal)).run()
        assert without_snapshots(published(struck)) == expected, phase
    assert set(ended) == {0}, "the load goes on without them"
