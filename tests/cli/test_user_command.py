"""``python -m dash_app user``: from the first account to signing in, and what a restored backup leaves of sessions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dash_app.security.sign_in import SignIn
from dash_app.services_factory import sign_in_of, webhook_and_paths, workspace_of
from dash_app.settings import Settings
from tests.cli.test_cli import run
from tests.cli.test_upgrade import WEBHOOK

GOOD = "correct horse battery"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in {
        "DATA_DIR": str(tmp_path / "data"),
        "B24_WEBHOOK_URL": WEBHOOK,
        "SIGN_IN": "local",
        "PUBLIC_HOSTS": "reports.example.ru",
        "LANGUAGE": "ru",
    }.items():
        monkeypatch.setenv(name, value)
    return Settings()


def way_in(settings: Settings) -> SignIn:
    return sign_in_of(settings, workspace_of(settings, webhook_and_paths(settings)[1]))


def said(capfdbinary: Any, *args: str) -> str:
    code, out, err = run(capfdbinary, "user", *args)
    assert (code, err) == (0, "")
    return out.decode()


def link(printed: str) -> str:
    found = re.search(r"https://reports\.example\.ru/reset/(\S{43})$", printed.strip())
    assert found is not None, printed
    return found[1]


def test_from_the_first_account_to_a_restored_backup(settings: Settings, tmp_path: Path, capfdbinary: Any) -> None:
    assert said(capfdbinary, "list") == "Учётных записей нет.\n"
    token = link(said(capfdbinary, "add", "Анна", "--role", "owner"))
    sign_in = way_in(settings)
    sign_in.choose(token, GOOD)
    session = sign_in.enter("анна", GOOD, "192.0.2.1")[1]
    assert sign_in.of_session(session) is not None and "анна\towner\t\tactive" in said(capfdbinary, "list")
    copy = tmp_path / "copy.zip"
    assert run(capfdbinary, "workspace", "backup", str(copy))[0] == 0
    said(capfdbinary, "disable", "анна")
    assert way_in(settings).of_session(session) is None and "disabled" in said(capfdbinary, "list")
    pending = link(said(capfdbinary, "add", "boris", "--portal-user", "17"))
    assert run(capfdbinary, "workspace", "restore", str(copy))[0] == 0
    sign_in = way_in(settings)
    assert sign_in.of_session(session) is None and sign_in.accounts.of_link(pending) is None
    assert sign_in.enter("анна", GOOD, "192.0.2.1") and "boris" not in said(capfdbinary, "list")


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("add", "boris"), "--portal-user"),
        (("add", "a b", "--role", "owner"), "Имя для входа"),
        (("reset", "nobody"), "nobody"),
        (("add", "x", "--role", "boss"), "--role"),
    ],
)
def test_what_cannot_be_is_one_sentence(settings: Settings, capfdbinary: Any, args: tuple[str, ...], why: str) -> None:
    code, out, err = run(capfdbinary, "user", *args)
    assert (code, out) == (2, b"") and why in err and len(err.splitlines()) == 1
