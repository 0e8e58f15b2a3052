"""What commands leave in the log: a refresh from its start to its end, and nothing of whom it read."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dash_app.__main__ import main
from dash_app.cli import plan
from dash_app.demo.testing import running_portal
from dash_app.portal.reader import Reader
from tests.logs.conftest import folder  # noqa: F401  fixture


def test_a_refresh_is_written_down_and_nobody_it_read(
    folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with running_portal(scale=40, seed=5, limits="off", today=date(2026, 11, 20)) as portal:
        monkeypatch.setenv("DATA_DIR", str(folder))
        monkeypatch.setenv("B24_WEBHOOK_URL", portal.webhook)
        monkeypatch.setenv("REQUESTS_PER_SECOND", "10000")
        monkeypatch.setenv("REQUEST_BURST", "10000")
        monkeypatch.setenv("LOG_LEVEL", "DEBUG")
        assert main(["sync", "--started-by", "Канареев Кенарь"]) == 0
        text = (folder / "logs" / "app.log").read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines()]
        events = [line["event"] for line in lines]
        assert events[0] == "refresh_started" and events[-1] == "refresh_done" and "derived" in events
        assert len({line["refresh"] for line in lines}) == 1
        assert {line["process"] for line in lines} == {"refresh", "derive"}
        assert [line["phase"] for line in lines if line["event"] == "refresh_phase"] == [
            "connect",
            "read",
            "derive",
            "publish",
            "done",
        ]
        done = lines[-1]
        assert done["rows"]["deals"] > 0 and done["ms"] > 0 and done["requests"] > 5
        calls = [line for line in lines if line["event"] == "portal_call"]
        assert {"batch", "profile"} <= {call["method"] for call in calls} and all("ms" in call for call in calls)
        assert {"crm.deal.list"} <= {name for call in calls for name in call["methods"]}
        assert portal.webhook.split("/")[-2] not in text and "Канареев" not in text
        (raw,) = folder.glob("*/snapshots/*/raw.duckdb")
        with duckdb.connect(str(raw), read_only=True) as database:
            people = [n for row in database.execute("SELECT name, last_name FROM users").fetchall() for n in row if n]
            titles = [t for (t,) in database.execute("SELECT title FROM deals").fetchall() if t]
        assert people and titles and not [word for word in [*people, *titles] if word in text]

        def breaks(_: Any) -> Any:
            raise RuntimeError("portal of «ООО Канарейка» is odd")

        monkeypatch.setattr(Reader, "info", breaks)
        capsys.readouterr()
        assert main(["sync"]) == 1
        said = capsys.readouterr().err.strip().splitlines()[-1]
        number = re.search(r"Не получилось\. Подробности в журнале \S+app\.log, номер ([0-9A-F]{6})\.", said)
        last = [json.loads(line) for line in (folder / "logs" / "app.log").read_text().splitlines()]
        (failed,) = [line for line in last if "number" in line]
        assert number is not None and (failed["event"], failed["number"]) == ("refresh_failed", number[1])
        progress = json.loads(next(folder.glob("*/progress.json")).read_text())
        assert number[1] in progress["error"]["ru"] and "Канарейка" not in json.dumps(last, ensure_ascii=False)


def test_an_unforeseen_error_of_a_command_is_a_sentence_with_a_number(
    folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(*_: Any) -> int:
        raise ZeroDivisionError("Канарейка")

    monkeypatch.setenv("DATA_DIR", str(folder))
    monkeypatch.setattr(plan, "run_plan", fails)
    assert main(["plan", "export", "x.csv"]) == 1
    (said,) = capsys.readouterr().err.strip().splitlines()
    (line,) = (json.loads(text) for text in (folder / "logs" / "app.log").read_text().splitlines())
    assert line["number"] in said and line["error"]["type"] == "ZeroDivisionError" and line["command"] == "plan"


@pytest.mark.parametrize(
    ("args", "ru", "en"),
    [
        (["report"], "не хватает: REPORT", "missing: REPORT"),
        (
            ["report", "x", "--format", "odt"],
            "--format: «odt» не подходит, есть json, csv, pdf, xlsx",
            "--format: “odt” is",
        ),
        (["records", "x", "y", "--limit", "ten"], "--limit: «ten» не подходит", "--limit: “ten” makes no sense"),
        (["report", "x", "--from"], "после --from нужно значение", "--from needs a value"),
        (["report", "x", "--bogus", "1"], "лишнее: --bogus 1", "not known: --bogus 1"),
        (["report", "x", "--whole-base=1"], "--whole-base пишется без значения", "--whole-base takes no value"),
        (["report", "x", "--f", "1"], "--f можно понять по-разному", "--f could be"),
        (["nope"], "COMMAND: «nope» не подходит", "COMMAND: “nope” is none of"),
        (["workspace", "nope"], "action: «nope» не подходит", "action: “nope” is none of"),
        ([], "не хватает: COMMAND", "missing: COMMAND"),
    ],
)
def test_an_unclear_command_is_said_in_the_readers_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, args: list[str], ru: str, en: str
) -> None:
    for language, said in (("ru", ru), ("en", en), ("en_US:en", en), ("ru_RU.UTF-8", ru)):
        monkeypatch.setenv("LANGUAGE", language)
        with pytest.raises(SystemExit) as stop:
            main(args)
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert stop.value.code == 2 and said in line
        assert not re.search(r"argument|required|invalid|choose|expected", line)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "abc", "Настройка PORT задана неверно: нужно целое число."),
        ("PORT", "70000", "Настройка PORT задана неверно: нужно не больше 65535."),
        ("REQUESTS_PER_SECOND", "много", "Настройка REQUESTS_PER_SECOND задана неверно: нужно число."),
        ("LOG_LEVEL", "loud", "Настройка LOG_LEVEL задана неверно: есть DEBUG, INFO, WARNING, ERROR."),
    ],
)
def test_a_wrong_setting_is_said_in_one_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stop:
        main(["workspace", "show"])
    err = capsys.readouterr().err
    assert stop.value.code == 2 and said in err and len(err.strip().splitlines()) == 1 and value not in err
