"""A read-only and a full disk, for real: reports work, what cannot be written is one sentence, and afterwards nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dash_app.demo.testing import RunningPortal, running_portal
from dash_app.portal.credentials import Webhook
from dash_app.store.paths import PortalPaths
from dash_app.store.snapshots import Snapshots
from dash_app.store.workspace import Workspace
from tests import disks
from tests.cli.tour import command

pytestmark = disks.needs_mounts
TOUR = [sys.executable, "-m", "tests.cli.tour"]


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with running_portal(scale=60, seed=4, limits="off", today=date(2026, 11, 20)) as running:
        yield running


def environment(portal: RunningPortal, folder: Path, lang: str = "ru") -> dict[str, str]:
    return os.environ | {
        "DATA_DIR": str(folder),
        "B24_WEBHOOK_URL": portal.webhook,
        "REQUESTS_PER_SECOND": "10000",
        "REQUEST_BURST": "10000",
        "LANGUAGE": lang,
    }


@pytest.fixture(scope="module")
def once(portal: RunningPortal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("once") / "data"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(portal, folder).items():
            patch.setenv(name, value)
        assert command("sync")[0] == 0
        assert command("workspace", "set", "refresh_minutes", "30")[0] == 0
    return folder


@pytest.fixture
def loaded(once: Path, tmp_path: Path) -> Path:
    """A data folder of its own, with data and a setting."""
    shutil.copytree(once, tmp_path / "data")
    return tmp_path / "data"


def paths_of(portal: RunningPortal, folder: Path) -> PortalPaths:
    return PortalPaths.of(folder, Webhook.parse(portal.webhook).portal_key)


def steps(tmp_path: Path, *given: tuple[str, ...]) -> list[str]:
    (tmp_path / "tour.json").write_text(json.dumps(given))
    return [*TOUR, str(tmp_path / "tour.json")]


def told(done: tuple[int, str, str]) -> dict[str, tuple[int, str, str]]:
    code, out, err = done
    assert code == 0, (out, err)
    return {name: (row[0], row[1], row[2]) for name, row in json.loads(out.splitlines()[-1]).items()}


def is_sentence(err: str, *words: str) -> bool:
    return err.count("\n") == 1 and "Traceback" not in err and all(word in err for word in words)


REPORT = ("report", "sales-dynamics", "--from", "2026-10-01", "--to", "2026-10-31")
AS_OF = ("report", "manager-effectiveness", "--as-of", "2026-10-15", "--compare", "previous")


@pytest.mark.parametrize("left", ["closed", "in the log"])
def test_on_a_read_only_disk_reports_work_and_writing_is_a_sentence(
    portal: RunningPortal, loaded: Path, tmp_path: Path, left: str
) -> None:
    """``left``: whether the workspace was closed, or a killed process left changes in its log."""
    file = paths_of(portal, loaded).workspace
    if left == "in the log":
        workspace = Workspace(f"sqlite:///{file}", portal=file.parent.name)
        workspace.set("refresh_minutes", 45, "Анна")
        copies = {e: file.with_name(file.name + e).read_bytes() for e in ("", "-wal")}
        workspace.close()
        for ending, content in copies.items():
            file.with_name(file.name + ending).write_bytes(content)
        file.with_name(file.name + "-shm").unlink(missing_ok=True)
    minutes = 45 if left == "in the log" else 30
    before = {f: f.read_bytes() for f in loaded.rglob("*") if f.is_file()}
    given = [
        REPORT, AS_OF, ("workspace", "show"), ("workspace", "history"), ("workspace", "backup", str(tmp_path / "copy.zip")),
        ("sync",), ("workspace", "set", "refresh_minutes", "5"), ("workspace", "import", str(tmp_path / "settings.json")),
        ("page", "/sales-dynamics", "/settings", "/plans"),
    ]  # fmt: skip
    (tmp_path / "settings.json").write_text('{"settings": {"refresh_minutes": 7}}')
    found = told(disks.read_only(loaded, steps(tmp_path, *given), environment(portal, loaded)))
    for name in (" ".join(REPORT), " ".join(AS_OF)):
        code, out, err = found.pop(name)
        assert (code, err) == (0, "") and '"report"' in out, (name, err)
    code, out, err = found.pop("workspace show")
    assert (code, err) == (0, "") and f'"refresh_minutes": {minutes}' in out
    assert found.pop("workspace history")[0] == 0
    assert found.pop(f"workspace backup {tmp_path / 'copy.zip'}")[0] == 0 and (tmp_path / "copy.zip").stat().st_size
    status, shown, said = found.pop("page /sales-dynamics /settings /plans")
    assert status == 200 and "Первая загрузка" not in shown
    assert "не записывается" in said and "только для чтения" in said
    for name, (code, _, err) in found.items():
        assert code == 2 and is_sentence(err, "не записывается", "верните право записи"), (name, code, err)
    assert {f: f.read_bytes() for f in loaded.rglob("*") if f.is_file()} == before


def test_on_a_full_disk_nothing_is_lost_and_the_next_refresh_finishes(
    portal: RunningPortal, loaded: Path, tmp_path: Path
) -> None:
    russian = ("нет места", "Освободите место")
    for lang, words, given in (
        ("en", ("disk is full", "Make room"), [("sync",)]),
        ("ru", russian, [("sync", "--full"), ("sync",), REPORT, ("workspace", "show")]),
    ):
        found = told(disks.full(loaded, 1, steps(tmp_path, *given), environment(portal, loaded, lang)))
        for name in [name for name in found if name.startswith("sync")]:
            code, _, err = found.pop(name)
            assert code == 2 and all(word in err.splitlines()[-1] for word in words) and "Traceback" not in err, err
        assert all(code == 0 for code, _, _ in found.values()), found
    paths = paths_of(portal, loaded)
    failed = json.loads(paths.progress.read_bytes())
    assert failed["phase"] == "failed" and "нет места" in failed["error"]["ru"], "the page says it too"
    old = Snapshots(paths).current()
    code, _, err = told(disks.full(loaded, 200, steps(tmp_path, ("sync",)), environment(portal, loaded)))["sync"]
    now = Snapshots(paths).current()
    assert code == 0 and old is not None and now is not None and now.id != old.id, err


def test_on_a_disk_without_a_byte_left_what_is_typed_is_a_sentence(
    portal: RunningPortal, loaded: Path, tmp_path: Path
) -> None:
    filled = f"dd if=/dev/zero of={loaded}/filler bs=4k 2>/dev/null; exec "
    many = json.dumps({"settings": {"forgotten_days_by_stage": {f"deal:1:S{n}": 5 for n in range(4000)}}})
    (tmp_path / "settings.json").write_text(many)
    given = [
        ("workspace", "import", str(tmp_path / "settings.json")),
        REPORT,
        AS_OF,
        ("sync",),
        ("page", "/sales-dynamics"),
    ]
    tour = " ".join(steps(tmp_path, *given))
    found = told(disks.full(loaded, 1, ["sh", "-c", filled + tour], environment(portal, loaded)))
    assert found[" ".join(REPORT)][0] == 0 and found[" ".join(AS_OF)][0] == 0
    for name in (f"workspace import {tmp_path / 'settings.json'}", "sync"):
        code, _, err = found[name]
        assert code == 2 and "Traceback" not in err, (name, err)
    status, shown, said = found["page /sales-dynamics"]
    assert status == 200 and "Первая загрузка" not in shown, said
    (loaded / "filler").unlink()
    workspace: Any = Workspace(
        f"sqlite:///{paths_of(portal, loaded).workspace}", portal=paths_of(portal, loaded).root.name
    )
    assert workspace.values().refresh_minutes == 30
    workspace.close()


def test_a_first_load_that_fills_the_disk_goes_on_once_there_is_room(portal: RunningPortal, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    code, _, err = told(disks.full(folder, 3, steps(tmp_path, ("sync",)), environment(portal, folder)))["sync"]
    assert code == 2 and "нет места" in err and "Traceback" not in err
    code, _, err = told(disks.full(folder, 300, steps(tmp_path, ("sync",)), environment(portal, folder)))["sync"]
    assert code == 0, err
    current = Snapshots(paths_of(portal, folder)).current()
    assert current is not None and current.manifest.rows["deals"] > 0
