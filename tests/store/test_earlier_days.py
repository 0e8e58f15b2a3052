"""Facts of earlier instants beside a snapshot: made once, the ones used last are kept, of old snapshots none."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dash_app.store import snapshots
from dash_app.store.derive import DeriveConfig
from dash_app.store.paths import PortalPaths
from dash_app.store.snapshots import Manifest, Snapshot, Snapshots

START = datetime(2026, 1, 1, 21)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The instants derived, in order."""
    asked: list[datetime] = []

    def derive(_: Path, target: Path, instant: datetime, *__: Any) -> None:
        asked.append(instant)
        target.write_bytes(b"facts")

    monkeypatch.setattr(snapshots, "derive", derive)
    return asked


def manifest(name: str) -> Manifest:
    return Manifest(name, "2026-03-01T00:00:00+00:00", "", {}, {}, DeriveConfig().document())


def earlier(folder: Path) -> list[str]:
    return sorted(f.name for f in folder.glob("facts-*"))


def test_the_earlier_days_used_last_are_kept(tmp_path: Path, made: list[datetime]) -> None:
    snapshot = Snapshot(tmp_path, manifest("a"))
    days = [START + timedelta(days=n) for n in range(14)]
    files = [snapshot.facts_as_of(day) for day in days[:12]]
    for place, file in enumerate(files):
        os.utime(file, ns=(place, file.stat().st_mtime_ns))  # used long ago, in this order
    written = files[0].stat().st_mtime_ns
    assert snapshot.facts_as_of(days[0]) == files[0]
    assert files[0].stat().st_mtime_ns == written, "answers of it are still answers of it"
    for day in days[12:]:
        snapshot.facts_as_of(day)
    assert made == days
    kept = {f.name for f in tmp_path.glob("facts-*.duckdb")}
    assert len(kept) == 12
    assert not {files[1].name, files[2].name} & kept and files[0].name in kept
    with files[3].open("rb") as read:
        snapshot.facts_as_of(days[1])
        assert not files[3].exists() and read.read() == b"facts"


def test_of_snapshots_before_the_last_one_earlier_days_go(tmp_path: Path, made: list[datetime]) -> None:
    paths = PortalPaths(tmp_path)
    kept = Snapshots(paths)
    for number in range(3):
        folder = tmp_path / f"building{number}"
        folder.mkdir()
        for name in ("raw.duckdb", "facts.duckdb"):
            (folder / name).write_bytes(b"")
        document = manifest(f"2026030{number}T000000-abcdef")
        published = kept.publish(folder, document)
        if number:
            document.created = f"2026-03-0{number}T00:00:00+00:00"
        published.facts_as_of(START)
    kept.expire()
    found = {f.name: earlier(f) for f in sorted(paths.snapshots.iterdir())}
    day = ["facts-20260101T210000000000.duckdb", "facts-20260101T210000000000.lock"]
    assert list(found.values()) == [[], day, day]
    assert all((paths.snapshots / name / "facts.duckdb").exists() for name in found)
