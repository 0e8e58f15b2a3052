"""A new monthly grid is one declaration and one page, taken from CONTRIBUTING.md as they stand there: nothing else is touched."""

from __future__ import annotations

import base64
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import dash_app
import dash_app.store.grids as grids
import dash_app.web.monthly as monthly
from dash_app.__main__ import main
from dash_app.access.scope import Scope
from dash_app.app import create_app
from dash_app.errors import UserError
from dash_app.exports.monthly_file import csv_file, read_file, values_of, xlsx_file
from dash_app.exports.typed_file import BadFile
from dash_app.store.cells import Cell, Edit
from dash_app.store.grids.base import MonthlyGrid
from dash_app.store.workspace import Workspace
from tests.fakes import FakePortal, FakeServices, fake_services
from tests.web.conftest import Call, caller

ROOT = Path(__file__).parents[2]


def forgotten() -> None:
    grids.known_grids.cache_clear()
    monthly.monthly_pages.cache_clear()


@pytest.fixture
def grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MonthlyGrid]:
    """The two files of the guide, put beside ours."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Add a grid")[1]
    codes = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)[:2]
    room = tmp_path / "rooms" / "budgets"
    room.mkdir(parents=True)
    for name, code in zip(("__init__", "grid", "page"), ("", *codes), strict=True):
        (room / f"{name}.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(dash_app, "__path__", [*dash_app.__path__, str(room.parent)])
    forgotten()
    yield grids.known_grids()["budget"]
    for name in ("dash_app.budgets", "dash_app.budgets.grid", "dash_app.budgets.page"):
        sys.modules.pop(name, None)
    forgotten()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> FakePortal:
    return FakePortal(tmp_path_factory.mktemp("portal"))


@pytest.fixture
def services(grid: MonthlyGrid, portal: FakePortal, tmp_path: Path) -> FakeServices:
    return fake_services(tmp_path, portal=portal)


@pytest.fixture
def call(services: FakeServices) -> Call:
    app = create_app(services.settings, services)
    return caller(app, app.server.test_client())


def edit(text: str, was: str = "", *, source: str = "WEB", month: str = "2026-02", measure: str = "amount") -> Edit:
    return Edit(Cell((source,), month, measure), text, was)


def test_cells_are_saved_refused_in_conflict_and_undone(grid: MonthlyGrid, services: FakeServices) -> None:
    session = services.session()
    done = session.save_cells(grid, [edit("600 000"), edit("40", measure="leads"), edit("x", month="2026-03")], "Анна")
    assert [(one.edit.cell.month, "не число" in one.why.ru) for one in done.refused] == [("2026-03", True)]
    assert session.entries("budget")["WEB:2026-02"].value.leads == 40  # type: ignore[attr-defined]
    too_much = session.save_cells(grid, [edit("400 001", source="CALL"), edit("1", source="none")], "Анна")
    assert [one.why.ru for one in too_much.refused] == ["Бюджеты месяца вместе больше миллиона. Уменьшите один из них."]
    assert [
        one.why.en for one in session.save_cells(grid, [edit("4", source="CALL", measure="leads")], "А").refused
    ] == ["Enter the amount first, leads go with it."]
    (conflict,) = session.save_cells(grid, [edit("5", was="7")], "Пётр").conflicts
    assert (conflict.theirs, conflict.who) == ("600000", "Анна")
    (removed,) = session.save_cells(grid, [edit("", was="600000")], "Пётр").changes
    assert set(session.entries("budget")) == {"none:2026-02"}
    session.undo_all([removed.id], "Анна")
    assert [(c.who, c.after and c.after["amount"]) for c in session.history("budget:WEB:2026-02")] == [
        ("Анна", "600000"),
        ("Пётр", None),
        ("Анна", "600000"),
    ]
    with pytest.raises(UserError, match="Budget CALL:2026-02: the budgets of the month"):
        session.put_entries(
            "budget", {"CALL:2026-02": {"source_id": "CALL", "month": "2026-02", "amount": "400001"}}, "А"
        )


def test_the_file_of_settings_holds_it(services: FakeServices, grid: MonthlyGrid, tmp_path: Path) -> None:
    services.session().save_cells(grid, [edit("5")], "Анна")
    other = Workspace(f"sqlite:///{tmp_path / 'other.db'}", portal="other")
    other.import_(services.workspace.export(), "Пётр")
    assert other.entries("budget") == services.workspace.entries("budget") != {}


def test_somebody_of_limited_rights_neither_sees_nor_changes_it(grid: MonthlyGrid, services: FakeServices) -> None:
    whole = services.session()
    whole.save_cells(grid, [edit("5")], "Анна")
    limited = whole.seen_by(Scope.of({1}))
    assert limited.entries("budget") == {} and limited.history("budget:WEB:2026-02") == []
    with pytest.raises(UserError):
        limited.save_cells(grid, [edit("6")], "Пётр")
    assert len(whole.entries("budget")) == 1


def test_what_leaves_as_a_file_comes_back_equal(grid: MonthlyGrid, services: FakeServices) -> None:
    session, directory = services.session(), services.session().directory()
    first, second = list(directory.sources)[:2]
    session.save_cells(
        grid,
        [
            edit("5,50", source=first),
            edit("3", source=first, measure="leads"),
            edit("7", source="none", month="2027-01"),
        ],
        "Анна",
    )
    stored = values_of(session.entries("budget"))
    target = io.BytesIO()
    xlsx_file(grid, list(stored.values()), directory, "ru", target)
    assert read_file(grid, target.getvalue(), directory, {}, frozenset()) == stored
    sheet, ids = openpyxl.load_workbook(target).worksheets
    assert (sheet.title, ids.title) == ("Бюджет", "Источники")
    assert [cell.value for cell in sheet[1]] == ["source_id", "source", "month", "amount", "leads"]
    written = csv_file(grid, list(stored.values()), directory, "ru")
    assert read_file(grid, written, directory, {}, frozenset()) == stored
    text = (
        f"source_id,month,amount\n{second},2026-02,999 999\nNOWHERE,2026-02,1\n{first},2026-03,\n{second},2026-02,1\n"
    )
    with pytest.raises(BadFile) as said:
        read_file(grid, text.encode(), directory, stored, frozenset())
    assert [(w.line, w.column) for w in said.value.wrong] == [
        (2, "amount"),
        (3, "source_id"),
        (4, "amount"),
        (5, ""),
    ]


def test_the_page_saves_undoes_tells_the_history_and_takes_a_file(call: Call, services: FakeServices) -> None:
    first = next(iter(services.session().directory().sources))
    said = json.dumps(
        call("page.children", {"url.pathname": "/budgets", "url.search": "?year=2026"}), ensure_ascii=False
    )
    assert "budget-grid" in said and "Скачать бюджет в Excel" in said and "все строки, сумма и лиды" in said
    assert "/budgets" in json.dumps(call("page.children", {"url.pathname": "/settings/typed"}))

    def answered(**what: Any) -> dict[str, Any]:
        given = {"budget-ask.data": {"n": 1, "who": "Анна", **what}, "url.search": "?year=2026"}
        found: dict[str, Any] = call("budget-answer.data", given, "budget-ask.data")["response"]
        return found

    cells = [[first, "", "2026-02", "amount", "1 000", ""], [first, "", "2026-02", "leads", "7", ""]]
    answer = answered(kind="edits", cells=cells)["budget-answer"]["data"]
    assert answer["cells"] == [[first, "", "2026-02", ["1000", "7"]]] and not answer["refused"]
    loaded = call("budget-data.data", {"url.pathname": "/budgets", "url.search": "?year=2026"}, "url.search")
    rows = {row["manager_id"]: row for row in loaded["response"]["budget-data"]["data"]["rows"]}
    assert rows[first]["cells"] == {"2026-02": ["1000", "7"]} and list(rows)[-1] == "none"
    ask = {"budget-history-ask.data": {"key": f"{first}:all:2026-02", "title": first}}
    shown = json.dumps(call("budget-history.children", ask, "budget-history-ask.data"), ensure_ascii=False)
    assert "Анна" in shown and "Лиды" in shown and "1\u00a0000\u00a0₽" in shown
    undone = answered(kind="undo", changes=answer["changes"])["budget-answer"]["data"]
    assert undone["said"] == "Отменено." and services.workspace.entries("budget") == {}
    content = base64.b64encode(f"source_id,month,amount\n{first},2026-03,5\n".encode()).decode()
    report = call(
        "budget-import-report.children",
        {"budget-import.contents": f"data:text/csv;base64,{content}", "url.search": "?year=2026"},
        "budget-import.contents",
    )
    assert "Изменено бюджетов: 1" in json.dumps(report, ensure_ascii=False)
    assert set(services.workspace.entries("budget")) == {f"{first}:2026-03"}


def test_the_command_line_takes_and_writes_its_files(
    grid: MonthlyGrid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("B24_WEBHOOK_URL", "https://example.bitrix24.ru/rest/1/secret/")
    (tmp_path / "in.csv").write_text("source_id,month,amount,leads\nWEB,2026-02,5,1\nCALL,2026-02,7,\n")
    assert main(["budget", "import", str(tmp_path / "in.csv")]) == 0
    assert "Строк в файле: 2, изменено бюджетов: 2." in capsys.readouterr().out
    for name in ("out.csv", "out.xlsx"):
        assert main(["budget", "export", str(tmp_path / name)]) == 0
        assert main(["budget", "import", str(tmp_path / name)]) == 0
        assert "изменено бюджетов: 0." in capsys.readouterr().out
    (tmp_path / "in.csv").write_text("source_id,month,amount\nWEB,2026-02,1000001\n")
    assert main(["budget", "import", str(tmp_path / "in.csv")]) == 2
    assert "вместе больше миллиона" in capsys.readouterr().err
