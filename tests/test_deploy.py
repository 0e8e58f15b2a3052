"""What is offered for running it says what the Procfile says, and names what is there. No container engine is needed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from dash_app.settings import Settings

ROOT = Path(__file__).parents[1]
PROCESSES = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if line)
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_the_image_runs_the_procfile_as_nobody_special() -> None:
    commands = [json.loads(line.removeprefix("CMD ")) for line in DOCKERFILE if line.startswith("CMD ")]
    assert commands == [["sh", "-c", f"exec {PROCESSES['web']}"]]
    assert [line for line in DOCKERFILE if line.startswith("USER ")] == ["USER reports"]
    assert any(line.startswith("HEALTHCHECK ") and "/health/live" in line for line in DOCKERFILE)


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    copied = [line.split()[1] for line in DOCKERFILE if line.startswith("COPY ") and "--from" not in line]
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert all((ROOT / name).exists() for name in copied) and set(copied) == kept


def test_compose_runs_the_same_processes_with_settings_there_are() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"release", "web", "worker", "database", "cache"}
    assert "command" not in services["web"]  # the image's own
    assert {name: services[name]["command"] for name in ("release", "worker")} == {
        name: PROCESSES[name] for name in ("release", "worker")
    }
    known = {name.upper() for name in Settings.model_fields}
    for name in ("release", "web", "worker"):
        assert set(services[name]["environment"]) <= known
        assert services[name]["read_only"] is True and "data:/data" in services[name]["volumes"]
    assert services["web"]["ports"] == ["127.0.0.1:8050:8050"]  # https is the proxy's
    gateway = COMPOSE["networks"]["default"]["ipam"]["config"][0]["gateway"]
    assert services["web"]["environment"]["TRUSTED_PROXIES"] == gateway


def test_units_run_the_same_processes() -> None:
    def started(unit: str, key: str) -> str:
        found = re.search(rf"^{key}=(.+)$", (ROOT / "deploy" / unit).read_text(), re.MULTILINE)
        assert found is not None
        return found[1].replace("/opt/reports/.venv/bin/", "").replace(".venv/bin/", "")

    assert started("reports-web.service", "ExecStart") == f":/bin/sh -c 'exec {PROCESSES['web']}'"
    assert started("reports-web.service", "ExecStartPre") == PROCESSES["release"]
    assert started("reports-worker.service", "ExecStart") == PROCESSES["worker"]
