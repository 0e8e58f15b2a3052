"""A whole report as a file: the formats there are. The buttons of a report, their downloads and ``report --format`` follow from this list.

What makes a file is imported when it is made: the command line starts without it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from dash_app.engine.language import Report
from dash_app.engine.query import Query
from dash_app.reports.session import Session
from dash_app.settings import Settings
from dash_app.text import Lang, Text


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A format. ``id``: on the command line, in ids of buttons and as the suffix; ``name``, ``title``, ``icon``: of the button (bootstrap-icons);
    ``mime``: its media type; ``about``: a line of the command's help; ``made``: its content, UserError where it cannot be made."""

    id: str
    name: Text
    title: Text
    icon: str
    mime: str
    about: str
    made: Callable[[Session, Report, Query, Lang, Settings], bytes]


def _xlsx(reports: Session, report: Report, query: Query, lang: Lang, settings: Settings) -> bytes:
    from dash_app.exports.excel import workbook

    buffer = io.BytesIO()
    workbook(reports, report, query, lang, buffer)
    return buffer.getvalue()


def _pdf(reports: Session, report: Report, query: Query, lang: Lang, settings: Settings) -> bytes:
    from dash_app.exports.printing import pdf
    from dash_app.web import paper

    return pdf(paper.document(reports, report, query, lang), settings.pdf_browser)


REPORT_FILES: dict[str, ReportFile] = {
    file.id: file
    for file in (
        ReportFile(
            "pdf",
            Text("PDF", "PDF"),
            Text("Весь отчёт в PDF, лист А4", "The whole report as a PDF, A4"),
            "file-earmark-pdf",
            "application/pdf",
            "for paper, A4, needs Chromium",
            _pdf,
        ),
        ReportFile(
            "xlsx",
            Text("Excel", "Excel"),
            Text("Весь отчёт в Excel", "The whole report as Excel"),
            "file-earmark-spreadsheet",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "for people",
            _xlsx,
        ),
    )
}
"""By id, in the order of the buttons."""
