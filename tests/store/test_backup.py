"""A backup holds what the portal cannot tell again; it comes back whatever is there, and refuses what it cannot be."""

from __future__ import annotations

import copy
import io
import json
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dash_app.errors import UserError
from dash_app.store import backup
from dash_app.store.observed import Observed
from dash_app.store.paths import PortalPaths
from dash_app.store.progress import AlreadyRunning, held
from dash_app.store.workspace import Workspace
from tests.store.databases import Cluster
from tests.store.fake_portal import FakePortal
from tests.store.test_companies import company
from tests.store.test_observed import LOG, ask, load, lose_pointer_too, lose_snapshots, portal_with_a_past, worth
from tests.store.test_refresh import refresh

PLAN = {"manager_id": "7", "month": "2026-03", "pipeline_id": "", "plan_amount": "100"}


def url_of(paths: PortalPaths) -> str:
    return f"sqlite:///{paths.workspace}"


def typed(paths: PortalPaths, key: str = "") -> Workspace:
    return Workspace(url_of(paths), portal=paths.root.name + key)


def made(paths: PortalPaths, target: Path) -> Path:
    with target.open("wb") as file:
        assert backup.make(paths, url_of(paths), file) is None
    return target


KEY = "crm.example-0a1b2c3d"
Past = tuple[FakePortal, int, datetime]


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    return PortalPaths.of(tmp_path, KEY)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[PortalPaths, Past]:
    """A folder of two loads, made once."""
    made = PortalPaths.of(tmp_path_factory.mktemp("once"), KEY)
    return made, portal_with_a_past(made)


@pytest.fixture
def past(paths: PortalPaths, once: tuple[PortalPaths, Past]) -> Past:
    """``portal_with_a_past`` in this test's folder."""
    shutil.copytree(once[0].root, paths.root, dirs_exist_ok=True)
    return copy.deepcopy(once[1])


def some_plan(workspace: Workspace, amount: str = "100") -> str:
    from dash_app.store.kinds import ENTRY_KINDS

    value = ENTRY_KINDS["plan"].value(PLAN | {"plan_amount": amount})
    workspace.put_entries("plan", {value.key: value}, "Анна")
    return value.key


def test_what_the_portal_cannot_tell_again_comes_back_on_another_machine(
    paths: PortalPaths, past: Past, tmp_path: Path
) -> None:
    portal, deal, then = past
    workspace = typed(paths)
    workspace.set("refresh_minutes", 30, "Анна")
    plan = some_plan(workspace)
    log = ask(paths.history, LOG)
    file = made(paths, tmp_path / "copy.zip")

    there = PortalPaths.of(tmp_path / "another machine", paths.root.name)
    done = backup.restore(there, url_of(there), file)
    assert (done.workspace, done.histories, done.aside) == (True, 1, [])
    again = typed(there)
    assert again.values().refresh_minutes == 30 and again.entries("plan")[plan].value.plan_amount == 100
    assert [(c.who, c.what, c.after) for c in again.history()] == [
        (c.who, c.what, c.after) for c in workspace.history()
    ]
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(900))
    snapshot = load(there, portal)
    assert ask(snapshot.raw_path, LOG) == sorted(
        [*log, ("deal", deal, "opportunity", "250.0000", "900.0000", portal.now)]
    )
    assert (deal, 100, 1) in worth(snapshot, then)


def test_companies_met_come_back_with_what_was_typed_for_each(paths: PortalPaths, tmp_path: Path) -> None:
    refresh(paths, company("Первая"))
    refresh(paths, company("Вторая", deals=9, days=40), trusts=True)
    typed(paths).set("work_hours", [8, 17], "Анна")
    typed(paths, "~2").set("work_hours", [10, 19], "Олег")
    file = made(paths, tmp_path / "copy.zip")
    assert {"history.duckdb", "history~2.duckdb", "companies.json"} < set(zipfile.ZipFile(file).namelist())
    there = PortalPaths.of(tmp_path / "another machine", paths.root.name)
    assert backup.restore(there, url_of(there), file).histories == 2
    assert refresh(there, company("Вторая", deals=9, days=40)).manifest.company == "2"
    assert refresh(there, company("Первая"), trusts=True).manifest.company == ""
    assert typed(there).values().work_hours == (8, 17) and typed(there, "~2").values().work_hours == (10, 19)


def test_a_restoration_takes_back_what_was_typed_since_and_keeps_what_it_replaced(
    paths: PortalPaths, tmp_path: Path
) -> None:
    workspace = typed(paths)
    key = some_plan(workspace)
    version = workspace.version_of_all()
    file = made(paths, tmp_path / "copy.zip")
    some_plan(workspace, "999")
    after = workspace.version_of_all()
    done = backup.restore(paths, url_of(paths), file)
    assert workspace.entries("plan")[key].value.plan_amount == 100, "who has it open sees what was restored"
    kept = Workspace(f"sqlite:///{paths.root / done.aside[0]}", portal=paths.root.name)
    assert kept.entries("plan")[key].value.plan_amount == 999
    some_plan(workspace, "5")
    assert workspace.version_of_all() not in (version, after), "answers kept for the number 2 speak of another plan"
    assert workspace.version_of_all() < 2**53


def test_a_history_that_holds_more_than_the_copy_stays(paths: PortalPaths, past: Past, tmp_path: Path) -> None:
    portal, deal, _ = past
    file = made(paths, tmp_path / "copy.zip")
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(900))
    load(paths, portal)
    log = ask(paths.history, LOG)
    done = backup.restore(paths, url_of(paths), file)
    assert (done.kept, done.histories) == (1, 0) and ask(paths.history, LOG) == log
    lose_pointer_too(paths)
    portal.tick()
    assert ask(load(paths, portal).raw_path, LOG) == log


def damaged_workspace(paths: PortalPaths) -> None:
    paths.workspace.write_bytes(b"SQLite format 3\x00" + b"damaged" * 3000)


def no_database(paths: PortalPaths) -> None:
    paths.workspace.write_bytes(b"damaged" * 3000)


def a_page_of_it_damaged(paths: PortalPaths) -> None:
    content = bytearray(paths.workspace.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    paths.workspace.write_bytes(bytes(content))


def damaged_history(paths: PortalPaths) -> None:
    paths.history.write_bytes(b"damaged" * 3000)


def newer_workspace(paths: PortalPaths) -> None:
    with closing(sqlite3.connect(paths.workspace)) as con, con:
        con.execute("UPDATE alembic_version SET version_num = '9999'")
        con.execute("DROP TABLE settings")


def nothing_is_there(paths: PortalPaths) -> None:
    paths.workspace.unlink()
    paths.history.unlink()


@pytest.mark.parametrize(
    "harm",
    [
        damaged_workspace,
        no_database,
        a_page_of_it_damaged,
        damaged_history,
        newer_workspace,
        nothing_is_there,
        lose_snapshots,
    ],
)
def test_a_restoration_needs_nothing_readable_to_be_there(
    paths: PortalPaths, past: Past, tmp_path: Path, harm: Callable[[PortalPaths], None]
) -> None:
    portal, deal, then = past
    workspace = typed(paths)
    key = some_plan(workspace)
    file = made(paths, tmp_path / "copy.zip")
    log = ask(paths.history, LOG)
    typed(paths).close()  # nothing is left in its log
    harm(paths)
    backup.restore(paths, url_of(paths), file)
    assert workspace.entries("plan")[key].value.plan_amount == 100, "a process that was running meanwhile"
    some_plan(workspace, "700")
    assert typed(paths).entries("plan")[key].value.plan_amount == 700
    assert ask(paths.history, LOG) == log
    portal.tick()
    snapshot = load(paths, portal)
    assert ask(snapshot.raw_path, LOG) == log and (deal, 100, 1) in worth(snapshot, then)


@pytest.mark.usefixtures("past")
def test_what_a_killed_process_left_in_its_logs_is_in_the_copy(paths: PortalPaths, tmp_path: Path) -> None:
    workspace = typed(paths)
    key = some_plan(workspace)
    before = zipfile.ZipFile(made(paths, tmp_path / "before.zip")).read("workspace.sqlite")
    some_plan(workspace, "555")
    assert paths.workspace.with_name("workspace.sqlite-wal").stat().st_size
    file = made(paths, tmp_path / "copy.zip")
    assert zipfile.ZipFile(file).read("workspace.sqlite") != before
    there = PortalPaths.of(tmp_path / "another machine", paths.root.name)
    backup.restore(there, url_of(there), file)
    assert typed(there).entries("plan")[key].value.plan_amount == 555


def rewritten(file: Path, **parts: bytes | None) -> Path:
    """The copy with other parts; ``None`` leaves one out. Names without their suffix."""
    with zipfile.ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for name, given in parts.items():
        (known,) = [n for n in content if n.startswith(name)] or [name]
        content.pop(known, None)
        if given is not None:
            content[known] = given
    with zipfile.ZipFile(file, "w") as archive:
        for name, given in content.items():
            archive.writestr(name, given)
    return file


def about(file: Path, **changes: Any) -> bytes:
    return json.dumps(json.loads(zipfile.ZipFile(file).read("backup.json")) | changes).encode()


def newer_tables(file: Path) -> Path:
    place = file.with_suffix(".tables")
    place.write_bytes(zipfile.ZipFile(file).read("workspace.sqlite"))
    with closing(sqlite3.connect(place)) as con, con:
        con.execute("UPDATE alembic_version SET version_num = '9999'")
    return rewritten(file, workspace=place.read_bytes())


def newer_history(file: Path) -> Path:
    import duckdb

    place = file.with_suffix(".history")
    place.write_bytes(zipfile.ZipFile(file).read("history.duckdb"))
    con = duckdb.connect(str(place))
    con.execute("UPDATE format SET version = 99")
    con.close()
    return rewritten(file, history=place.read_bytes())


def cut(file: Path) -> Path:
    file.write_bytes(file.read_bytes()[:-200])
    return file


def bit_rot(file: Path) -> Path:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(bytes(content))
    return file


def other(file: Path) -> Path:
    file.write_bytes(b"no backup at all")
    return file


def none(file: Path) -> Path:
    file.unlink()
    return file


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (newer_tables, "более новой версией"),
        (newer_history, "более новой версией"),
        (lambda f: rewritten(f, backup=about(f, format=2)), "более новой версией"),
        (lambda f: rewritten(f, backup=about(f, format="1")), "не копия"),
        (lambda f: rewritten(f, backup=about(f, parts=None)), "не копия"),
        (lambda f: rewritten(f, backup=b"[]"), "не копия"),
        (lambda f: rewritten(f, workspace=None), "не копия"),
        (lambda f: rewritten(f, workspace=b"no database"), "в копии copy.zip повреждено"),
        (lambda f: rewritten(f, history=b"no database"), "История в копии copy.zip"),
        (lambda f: rewritten(f, backup=about(f, portal="other.example-00000000")), "--other-portal"),
        (cut, "не копия"),
        (bit_rot, "поврежд"),
        (other, "не копия"),
        (none, "не читается"),
    ],
)
def test_what_cannot_be_restored_is_one_sentence_and_touches_nothing(
    paths: PortalPaths, tmp_path: Path, harm: Callable[[Path], Path], said: str
) -> None:
    workspace = typed(paths)
    some_plan(workspace)
    workspace.close()  # else the collector of garbage may, in between, and SQLite tidies its log then
    file = harm(made(paths, tmp_path / "copy.zip"))
    before = {f.name: f.read_bytes() for f in paths.root.iterdir() if f.is_file() and f.suffix != ".lock"}
    with pytest.raises(UserError) as refused:
        backup.restore(paths, url_of(paths), file)
    assert said in refused.value.text.ru and refused.value.text.en
    assert {f.name: f.read_bytes() for f in paths.root.iterdir() if f.is_file() and f.suffix != ".lock"} == before


def test_a_backup_of_an_earlier_version_is_a_bare_database(paths: PortalPaths, tmp_path: Path) -> None:
    old = tmp_path / "copy.sqlite"
    with closing(sqlite3.connect(old)) as con, con:
        con.executescript(
            """
            CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
            INSERT INTO alembic_version VALUES ('0001');
            CREATE TABLE settings (portal VARCHAR(200), "key" VARCHAR(100), value JSON NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (portal, "key"));
            CREATE TABLE changes (id INTEGER NOT NULL PRIMARY KEY, portal VARCHAR(200) NOT NULL, at DATETIME NOT NULL, who VARCHAR(200) NOT NULL,
                what VARCHAR(100) NOT NULL, "before" JSON, "after" JSON, undoes INTEGER);
            CREATE INDEX ix_changes_portal ON changes (portal);
            INSERT INTO changes VALUES (1, 'crm.example-0a1b2c3d', '2026-01-01 10:00:00', 'Анна', 'refresh_minutes', NULL, '30', NULL);
            INSERT INTO settings VALUES ('crm.example-0a1b2c3d', 'refresh_minutes', '30', 1);
            """
        )
    done = backup.restore(paths, url_of(paths), old)
    assert done.workspace and not done.histories
    assert typed(paths).values().refresh_minutes == 30 and [c.who for c in typed(paths).history()] == ["Анна"]
    stranger = PortalPaths.of(tmp_path, "other.example-00000000")
    with pytest.raises(UserError, match="other-portal"):
        backup.restore(stranger, url_of(stranger), old)
    backup.restore(stranger, url_of(stranger), old, other_portal=True)
    assert typed(stranger).values().refresh_minutes == 30


def test_a_new_webhook_of_the_same_portal_takes_over_what_was_typed(paths: PortalPaths, tmp_path: Path) -> None:
    typed(paths).set("refresh_minutes", 30, "Анна")
    typed(paths, "~2").set("refresh_minutes", 45, "Олег")
    file = made(paths, tmp_path / "copy.zip")
    of_another_person = PortalPaths.of(tmp_path, "crm.example-ffffffff")
    backup.restore(of_another_person, url_of(of_another_person), file)
    assert typed(of_another_person).values().refresh_minutes == 30
    assert typed(of_another_person, "~2").values().refresh_minutes == 45


def test_nothing_is_restored_during_a_refresh(paths: PortalPaths, tmp_path: Path) -> None:
    some_plan(typed(paths))
    file = made(paths, tmp_path / "copy.zip")
    with held(paths), pytest.raises(AlreadyRunning):
        backup.restore(paths, url_of(paths), file)


@pytest.mark.parametrize("act", ["make", "restore"])
def test_a_workspace_that_stays_locked_is_said(
    paths: PortalPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    monkeypatch.setattr(backup, "PATIENCE", 0.3)
    workspace = typed(paths)
    some_plan(workspace)
    file = made(paths, tmp_path / "copy.zip")
    workspace.close()
    with closing(sqlite3.connect(paths.workspace)) as con:
        con.execute("PRAGMA locking_mode = EXCLUSIVE")
        con.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UserError) as said:
            if act == "make":
                backup.make(paths, url_of(paths), io.BytesIO())
            else:
                backup.restore(paths, url_of(paths), file)
        assert "workspace.sqlite занят другой программой" in said.value.text.ru


def test_a_copy_is_whole_while_people_type(paths: PortalPaths, tmp_path: Path) -> None:
    workspace = typed(paths)
    some_plan(workspace)
    stop = threading.Event()

    def types() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            some_plan(workspace, str(number))

    typist = threading.Thread(target=types)
    typist.start()
    try:
        for number in range(3):
            file = made(paths, tmp_path / f"{number}.zip")
            there = PortalPaths.of(tmp_path / str(number), paths.root.name)
            backup.restore(there, url_of(there), file)
            (entry,) = typed(there).entries("plan").values()
            last = typed(there).history(most=1)[0]
            assert last.after["plan_amount"] == str(entry.value.plan_amount)
    finally:
        stop.set()
        typist.join()


@pytest.mark.usefixtures("past")
def test_a_server_backs_its_workspace_up_by_itself(postgres: Cluster, paths: PortalPaths, tmp_path: Path) -> None:
    some_plan(typed(paths))
    whole = made(paths, tmp_path / "whole.zip")
    with postgres.fresh() as address:
        file = tmp_path / "copy.zip"
        with file.open("wb") as target:
            said = backup.make(paths, address, target)
        assert said is not None and "pg_dump" in said.ru
        assert "workspace.sqlite" not in zipfile.ZipFile(file).namelist()
        log = ask(paths.history, LOG)
        paths.history.unlink()
        assert backup.restore(paths, address, file).histories == 1
        assert ask(paths.history, LOG) == log
        with pytest.raises(UserError, match="WORKSPACE_URL"):
            backup.restore(paths, address, whole)


def test_a_restored_history_goes_on_with_the_snapshots_that_are_there(
    paths: PortalPaths, past: Past, tmp_path: Path
) -> None:
    portal, deal, then = past
    file = made(paths, tmp_path / "copy.zip")
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(900))
    load(paths, portal)
    log = ask(paths.history, LOG)
    Observed(paths).set_aside("lost")
    backup.restore(paths, url_of(paths), file)
    assert len(ask(paths.history, LOG)) < len(log)
    portal.tick()
    snapshot = load(paths, portal)
    assert ask(snapshot.raw_path, LOG) == log == ask(paths.history, LOG)
    assert (deal, 100, 1) in worth(snapshot, then)
    assert (deal, 250, 2) in worth(snapshot, then + timedelta(minutes=30))


def test_a_history_begun_anew_and_that_of_the_copy_become_one(paths: PortalPaths, past: Past, tmp_path: Path) -> None:
    portal, deal, then = past
    file = made(paths, tmp_path / "copy.zip")
    old = ask(paths.history, LOG)
    Observed(paths).set_aside("lost")
    lose_pointer_too(paths)
    for amount in (700, 900):
        portal.tick()
        portal.change("deals", deal, opportunity=Decimal(amount))
        load(paths, portal)
    assert not set(old) & set(ask(paths.history, LOG))
    assert "продолжена" in backup.restore(paths, url_of(paths), file).text.ru
    for full in (False, True):
        portal.tick()
        snapshot = load(paths, portal, full=full)
        log = ask(snapshot.raw_path, LOG)
        assert set(old) < set(log) and ("700.0000", "900.0000") in {row[3:5] for row in log}
        assert (deal, 100, 1) in worth(snapshot, then)


def test_a_copy_of_another_company_than_the_one_shown_is_refused(paths: PortalPaths, tmp_path: Path) -> None:
    refresh(paths, company("Первая"))
    plan = some_plan(typed(paths))
    file = made(paths, tmp_path / "copy.zip")
    there = PortalPaths.of(tmp_path / "another machine", paths.root.name)
    refresh(there, company("Вторая", deals=9, days=40))
    with pytest.raises(UserError) as refused:
        backup.restore(there, url_of(there), file)
    assert "другая компания" in refused.value.text.ru and not there.workspace.exists()
    shutil.rmtree(there.snapshots)
    backup.restore(there, url_of(there), file)
    assert plan in typed(there).entries("plan")
