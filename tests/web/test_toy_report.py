"""A new report is one metrics module and one page, taken from CONTRIBUTING.md as they stand there: nothing else is touched."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

import dash_app.figures
import pages
from dash_app.cli.report import document
from dash_app.engine.language import Report
from dash_app.exports.csv import block_csv
from dash_app.exports.excel import workbook
from dash_app.reports.api import GridRequest
from dash_app.reports.documentation import metrics_markdown
from dash_app.web.discovery import discover
from tests.figures.facts_builder import Published, random_portal, service_of

ROOT = Path(__file__).parents[2]
WINTER = {"from": ["2025-11-01"], "to": ["2026-03-31"]}


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Report]:
    """The two files of the guide, put beside ours."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    metrics_code, page_code = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)[:2]
    for package, code in (("figures", metrics_code), ("pages", page_code)):
        (tmp_path / package).mkdir()
        (tmp_path / package / "big_deals.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(dash_app.figures, "__path__", [*dash_app.figures.__path__, str(tmp_path / "figures")])
    monkeypatch.setattr(pages, "__path__", [*pages.__path__, str(tmp_path / "pages")])
    yield next(r for r in discover() if r.slug == "big-deals")
    for name in ("dash_app.figures.big_deals", "pages.big_deals"):
        sys.modules.pop(name, None)


def test_two_files_give_answers_records_excel_csv_json_and_documentation(report: Report, tmp_path: Path) -> None:
    service = service_of(Published(random_portal(tmp_path / "portal.duckdb", 4)), *discover())
    query = service.parse(report, {**WINTER, "compare": ["previous"]})
    (summary,) = service.block(report, "summary", query).rows
    assert summary["big_deals"] > 0  # type: ignore[operator]
    behind = service.records(report, "summary", "big_deals", {}, query, GridRequest(0, 1000))
    assert behind.total == summary["big_deals"]
    assert behind.amount == summary["big_amount"]
    assert sum(int(r["big_deals"]) for r in service.block(report, "managers", query).rows) == summary["big_deals"]  # type: ignore[arg-type]
    assert "big_deals_base" in summary

    said = service.explain(report, "summary", "big_deals", {}, query)
    assert "миллиона" in said.sentence.ru

    printed = document(service, report, query, "ru")
    assert printed["blocks"]["summary"]["rows"][0]["big_deals"] == summary["big_deals"]

    target = io.BytesIO()
    workbook(service, report, query, "ru", target)
    sheets = openpyxl.load_workbook(io.BytesIO(target.getvalue())).sheetnames
    assert "Менеджеры" in " ".join(sheets)
    assert "Крупные сделки" in block_csv(service, report, "managers", query, "ru").decode("utf-8-sig")
    assert "amount >= 1000000" in metrics_markdown([report])
