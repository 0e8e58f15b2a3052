"""Whatever stops a load, the next one finishes without a hand and publishes what a fault-free one would have."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from dash_app.portal.errors import Cancelled
from dash_app.store import refresh as refreshes
from dash_app.store.derive import DeriveConfig, derive
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh
from dash_app.store.snapshots import Snapshot, Snapshots
from dash_app.store.validate import ContradictingFacts
from tests.store.fake_portal import FakePortal

CONFIG = DeriveConfig()


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    return PortalPaths.of(tmp_path, "portal")


def portal_of(deals: int = 7) -> FakePortal:
    portal = FakePortal()
    for _ in range(deals):
        portal.add_deal()
    return portal


def published(paths: PortalPaths) -> Snapshot:
    current = Snapshots(paths).current()
    assert current is not None
    return current


def count(snapshot: Snapshot, table: str = "deals") -> int:
    con = duckdb.connect(str(snapshot.facts_path), read_only=True)
    try:
        row = con.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert row is not None
        return int(row[0])
    finally:
        con.close()


def fails(*_: Any) -> None:
    raise RuntimeError("the derivation broke")


@pytest.mark.parametrize("times", [1, 3])
def test_what_was_read_before_a_failed_derivation_is_derived_by_the_next_load(paths: PortalPaths, times: int) -> None:
    portal = portal_of()
    for _ in range(times):
        with pytest.raises(RuntimeError):
            Refresh(paths, portal, CONFIG, derive=fails).run()
        portal.tick()
    portal.add_deal()
    portal.reads.clear()
    Refresh(paths, portal, CONFIG).run()
    assert count(published(paths)) == 8
    assert ("deals", 0, None) not in portal.reads, "what is read is not read again"


def test_a_wrong_time_zone_costs_one_load(paths: PortalPaths) -> None:
    portal = portal_of()
    with pytest.raises(Exception, match="Nowhere"):
        Refresh(paths, portal, DeriveConfig(timezone="Nowhere/Land")).run()
    Refresh(paths, portal, CONFIG).run()
    assert count(published(paths)) == 7


def test_what_did_not_pass_the_checks_is_never_taken_up(paths: PortalPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    portal = portal_of()

    def contradicts(*_: Path) -> None:
        raise ContradictingFacts("deals twice: 14")

    with monkeypatch.context() as patched:
        patched.setattr(refreshes, "validate", contradicts)
        with pytest.raises(ContradictingFacts):
            Refresh(paths, portal, CONFIG).run()
    assert not paths.building.exists()
    portal.reads.clear()
    Refresh(paths, portal, CONFIG).run()
    assert count(published(paths)) == 7 and ("deals", 0, None) in portal.reads


def test_a_damaged_unfinished_load_is_read_anew(paths: PortalPaths) -> None:
    portal = portal_of()
    with pytest.raises(RuntimeError):
        Refresh(paths, portal, CONFIG, derive=fails).run()
    (paths.building / "raw.duckdb").write_bytes(b"no database" * 5000)
    Refresh(paths, portal, CONFIG).run()
    assert count(published(paths)) == 7


def test_a_page_that_comes_twice_counts_once(paths: PortalPaths) -> None:
    class Stammering(FakePortal):
        def read(self, *args: Any, **more: Any) -> Any:
            for page in super().read(*args, **more):
                yield page
                yield page

    portal = Stammering()
    for _ in range(7):
        portal.add_deal()
    Refresh(paths, portal, CONFIG).run()
    assert count(published(paths)) == 7


def test_cancelling_while_facts_are_derived_keeps_what_was_read(paths: PortalPaths) -> None:
    portal = portal_of()
    job = Refresh(paths, portal, CONFIG)

    def cancelled_meanwhile(*args: Any) -> None:
        derive(*args)
        job.cancelled.set()

    job.derive = cancelled_meanwhile
    with pytest.raises(Cancelled):
        job.run()
    portal.reads.clear()
    Refresh(paths, portal, CONFIG).run()
    assert count(published(paths)) == 7 and ("deals", 0, None) not in portal.reads


_PARENT = """
import sys
from datetime import datetime
from pathlib import Path
from dash_app.store.derive import DeriveConfig
from dash_app.store.derive.apart import derive_apart
derive_apart(Path(sys.argv[1]), Path(sys.argv[2]), datetime(2026, 3, 1, 9), DeriveConfig())
"""


def test_the_deriving_process_ends_with_the_one_that_wants_the_facts(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "raw.duckdb")  # nobody writes to it: the child waits for ever
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path / "raw.duckdb"), str(tmp_path / "facts.duckdb")]
    )
    try:
        deadline = time.monotonic() + 60
        while not (children := psutil.Process(parent.pid).children()) or not list(tmp_path.glob(".deriving-*")):
            assert parent.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    gone, alive = psutil.wait_procs(children, timeout=20)
    for process in alive:
        process.kill()
    assert len(gone) == 1 and not alive
