"""``workspace backup`` and ``workspace restore`` as a person uses them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dash_app.__main__ import main
from dash_app.store.paths import PortalPaths
from tests.cli.test_cli import run
from tests.cli.test_upgrade import WEBHOOK


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortalPaths:
    from dash_app.portal.credentials import Webhook

    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("B24_WEBHOOK_URL", WEBHOOK)
    return PortalPaths.of(tmp_path / "data", Webhook.parse(WEBHOOK).portal_key)


def test_a_damaged_workspace_comes_back_from_its_backup(paths: PortalPaths, tmp_path: Path, capfdbinary: Any) -> None:
    file = tmp_path / "copy.zip"
    assert main(["workspace", "set", "refresh_minutes", "45"]) == 0
    assert run(capfdbinary, "workspace", "backup", str(file)) == (0, b"", "")
    paths.workspace.write_bytes(b"damaged" * 3000)
    code, out, err = run(capfdbinary, "workspace", "restore", str(file))
    assert (code, err) == (0, "") and "workspace-replaced-" in out.decode()
    code, out, _ = run(capfdbinary, "workspace", "show")
    assert code == 0 and b'"refresh_minutes": 45' in out


@pytest.mark.parametrize("action", ["backup", "restore"])
def test_a_file_that_cannot_be_is_one_sentence(
    paths: PortalPaths, tmp_path: Path, capfdbinary: Any, action: str
) -> None:
    main(["workspace", "show"])
    capfdbinary.readouterr()
    code, out, err = run(capfdbinary, "workspace", action, str(tmp_path / "nowhere" / "copy.zip"))
    assert (code, out) == (2, b"") and err.count("\n") == 1 and "copy.zip" in err
