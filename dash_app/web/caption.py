"""What a sheet of paper and a picture say of the figures on them: what was asked, and of which data."""

from __future__ import annotations

from dash_app.engine.language import Report
from dash_app.engine.query import Query
from dash_app.reports.session import Session
from dash_app.text import Lang, Text
from dash_app.views import format as fmt

_COMPARED = Text("Сравнение: {base}", "Compared with: {base}")
_DATA = Text("Данные на {when}", "Data as of {when}")
_AS_IT_WAS = Text("Как было {when}", "As it was on {when}")
_DEMO = Text("Демо-портал: данные придуманы", "Demo portal: the data is made up")


def asked(reports: Session, report: Report, query: Query, lang: Lang) -> list[str]:
    """The period, what it is compared with, the filters, the rows they hide; without the lines that say nothing."""
    base, hidden = reports.base_text(query), reports.hidden(report, query)
    lines = [
        reports.period_text(query).of(lang),
        _COMPARED.of(lang).format(base=base.of(lang)) if base else "",
        "; ".join(chip.text.of(lang) for chip in reports.chips(report, query)),
        hidden.of(lang) if hidden else "",
    ]
    return [line for line in lines if line]


def moment(reports: Session, query: Query, lang: Lang) -> str:
    """The time of the data, in the portal's zone."""
    words = _AS_IT_WAS if query.as_of else _DATA
    return words.of(lang).format(when=fmt.instant(reports.moment(query), lang))


def source(reports: Session, query: Query, lang: Lang) -> list[str]:
    """The time of the data, the portal, whether it is made up."""
    state = reports.state()
    lines = [moment(reports, query, lang), state.address, _DEMO.of(lang) if state.is_demo else ""]
    return [line for line in lines if line]
