"""The one log: what stands in it, and above all what never does."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests
import sqlalchemy as sa
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from dash_app import logs
from dash_app.errors import BadInput
from dash_app.expenses.grid import Expense
from dash_app.logs import handlers
from dash_app.logs.redact import Redactor
from dash_app.logs.start import start
from dash_app.settings import Settings
from dash_app.store.kinds import ENTRY_KINDS
from dash_app.text import Text
from tests.logs.conftest import Lines

NAME = "Канареев Кенарь"
LATIN = "Canary Smith"
MAIL = "canary@example.com"
PHONE = "+7 (916) 123-45-67"
SECRET = "s3cr3tcanary99"
CANARIES = (
    NAME,
    "Канареев",
    LATIN,
    "Smith",
    MAIL,
    "(916)",
    "123-45-67",
    SECRET,
)  # a bare 916 may be a fraction of a second


def clean(folder: Path) -> str:
    """The whole log, which holds no canary."""
    text = "".join(path.read_text(encoding="utf-8") for path in (folder / "logs").glob("app.log*"))
    assert not [canary for canary in CANARIES if canary in text], text
    return text


# -- real failures ------------------------------------------------------------------------------------------------


def _duckdb_conversion() -> None:
    duckdb.connect().execute("SELECT CAST(? AS INTEGER)", [f"{LATIN} {NAME}"])


def _duckdb_constraint() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (name VARCHAR PRIMARY KEY)")
    for _ in range(2):
        connection.execute("INSERT INTO t VALUES (?)", [f"{LATIN} {MAIL}"])


def _duckdb_syntax() -> None:
    duckdb.connect().execute(f"SELECT * FROM deals WHERE title = '{NAME}' AND {LATIN}")


def _sql_parameters() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TABLE t (name TEXT UNIQUE)"))
        for _ in range(2):
            connection.execute(sa.text("INSERT INTO t VALUES (:name)"), {"name": f"{NAME} {PHONE}"})


def _pydantic() -> None:
    Expense.model_validate({"source_id": NAME * 9, "month": LATIN, "amount": MAIL})


def _kind() -> None:
    ENTRY_KINDS["expense"].value({"source_id": "WEB", "month": LATIN, "amount": 5})


def _requests() -> None:
    requests.get(f"http://127.0.0.1:9/rest/1/{SECRET}/crm.lead.list?auth={SECRET}", timeout=1)


def _caused() -> None:
    try:
        int(f"{LATIN} {PHONE}")
    except ValueError as error:
        raise RuntimeError(f"lead “{NAME}” of {MAIL}") from error


REAL: list[Callable[[], Any]] = [
    _duckdb_conversion,
    _duckdb_constraint,
    _duckdb_syntax,
    _sql_parameters,
    _pydantic,
    _kind,
    _requests,
    _caused,
    lambda: {}[f"{LATIN} {NAME}"],
    lambda: Path(f"/no/{LATIN}/{NAME}").read_bytes(),
    lambda: json.loads(f"{{{LATIN}}}"),
    lambda: f"{LATIN}{NAME}".encode("ascii"),
    lambda: (_ for _ in ()).throw(BadInput(Text(f"«{NAME}» – не id.", f"“{LATIN}” is no id of {MAIL}."))),
]


@pytest.mark.parametrize("failing", REAL, ids=lambda f: getattr(f, "__name__", "?"))
def test_what_a_failure_was_about_is_not_written_down(folder: Path, lines: Lines, failing: Callable[[], Any]) -> None:
    try:
        failing()
    except Exception as error:
        number = logs.failure(error, "tried", block="deals")
    else:
        raise AssertionError("it did not fail")
    clean(folder)
    line = lines()[-1]
    assert (line["event"], line["number"], line["block"], line["level"]) == ("tried", number, "deals", "error")
    assert line["error"]["type"] and any("tests/logs/test_logs.py" in place for place in line["error"]["at"])


def test_kinds_and_places_of_causes_are_kept(lines: Lines) -> None:
    try:
        _caused()
    except RuntimeError as error:
        logs.failure(error)
    found = lines()[-1]["error"]
    assert found["type"] == "RuntimeError" and found["because"][0]["type"] == "ValueError"
    assert found["because"][0]["said"] == "invalid literal for int() with base 10: '…'"
    assert found["at"][-1].endswith(" _caused")


def test_keys_that_hold_people_and_secrets_are_never_written(folder: Path, lines: Lines) -> None:
    log = logs.get("test")
    log.info("a", name=NAME, client_title=LATIN, PHONE=PHONE, params={"x": NAME}, body=[LATIN], started_by_name=NAME)
    log.info("b", nested={"deep": {"email": MAIL, "auth_token": SECRET}}, who=LATIN, code=SECRET, sql="SELECT " + LATIN)
    log.info("c", note=f"call {PHONE} or write {MAIL}", at=f"https://x/rest/7/{SECRET}/y?auth={SECRET}&code={SECRET}")
    log.info(
        "d", head=f"Bearer {SECRET}", db=f"postgresql://u:{SECRET}@host/db", json=f'{{"access_token": "{SECRET}"}}'
    )
    log.info("e", text=f"redis://:{SECRET}@host", obj=Path(LATIN), told=f"password={SECRET}")
    log.info("f", kept="known-secret-1 stood here")
    clean(folder)
    assert "known-secret-1" not in json.dumps(lines())
    assert lines()[-1]["kept"] == "*** stood here"


def test_what_finds_an_error_is_kept(lines: Lines) -> None:
    about = {
        "snapshot": "20261126T135307-123456",
        "rows": {"deals": 12000},
        "path": "/sales-dynamics",
        "query": "from=2026-02-01&to=2026-02-28&manager=12,13",
        "ms": 1234567890123,
        "methods": ["crm.deal.list"],
        "error_code": "QUERY_LIMIT_EXCEEDED",
        "block": "deals",
    }
    logs.get("test").info("kept", **about)
    line = lines()[-1]
    assert {name: line[name] for name in about} == about
    assert line["process"] == "cli" and line["pid"] == os.getpid() and line["time"].endswith("Z")


def test_lines_of_libraries_are_in_the_same_log_without_what_they_quote(folder: Path, lines: Lines) -> None:
    logging.getLogger("some.library").warning("cannot read '%s' of %s: %s", LATIN, NAME, MAIL)
    logging.getLogger("urllib3.connectionpool").debug("POST /rest/1/%s/x", SECRET)
    logging.getLogger("sqlalchemy.engine").info("[generated] (%r)", NAME)
    try:
        _pydantic()
    except ValueError:
        logging.getLogger("flask").exception("Exception on /%s", LATIN.partition(" ")[0] and "x")
    clean(folder)
    found = lines()
    assert [line["logger"] for line in found] == ["some.library", "flask"]
    assert found[1]["error"]["type"].endswith("ValidationError")


def test_secrets_of_the_settings_are_hidden_wherever_they_turn_up(folder: Path) -> None:
    given = Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=folder,
        b24_webhook_url=SecretStr("https://p.bitrix24.ru/rest/1/hook-secret-value/"),
        secret_key=SecretStr("session-key"),
        reopen_code=SecretStr("open-sesame"),
        workspace_url="postgresql://u:database-password@host/db",
        cache_url="redis://:cache-password@host:6380/1",
    )
    start(given, "web")
    secrets = ("hook-secret-value", "session-key", "open-sesame", "database-password", "cache-password")
    for secret in secrets:
        logs.get("test").warning("found", place=f"<{secret}>", many=[secret])
        logging.getLogger("library").warning("trouble with %s", secret)
        logs.failure(RuntimeError(secret))
    text = (folder / "logs" / "app.log").read_text()
    assert len(text.splitlines()) == 15 and not [secret for secret in secrets if secret in text]


_HIDDEN = st.sampled_from(
    [MAIL, f"auth={SECRET}", f"/rest/15/{SECRET}/", f"access_token={SECRET}", PHONE, "89161234567"]
)


@given(st.text(alphabet=" ,;.xyz\n«»", max_size=10), _HIDDEN, st.text(alphabet=" ,;\n", min_size=1, max_size=5))
def test_patterns_hold_in_any_text(before: str, hidden: str, after: str) -> None:
    said = Redactor().text(f"{before} {hidden}{after}")
    assert not [canary for canary in (*CANARIES, "89161234567") if canary in said]


@given(
    st.recursive(
        st.none() | st.text() | st.integers() | st.binary(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50)
def test_whatever_is_given_is_written_as_one_line(value: Any) -> None:
    json.dumps(Redactor().fields({"event": "x", "given": value}))


# -- the file -----------------------------------------------------------------------------------------------------


def test_files_are_for_their_owner_only(folder: Path, lines: Lines) -> None:
    logs.get("test").info("x")
    lines()
    for path in (folder, folder / "logs"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (folder / "logs").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_several_processes_write_one_log_through_its_rotation(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import sys; from pathlib import Path; from dash_app import logs; from dash_app.logs import handlers\n"
        "handlers.MOST_BYTES = 20_000; handlers.KEPT = 50\n"
        "logs.setup(Path(sys.argv[1]), 'INFO', sys.argv[2])\n"
        "for n in range(300): logs.get('t').info('line', n=n)\n"
    )
    children = [subprocess.Popen([sys.executable, "-c", script, str(folder), who]) for who in ("web", "refresh", "cli")]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    files = list((folder / "logs").glob("app.log*"))
    found = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    assert len(files) > 3
    assert sorted((line["process"], line["n"]) for line in found) == sorted(
        (who, n) for who in ("web", "refresh", "cli") for n in range(300)
    )
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)


def test_a_full_disk_costs_lines_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.setup(folder, "INFO", "web", console=True)
    write = handlers.LogFile.do_write

    def full(_self: Any, _message: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(handlers.LogFile, "do_write", full)
    for _ in range(50):
        number = logs.failure(RuntimeError("x"))
    assert "не записывается" in logs.pointer(number).ru
    assert capsys.readouterr().err.count("No space left on device") == 1
    monkeypatch.setattr(handlers.LogFile, "do_write", write)
    number = logs.failure(RuntimeError("x"))
    assert f"logs/app.log, номер {number}" in logs.pointer(number).ru
    assert number in (folder / "logs" / "app.log").read_text()


def test_a_folder_that_cannot_be_made_stops_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.write_text("a file")
    logs.setup(folder, "INFO", "cli")
    logs.get("test").info("x")
    assert "не записывается" in logs.pointer(logs.failure(RuntimeError("x"))).ru
    assert capsys.readouterr().err == ""  # the command line says one sentence, its own


def test_the_level_is_that_of_the_settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "warning")
    monkeypatch.setenv("DATA_DIR", str(folder))
    start(Settings(), "web")
    logs.get("test").info("quiet")
    logs.get("test").warning("loud")
    assert "quiet" not in (text := (folder / "logs" / "app.log").read_text()) and "loud" in text


def test_people_read_warnings_on_the_console(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    structlog.contextvars.clear_contextvars()  # of what ran in this thread before
    logs.setup(folder, "INFO", "web", console=True)
    logs.get("test").info("request", ms=5)
    logs.get("test").warning("refresh_ended", why="Busy")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("warning refresh_ended process=web why=Busy")


def test_what_a_thread_dies_of_is_written_down(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", logs._uncaught_in_thread)
    thread = threading.Thread(target=_kind, name="watcher")
    thread.start()
    thread.join()
    assert [(line["event"], line["thread"]) for line in lines()] == [("uncaught_in_thread", "watcher")]


def test_lines_of_a_refresh_carry_its_id_in_the_processes_it_starts(folder: Path, lines: Lines) -> None:
    script = "import sys; from pathlib import Path; from dash_app import logs; logs.setup(Path(sys.argv[1]), 'INFO', 'derive'); logs.get('t').info('child')"
    with logs.of_refresh() as name:
        logs.get("test").info("parent")
        worker = threading.Thread(target=lambda: logs.get("test").info("worker"))
        worker.start()
        worker.join()
        subprocess.run([sys.executable, "-c", script, str(folder)], check=True)
    logs.get("test").info("after")
    assert [(line["event"], line.get("refresh")) for line in lines()] == [
        ("parent", name),
        ("worker", name),
        ("child", name),
        ("after", None),
    ]
