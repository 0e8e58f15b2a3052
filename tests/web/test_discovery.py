"""A report is added by one metrics module and one page; nothing else is edited."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dash_app.app import create_app
from dash_app.reports.api import GridRequest
from dash_app.web.discovery import discover, discover_folder, in_order
from tests.fakes import fake_services
from tests.web.conftest import caller

METRICS = """
from dash_app.engine.blocks import Cards
from dash_app.engine.language import Measure
from dash_app.text import Text

BIG = Measure("big", "deals", "amount > 300 AND created_at >= $start AND created_at < $end", Text("Крупные", "Big"), Text("Дороже 300.", "Over 300."), moment="created")
BLOCKS = (Cards("summary", Text("Главное", "Summary"), Text("Крупные сделки.", "Big deals."), figures=(BIG,)),)
"""
PAGE = """
from dash_app.engine.language import Report
from dash_app.text import Text
import toy_metrics

REPORT = Report("big-deals", Text("Крупные сделки", "Big deals"), Text("Сколько крупных?", "How many are big?"), "gem", 900, toy_metrics.BLOCKS)
"""


def test_a_toy_report_is_found_shown_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (tmp_path / "toy_metrics.py").write_text(METRICS)
    (pages / "toy.py").write_text(PAGE)
    monkeypatch.syspath_prepend(str(tmp_path))
    services = fake_services(tmp_path, reports=[*discover(), *discover_folder(pages)])
    app = create_app(services.settings, services)
    client = app.server.test_client()
    assert "big-deals" in client.get("/_dash-layout").get_data(as_text=True)
    page = json.dumps(caller(app, client)("page.children", {"url.pathname": "/big-deals"}), ensure_ascii=False)
    assert "Сколько крупных?" in page and "summary" in page
    report = services.reports.report("big-deals")
    query = services.reports.parse(report, {"period": ["this_year"]})
    [row] = services.reports.block(report, "summary", query).rows
    everything = services.reports.records(report, "summary", "big", {}, query, GridRequest())
    assert row["big"] == everything.total > 0


def test_two_reports_cannot_share_an_address() -> None:
    [first, *_] = discover()
    with pytest.raises(ValueError, match="share a slug"):
        in_order([first, first])


def test_a_page_without_a_report_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("X = 1\n")
    with pytest.raises(TypeError, match="does not export REPORT"):
        discover_folder(tmp_path)
