"""What is wrong with files is said on the page, without a trace, and the page opens by itself once it is mended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from dash_app.app import create_app, create_server
from dash_app.portal.credentials import Webhook
from dash_app.services_factory import services_of
from dash_app.settings import Settings
from dash_app.store import progress as progresses
from dash_app.store import sqlite_file
from dash_app.store.files import write_json
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh
from dash_app.store.snapshots import Snapshot, Snapshots
from dash_app.web import trouble
from tests.store.fake_portal import FakePortal
from tests.store.test_damage import cut, no_database, rotten
from tests.store.test_observed import CONFIG
from tests.web.conftest import caller

WEBHOOK = "https://crm.example.ru/rest/1/abcdefabcdefabcd/"
HERE = {"environ_base": {"REMOTE_ADDR": "127.0.0.1"}, "headers": {"Host": "localhost"}}


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortalPaths:
    """A loaded portal that the settings name."""
    for name, value in {"DATA_DIR": str(tmp_path), "B24_WEBHOOK_URL": WEBHOOK, "LANGUAGE": "ru"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(trouble, "TRY_AGAIN", 0.0)
    made = PortalPaths.of(tmp_path, Webhook.parse(WEBHOOK).portal_key)
    portal = FakePortal()
    for _ in range(30):
        portal.add_deal()
    Refresh(made, portal, CONFIG).run()
    return made


def published(paths: PortalPaths) -> Snapshot:
    found = Snapshots(paths).current()
    assert found is not None
    return found


def asked(server: Flask) -> tuple[int, str]:
    answer = server.test_client().get("/", **HERE)  # type: ignore[arg-type]
    return answer.status_code, answer.get_data(as_text=True)


def test_a_site_that_starts_while_the_workspace_is_locked_opens_when_it_no_longer_is(
    paths: PortalPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    services_of(Settings()).admin().workspace.close()
    monkeypatch.setattr(sqlite_file, "PATIENCE", 0.1)
    with closing(sqlite3.connect(paths.workspace, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        server = create_server()
        for _ in range(2):
            status, page = asked(server)
            assert status == 503 and "workspace.sqlite занят" in page and "Traceback" not in page
        assert server.test_client().get("/", headers={"Host": "evil.example"}).status_code == 403
    status, page = asked(server)
    assert status == 200 and "react-entry-point" in page


def test_a_site_upgraded_during_a_refresh_opens_when_it_ends(paths: PortalPaths) -> None:
    current = published(paths)
    write_json(current.path / "manifest.json", {**asdict(current.manifest), "facts": 3})
    with progresses.held(paths):
        server = create_server()
        status, page = asked(server)
        assert status == 503 and "откроются сами" in page
    assert asked(server)[0] == 200 and published(paths).manifest.facts > 3


def test_a_damaged_workspace_is_said_until_a_backup_is_in_its_place(paths: PortalPaths) -> None:
    services_of(Settings()).admin().workspace.close()
    good = paths.workspace.read_bytes()
    no_database(paths.workspace)
    server = create_server()
    status, page = asked(server)
    assert status == 503 and "workspace.sqlite повреждён" in page and "workspace restore" in page
    paths.workspace.write_bytes(good)
    assert asked(server)[0] == 200


def pages(app: Any) -> str:
    """What the page shows at the address of a report, and what its watch says."""
    call = caller(app, app.server.test_client())
    shown = call("page.children", {"url.pathname": "/sales-dynamics", "url.search": ""}, "url.pathname")
    watched = {"snapshot.data": "", "refresh-tick.disabled": True, "refresh-pulse.n_intervals": 1}
    said = call("refresh-progress.children", watched, "pulse.n_intervals")
    return json.dumps([shown, said], ensure_ascii=False)


def facts(damage: Callable[[Path], None]) -> Callable[[PortalPaths], object]:
    return lambda paths: damage(published(paths).facts_path)


def manifest(content: bytes) -> Callable[[PortalPaths], object]:
    return lambda paths: (published(paths).path / "manifest.json").write_bytes(content)


def manifest_of_a_newer_version(paths: PortalPaths) -> None:
    current = published(paths)
    write_json(current.path / "manifest.json", {**asdict(current.manifest), "facts": 999})


def old_facts_over_damaged_raw(paths: PortalPaths) -> None:
    current = published(paths)
    write_json(current.path / "manifest.json", {**asdict(current.manifest), "facts": 3})
    no_database(current.raw_path)


@pytest.mark.parametrize(
    ("harm", "file"),
    [
        (facts(no_database), "facts.duckdb"),
        (facts(cut), "facts.duckdb"),
        (facts(Path.unlink), "facts.duckdb"),
        (manifest(b"{"), "manifest.json"),
        (manifest(b'{"format": 2}'), "manifest.json"),
        (old_facts_over_damaged_raw, "raw.duckdb"),
    ],
)
def test_data_that_cannot_be_read_is_said_beside_the_button_that_makes_it_anew(
    paths: PortalPaths, harm: Callable[[PortalPaths], object], file: str
) -> None:
    harm(paths)
    shown = pages(create_app(Settings()))
    assert file in shown and "first-refresh" in shown and "Данные не читаются" in shown and "Traceback" not in shown
    portal = FakePortal()
    for _ in range(30):
        portal.add_deal()
    portal.tick()
    Refresh(paths, portal, CONFIG).run()
    assert "Данные не читаются" not in pages(create_app(Settings()))


def test_facts_damaged_in_the_middle_cost_a_sentence(paths: PortalPaths) -> None:
    rotten(published(paths).facts_path)
    shown = pages(create_app(Settings()))
    assert "Traceback" not in shown and "Что-то пошло не так" not in shown


def test_data_that_a_newer_version_published_meanwhile_is_said(paths: PortalPaths) -> None:
    app = create_app(Settings())
    assert "Данные не читаются" not in pages(app)
    manifest_of_a_newer_version(paths)
    again = Snapshots(paths)
    assert again.current() is not None
    app = create_app_without_upgrade()
    assert "более новой версией" in pages(app)


def create_app_without_upgrade() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dash_app.services_factory.bring_up_to_date", lambda *_, **__: None)
        return create_app(Settings())
