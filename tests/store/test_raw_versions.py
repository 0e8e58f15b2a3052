"""The columns of the raw tables: declared once, with the wire field; snapshots of another version are brought to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dash_app.portal.entities import ENTITIES
from dash_app.store import raw as raws
from dash_app.store import refresh as refreshes
from dash_app.store.derive import DeriveConfig
from dash_app.store.files import read_json, write_json
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh, bring_up_to_date
from dash_app.store.schema import RAW
from dash_app.store.snapshots import Snapshot, Snapshots
from tests.store.fake_portal import FakePortal

CONFIG = DeriveConfig()


def test_every_wire_field_declares_the_type_of_its_column() -> None:
    for table, entity in ENTITIES.items():
        assert RAW[table] == entity.raw
    assert RAW["deals"]["opportunity"] == "DECIMAL(20,4)" and RAW["deals"]["uf"] == "VARCHAR"
    assert RAW["tasks"]["time_spent"] == "BIGINT" and RAW["tasks"]["tags"] == "VARCHAR[]"


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    return PortalPaths.of(tmp_path, "portal")


def loaded(paths: PortalPaths, portal: FakePortal) -> Snapshot:
    Refresh(paths, portal, CONFIG).run()
    current = Snapshots(paths).current()
    assert current is not None
    return current


def rows(snapshot: Snapshot, sql: str) -> list[tuple[Any, ...]]:
    con = duckdb.connect(str(snapshot.raw_path), read_only=True)
    try:
        return con.execute(sql).fetchall()
    finally:
        con.close()


def as_another_version_read_it(snapshot: Snapshot, *changes: str) -> None:
    """The snapshot with other columns, its manifest of a version that had none."""
    con = duckdb.connect(str(snapshot.raw_path))
    con.execute("DROP TABLE shapes")
    for change in changes:
        con.execute(change)
    con.close()
    manifest = read_json(snapshot.path / "manifest.json") or {}
    write_json(snapshot.path / "manifest.json", {k: v for k, v in manifest.items() if k != "raw"})


@pytest.mark.parametrize(
    "started", [lambda paths: None, lambda paths: bring_up_to_date(paths, CONFIG)], ids=["at once", "after an upgrade"]
)
@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE deals DROP COLUMN currency_id",
        "ALTER TABLE deals ALTER currency_id TYPE VARCHAR[] USING [currency_id]",
        "ALTER TABLE deals ADD COLUMN no_longer_read VARCHAR",
    ],
    ids=["added", "retyped", "removed"],
)
def test_the_list_of_a_column_another_version_did_not_read_is_read_whole_once(
    paths: PortalPaths, change: str, started: Callable[[PortalPaths], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = FakePortal()
    deals = [portal.add_deal() for _ in range(4)]
    portal.add("tasks", title="Задача", status=2, created_date=portal.now, changed_date=portal.now, responsible_id=1)
    for table in raws.RAW_VERSIONS:  # columns alone tell versions apart here
        monkeypatch.setitem(raws.RAW_VERSIONS, table, 1)
    as_another_version_read_it(loaded(paths, portal), change)
    started(paths)
    portal.tick()
    portal.reads.clear()
    snapshot = loaded(paths, portal)
    assert not snapshot.manifest.full
    assert ("deals", 0, None) in portal.reads and ("tasks", 0, None) not in portal.reads
    assert rows(snapshot, "SELECT currency_id, count(*) FROM deals GROUP BY 1") == [("RUB", len(deals))]
    assert {name: kind for name, kind, *_ in rows(snapshot, "DESCRIBE deals")} == RAW["deals"]
    assert not rows(snapshot, "SELECT * FROM change_log"), "of a new column nobody knows what it was before"
    portal.tick()
    portal.reads.clear()
    loaded(paths, portal)
    assert not [r for r in portal.reads if r[0] == "deals" and r[1] == 0 and r[2] is None], "once"


def test_a_column_that_means_something_else_is_read_anew(paths: PortalPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    portal = FakePortal()
    portal.add_deal()
    loaded(paths, portal)
    monkeypatch.setitem(raws.RAW_VERSIONS, "deals", raws.RAW_VERSIONS["deals"] + 1)
    portal.tick()
    portal.reads.clear()
    loaded(paths, portal)
    assert ("deals", 0, None) in portal.reads


def test_an_unfinished_load_of_another_version_is_not_taken_up(
    paths: PortalPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = FakePortal()
    for _ in range(4):
        portal.add_deal()

    def fails(*_: Any) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Refresh(paths, portal, CONFIG, derive=fails).run()
    monkeypatch.setattr(refreshes, "RAW_FORMAT", "another")
    portal.reads.clear()
    assert loaded(paths, portal).manifest.rows["deals"] == 4
    assert ("deals", 0, None) in portal.reads
