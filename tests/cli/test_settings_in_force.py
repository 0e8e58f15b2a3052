"""Settings from the command line and from files: in force at once, ids the portal does not have refused by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dash_app.__main__ import main
from dash_app.cli import sync
from dash_app.demo.testing import running_portal
from dash_app.services_factory import refresh_of
from dash_app.settings import Settings
from dash_app.store import progress as progresses
from dash_app.store.paths import PortalPaths
from dash_app.store.snapshots import Snapshots


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("data")
    with (
        running_portal(scale=60, seed=3, limits="off", today=date(2026, 11, 20)) as portal,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in {
            "DATA_DIR": str(folder),
            "B24_WEBHOOK_URL": portal.webhook,
            "REQUESTS_PER_SECOND": "10000",
            "REQUEST_BURST": "10000",
        }.items():
            patch.setenv(name, value)
        assert main(["sync"]) == 0
        yield folder


def paths_of(folder: Path) -> PortalPaths:
    from dash_app.services_factory import webhook_and_paths

    return webhook_and_paths(Settings())[1]


def published(folder: Path) -> Any:
    current = Snapshots(paths_of(folder)).current()
    assert current is not None
    return current.manifest


def run(capfd: Any, *args: str) -> tuple[int, str]:
    capfd.readouterr()
    code = main(list(args))
    return code, capfd.readouterr().err


def test_what_is_set_changes_the_facts_at_once(loaded: Path, capfd: Any) -> None:
    before = published(loaded).id
    assert run(capfd, "workspace", "set", "pipeline_roles", '{"9": "after-sale"}') == (0, "")
    assert published(loaded).id != before and published(loaded).config["roles"] == {"9": "after-sale"}
    again = published(loaded).id
    assert run(capfd, "workspace", "set", "refresh_minutes", "30") == (0, "")
    assert published(loaded).id == again, "what does not change facts derives nothing"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("pipeline_roles", '{"77": "other"}', "«77»"),
        ("success_stages", '{"0": "NOPE"}', "«NOPE»"),
        ("success_stages", '{"77": "WON"}', "«77»"),
        ("margins", '{"77": 0.5}', "«77»"),
        ("loss_reason_field", "UF_CRM_NOPE", "«UF_CRM_NOPE»"),
        ("forgotten_days_by_stage", '{"deal:0:NOPE": 3}', "«deal:0:NOPE»"),
    ],
)
def test_an_unknown_id_is_refused_with_those_there_are(
    loaded: Path, capfd: Any, tmp_path: Path, key: str, value: str, said: str
) -> None:
    code, err = run(capfd, "workspace", "set", key, value)
    assert code == 2 and said in err and "Есть: " in err and len(err.strip().splitlines()) == 1
    given = value if key == "loss_reason_field" else json.loads(value)
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"format": 1, "settings": {"reconcile_hours": 5, key: given}}))
    code, err = run(capfd, "workspace", "import", str(file))
    assert code == 2 and said in err and "Ничего не загружено" in err


def test_settings_of_a_file_are_in_force_at_once(loaded: Path, capfd: Any, tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"format": 1, "settings": {"work_hours": [8, 17]}}))
    assert run(capfd, "workspace", "import", str(file)) == (0, "")
    assert published(loaded).config["work_hours"] == [8, 17]


def test_during_a_refresh_they_are_kept_and_it_is_said_when_they_hold(loaded: Path, capfd: Any) -> None:
    with progresses.held(paths_of(loaded)):
        code, err = run(capfd, "workspace", "set", "work_hours", "[10, 19]")
    assert code == 0 and "когда оно закончится" in err
    assert published(loaded).config["work_hours"] != [10, 19]
    assert run(capfd, "sync", "--quiet") == (0, "")
    assert published(loaded).config["work_hours"] == [10, 19]


def test_days_of_usual_comparisons_are_prepared_unless_switched_off(
    loaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(sync, "warm", lambda snapshot, *_: asked.append(snapshot.id))
    monkeypatch.setattr("os.nice", lambda _: 0)
    for wanted in (False, True):
        settings = Settings(prepare_comparisons=wanted)
        sync._prepare(refresh_of(settings), settings)
    assert asked == [Snapshots(paths_of(loaded)).current().id]  # type: ignore[union-attr]
