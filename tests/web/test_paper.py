"""A report on paper: the numbers of the page, nothing of the portal as markup, whole tables, counted lists; and its PDF."""

from __future__ import annotations

import argparse
import json
import re
import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dash_app.cli.report import add_report
from dash_app.engine.query import Query
from dash_app.exports import printing
from dash_app.reports.service import ReportService
from dash_app.web import ids, paper
from dash_app.web.frame import report_actions
from dash_app.web.report_files import REPORT_FILES
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Facts, Published, service_of
from tests.views.conftest import PARAMS, query, service  # noqa: F401  fixtures
from tests.web.conftest import Call
from tests.web.test_export import downloaded, pressed


class Read(HTMLParser):
    """What a person reads, tag by tag; scripts apart."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.figures: list[dict[str, object]] = []
        self.pictures: list[str | None] = []
        self._script = False
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.pictures += [value for name, value in attrs if name == "src" and tag == "img"]
        self._script = tag in ("script", "style")
        self._json = ("type", "application/json") in attrs

    def handle_endtag(self, tag: str) -> None:
        self._script = self._script and tag not in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._script:
            self.words.append(data)
        elif self._json:
            self.figures.append(json.loads(data))


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_paper_holds_the_numbers_of_the_page(service: ReportService, query: Query, lang: str) -> None:  # noqa: F811
    read = Read(paper.document(service, REPORT, query, lang))  # type: ignore[arg-type]
    words = " ".join(" ".join(read.words).split())
    for block in REPORT.blocks:
        assert block.title.of(lang) in words  # type: ignore[arg-type]
    won = service.block(REPORT, "summary", query).rows[0]["deals_won"]
    assert re.search(rf"(^|\s){won}(\s|$)", words)
    deals = service.records(REPORT, "deals", "", {}, query, paper.GridRequest(0, 1)).total
    assert deals > paper.LIST_ROWS
    rest = {"ru": f"Ещё {deals - paper.LIST_ROWS} – в Excel.", "en": f"{deals - paper.LIST_ROWS} more are in Excel."}
    assert rest[lang] in words
    assert len(read.figures) >= 3 and all(figure["data"] for figure in read.figures)


def test_every_row_of_a_table_is_on_paper(service: ReportService) -> None:  # noqa: F811
    asked = service.parse(REPORT, {**PARAMS, "cards": ["open"]})
    rows = service.block(REPORT, "deal_stages", asked).rows
    section = paper.document(service, REPORT, asked, "ru").split("<h2>Сделки по стадиям</h2>")[1].split("</section>")[0]
    assert section.count('scope="row"') == len(rows) + 1  # and the total


def test_no_text_of_the_portal_becomes_markup(tmp_path: Path) -> None:
    facts = Facts(tmp_path / "nasty.duckdb")
    facts.manager(1, "<b>М</b>")
    for number, title in enumerate(("<script>alert(1)</script>", '"><img src=x>', "</script>&amp;"), 1):
        facts.card("deals", number, "2026-02-01 10:00", pipeline=1, manager=1, amount="5", title=title)
    nasty = service_of(Published(facts.done()), REPORT)
    read = Read(paper.document(nasty, REPORT, nasty.parse(REPORT, PARAMS), "ru"))
    assert "b" not in read.tags
    assert all(str(source).startswith("data:image/svg+xml") for source in read.pictures)
    assert "<script>alert(1)</script>" in read.words
    assert read.tags.count("script") == 3 + len(read.figures)


def test_a_margin_holds_any_text() -> None:
    assert paper._css('a"b\\c}\n·') == '"a\\000022b\\00005cc\\00007d\\00000a\\0000b7"'


def test_without_a_browser_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(printing.NotPrinted) as refused:
        printing.pdf("<p>1</p>")
    assert "Ctrl+P" in refused.value.text.ru and "Ctrl+P" in refused.value.text.en


@pytest.mark.parametrize("script", ["exit 3", "exit 0", "sleep 9"])
def test_a_browser_that_prints_nothing_is_a_sentence(
    script: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "browser"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(printing, "PATIENCE", 0.5)
    with pytest.raises(printing.NotPrinted, match="PDF"):
        printing.pdf("<p>1</p>", str(program))


def test_the_button_gives_a_pdf_of_a4_sheets(call: Call) -> None:
    inputs, changed = pressed(
        ids.report_export(REPORT.slug, "pdf"), '{"format":["ALL"],"report":["ALL"],"type":"report-export"}.n_clicks'
    )
    answer = call(
        f"{ids.DOWNLOAD}.data", {**inputs, f"{ids.QUERY}.data": "?from=2026-01-01&to=2026-03-31"}, changed=changed
    )
    name, content = downloaded(answer)
    assert name == "Динамика продаж, I квартал 2026.pdf"
    assert content.startswith(b"%PDF-")
    pages = re.findall(rb"/MediaBox \[0 0 (\d+)[\d.]* (\d+)", content)
    assert set(pages) == {(b"841", b"594")}


def test_every_format_of_a_report_has_its_button_and_its_place_on_the_command_line() -> None:
    parser = argparse.ArgumentParser()
    add_report(parser)
    [formats] = [a.choices for a in parser._actions if a.dest == "format"]
    buttons = [b.id["format"] for b in report_actions(REPORT, "ru") if isinstance(getattr(b, "id", None), dict)]
    assert buttons == list(REPORT_FILES)
    assert set(REPORT_FILES) < set(formats or ())
