"""Figures and data as DataFrames and Parquet: the same numbers, typed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from dash_app.access.scope import Scope
from dash_app.analysis import Portal
from dash_app.cli.report import _typed_tables
from dash_app.errors import BadInput
from dash_app.exports.parquet import write_folder, write_table
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.web.discovery import discover
from tests.figures.facts_builder import Published, random_portal

WINTER = {"start": "2025-11-01", "end": "2026-03-31"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportService]:
    path = random_portal(tmp_path_factory.mktemp("analysis") / "facts.duckdb", 5)
    yield ReportService(lambda: Published(path), discover(), AnswerCache())


def test_a_report_is_its_blocks(service: ReportService) -> None:
    frames = Portal(service).report("sales-dynamics", **WINTER, compare="previous")
    query = service.parse(
        service.report("sales-dynamics"),
        {"from": ["2025-11-01"], "to": ["2026-03-31"], "compare": ["previous"]},
        interface=False,
    )
    told = service.block(service.report("sales-dynamics"), "summary", query).rows[0]
    row = frames["summary"].iloc[0]
    assert row["deals_won"] == told["deals_won"]
    assert row["deals_won_amount"] == float(round(Decimal(str(told["deals_won_amount"])), 2))
    assert frames["summary"]["deals_won"].dtype == "int64"
    assert str(frames["deals"]["created"].dtype).startswith("datetime64[us, ")
    assert len(frames["deals"]) == row["deals_created"]


def test_records_are_as_many_as_the_number(service: ReportService) -> None:
    portal = Portal(service, "en")
    won = portal.records("sales-dynamics", "summary", "deals_won", **WINTER)
    assert len(won) == portal.report("sales-dynamics", **WINTER)["summary"].iloc[0]["deals_won"]
    assert set(won["status"]) == {"Won"}


def test_facts_are_every_record_with_instants_in_utc(service: ReportService) -> None:
    deals = Portal(service).facts("deals")
    assert len(deals) == 160
    assert str(deals["created_at"].dtype) == "datetime64[us, UTC]"
    assert deals["amount"].dtype == "float64"
    assert len(Portal(service).facts("managers")) == 4
    with pytest.raises(BadInput, match="deals, leads"):
        Portal(service).facts("deals; DROP TABLE deals")


def test_facts_of_somebody_limited_are_his(service: ReportService) -> None:
    portal = Portal(service.seen_by(Scope.of({2})))
    assert set(portal.facts("deals")["manager_id"]) == {2}
    assert list(portal.facts("managers")["id"]) == [2]
    assert "Менеджер 1" not in portal.facts("managers").to_csv()


def test_parquet_holds_what_the_frames_hold(service: ReportService, tmp_path: Path) -> None:
    report = service.report("manager-effectiveness")
    query = service.parse(report, {"from": ["2025-11-01"], "to": ["2026-03-31"]}, interface=False)
    write_folder(_typed_tables(service, report, query, "ru"), tmp_path / "report")
    frames = Portal(service).report("manager-effectiveness", **WINTER)
    assert {p.stem for p in (tmp_path / "report").iterdir()} == {b.id for b in report.blocks}
    read = pq.read_table(tmp_path / "report" / "managers.parquet")
    assert str(read.schema.field("deals_won_amount").type) == "decimal128(38, 2)"
    shown: Any = read.to_pandas()["deals_won_amount"].astype(float)
    pd.testing.assert_series_equal(shown, frames["managers"]["deals_won_amount"])


def test_a_path_that_cannot_be_written_is_a_sentence(service: ReportService, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(BadInput, match="taken"):
        write_folder({}, tmp_path / "taken")
    with pytest.raises(BadInput, match=r"x\.parquet"):
        write_table(service.table("managers"), tmp_path / "taken" / "x.parquet")
    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]
