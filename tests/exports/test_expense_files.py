"""Expenses as a file: what leaves comes back equal, a bad line is named and stops the whole file."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_app.engine.directory import Directory
from dash_app.errors import BadInput
from dash_app.expenses.grid import Expense
from dash_app.exports.typed_file import BadFile
from tests.fakes import FakePortal, fake_services
from tests.grids import expenses_csv, expenses_xlsx, read_expenses

HEAD = "source_id,month,amount\n"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    folder = tmp_path_factory.mktemp("expenses")
    return fake_services(folder, portal=FakePortal(folder)).reports.directory()


def errors(content: str, directory: Directory | None = None) -> list[tuple[int, str]]:
    with pytest.raises(BadFile) as said:
        read_expenses(content.encode(), directory)
    return [(w.line, w.column) for w in said.value.wrong]


_EXPENSES = st.builds(
    lambda source, month, amount: Expense(source_id=source, month=month, amount=amount),
    source=st.sampled_from(["WEB", "CALL", "none", "-X", "12"]),
    month=st.sampled_from(["2026-01", "2026-02"]),
    amount=st.decimals(0, 10**9, places=2),
)


@given(st.lists(_EXPENSES, min_size=1, max_size=8, unique_by=lambda e: e.key))
def test_what_leaves_comes_back_equal(expenses: list[Expense]) -> None:
    target = io.BytesIO()
    expenses_xlsx(expenses, None, "ru", target)
    wanted = {e.key: e for e in expenses}
    assert read_expenses(target.getvalue(), None) == wanted == read_expenses(expenses_csv(expenses, None, "ru"), None)


def test_numbers_and_months_are_read_as_people_write_them(directory: Directory) -> None:
    source = next(iter(directory.sources))
    name = directory.sources[source][0]
    found = read_expenses(
        f"Source_ID;Month;Amount;заметка\n{source};фев 2026;1 200 000,50 ₽;x\n{name};2026-03-01;7;\nnone;03.2026;5;".encode(),
        directory,
    )
    assert {key: e.amount for key, e in found.items()} == {
        f"{source}:2026-02": Decimal("1200000.50"),
        f"{source}:2026-03": 7,
        "none:2026-03": 5,
    }


def test_every_bad_line_is_named_and_nothing_is_taken(directory: Directory) -> None:
    source = next(iter(directory.sources))
    text = f"{HEAD}NOWHERE,2026-02,5\n{source},никогда,5\n{source},2026-02,-1\n,2026-02,\n{source},2026-03,5\n{source},2026-03,6\n"
    assert errors(text, directory) == [
        (2, "source_id"),
        (3, "month"),
        (4, "amount"),
        (5, "source_id"),
        (5, "amount"),
        (7, ""),
    ]


@pytest.mark.parametrize("content", [b"", b"source_id,month\nWEB,2026-02\n", HEAD.encode(), b"\x00\x01"])
def test_what_is_no_such_file_is_said(content: bytes) -> None:
    with pytest.raises(BadInput):
        read_expenses(content, None)


def test_a_workbook_lists_the_sources_there_are(directory: Directory, tmp_path: Path) -> None:
    expenses_xlsx([], directory, "ru", tmp_path / "e.xlsx")
    names = openpyxl.load_workbook(tmp_path / "e.xlsx").worksheets[1]
    assert [row[0].value for row in names.iter_rows(min_row=2)] == [*directory.sources, "none"]
