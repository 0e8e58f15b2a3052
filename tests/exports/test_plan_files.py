"""Plans as a file: what leaves comes back equal, a bad line is named and stops the whole file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_app.engine.directory import Directory
from dash_app.errors import BadInput
from dash_app.exports.typed_file import SHOWN_LINES
from dash_app.exports.typed_file import BadFile as BadPlanFile
from dash_app.plans.grid import Plan
from tests.fakes import FakePortal, fake_services
from tests.grids import plans_csv, plans_xlsx, read_plans

HEAD = "manager_id,pipeline_id,month,plan_amount,plan_count,bonus\n"


def plan(
    manager: str = "1",
    pipeline: str = "",
    month: str = "2026-02",
    amount: str = "100000.50",
    count: int | None = None,
    bonus: str | None = None,
) -> Plan:
    return Plan(
        manager_id=manager,
        pipeline_id=pipeline,
        month=month,
        plan_amount=Decimal(amount),
        plan_count=count,
        bonus=None if bonus is None else Decimal(bonus),
    )


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    folder = tmp_path_factory.mktemp("plans")
    return fake_services(folder, portal=FakePortal(folder)).reports.directory()


def xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def errors(
    content: bytes, directory: Directory | None = None, existing: dict[str, Plan] | None = None
) -> list[tuple[int, str]]:
    with pytest.raises(BadPlanFile) as said:
        read_plans(content, directory, existing or {})
    assert all(w.why.ru.endswith(".") and w.why.en.endswith(".") for w in said.value.wrong)
    return [(w.line, w.column) for w in said.value.wrong]


_PLANS = st.builds(
    plan,
    manager=st.integers(1, 5).map(str),
    month=st.sampled_from(["2026-01", "2026-02", "2027-12"]),
    pipeline=st.sampled_from(["0", "1", "2"]),
    amount=st.decimals(0, 10**9, places=2).map(str),
    count=st.none() | st.integers(0, 1000),
    bonus=st.none() | st.decimals(0, 10**6, places=2).map(str),
)


@given(st.lists(_PLANS, min_size=1, max_size=12, unique_by=lambda p: p.key))
def test_what_leaves_comes_back_equal(plans: list[Plan]) -> None:
    target = io.BytesIO()
    plans_xlsx(plans, None, "ru", target)
    wanted = {p.key: p for p in plans}
    assert read_plans(target.getvalue(), None, {}) == wanted
    assert read_plans(plans_csv(plans, None, "en"), None, {}) == wanted


def test_the_workbook_is_ready_to_be_filled(directory: Directory, tmp_path: Path) -> None:
    target = tmp_path / "plan.xlsx"
    plans_xlsx([plan(), plan("2", "1")], directory, "ru", target)
    book = openpyxl.load_workbook(target)
    sheet, ids = book.worksheets
    assert [c.value for c in sheet[1]] == [
        "manager_id",
        "manager",
        "pipeline_id",
        "pipeline",
        "month",
        "plan_amount",
        "plan_count",
        "bonus",
    ]
    assert sheet.freeze_panes == "A2"
    assert {row[2].value for row in sheet.iter_rows(min_row=2)} == {None, 1}
    assert ids.cell(1, 1).value == "manager_id" and ids.max_row > 1
    assert set(read_plans(target.read_bytes(), directory, {})) == {"1:all:2026-02", "2:1:2026-02"}


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "1,,2026-02,100000.50,12,5000\n",
        "\ufeff" + HEAD.replace(",", ";") + "1;;01.02.2026;100 000,50;12;5 000,00\n",
        HEAD.replace(",", "\t") + "1\tвсе\tфев 2026\t100 000,50\t12\t5000\n",
        'month,Manager_ID,comment,plan amount,PLAN_COUNT,bonus\n2026-02,1,=HYPERLINK(1),"100000,50",12.0,5000\n\n',
        HEAD + '1,all,2026-02,"100,000.50",12,5000',
    ],
)
def test_csv_of_any_country_is_read(text: str) -> None:
    expected = {"1:all:2026-02": plan(count=12, bonus="5000")}
    assert read_plans(text.encode(), None, {}) == expected
    assert read_plans(text.encode("utf-16"), None, {}) == expected


def test_csv_as_old_excel_saves_it() -> None:
    text = "manager_id;manager;month;plan_amount\n1;Анна;2026-02;5,5\n"
    assert read_plans(text.encode("cp1251"), None, {})["1:all:2026-02"].plan_amount == Decimal("5.5")


def test_workbook_with_real_dates_and_numbers() -> None:
    content = xlsx(
        [
            ["manager_id", "pipeline_id", "month", "plan_amount", "bonus"],
            [1, None, datetime(2026, 2, 1), 100000.5, 0.1],
            [2.0, 0, "2026-03", "1 200", None],
        ]
    )
    assert read_plans(content, None, {}) == {
        "1:all:2026-02": plan(bonus="0.1"),
        "2:0:2026-03": plan("2", "0", "2026-03", "1200"),
    }


def test_every_bad_cell_is_named_and_nothing_is_taken(directory: Directory) -> None:
    text = (
        HEAD
        + "1,,2026-02,5,,\nx,,2026-02,5,,\n1,,22,,1.5,-3\n999999,77,2026-02,=1+1,,\n1,,2026-02,7,,\n1,1,2026-02,7,,\n"
    )
    assert errors(text.encode(), directory) == [
        (2, "pipeline_id"),
        (3, "manager_id"),
        (4, "month"),
        (4, "plan_amount"),
        (4, "plan_count"),
        (4, "bonus"),
        (5, "manager_id"),
        (5, "pipeline_id"),
        (5, "plan_amount"),
        (6, ""),
        (7, "pipeline_id"),
    ]


def test_formulas_of_a_workbook_are_refused() -> None:
    assert errors(xlsx([["manager_id", "month", "plan_amount"], [1, "2026-02", "=1+1"]])) == [(2, "plan_amount")]


def test_all_pipelines_beside_a_stored_plan_is_refused() -> None:
    stored = {"1:2:2026-02": plan(pipeline="2")}
    assert errors((HEAD + "1,,2026-02,5,,\n1,,2026-03,5,,\n").encode(), None, stored) == [(2, "pipeline_id")]


def test_a_closed_month_is_named_unless_nothing_changes() -> None:
    text = (HEAD + "1,,2026-02,5,,\n2,,2026-02,5,,\n").encode()
    with pytest.raises(BadPlanFile) as said:
        read_plans(text, None, {"1:all:2026-02": plan(amount="5")}, frozenset({"2026-02"}))
    assert [(w.line, w.column) for w in said.value.wrong] == [(3, "month")]


def test_unquoted_decimal_commas_do_not_shift_cells() -> None:
    assert errors((HEAD + "1,,2026-02,100,50,5,7\n").encode()) == [(2, "")]


def test_a_column_the_file_lacks_leaves_what_is_stored() -> None:
    stored = {"1:all:2026-02": plan(count=3, bonus="7")}
    found = read_plans(b"manager_id,month,plan_amount,bonus\n1,2026-02,5,\n", None, stored)["1:all:2026-02"]
    assert (found.plan_amount, found.plan_count, found.bonus) == (5, 3, None)


def test_a_long_list_of_errors_is_cut() -> None:
    with pytest.raises(BadPlanFile) as said:
        read_plans((HEAD + "x,,2026-02,5,,\n" * 200).encode(), None, {})
    assert len(said.value.wrong) == 200
    assert said.value.text.ru.count("\n") == SHOWN_LINES + 1 and "И ещё 150." in said.value.text.ru


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"a,b\n1,2\n",
        HEAD.encode(),
        b"PK\x03\x04 no workbook",
        b"\xd0\xcf\x11\xe0 old",
        b"\x00\x01\x02",
        b'manager_id,month,plan_amount\n"1,2026-02,5\n',
        b"manager_id,manager_id,month,plan_amount\n1,1,2026-02,5\n",
        b"x" * 6_000_000,
    ],
)
def test_what_is_no_plan_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(BadInput) as said:
        read_plans(content, None, {})
    assert said.value.text.ru.endswith(".")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        read_plans(content, None, {})
