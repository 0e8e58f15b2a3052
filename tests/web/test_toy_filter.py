"""A new filter is one module, taken from CONTRIBUTING.md as it stands there: nothing else is touched."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import dash_app.engine.filters as filters
from dash_app.cli.report import add_filters, params_of
from dash_app.engine.language import Report
from dash_app.errors import BadInput
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.web import ids
from dash_app.web.discovery import discover
from dash_app.web.filterbar import filter_bar
from tests.figures.facts_builder import Published, random_portal, service_of

ROOT = Path(__file__).parents[2]
WINTER = {"from": ["2025-11-01"], "to": ["2026-03-31"]}


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReportService]:
    """The file of the guide beside ours, over deals every third of which is of that type."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", guide.split("## Add a filter")[1], re.DOTALL)[0]
    (tmp_path / "deal_type.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(filters, "__path__", [*filters.__path__, str(tmp_path)])
    filters.known_filters.cache_clear()
    portal = random_portal(tmp_path / "portal.duckdb", 4)
    with duckdb.connect(str(portal)) as con:
        con.execute("UPDATE deals SET type_id = CASE WHEN id % 3 = 0 THEN 'SALE' WHEN id % 3 = 1 THEN 'SERVICES' END")
    yield service_of(Published(portal), *discover())
    sys.modules.pop("dash_app.engine.filters.deal_type", None)
    filters.known_filters.cache_clear()


def _report(slug: str) -> Report:
    return next(r for r in discover() if r.slug == slug)


def test_one_file_narrows_every_number_and_its_records(service: ReportService) -> None:
    report = _report("sales-dynamics")
    numbers = {}
    for value in (None, "SALE", "SERVICES", "none"):
        query = service.parse(report, WINTER if value is None else {**WINTER, "deal-type": [value]})
        (row,) = service.block(report, "summary", query).rows
        behind = service.records(report, "summary", "deals_created", {}, query, GridRequest(0, 1000))
        assert behind.total == row["deals_created"]
        numbers[value] = row["deals_created"]
    assert numbers["SALE"] > 0  # type: ignore[operator]
    assert numbers[None] == numbers["SALE"] + numbers["SERVICES"] + numbers["none"]  # type: ignore[operator]


def test_its_control_counts_its_chip_and_address_are_there(service: ReportService) -> None:
    report = _report("sales-dynamics")
    query = service.parse(report, {**WINTER, "deal-type": ["SALE"]})
    assert service.parse(report, {"deal-type": ["SALE"]}) == service.parse(report, {"deal-type": ["SALE", "SALE"]})
    assert "deal-type=SALE" in service.query_string(report, query)
    (chip,) = service.chips(report, query)
    assert chip.text.ru == "Тип сделки: Продажа"
    assert "deal-type" not in chip.without
    choices = {c.value: c for c in service.choices(report, "deal-type", query)}
    assert list(choices) == ["SALE", "SERVICES", "none"]
    assert choices["SALE"].count
    bar = filter_bar([], [], service.moment(query).date(), "ru")
    assert ids.filter_("deal-type") in [getattr(part, "id", None) for part in bar._traverse()]
    with pytest.raises(BadInput, match="There is no deal type “LEASE” in the portal"):
        service.parse(report, {"deal-type": ["LEASE"]})


def test_activities_are_reached_by_their_cards_and_leads_say_it_means_nothing(service: ReportService) -> None:
    managers = _report("manager-effectiveness")
    whole, narrowed = (service.parse(managers, p) for p in (WINTER, {**WINTER, "deal-type": ["SALE"]}))
    done = [
        sum(int(r["calls_out"]) for r in service.block(managers, "managers", q).rows)  # type: ignore[arg-type]
        for q in (whole, narrowed)
    ]
    assert 0 < done[1] < done[0]
    dynamics = _report("sales-dynamics")
    notes = service.block(dynamics, "lead_stages", service.parse(dynamics, {**WINTER, "deal-type": ["SALE"]})).notes
    assert "Фильтр «Тип сделки» здесь не действует на лиды." in [n.text.ru for n in notes]
    assert "deal-type" not in filters.of_report(_report("team-performance"))


def test_the_command_line_takes_it(service: ReportService) -> None:
    parser = argparse.ArgumentParser()
    add_filters(parser)
    args = parser.parse_args(["sales-dynamics", "--deal-type", "SALE"])
    assert params_of(args, _report("sales-dynamics"))["deal-type"] == ["SALE"]
