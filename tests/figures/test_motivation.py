"""Which scheme, grade, ramp and days away hold for a person in a month, the rows of the bonus block, and closing a month."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dash_app.engine.entered import Entered
from dash_app.engine.language import Option, Report
from dash_app.engine.query import Period
from dash_app.errors import BadInput
from dash_app.figures.pay.bonus_block import BONUS
from dash_app.figures.pay.motivation import Motivation, month_period, months_of, sheet_of
from dash_app.reports import closing
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.kinds import ENTRY_KINDS
from dash_app.store.preferences import Preferences
from dash_app.store.workspace import Workspace
from dash_app.text import Text
from tests.figures.facts_builder import Facts, NoCache, Published

T = Text("т", "t")
REPORT = Report(
    "sales-plan", T, T, "x", 1, (BONUS,), options=(Option("threshold", T, {}, "1", number=(0.5, 1.5, 0.01)),)
)


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    """Company (1) with Север (2) and its Группа (3); Анна 7 in the group, Пётр 8 in Север, Ольга 9 nowhere. February 2026 has 19 working days."""
    facts = Facts(tmp_path / "facts.duckdb")
    facts.department(1, "Компания")
    facts.department(2, "Север", 1)
    facts.department(3, "Группа", 2)
    for manager, name, own in ((7, "Анна", 3), (8, "Пётр", 2)):
        facts.manager(manager, name)
        for department in {3: (3, 2, 1), 2: (2, 1)}[own]:
            facts.add("manager_departments", manager_id=manager, department_id=department, direct=department == own)
    facts.manager(9, "Ольга")
    facts.deal(1, "2026-01-10 10:00", won="2026-02-02 10:00", manager=7, pipeline=1, amount="60000")
    facts.deal(2, "2026-01-10 10:00", won="2026-02-27 23:30", manager=7, pipeline=2, amount="26000")
    facts.deal(3, "2026-01-10 10:00", won="2026-01-20 10:00", manager=7, pipeline=1, amount="50000")
    facts.deal(4, "2026-01-10 10:00", won="2026-02-10 10:00", manager=8, pipeline=1, amount="10000")
    facts.deal(5, "2026-01-10 10:00", won="2026-02-10 10:00", manager=None, pipeline=1, amount="70")
    return facts


class World:
    """Facts with a workspace and a report service over both."""

    def __init__(self, facts: Facts, tmp_path: Path) -> None:
        self.workspace = Workspace(f"sqlite:///{tmp_path / 'w.db'}", portal="p")
        self.facts = facts
        self.service = ReportService(lambda: Published(facts.path), [REPORT], NoCache(), typed=self.typed)
        self._done = False

    def typed(self) -> Entered:
        return Entered(
            str(self.workspace.version_of_all()),
            self.workspace.values(),
            {kind: self.workspace.entries(kind) for kind in ENTRY_KINDS},
        )

    def put(self, kind: str, *values: dict[str, Any]) -> None:
        self.workspace.put_entries(kind, {ENTRY_KINDS[kind].value(v).key: v for v in values}, "Директор")

    def bonus(self, **params: str | Sequence[str]) -> Any:
        if not self._done:
            self.facts.done()
            self._done = True
        given = {"from": "2026-02-01", "to": "2026-02-28", **params}
        query = self.service.parse(
            REPORT, {k: [v] if isinstance(v, str) else list(v) for k, v in given.items()}, interface=False
        )
        return self.service.block(REPORT, "bonus", query)

    def motivation(self) -> Motivation:
        self.bonus()
        return Motivation(self.typed(), self.service.directory())


@pytest.fixture
def world(facts: Facts, tmp_path: Path) -> World:
    return World(facts, tmp_path)


def plan(
    manager: str = "7",
    pipeline: str = "",
    month: str = "2026-02",
    amount: str = "100000",
    bonus: str | None = "20000",
    count: int | None = None,
) -> dict[str, Any]:
    return {
        "manager_id": manager,
        "pipeline_id": pipeline,
        "month": month,
        "plan_amount": amount,
        "bonus": bonus,
        "plan_count": count,
    }


LADDER = [{"reached": "0.8", "pay": "share", "value": "0.5"}, {"reached": "1", "pay": "share", "value": "1"}]


def only(result: Any, **where: str) -> Any:
    (row,) = [r for r in result.rows if all(r[k] == v for k, v in where.items())]
    return row


def test_a_plan_for_all_pipelines_takes_the_sales_of_all(world: World) -> None:
    world.put("plan", plan())
    row = only(world.bonus())
    assert (row["fact_amount"], row["fact_count"], row["personal_attainment"], row["bonus_earned"]) == (
        86000,
        2,
        0.86,
        0,
    )
    assert row["next_step"].replace("\u00a0", " ") == "ещё 14 000 ₽ до 100 %"
    assert only(world.bonus(threshold="0.86"))["bonus_earned"] == 20000
    assert only(world.bonus(threshold="0.87"))["bonus_earned"] == 0


def test_plans_of_single_pipelines_are_rows_of_their_own_and_the_total_is_their_sum(world: World) -> None:
    world.put(
        "plan",
        plan(pipeline="1", amount="60000", bonus="100.01"),
        plan(pipeline="2", amount="26000", bonus="0.01"),
        plan("8"),
    )
    found = world.bonus()
    assert [(r["manager_id"], r["pipeline_id"], r["bonus_earned"]) for r in found.rows] == [
        ("7", "1", Decimal("100.01")),
        ("7", "2", Decimal("0.01")),
        ("8", None, Decimal(0)),
    ]
    assert found.totals["bonus_earned"] == Decimal("100.02") == sum(r["bonus_earned"] for r in found.rows)


def test_several_months_are_paid_month_by_month(world: World) -> None:
    world.put("plan", plan(month="2026-01", amount="50000", bonus="5"), plan(amount="86000", bonus="7"))
    found = world.bonus(**{"from": "2026-01-01"})
    assert [(r["month"], r["bonus_earned"]) for r in found.rows] == [("2026-01", 5), ("2026-02", 7)]
    assert found.totals["bonus_earned"] == 12


def test_a_part_of_a_month_takes_its_part_of_plan_and_bonus_by_working_days(world: World) -> None:
    world.put("plan", plan(amount="190000", bonus="19000"))
    found = world.bonus(to="2026-02-15")  # 10 of the 19 working days
    row = only(found)
    assert (row["plan_amount"], row["fact_amount"]) == (100000, 60000)
    assert row["approximate"] is True
    assert any("≈" in n.text.ru for n in found.notes)
    assert only(world.bonus(to="2026-02-15", threshold="0.6"))["bonus_earned"] == 10000


def test_the_most_particular_scheme_holds_and_of_those_the_latest(world: World) -> None:
    def named(name: str, month: str = "2026-01", **more: Any) -> dict[str, Any]:
        return {"name": name, "from_month": month, "steps": LADDER, **more}

    world.put(
        "scheme",
        named("всем"),
        named("всем", "2026-03"),
        named("Север", departments=["2"]),
        named("Компания", departments=["1"]),
        named("Пётр", "2026-02", managers=["8"]),
    )
    found = world.motivation()

    def name(manager: str, month: str = "2026-02") -> str | None:
        scheme = found.scheme(manager, month)
        return None if scheme is None else f"{scheme.name} {scheme.from_month}"

    assert name("7") == "Север 2026-01"
    assert name("8") == "Пётр 2026-02"
    assert name("8", "2026-01") == "Север 2026-01"
    assert name("9") == "всем 2026-01"
    assert name("9", "2026-04") == "всем 2026-03"
    assert name("9", "2025-12") is None


def test_the_ladder_of_a_scheme_replaces_the_threshold(world: World) -> None:
    world.put("plan", plan())
    world.put("scheme", {"name": "Ступени", "from_month": "2026-01", "steps": LADDER})
    row = only(world.bonus(threshold="1.5"))
    assert (row["bonus_earned"], row["scheme"]) == (10000, "Ступени")
    assert row["working"].replace("\u00a0", " ") == "86 % → ступень 80 % → 50 % × 20 000 = 10 000 ₽"
    assert any("По лестнице платится строк: 1" in n.text.ru for n in world.bonus().notes)


def test_a_grade_is_weighed_by_working_days_in_the_month_it_changes(world: World) -> None:
    world.put(
        "grade_coefficient",
        {"grade": "junior", "start": "2025-01-01", "coefficient": "0.8", "on_plan": True},
        {"grade": "senior", "start": "2025-01-01", "coefficient": "1.2"},
    )
    world.put(
        "grade",
        {"manager_id": "7", "grade": "junior", "start": "2026-01-01"},
        {"manager_id": "7", "grade": "senior", "start": "2026-02-16"},
    )
    found = world.motivation()
    january, february, march = (found.terms("7", month_period(m)) for m in ("2026-01", "2026-02", "2026-03"))
    assert (january.grade, january.coefficient, january.plan_coefficient) == ("junior", Fraction(4, 5), Fraction(4, 5))
    assert (february.grade, february.coefficient) == (
        "junior → senior",
        (10 * Fraction(4, 5) + 9 * Fraction(6, 5)) / 19,
    )
    assert february.plan_coefficient == (10 * Fraction(4, 5) + 9) / 19
    assert (march.grade, march.coefficient, march.plan_coefficient) == ("senior", Fraction(6, 5), 1)
    assert found.terms("7", month_period("2025-12")).coefficient == 1


def test_ramp_counts_calendar_months_of_service(world: World) -> None:
    world.put("ramp", {"shares": ["0.25", "0.5"]})
    world.put("hire", {"manager_id": "7", "start": "2026-01-20"})
    found = world.motivation()
    assert [found.terms("7", month_period(m)).ramp for m in ("2025-12", "2026-01", "2026-02", "2026-03")] == [
        1,
        Decimal("0.25"),
        Decimal("0.5"),
        1,
    ]
    assert found.terms("8", month_period("2026-01")).ramp == 1


def test_days_away_count_once_and_only_working_ones(world: World) -> None:
    world.put(
        "absence",
        {"manager_id": "7", "start": "2026-02-05", "end": "2026-02-09"},
        {"manager_id": "7", "start": "2026-02-09", "end": "2026-02-10"},
    )
    terms = world.motivation().terms("7", month_period("2026-02"))
    assert (terms.working_days, terms.absent_days) == (19, 4)  # Thursday, Friday, Monday, Tuesday


def test_filters_of_people_and_pipelines_hold_and_others_are_said_to_mean_nothing(world: World) -> None:
    world.put("plan", plan(), plan("8", "1"))
    assert [r["manager_id"] for r in world.bonus(manager="8").rows] == ["8"]
    assert [r["manager_id"] for r in world.bonus(department="3").rows] == ["7"]
    hidden = world.bonus(pipeline="1")
    assert [r["manager_id"] for r in hidden.rows] == ["8"]
    assert any("все воронки" in n.text.ru for n in hidden.notes)
    filtered = world.bonus(source="CALL")
    assert only(filtered, manager_id="7")["fact_amount"] == 86000
    assert any("Источник" in n.text.ru for n in filtered.notes)


def test_months_of_a_period() -> None:
    period = Period(month_period("2025-12").start, month_period("2026-02").end)
    assert months_of(period) == ["2025-12", "2026-01", "2026-02"]


# -- closing -----------------------------------------------------------------------------------------------------------


def test_a_closed_month_keeps_its_plan_scheme_fact_and_pay(world: World) -> None:
    world.put("plan", plan())
    world.put("scheme", {"name": "Ступени", "from_month": "2026-01", "steps": LADDER})
    before = world.bonus()
    sheet = closing.close_month(world.service, world.workspace, "2026-02", "Директор")
    assert [r.manager_id for r in sheet.rows] == ["", "7", "8"]
    world.put("scheme", {"name": "Ступени", "from_month": "2026-01", "steps": []})  # edited afterwards
    world.put("grade_coefficient", {"grade": "x", "start": "2020-01-01", "coefficient": "0"})
    world.put("grade", {"manager_id": "7", "grade": "x", "start": "2020-01-01"})
    after = world.bonus(threshold="1.5")
    names = ("plan_amount", "fact_amount", "personal_attainment", "bonus_earned", "working", "scheme")
    assert [only(after, manager_id="7")[n] for n in names] == [only(before, manager_id="7")[n] for n in names]
    assert only(after, manager_id="7")["closed"] is True
    assert only(after, manager_id="7")["changed_after_closing"] == 0


def test_what_sales_changed_after_closing_is_said(world: World) -> None:
    world.put("plan", plan())
    world.bonus()
    closing.close_month(world.service, world.workspace, "2026-02", "Директор")
    from dash_app.engine.context import _databases

    _databases.clear()  # the file is written to, which a snapshot never is
    import duckdb

    with duckdb.connect(str(world.facts.path)) as con:
        con.execute("UPDATE deals SET amount = amount - 1000.50 WHERE id = 1")
        con.execute("UPDATE deals SET manager_id = 9 WHERE id = 4")
    found = world.bonus()
    assert only(found, manager_id="7")["changed_after_closing"] == Decimal("-1000.50")
    row = only(found, manager_id="7")
    assert (row["fact_at_closing"], row["fact_amount"]) == (86000, Decimal("84999.50"))
    assert (
        only(found, manager_id="8")["changed_after_closing"],
        only(found, manager_id="9")["changed_after_closing"],
    ) == (-10000, 10000)
    assert any("Изменилось после закрытия: строк 3" in n.text.ru for n in found.notes)
    assert not found.column("changed_after_closing").hidden
    _databases.clear()


def test_plans_of_a_closed_month_are_refused_until_it_is_reopened_with_a_reason(world: World) -> None:
    world.put("plan", plan())
    world.bonus()
    closing.close_month(world.service, world.workspace, "2026-02", "Директор")
    for change in (plan(amount="1"), plan("8")):
        with pytest.raises(BadInput, match="2026-02 is closed"):
            world.put("plan", change)
    with pytest.raises(BadInput, match="closed"):
        world.workspace.put_entries("plan", {"7:all:2026-02": None}, "Директор")
    world.put("plan", plan())  # the same is no change
    world.put("plan", plan(month="2026-03"))
    first = world.workspace.history("plan:7:all:2026-02")[0]
    with pytest.raises(BadInput, match="closed"):
        world.workspace.undo(first.id, "Директор")
    with pytest.raises(BadInput, match="reason"):
        closing.reopen_month(world.workspace, "2026-02", "Директор", "  ")
    closing.reopen_month(world.workspace, "2026-02", "Директор", "ошибка в плане")
    world.put("plan", plan(amount="86000"))
    assert only(world.bonus())["bonus_earned"] == 20000
    closing.close_month(world.service, world.workspace, "2026-02", "Бухгалтер")
    again, opened, closed = world.workspace.history("closing:2026-02")
    assert opened.before == closed.after
    assert opened.after["reason"] == "ошибка в плане"
    assert [r["pay"] for r in closed.after["rows"] if r["manager_id"] == "7"] == ["0.00"]
    assert [r["pay"] for r in again.after["rows"] if r["manager_id"] == "7"] == ["20000.00"]
    (state,) = closing.states(world.workspace)
    assert (state.closed, state.who, state.pay) == (True, "Бухгалтер", 20000)


def test_closings_are_not_removed_undone_or_closed_twice(world: World) -> None:
    world.put("plan", plan(), plan(month="2026-03"))
    world.bonus()
    with pytest.raises(BadInput, match="not closed"):
        closing.reopen_month(world.workspace, "2026-02", "Д", "причина")
    closing.close_month(world.service, world.workspace, "2026-02", "Д")
    with pytest.raises(BadInput, match="already"):
        closing.close_month(world.service, world.workspace, "2026-02", "Д")
    with pytest.raises(BadInput, match="removed"):
        world.workspace.put_entries("closing", {"2026-02": None}, "Д")
    with pytest.raises(BadInput, match="reason"):
        world.workspace.undo(world.workspace.history("closing:2026-02")[0].id, "Д")
    with pytest.raises(BadInput, match="no plan"):
        closing.close_month(world.service, world.workspace, "2025-06", "Д")
    with pytest.raises(BadInput, match="2026-02"):
        closing.close_month(world.service, world.workspace, "февраль", "Д")


def test_a_month_that_has_not_ended_in_the_data_is_not_closed(world: World) -> None:
    month = f"{world.facts.as_of:%Y-%m}"
    world.put("plan", plan(month=month))
    world.bonus()
    with pytest.raises(BadInput, match="not ended"):
        closing.close_month(world.service, world.workspace, month, "Д")


def test_settings_with_a_closed_month_travel_as_a_file(world: World, tmp_path: Path) -> None:
    world.put("plan", plan())
    world.bonus()
    closing.close_month(world.service, world.workspace, "2026-02", "Д")
    other = Workspace(f"sqlite:///{tmp_path / 'other.db'}", portal="q")
    other.import_(world.workspace.export(), "Д")
    other.import_(world.workspace.export(), "Д")
    assert other.entries("closing")["2026-02"].value == world.workspace.entries("closing")["2026-02"].value


def test_somebody_typing_while_the_sheet_is_made_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put("plan", plan())
    world.bonus()
    real, calls = closing.sheet_of, []

    def slow(context: Any) -> Any:
        found = real(context)
        if not calls:
            world.put("plan", plan(amount="86000"))
        calls.append(1)
        return found

    monkeypatch.setattr(closing, "sheet_of", slow)
    sheet = closing.close_month(world.service, world.workspace, "2026-02", "Д")
    assert [r.pay for r in sheet.rows if r.manager_id == "7"] == [20000]
    assert len(calls) == 2


def test_the_preferences_calendar_moves_working_days(world: World) -> None:
    world.workspace.set("calendar", {"2026-02-23": True}, "Д")
    assert world.motivation().terms("7", month_period("2026-02")).working_days == 20
    assert Preferences().calendar == {}


def test_a_sheet_sums_months_by_row(world: World) -> None:
    world.put("plan", plan(month="2026-01", amount="50000", bonus="5"), plan(amount="86000", bonus="7"))
    world.bonus()
    query = world.service.parse(REPORT, {"from": ["2026-01-01"], "to": ["2026-02-28"]})
    assert sheet_of(world.service.context(query)).by_row[(7, "")] == 1200


def test_the_fact_of_a_row_opens_its_deals(world: World) -> None:
    world.put("plan", plan(), plan("8", "1"))
    result = world.bonus()
    assert result.column("fact_amount").drills and not world.bonus(source="CALL").column("fact_amount").drills
    for manager, pipeline, amount, count in (("7", "none", 86000, 2), ("8", "1", 10000, 1)):
        query = world.service.parse(REPORT, {"from": ["2026-01-01"], "to": ["2026-02-28"]}, interface=False)
        page = world.service.records(
            REPORT,
            "bonus",
            "fact_amount",
            {"manager_id": manager, "pipeline_id": pipeline, "month": "2026-02"},
            query,
            GridRequest(0, 10),
        )
        assert (page.amount, page.total) == (amount, count)
    closing.close_month(world.service, world.workspace, "2026-02", "Д")
    closed = world.bonus()
    assert closed.column("fact_amount").drills and not closed.column("fact_at_closing").drills
