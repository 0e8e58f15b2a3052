"""What all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("default")

for name in ("B24_WEBHOOK_URL", "DATA_DIR", "WORKSPACE_URL", "CACHE_URL"):
    os.environ.pop(name, None)
os.environ["PREPARE_COMPARISONS"] = "false"
"""Six derivations after every load of every command; ``tests/figures/test_warm.py`` holds what they are for."""


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's .env never decides a test."""
    monkeypatch.setattr(
        "dash_app.settings.Settings.model_config",
        {**__import__("dash_app.settings", fromlist=["Settings"]).Settings.model_config, "env_file": None},
    )
