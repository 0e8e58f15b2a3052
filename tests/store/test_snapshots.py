"""Which snapshot is shown, whatever became of the files that say it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from dash_app import disk
from dash_app.store.files import read_json, write_json
from dash_app.store.paths import PortalPaths
from dash_app.store.snapshots import Manifest, Snapshot, Snapshots


def manifest(name: str, **more: Any) -> Manifest:
    given: dict[str, Any] = {
        "id": name,
        "as_of": "2026-03-01T09:00:00+00:00",
        "address": "https://x",
        "rows": {},
        "watermarks": {},
        "config": {"timezone": "UTC", "roles": {}, "success_stages": {}, "loss_reason_field": None},
    }
    return Manifest(**given | more)


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    """Two snapshots, the second published."""
    made = PortalPaths.of(tmp_path, "portal")
    for name in ("first", "second"):
        folder = made.root / "building"
        folder.mkdir()
        for file in ("raw.duckdb", "facts.duckdb"):
            (folder / file).write_bytes(b"")
        Snapshots(made).publish(folder, manifest(name))
        document = read_json(made.snapshots / name / "manifest.json") or {}
        write_json(
            made.snapshots / name / "manifest.json", document | {"created": f"2026-03-0{len(name) - 4}T09:00:00+00:00"}
        )
    return made


def shown(paths: PortalPaths) -> Snapshot:
    found = Snapshots(paths).current()
    assert found is not None
    return found


def pointer(content: bytes) -> Callable[[PortalPaths], object]:
    return lambda paths: paths.current.write_bytes(content)


def says(**more: Any) -> Callable[[PortalPaths], object]:
    def change(paths: PortalPaths) -> None:
        file = paths.snapshots / "second" / "manifest.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | more))

    return change


def manifest_of_second(content: bytes) -> Callable[[PortalPaths], object]:
    return lambda paths: (paths.snapshots / "second" / "manifest.json").write_bytes(content)


@pytest.mark.parametrize(
    "trouble", [pointer(b""), pointer(b"\xff\xfe\x00"), pointer(b"../../etc"), pointer(b"x" * 9999), pointer(b"third")]
)
def test_a_damaged_pointer_gives_way_to_the_newest_snapshot_and_it_is_said(
    paths: PortalPaths, trouble: Callable[[PortalPaths], object]
) -> None:
    trouble(paths)
    assert shown(paths).id == "second"
    (line,) = shown(paths).manifest.notes
    assert "повреждён" in line["ru"] and "is damaged" in line["en"]
    Snapshots(paths).finish()
    assert paths.current.read_text() == "second" and not shown(paths).manifest.notes


@pytest.mark.parametrize(
    "trouble",
    [
        manifest_of_second(b"{"),
        manifest_of_second(b""),
        manifest_of_second(b"[1]"),
        manifest_of_second(b"\xff" * 99),
        says(as_of="yesterday"),
        says(as_of=None),
        says(created=5),
        says(notes=["x"]),
        says(rows=[]),
        says(config={}),
        says(config={"timezone": "UTC"}),
        says(format=2),
        says(format="1"),
    ],
)
def test_a_damaged_manifest_gives_way_to_the_snapshot_before(
    paths: PortalPaths, trouble: Callable[[PortalPaths], object]
) -> None:
    trouble(paths)
    assert shown(paths).id == "first"
    (line,) = shown(paths).manifest.notes
    assert "manifest.json" in line["ru"] and "01.03.2026 09:00" in line["ru"]
    Snapshots(paths).finish()
    assert paths.current.read_text() == "first"


def test_what_a_newer_version_added_to_a_manifest_is_left_out(paths: PortalPaths) -> None:
    says(weather="fine", also=[1])(paths)
    found = shown(paths)
    assert found.id == "second" and "weather" not in asdict(found.manifest) and not found.manifest.notes


def test_why_nothing_can_be_shown_is_a_sentence(paths: PortalPaths) -> None:
    for name in ("first", "second"):
        (paths.snapshots / name / "manifest.json").write_bytes(b"{")
    assert Snapshots(paths).current() is None
    why = Snapshots(paths).trouble()
    assert isinstance(why, disk.Damaged) and "manifest.json" in why.text.ru and "Обновите" in why.text.ru
    write_json(paths.snapshots / "second" / "manifest.json", {"format": 2})
    why = Snapshots(paths).trouble()
    assert isinstance(why, disk.Newer) and "обновите приложение" in why.text.ru
    paths.current.write_bytes(b"\xff")
    why = Snapshots(paths).trouble()
    assert isinstance(why, disk.Damaged) and "current" in why.text.ru


def test_nothing_is_wrong_where_nothing_was_ever_there_or_all_was_taken_away(
    tmp_path: Path, paths: PortalPaths
) -> None:
    fresh = PortalPaths.of(tmp_path, "other")
    assert Snapshots(fresh).current() is None and Snapshots(fresh).trouble() is None
    shutil.rmtree(paths.snapshots)
    assert Snapshots(paths).current() is None and Snapshots(paths).trouble() is None
