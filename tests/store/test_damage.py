"""Files that were damaged, locked or written by another version: one sentence each that names the file and the way back, or mended without a hand."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dash_app import disk
from dash_app.store import progress as progresses
from dash_app.store import sqlite_file
from dash_app.store.companies import Companies
from dash_app.store.files import write_json
from dash_app.store.observed import Observed
from dash_app.store.paths import PortalPaths
from dash_app.store.progress import Progress
from dash_app.store.raw import is_sound
from dash_app.store.refresh import Refresh, Upgrading, bring_up_to_date
from dash_app.store.snapshots import Snapshot, Snapshots
from dash_app.store.workspace import Workspace
from tests.store.fake_portal import FakePortal
from tests.store.test_observed import CONFIG, LOG, ask, load, portal_with_a_past, worth


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    return PortalPaths.of(tmp_path, "portal")


def says(error: disk.FileTrouble | None, kind: type[disk.FileTrouble], file: str) -> bool:
    """One sentence or a few of them in both languages, which name the file."""
    return (
        type(error) in (kind, *kind.__subclasses__())
        and error is not None
        and all(file in text and text.endswith(".") and len(text) < 400 for text in (error.text.ru, error.text.en))
    )


# -- how a file is damaged ----------------------------------------------------------------------------------------


def no_database(file: Path) -> None:
    file.write_bytes(b"no database" * 3000)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def rotten(file: Path) -> None:
    """Every block after the headers."""
    content = bytearray(file.read_bytes())
    for place in range(12288 + 4000, len(content), 5000):
        content[place : place + 8] = b"\xa5" * 8
    file.write_bytes(bytes(content))


DAMAGES = [no_database, cut, rotten]


# -- the workspace ------------------------------------------------------------------------------------------------


def workspace_of(paths: PortalPaths) -> Workspace:
    return Workspace(f"sqlite:///{paths.workspace}", portal="portal")


def typed(paths: PortalPaths) -> None:
    workspace = workspace_of(paths)
    for minutes in range(30, 60):
        workspace.set("refresh_minutes", minutes, "Анна")
    workspace.close()


def first_page(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[100:2000] = b"\xa5" * 1900
    file.write_bytes(bytes(content))


def other_pages(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(bytes(content))


def tables_are_gone(file: Path) -> None:
    with closing(sqlite3.connect(file)) as con:
        con.execute("DROP TABLE settings")
        con.execute("DROP TABLE changes")


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("damage", [no_database, first_page, other_pages, tables_are_gone, a_folder])
def test_a_damaged_workspace_is_a_sentence_with_the_way_back(
    paths: PortalPaths, damage: Callable[[Path], None]
) -> None:
    typed(paths)
    damage(paths.workspace)
    with pytest.raises(disk.FileTrouble) as said:
        workspace = workspace_of(paths)
        workspace.values()
        workspace.history()
    assert says(said.value, disk.Damaged, "workspace.sqlite") and "workspace restore" in said.value.text.ru


def test_a_workspace_damaged_while_it_is_open_is_a_sentence_too(paths: PortalPaths) -> None:
    typed(paths)
    workspace = workspace_of(paths)
    assert workspace.values().refresh_minutes == 59
    no_database(paths.workspace)
    workspace.close()
    with pytest.raises(disk.Damaged):
        workspace.values()
    with pytest.raises(disk.Damaged):
        workspace.set("refresh_minutes", 5, "Анна")


def test_a_workspace_of_a_newer_version_is_left_alone(paths: PortalPaths) -> None:
    typed(paths)
    with closing(sqlite3.connect(paths.workspace)) as con, con:
        con.execute("UPDATE alembic_version SET version_num = '9999'")
    before = paths.workspace.read_bytes()
    with pytest.raises(disk.Newer) as said:
        workspace_of(paths)
    assert "workspace.sqlite" in said.value.text.ru and "Обновите приложение" in said.value.text.ru
    assert paths.workspace.read_bytes() == before


def test_a_locked_workspace_is_a_sentence_and_reading_goes_on(
    paths: PortalPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "PATIENCE", 0.2)
    typed(paths)
    workspace = workspace_of(paths)
    with closing(sqlite3.connect(paths.workspace, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(disk.Locked) as said:
            workspace.set("refresh_minutes", 5, "Анна")
        assert says(said.value, disk.Locked, "workspace.sqlite")
        started = workspace_of(paths)
        assert started.values().refresh_minutes == 59, "a start needs no lock either"
        started.close()
        other.execute("ROLLBACK")
        workspace.set("refresh_minutes", 5, "Анна")
        workspace.close()
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(disk.Locked):
            workspace_of(paths)


# -- what is read from the portal ---------------------------------------------------------------------------------


def published(paths: PortalPaths) -> Snapshot:
    found = Snapshots(paths).current()
    assert found is not None
    return found


@pytest.mark.parametrize("damage", [*DAMAGES, emptied])
@pytest.mark.parametrize("name", ["raw.duckdb", "facts.duckdb"])
def test_a_damaged_snapshot_is_mended_by_the_next_refresh(
    paths: PortalPaths, name: str, damage: Callable[[Path], None]
) -> None:
    portal, deal, then = portal_with_a_past(paths)
    log, past = ask(published(paths).raw_path, LOG), worth(published(paths), then)
    damage(published(paths).path / name)
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(900))
    snapshot = load(paths, portal)
    now = ("deal", deal, "opportunity", "250.0000", "900.0000", portal.now)
    assert ask(snapshot.raw_path, LOG) == sorted([*log, now]) and worth(snapshot, then) == past
    said = [line["ru"] for line in snapshot.manifest.notes if "raw.duckdb" in line["ru"]]
    assert bool(said) == (name == "raw.duckdb"), "what was read anew is said"


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_history_is_made_anew_of_the_snapshots_or_asks_for_a_backup(
    paths: PortalPaths, damage: Callable[[Path], None]
) -> None:
    portal, deal, then = portal_with_a_past(paths)
    log, past = ask(published(paths).raw_path, LOG), worth(published(paths), then)
    damage(paths.history)
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(900))
    snapshot = load(paths, portal, full=True)
    assert set(log) < set(ask(snapshot.raw_path, LOG)) and worth(snapshot, then) == past
    assert list(paths.root.glob("history-damaged-*.duckdb"))
    assert any("history.duckdb" in line["ru"] for line in snapshot.manifest.notes)
    damage(paths.history)
    shutil.rmtree(paths.snapshots)
    with pytest.raises(disk.Damaged) as said:
        load(paths, portal)
    assert says(said.value, disk.Damaged, "history.duckdb") and "workspace restore" in said.value.text.ru
    failed = progresses.read(paths)
    assert failed is not None and failed.error == said.value.text


def test_an_old_damaged_snapshot_keeps_no_refresh_from_taking_the_others_over(paths: PortalPaths) -> None:
    portal, _, then = portal_with_a_past(paths)
    past = worth(published(paths), then)
    first = min(Snapshots(paths).all(), key=lambda found: found.manifest.as_of)
    Observed(paths).set_aside("lost")
    rotten(first.raw_path)
    assert not is_sound(first.raw_path) and is_sound(published(paths).raw_path)
    portal.tick()
    assert worth(load(paths, portal), then) == past


def fails(*_: Any) -> None:
    raise RuntimeError("the derivation broke")


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_unfinished_load_that_is_damaged_is_read_anew(paths: PortalPaths, damage: Callable[[Path], None]) -> None:
    portal = FakePortal()
    for _ in range(40):
        portal.add_deal()
    with pytest.raises(RuntimeError):
        Refresh(paths, portal, CONFIG, derive=fails).run()
    damage(paths.building / "raw.duckdb")
    assert load(paths, portal).manifest.rows["deals"] == 40


@pytest.mark.parametrize(
    "state", [{}, {"started": "yesterday"}, {"started": None}, {"started": "2026-03-01T09:00:00+00:00"}]
)
def test_an_unfinished_load_whose_state_makes_no_sense_is_read_anew(paths: PortalPaths, state: dict[str, Any]) -> None:
    portal = FakePortal()
    portal.add_deal()
    with pytest.raises(RuntimeError):
        Refresh(paths, portal, CONFIG, derive=fails).run()
    known = {"address": "https://fake.bitrix24.ru", "user_id": 1, "full": True}
    from dash_app.store.schema import FACTS_VERSION, RAW_FORMAT

    write_json(paths.building / "state.json", known | {"raw": RAW_FORMAT, "facts": FACTS_VERSION} | state)
    portal.reads.clear()
    assert load(paths, portal).manifest.rows["deals"] == 1 and ("deals", 0, None) in portal.reads


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"\xff", b'{"running": "yes", "rows": "x", "entities": {"deals": 5}, "error": 7, "started": null}'],
)
def test_a_progress_that_makes_no_sense_is_none(paths: PortalPaths, content: bytes) -> None:
    progresses.write(paths, Progress(running=True, rows=5, entities={"deals": [1, 2]}))
    paths.progress.write_bytes(content)
    found = progresses.read(paths)
    assert found is None or (found.rows, found.entities, found.percent, found.running) == (0, {}, 0, False)


def test_companies_whose_file_is_damaged_are_given_no_key_twice(paths: PortalPaths) -> None:
    from tests.store.test_companies import company

    load(paths, company("Первая"))
    load(paths, company("Вторая", deals=9, days=40), trusts=True)
    load(paths, company("Первая"), trusts=True)
    paths.companies.write_bytes(b"{")
    third = load(paths, company("Третья", deals=15, days=90), trusts=True)
    assert third.manifest.company == "3", "what was typed for the second is not the third's"
    assert Companies(paths).current() == "3"


# -- another version at the same time -----------------------------------------------------------------------------


def test_after_an_upgrade_a_refresh_under_way_is_waited_for_in_a_sentence(paths: PortalPaths) -> None:
    portal = FakePortal()
    portal.add_deal()
    snapshot = load(paths, portal)
    write_json(snapshot.path / "manifest.json", {**_document(snapshot), "facts": 3})
    with progresses.held(paths), pytest.raises(Upgrading) as said:
        bring_up_to_date(paths, CONFIG)
    assert "когда оно закончится" in said.value.text.ru
    bring_up_to_date(paths, CONFIG)
    assert published(paths).manifest.facts > 3


def _document(snapshot: Snapshot) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(snapshot.manifest)


# -- sentences ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind", "file"),
    [
        (OSError(28, "No space left on device", "/d/x.json"), disk.NoRoom, "/d/x.json"),
        (OSError(122, "Disk quota exceeded"), disk.NoRoom, "DATA_DIR"),
        (OSError(30, "Read-only file system", "/d/x.json"), disk.ReadOnly, "/d/x.json"),
        (PermissionError(13, "Permission denied", "/d/x.json"), disk.ReadOnly, "/d/x.json"),
        (duckdb.IOException('IO Error: Could not write file "/d/raw.duckdb": No space left on device'), disk.NoRoom, "/d/raw.duckdb"),
        (duckdb.IOException('IO Error: Cannot open file "/d/raw.duckdb": Permission denied'), disk.ReadOnly, "/d/raw.duckdb"),
        (duckdb.IOException('IO Error: Could not set lock on file "/d/history.duckdb": Conflicting lock'), disk.Locked, "/d/history.duckdb"),
        (duckdb.IOException('IO Error: The file "/d/facts.duckdb" exists, but it is not a valid DuckDB database file!'), disk.Damaged, "/d/facts.duckdb"),
        (duckdb.Error("Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at location 3"), disk.Damaged, "facts.duckdb"),
    ],
)  # fmt: skip
def test_what_went_wrong_with_a_file_is_a_sentence_however_it_arose(
    error: Exception, kind: type[disk.FileTrouble], file: str
) -> None:
    found = disk.foreseen(error)
    assert isinstance(found, disk.FileTrouble) and says(found, kind, file)
    try:
        try:
            raise error
        except Exception as first:
            raise RuntimeError("while doing something") from first
    except RuntimeError as second:
        caused = disk.foreseen(second)
        assert caused is not None and caused.text == found.text


@pytest.mark.parametrize(
    "error", [KeyError("x"), ConnectionResetError(104, "reset"), duckdb.BinderException("x"), ValueError()]
)
def test_what_nobody_foresaw_stays_so(error: Exception) -> None:
    assert disk.foreseen(error) is None
