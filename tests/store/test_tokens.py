"""File tokens that earlier versions kept are gone from every file after the first start."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import duckdb
import pytest

from dash_app.store.derive import DeriveConfig
from dash_app.store.files import read_json, write_json
from dash_app.store.paths import PortalPaths
from dash_app.store.progress import held
from dash_app.store.refresh import Refresh, bring_up_to_date
from dash_app.store.snapshots import Snapshots
from tests.store.fake_portal import FakePortal

CONFIG = DeriveConfig()
TOKEN = "s3cretT0ken"
FILE = {"id": 5, "showUrl": f"/x?auth={TOKEN}", "downloadUrl": f"https://p/y?id=5&auth={TOKEN}"}


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    return PortalPaths.of(tmp_path, "portal")


def left(paths: PortalPaths) -> list[Path]:
    """Files that hold the token or any other."""
    return [
        f for f in paths.root.rglob("*") if f.is_file() and (TOKEN.encode() in (b := f.read_bytes()) or b"auth=" in b)
    ]


def as_an_earlier_version_left_it(paths: PortalPaths, name: str) -> None:
    """A snapshot of facts of version 8: the token in the raw data, in the facts, in those of an earlier day, beside other cards."""
    folder = paths.snapshots / name
    con = duckdb.connect(str(folder / "raw.duckdb"))
    kept = ({"UF_CRM_F": FILE, "UF_CRM_A": "да"}, {"UF_CRM_F": [FILE, FILE]}, {"UF_CRM_A": "нет"})
    for (deal,), uf in zip(con.execute("SELECT id FROM deals ORDER BY id").fetchall(), kept, strict=True):
        con.execute("UPDATE deals SET uf = ? WHERE id = ?", [json.dumps(uf), deal])
    con.close()
    for facts in ("facts.duckdb", "facts-20260301T000000000000.duckdb"):
        con = duckdb.connect(str(folder / facts))
        con.execute("CREATE TABLE kept AS SELECT ? AS text", [json.dumps(FILE)])
        con.close()
    manifest = read_json(folder / "manifest.json")
    assert manifest is not None
    write_json(folder / "manifest.json", {**manifest, "facts": 8})


def test_an_upgrade_leaves_no_token_in_any_file(paths: PortalPaths) -> None:
    portal = FakePortal()
    for _ in range(3):
        portal.add_deal()
    names = []
    for _ in range(2):
        names.append(Refresh(paths, portal, CONFIG).run().id)
        portal.tick()
    for name in names:
        as_an_earlier_version_left_it(paths, name)
    paths.building.mkdir()
    (paths.building / "raw.duckdb").write_text(TOKEN)
    paths.cache.mkdir()
    (paths.cache / "answer").write_text(f"auth={TOKEN}")
    assert len(left(paths)) == 8

    bring_up_to_date(paths, CONFIG)

    assert left(paths) == []
    current = Snapshots(paths).current()
    assert current is not None and current.id not in names
    con = duckdb.connect(str(current.raw_path), read_only=True)
    assert [json.loads(uf) for (uf,) in con.execute("SELECT uf FROM deals ORDER BY id").fetchall()] == [
        {"UF_CRM_F": 5, "UF_CRM_A": "да"},
        {"UF_CRM_F": [5, 5]},
        {"UF_CRM_A": "нет"},
    ]
    con.close()
    assert (
        current.manifest.rows == Refresh(paths, portal, CONFIG).run().rows
    )  # an increment goes on from the clean copy


def test_an_upgrade_that_died_after_publishing_is_finished_by_the_next_start(paths: PortalPaths) -> None:
    portal = FakePortal()
    for _ in range(3):
        portal.add_deal()
    old = Refresh(paths, portal, CONFIG).run().id
    portal.tick()
    new = Refresh(paths, portal, CONFIG).run()
    as_an_earlier_version_left_it(paths, old)
    with held(paths):  # a refresh runs: what it may read stays
        bring_up_to_date(paths, CONFIG)
    assert left(paths)
    bring_up_to_date(paths, CONFIG)
    current = Snapshots(paths).current()
    assert left(paths) == [] and current is not None and asdict(current.manifest)["id"] == new.id


def test_without_tokens_the_raw_data_is_shared_not_copied(paths: PortalPaths) -> None:
    portal = FakePortal()
    portal.add_deal()
    old = Snapshots(paths)
    Refresh(paths, portal, CONFIG).run()
    first = old.current()
    assert first is not None
    inode = first.raw_path.stat().st_ino
    manifest = read_json(first.path / "manifest.json")
    assert manifest is not None
    write_json(first.path / "manifest.json", {**manifest, "facts": 8})
    bring_up_to_date(paths, CONFIG)
    current = Snapshots(paths).current()
    assert current is not None and current.raw_path.stat().st_ino == inode and not first.path.exists()
