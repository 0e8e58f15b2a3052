"""The command line as other programs use it: exit codes, one sentence on standard error, JSON of the contract."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from dash_app.__main__ import main
from dash_app.demo.testing import running_portal

OCTOBER = ["--from", "2026-10-01", "--to", "2026-10-31"]


@pytest.fixture(scope="module")
def portal() -> Iterator[Any]:
    with running_portal(scale=300, seed=3, limits="off", today=date(2026, 11, 20)) as running:
        yield running


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, portal: Any) -> Path:
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATA_DIR", str(folder))
        patch.setenv("B24_WEBHOOK_URL", portal.webhook)
        patch.setenv("REQUESTS_PER_SECOND", "10000")
        patch.setenv("REQUEST_BURST", "10000")
        assert main(["sync"]) == 0
    return folder


@pytest.fixture
def configured(data: Path, portal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(data))
    monkeypatch.setenv("B24_WEBHOOK_URL", portal.webhook)
    monkeypatch.setenv("REQUESTS_PER_SECOND", "10000")
    monkeypatch.setenv("REQUEST_BURST", "10000")


def run(capfdbinary: Any, *args: str) -> tuple[int, bytes, str]:
    try:
        code = main(list(args))
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capfdbinary.readouterr()
    return code, out, err.decode()


def report(capfdbinary: Any, *args: str) -> dict[str, Any]:
    code, out, err = run(capfdbinary, "report", "sales-dynamics", *args)
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.mark.usefixtures("configured")
def test_report_prints_the_contract(capfdbinary: Any) -> None:
    document = report(capfdbinary, *OCTOBER, "--compare", "previous")
    assert {"report", "as_of", "snapshot", "period", "compare", "filters", "options", "blocks", "notes"} <= set(
        document
    )
    assert {
        "summary",
        "dynamics",
        "lead_stages",
        "deal_stages",
        "funnel",
        "losses",
        "customers",
        "change",
        "deals",
        "leads",
    } == set(document["blocks"])
    (row,) = document["blocks"]["summary"]["rows"]
    for name in (
        "leads_created",
        "deals_created",
        "deals_created_amount",
        "deals_won",
        "deals_won_amount",
        "deals_lost",
        "deals_lost_amount",
        "deals_in_work",
        "deals_in_work_amount",
        "average_check",
        "median_check",
        "cycle_mean",
        "cycle_median",
        "cycle_p90",
        "conversion_cohort",
        "conversion_worked",
        "win_rate",
        "velocity",
    ):
        assert {name, f"{name}_base", f"{name}_delta", f"{name}_delta_pct"} <= set(row)
    assert {
        "conversion_worked_num",
        "conversion_worked_den",
        "win_rate_num",
        "win_rate_den",
        "conversion_cohort_num",
    } <= set(row)
    assert document["compare"]["from"] == "2026-09-01"
    units = {c["unit"] for block in document["blocks"].values() for c in block["columns"]}
    assert units <= {"count", "money", "days", "ratio", "points", "text", "date", "link"}
    stages = document["blocks"]["deal_stages"]["rows"]
    assert all(isinstance(r["pipeline_id"], str) and isinstance(r["stage_id"], str) for r in stages)


@pytest.mark.usefixtures("configured")
def test_records_are_as_many_as_the_number(capfdbinary: Any) -> None:
    document = report(capfdbinary, *OCTOBER)
    (row,) = document["blocks"]["summary"]["rows"]
    code, out, _ = run(capfdbinary, "records", "sales-dynamics", "summary", "deals_won", *OCTOBER)
    found = json.loads(out)
    assert code == 0
    assert found["total"] == len(found["rows"]) == row["deals_won"] > 0
    assert found["amount"] == pytest.approx(row["deals_won_amount"])
    stage = document["blocks"]["funnel"]["rows"][0]
    code, out, _ = run(
        capfdbinary,
        "records",
        "sales-dynamics",
        "funnel",
        "reached",
        *OCTOBER,
        "--row",
        f"pipeline_id={stage['pipeline_id']}",
        "--row",
        f"stage_id={stage['stage_id']}",
    )
    assert json.loads(out)["total"] == stage["reached"]


@pytest.mark.usefixtures("configured")
def test_filters_narrow_the_report(capfdbinary: Any) -> None:
    everything = report(capfdbinary, *OCTOBER)["blocks"]["summary"]["rows"][0]["deals_created"]
    parts = [
        report(capfdbinary, *OCTOBER, "--pipeline", p)["blocks"]["summary"]["rows"][0]["deals_created"]
        for p in ("0", "2", "5", "9")
    ]
    assert sum(parts) == everything > max(parts)


@pytest.mark.usefixtures("configured")
def test_an_earlier_day_is_replayed(capfdbinary: Any) -> None:
    then = report(capfdbinary, "--from", "2026-10-01", "--to", "2026-10-31", "--as-of", "2026-10-15T12:00:00+03:00")
    now = report(capfdbinary, *OCTOBER)
    assert then["as_of"] == "2026-10-15T12:00:00+03:00"
    assert then["blocks"]["summary"]["rows"][0]["deals_created"] < now["blocks"]["summary"]["rows"][0]["deals_created"]


@pytest.mark.usefixtures("configured")
def test_this_month_of_an_earlier_day_is_that_days_month_and_todays_amounts_are_said(capfdbinary: Any) -> None:
    then = report(capfdbinary, "--period", "this_month", "--as-of", "2026-10-15T12:00:00+03:00")
    assert then["period"] == {"from": "2026-10-01", "to": "2026-10-31"}
    assert any("сегодняшние" in note for note in then["notes"])
    assert report(capfdbinary, "--period", "2026-Q1")["period"] == {"from": "2026-01-01", "to": "2026-03-31"}
    late = report(capfdbinary, "--period", "2026-10", "--as-of", "2027-01-01T00:00:00+03:00")
    assert any("01.01.2027, 00:00" in note for note in late["notes"])


@pytest.mark.usefixtures("configured")
def test_a_base_is_aligned_by_working_days(capfdbinary: Any) -> None:
    asked = ("--period", "this_month", "--compare", "previous", "--as-of", "2026-11-10T12:00:00+03:00")
    by_days = report(capfdbinary, *asked, "--option", "align=working_days")["compare"]
    by_calendar = report(capfdbinary, *asked, "--option", "align=calendar")["compare"]
    # five working days of November are over (2, 3, 5, 6, 9; the 4th is a holiday): October's sixth is the 8th
    assert (by_days["align"], by_days["cut"], by_days["until"]) == ("working_days", True, "2026-10-08T12:00:00+03:00")
    assert by_calendar["until"] == "2026-10-10T12:00:00+03:00"


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    "args",
    [
        ["--option", "align=weeks"],
        ["--period", "2026-13"],
        ["--from", "2026-10-31", "--to", "2026-10-01"],
        ["--from", "2026-02-30", "--to", "2026-03-01"],
        ["--pipeline", "999"],
        ["--manager", "'; --"],
        ["--option", "grain=hour"],
        ["--option", "nope=1"],
        ["--option", "grain"],
        ["--compare", "soon"],
        ["--as-of", "вчера"],
        ["--field", "UF_CRM_NOPE=1"],
        ["--as-of", "0001-01-01T00:00:00+03:00"],
        ["--as-of", "9999-12-31T23:59:59-12:00"],
        ["--bogus"],
        ["--format", "pdf"],
        ["--format", "xlsx"],
        ["--from"],
        ["--period", "today", "--from", "2026-10-01", "--to", "2026-10-02"],
        ["--output", "/no/such/folder/x.json"],
        ["--format", "xlsx", "--output", "/no/such/folder/x.xlsx"],
        ["--format", "csv", "--output", "/"],
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(capfdbinary: Any, args: list[str]) -> None:
    code, out, err = run(capfdbinary, "report", "sales-dynamics", *args)
    assert (code, out) == (2, b"")
    assert len(err.strip().splitlines()) == 1 and "Traceback" not in err


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    "args",
    [
        [],
        ["summary", "nope"],
        ["nope", "deals_won"],
        ["deal_stages", "count", "--row", "bogus=1"],
        ["summary", "deals_won", "--row", "x"],
        ["dynamics", "deals_won", "--row", "bucket=вчера"],
        ["summary", "deals_won", "--limit", "-1"],
        ["summary", "deals_won_base"],
        ["funnel", "from_previous_den", "--row", "pipeline_id=0", "--row", "stage_id=NEW"],
        ["summary", "deals_won", "--output", "/no/such/folder/x"],
    ],
)
def test_records_that_cannot_be_are_one_sentence_too(capfdbinary: Any, args: list[str]) -> None:
    code, out, err = run(capfdbinary, "records", "sales-dynamics", *args)
    assert (code, out) == (2, b"")
    assert len(err.strip().splitlines()) == 1 and "Traceback" not in err


@pytest.mark.usefixtures("configured")
def test_a_step_of_the_funnel_opens_both_its_parts(capfdbinary: Any) -> None:
    document = report(capfdbinary, "--from", "2026-01-01", "--to", "2026-10-31")
    steps = [r for r in document["blocks"]["funnel"]["rows"] if r["from_previous_den"]]
    assert any(r["from_previous_num"] < r["from_previous_den"] for r in steps)
    for row in steps[:3]:
        for part in ("from_previous_num", "from_previous_den", "from_first_num", "from_first_den"):
            code, out, err = run(
                capfdbinary,
                "records",
                "sales-dynamics",
                "funnel",
                part,
                "--from",
                "2026-01-01",
                "--to",
                "2026-10-31",
                "--limit",
                "0",
                "--row",
                f"pipeline_id={row['pipeline_id']}",
                "--row",
                f"stage_id={row['stage_id']}",
            )
            assert code == 0 and json.loads(out)["total"] == row[part], (part, row, err)


@pytest.mark.usefixtures("configured")
def test_a_count_of_deals_and_leads_opens_both(capfdbinary: Any) -> None:
    code, out, _ = run(capfdbinary, "report", "overdue-activities")
    row = json.loads(out)["blocks"]["managers"]["rows"][0]
    code, out, _ = run(
        capfdbinary,
        "records",
        "overdue-activities",
        "managers",
        "no_next_step",
        "--row",
        f"manager_id={row['manager_id']}",
    )
    found = json.loads(out)
    assert code == 0 and found["total"] == len(found["rows"]) == row["no_next_step"]
    assert sum(r["entity"] == "deal" for r in found["rows"]) == row["no_next_step_deals"]
    code, out, _ = run(
        capfdbinary, "records", "overdue-activities", "summary", "no_next_step", "--limit", "1", "--format", "csv"
    )
    assert code == 0 and len(out.decode("utf-8-sig").strip().splitlines()) == 2


@pytest.mark.usefixtures("configured")
def test_rows_of_a_list_carry_the_ids_of_their_departments(capfdbinary: Any) -> None:
    rows = report(capfdbinary, *OCTOBER)["blocks"]["deals"]["rows"]
    for row in rows:
        ids = (row["department_id"] or "").split("; ") if row["department_id"] else []
        assert len(ids) == (0 if row["department"] == "(без отдела)" else len(row["department"].split("; ")))
    assert any(row["department_id"] for row in rows)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("nonsense", "адрес"),
        ("http://portal.bitrix24.ru/rest/1/abc/", "https"),
        ("https://portal.bitrix24.ru/", "вебхука"),
        ("http://127.0.0.1:1/rest/1/topsecret/", "не отвечает"),
    ],
)
def test_a_wrong_webhook_is_explained_without_its_secret(
    capfdbinary: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, word: str
) -> None:
    monkeypatch.setenv("B24_WEBHOOK_URL", url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    code, out, err = run(capfdbinary, "doctor")
    assert code == 2
    said = out.decode() + err
    assert word in said and "topsecret" not in said and "Traceback" not in said


@pytest.mark.usefixtures("configured")
def test_doctor_is_content_with_a_good_portal(capfdbinary: Any) -> None:
    code, out, _ = run(capfdbinary, "doctor")
    assert code == 0 and "администратор" in out.decode()


def test_a_revoked_secret_is_named(
    capfdbinary: Any, tmp_path: Path, portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("B24_WEBHOOK_URL", portal.address + "/rest/1/0000000000000000/")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    code, out, _ = run(capfdbinary, "doctor")
    assert code == 2 and "секрет" in out.decode() and "0000000000000000" not in out.decode()


def test_before_the_first_refresh_report_says_what_to_do(
    capfdbinary: Any, tmp_path: Path, portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("B24_WEBHOOK_URL", portal.webhook)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    code, _, err = run(capfdbinary, "report", "sales-dynamics")
    assert code == 2 and "sync" in err


@pytest.mark.usefixtures("configured")
def test_anything_but_loopback_is_refused_without_a_sign_in(capfdbinary: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "0.0.0.0")
    code, _, err = run(capfdbinary, "serve")
    assert code == 2 and "Вход не настроен" in err


@pytest.mark.usefixtures("configured")
def test_settings_from_the_command_line_are_kept_with_their_history(capfdbinary: Any, tmp_path: Path) -> None:
    assert run(capfdbinary, "workspace", "set", "pipeline_roles", '{"9": "after-sale"}')[0] == 0
    assert run(capfdbinary, "workspace", "set", "time_zone", "Mars/Olympus")[0] == 2
    assert b'"after-sale"' in run(capfdbinary, "workspace", "show")[1]
    assert b"pipeline_roles" in run(capfdbinary, "workspace", "history")[1]
    file = tmp_path / "settings.json"
    assert run(capfdbinary, "workspace", "export", str(file))[0] == 0
    assert run(capfdbinary, "workspace", "import", str(file))[0] == 0
    file.write_text("{broken")
    assert run(capfdbinary, "workspace", "import", str(file))[0] == 2


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_excel_and_csv_are_written(
    capfdbinary: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.setenv("LANGUAGE", lang)
    target = tmp_path / "report.xlsx"
    assert run(capfdbinary, "report", "sales-dynamics", *OCTOBER, "--format", "xlsx", "--output", str(target))[0] == 0
    assert target.read_bytes()[:2] == b"PK"
    code, out, _ = run(capfdbinary, "report", "sales-dynamics", *OCTOBER, "--format", "csv")
    assert code == 0 and out.startswith(b"\xef\xbb\xbf")
    tables = [
        list(csv.reader(io.StringIO(part + "\r\n", newline="")))
        for part in out.decode("utf-8-sig").removesuffix("\r\n").split("\r\n\r\n")
    ]
    document = report(capfdbinary, *OCTOBER)
    assert {t[0][0] for t in tables} >= set(document["blocks"])
    for (name,), ids, *rows in (t for t in tables if not t[0][0].endswith(".totals")):
        printed = document["blocks"][name]["rows"]
        assert len(rows) == len(printed)
        for line, row in zip(rows, printed, strict=True):
            for column, text in zip(ids, line, strict=True):
                value = row[column]
                assert (
                    (float(text) == pytest.approx(value, abs=0.0051))
                    if isinstance(value, float)
                    else text == ("" if value is None else str(value))
                ), (name, column)


@pytest.mark.usefixtures("configured")
def test_plans_go_out_and_come_back(capfdbinary: Any, tmp_path: Path) -> None:
    _, out, _ = run(capfdbinary, "report", "sales-dynamics", *OCTOBER)
    manager = json.loads(out)["blocks"]["deals"]["rows"][0]["manager_id"]
    text = f"manager_id,pipeline_id,month,plan_amount,plan_count,bonus\n{manager},,2026-10,1500000.50,10,90000\n"
    (tmp_path / "plan.csv").write_text(text)
    code, out, err = run(capfdbinary, "plan", "import", str(tmp_path / "plan.csv"))
    assert (code, err) == (0, "") and "1" in out.decode()
    for name in ("copy.csv", "copy.xlsx"):
        assert run(capfdbinary, "plan", "export", str(tmp_path / name))[0] == 0
        assert run(capfdbinary, "plan", "import", str(tmp_path / name))[0] == 0
    assert (
        f"{manager},".encode() in (tmp_path / "copy.csv").read_bytes()
        and b"1500000.50,10,90000" in (tmp_path / "copy.csv").read_bytes()
    )
    _, out, _ = run(capfdbinary, "workspace", "history")
    assert out.count(b"plan:") == 1


@pytest.mark.usefixtures("configured")
def test_expenses_go_out_come_back_and_reach_the_report(capfdbinary: Any, tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_text(
        'source_id,month,amount\nWEB,2026-10,"150 000,50"\nnone,10.2026,10\n', encoding="utf-8"
    )
    code, _, err = run(capfdbinary, "expense", "import", str(tmp_path / "costs.csv"))
    assert (code, err) == (0, "")
    for name in ("out.csv", "out.xlsx"):
        assert run(capfdbinary, "expense", "export", str(tmp_path / name))[0] == 0
        assert b" 0." in run(capfdbinary, "expense", "import", str(tmp_path / name))[1]  # nothing changed
    _, out, _ = run(capfdbinary, "report", "marketing", "--from", "2026-10-01", "--to", "2026-10-31")
    rows = {row["source_id"]: row["cost"] for row in json.loads(out)["blocks"]["sources"]["rows"]}
    assert (rows["WEB"], rows[None]) == (150000.5, 10)
    (tmp_path / "bad.csv").write_text(
        "source_id,month,amount\nNOWHERE,2026-10,5\nWEB,октябрь,x\nWEB,2026-11,7\n", encoding="utf-8"
    )
    code, _, err = run(capfdbinary, "expense", "import", str(tmp_path / "bad.csv"))
    assert code == 2
    assert "Строка 2, source_id" in err and "Строка 3, month" in err and "Строка 3, amount" in err
    assert b"WEB:2026-11" not in run(capfdbinary, "workspace", "history")[1]  # nothing half-imported


@pytest.mark.usefixtures("configured")
def test_a_bad_plan_file_is_refused_line_by_line(capfdbinary: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("manager_id,pipeline_id,month,plan_amount\n999999,,2026-11,5\n1,,ноябрь,x\n")
    code, out, err = run(capfdbinary, "plan", "import", str(tmp_path / "bad.csv"))
    assert (code, out) == (2, b"")
    assert "Строка 2, manager_id" in err and "Строка 3, month" in err and "Строка 3, plan_amount" in err
    for args in (
        ["plan", "import", str(tmp_path / "none.csv")],
        ["plan", "export", str(tmp_path / "plan.pdf")],
        ["plan", "export", str(tmp_path / "no" / "plan.csv")],
    ):
        code, _, err = run(capfdbinary, *args)
        assert code == 2 and err.strip().endswith(".")


@pytest.mark.usefixtures("configured")
def test_a_month_is_closed_refuses_plans_and_is_reopened_with_a_reason(capfdbinary: Any, tmp_path: Path) -> None:
    _, out, _ = run(capfdbinary, "report", "sales-dynamics", *OCTOBER)
    manager = json.loads(out)["blocks"]["deals"]["rows"][0]["manager_id"]
    file = tmp_path / "plan.csv"
    file.write_text(f"manager_id,pipeline_id,month,plan_amount,plan_count,bonus\n{manager},,2026-09,100,,1\n")
    assert run(capfdbinary, "plan", "import", str(file))[0] == 0
    code, out, err = run(capfdbinary, "plan", "close", "2026-09")
    assert (code, err) == (0, "") and "2026-09" in out.decode()
    file.write_text(file.read_text().replace(",100,", ",200,"))
    code, _, err = run(capfdbinary, "plan", "import", str(file))
    assert code == 2 and "2026-09" in err
    code, _, err = run(capfdbinary, "plan", "reopen", "2026-09", "--reason", " ")
    assert code == 2 and "причину" in err
    assert run(capfdbinary, "plan", "reopen", "2026-09", "--reason", "ошибка в плане")[0] == 0
    assert run(capfdbinary, "plan", "import", str(file))[0] == 0
    for args in (("2026-11",), ("сентябрь",), ("2026-09", "--threshold", "9")):
        code, _, err = run(capfdbinary, "plan", "close", *args)
        assert code == 2 and err.strip().endswith("."), args


@pytest.mark.usefixtures("configured")
def test_a_forgotten_card_is_put_off_and_brought_back(capfdbinary: Any) -> None:
    def asked() -> tuple[dict[str, Any], str]:
        code, out, err = run(capfdbinary, "report", "forgotten")
        assert code == 0, err
        found = json.loads(out)
        return found["blocks"]["summary"]["rows"][0], found["blocks"]["deals"]["rows"][0]["id"]

    before, deal = asked()
    assert before["deals_forgotten"] > 1 and before["snoozed"] == 0
    assert run(capfdbinary, "snooze", "deal", deal, "--until", "2026-12-20", "--reason", "клиент в отпуске")[0] == 0
    after, other = asked()
    assert (after["deals_forgotten"], after["snoozed"]) == (before["deals_forgotten"] - 1, 1)
    assert other != deal
    _, out, _ = run(capfdbinary, "snooze", "list")
    (row,) = json.loads(out)["rows"]
    assert (row["entity"], row["id"], row["until"], row["reason"], row["holds"]) == (
        "deal",
        deal,
        "2026-12-20",
        "клиент в отпуске",
        True,
    )
    _, out, _ = run(capfdbinary, "records", "forgotten", "summary", "deals_snoozed")
    assert [r["id"] for r in json.loads(out)["rows"]] == [deal]
    assert run(capfdbinary, "snooze", "remove", "deal", deal)[0] == 0
    assert asked()[0]["deals_forgotten"] == before["deals_forgotten"]
    _, out, _ = run(capfdbinary, "workspace", "history")
    assert out.count(f"snooze:deal:{deal}".encode()) == 2


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["deal", "999999", "--until", "2026-12-20", "--reason", "x"], "не найдена"),
        (["deal", "1", "--until", "2027-12-20", "--reason", "x"], ""),
        (["deal", "1", "--until", "завтра", "--reason", "x"], ""),
        (["deal", "1"], "Укажите карточку и дату"),
        (["remove", "deal", "1"], "не отложена"),
        (["remove", "deal"], "Укажите карточку"),
    ],
)
def test_a_senseless_snooze_is_one_sentence(capfdbinary: Any, args: list[str], said: str) -> None:
    code, out, err = run(capfdbinary, "snooze", *args)
    assert (code, out) == (2, b"") and said in err and err.strip().endswith((".", '…".'))


@pytest.mark.usefixtures("configured")
def test_a_note_on_a_heads_week_is_written_printed_and_taken_back(capfdbinary: Any) -> None:
    def asked() -> dict[str, Any]:
        code, out, err = run(capfdbinary, "report", "leaders-week", "--from", "2026-10-20", "--to", "2026-10-20")
        assert code == 0, err
        first: dict[str, Any] = json.loads(out)["blocks"]["leaders"]["rows"][0]
        return first

    row = asked()
    assert (row["week"], row["note"]) == ("2026-W43", None)
    which = ("--department", row["department_id"], "--manager", row["manager_id"], "--week", row["week"])
    assert run(capfdbinary, "note", "write", *which, "--text", "две сделки ушли на ноябрь")[0] == 0
    after = asked()
    assert after["note"] == "две сделки ушли на ноябрь" and after["note_author"] and after["note_at"]
    _, out, _ = run(capfdbinary, "note", "list")
    assert [(n["week"], n["text"]) for n in json.loads(out)["rows"]] == [("2026-W43", "две сделки ушли на ноябрь")]
    assert run(capfdbinary, "note", "write", *which, "--text", "")[0] == 0
    assert asked()["note"] is None
    code, _, err = run(capfdbinary, "note", "write", *which[:-1], "2026-02", "--text", "слова")
    assert code == 2 and "2026-W06" in err


@pytest.mark.usefixtures("configured")
def test_the_bonus_of_the_sales_plan_is_printed_with_its_working(capfdbinary: Any, tmp_path: Path) -> None:
    _, out, _ = run(capfdbinary, "report", "sales-dynamics", *OCTOBER)
    manager = json.loads(out)["blocks"]["deals"]["rows"][0]["manager_id"]
    file = tmp_path / "plan.csv"
    file.write_text(f"manager_id,pipeline_id,month,plan_amount,plan_count,bonus\n{manager},,2026-08,0.01,,77.7\n")
    assert run(capfdbinary, "plan", "import", str(file))[0] == 0
    code, out, err = run(
        capfdbinary, "report", "sales-plan", "--from", "2026-08-01", "--to", "2026-08-31", "--option", "threshold=0.5"
    )
    assert code == 0, err
    blocks = json.loads(out)["blocks"]
    (row,) = [r for r in blocks["bonus"]["rows"] if r["manager_id"] == manager]
    assert (
        row["working"]
        and row["month"] == "2026-08"
        and {c["id"] for c in blocks["bonus"]["columns"]}
        >= {"bonus_earned", "working", "next_step", "closed", "changed_after_closing"}
    )
    (planned,) = [r for r in blocks["plan"]["rows"] if r["manager_id"] == manager and r["plan_amount"] is not None]
    assert planned["bonus_earned"] == row["bonus_earned"]
    assert (
        run(
            capfdbinary,
            "report",
            "sales-plan",
            "--from",
            "2026-08-01",
            "--to",
            "2026-08-31",
            "--format",
            "xlsx",
            "--output",
            str(tmp_path / "plan.xlsx"),
        )[0]
        == 0
    )


@pytest.mark.usefixtures("configured")
def test_a_portals_user_is_answered_about_what_is_his_to_see(capfdbinary: Any) -> None:
    whole = report(capfdbinary, *OCTOBER)
    everybody = {row["manager_id"] for row in whole["blocks"]["deals"]["rows"] if row["manager_id"]}
    seen: dict[str, set[str]] = {}
    for user in sorted(everybody, key=int)[:6]:
        own = report(capfdbinary, *OCTOBER, "--as", user)
        deals = own["blocks"]["deals"]
        seen[user] = {row["manager_id"] for row in deals["rows"]}
        assert (
            own["blocks"]["summary"]["rows"][0]["deals_created"] == deals["total"] < whole["blocks"]["deals"]["total"]
        )
        assert [r for r in deals["rows"] if r["manager_id"] == user] == [
            r for r in whole["blocks"]["deals"]["rows"] if r["manager_id"] == user
        ]
    assert any(people == {user} for user, people in seen.items())
    assert any(1 < len(people) < len(everybody) for people in seen.values()), "a head sees his department"
    why = "Сотрудника №999999 на портале нет: ему ничего не видно."
    code, out, err = run(capfdbinary, "report", "sales-dynamics", *OCTOBER, "--as", "999999")
    assert code == 0 and err.splitlines() == [why]
    stranger = json.loads(out)
    assert stranger["blocks"]["deals"]["total"] == 0 and stranger["notes"][0] == why
    code, out, err = run(capfdbinary, "records", "sales-dynamics", "deals", *OCTOBER, "--as", "999999")
    assert code == 0 and json.loads(out)["rows"] == [] and err.splitlines() == [why]
    code, _, err = run(capfdbinary, "report", "sales-dynamics", "--as", "директор")
    assert code == 2
    assert err.count("\n") == 1
    assert "не номер сотрудника" in err


@pytest.mark.usefixtures("configured")
def test_the_example_of_the_documentation_runs(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "docs" / "analysis.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    exec(compile(code, "docs/analysis.md", "exec"), {})
    assert "deals_won_base" in capsys.readouterr().out


@pytest.mark.usefixtures("configured")
def test_parquet_is_a_folder_of_blocks(capfdbinary: Any, tmp_path: Path) -> None:
    code, _, err = run(
        capfdbinary, "report", "marketing", *OCTOBER, "--format", "parquet", "--output", str(tmp_path / "out")
    )
    assert code == 0, err
    assert (tmp_path / "out" / "sources.parquet").exists()
    code, _, err = run(capfdbinary, "report", "marketing", *OCTOBER, "--format", "parquet")
    assert code == 2
    assert "--output" in err


def test_today_prints_the_sentences_of_the_page_and_each_number_is_that_of_its_records(
    configured: None, capfdbinary: Any
) -> None:
    code, out, err = run(capfdbinary, "today", "--format", "json")
    assert code == 0, err
    page = json.loads(out)
    assert page["day"] == "2026-11-20" and 0 < len(page["sentences"]) <= 5 and page["plan"]["fact_amount"] >= 0
    for s in page["sentences"]:
        asked = [f"--{name}={value}" for name, value in parse_qsl(s["search"])]
        rows = [f"--row={name}={value}" for name, value in s["row"].items()]
        rows += [f"--option={name}={value}" for name, value in s["options"].items()]
        code, out, err = run(
            capfdbinary, "records", s["report"], *asked, *rows, "--limit", "1", s["block"], s["measure"]
        )
        assert (code, json.loads(out)["total"]) == (0, s["count"]), err
    code, out, err = run(capfdbinary, "today")
    shown = out.decode().splitlines()
    assert code == 0 and shown[0] == "Сегодня, 20\u00a0ноября\u00a02026", err
    assert page["save"]
    assert all(any(s["text"] in line for line in shown) for s in page["sentences"])
    assert all(any(c["url"] in line for line in shown) for c in (*page["save"], *page["close"]))


def test_today_speaks_of_what_is_filtered_and_seen(configured: None, capfdbinary: Any) -> None:
    code, out, _ = run(capfdbinary, "today", "--pipeline", "2", "--format", "json")
    narrowed = json.loads(out)
    assert code == 0 and narrowed["filters"] == {"pipeline": ["2"]}
    assert all("pipeline=2" in s["search"] for s in narrowed["sentences"])
    code, _, err = run(capfdbinary, "today", "--pipeline", "999")
    assert code == 2 and "999" in err
