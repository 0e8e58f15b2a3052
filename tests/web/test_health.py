"""What machines ask: whether the process lives, whether the application is ready, how it fares."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from dash_app.services import Condition
from dash_app.services_factory import condition_of
from dash_app.store import progress
from dash_app.store.derive import DeriveConfig
from dash_app.store.paths import PortalPaths
from dash_app.store.progress import Progress
from dash_app.store.snapshots import Manifest, Snapshots
from dash_app.store.workspace import Workspace
from dash_app.web import health, trouble
from dash_app.web.doors import Doors
from dash_app.web.guard import NOT_THERE
from dash_app.web.routes import DOORS, class_of
from tests.fakes import FakeServices, fake_settings


def published(paths: PortalPaths, as_of: str) -> None:
    folder = paths.root / "building"
    folder.mkdir()
    Snapshots(paths).publish(
        folder, Manifest("one", as_of, "https://x.example", {"deals": 12}, {}, DeriveConfig("Europe/Moscow").document())
    )


def test_without_data_it_lives_and_is_not_ready(client: FlaskClient) -> None:
    assert client.get("/health/live").get_json() == {"live": True}
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.get_json()["reason"]) == (503, "no_data")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_condition_is_that_of_what_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = PortalPaths.of(tmp_path, "portal")
    workspace = Workspace(f"sqlite:///{tmp_path / 'w.sqlite'}", portal="test")
    assert condition_of(paths, workspace) == Condition(reason="no_data")
    published(paths, "2026-03-20T09:00:00+00:00")
    progress.write(paths, Progress(phase="failed", started=time.time() - 30))
    found = condition_of(paths, workspace)
    assert (found.reason, found.outcome, found.records) == (None, "failed", {"deals": 12})
    assert 29 < found.refresh_took < 60 and (found.data_age or 0) > 0

    def away(_: Workspace) -> int:
        raise ConnectionError("password=secret")

    monkeypatch.setattr(Workspace, "version_of_all", away)
    assert condition_of(paths, workspace).reason == "workspace_unreachable"


def test_metrics_count_requests_and_say_the_condition(client: FlaskClient) -> None:
    def counted() -> float:
        lines = client.get("/metrics").text.splitlines()
        found = [line for line in lines if line.startswith('reports_requests_total{route="callback",status="400"}')]
        return float(found[0].split()[-1]) if found else 0.0

    before = counted()
    client.post("/_dash-update-component", json={})
    assert counted() == before + 1
    text = client.get("/metrics").text
    assert "reports_ready 0.0" in text and 'reports_answer_seconds_bucket{le="0.5",route="callback"}' in text


@pytest.mark.parametrize(
    ("peer", "proxies", "given", "may"),
    [
        ("127.0.0.1", "", "", True),
        ("127.0.0.1", "127.0.0.1", "", False),  # a proxy speaks for anybody
        ("10.0.0.7", "", "", False),
        ("10.0.0.7", "", "Bearer wrong", False),
        ("10.0.0.7", "", "Bearer", False),
        ("10.0.0.7", "", "Bearer right", True),
    ],
)
def test_metrics_are_this_machines_or_the_tokens(
    client: FlaskClient, services: FakeServices, peer: str, proxies: str, given: str, may: bool
) -> None:

    settings = fake_settings(
        services.settings.data_dir,
        metrics_token=SecretStr("right"),
        trusted_proxies=proxies,
        public_hosts="reports.example",
    )

    server = client.application
    with server.test_request_context("/metrics", headers={"Authorization": given}, environ_base={"REMOTE_ADDR": peer}):
        assert health._may_read(replace(services, settings=settings), Doors.of(settings)) is may


def test_a_server_that_cannot_start_lives() -> None:
    client = trouble.server(NOT_THERE, "en").test_client()
    assert (client.get("/health/live").status_code, client.get("/health/ready").status_code) == (200, 503)


def test_addresses_are_counted_by_few_kinds() -> None:
    assert {class_of(rule) for rule in DOORS} == {"callback", "layout", "page", "monitor", "sign-in", "account", "file"}
    assert class_of(None) == "unknown"
