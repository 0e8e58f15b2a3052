"""The start page: what stands out of the ordinary, how the plan stands, whom to call. All of it is figures of reports, asked as the reports ask them.

``candidates`` says what may be said, ``finding`` looks at it, ``choosing`` decides; ``plan_line`` and ``calls`` are the rest of the page.
"""

from __future__ import annotations

from dash_app.engine.parsing import Params
from dash_app.reports.service import ReportService
from dash_app.reports.today.api import Today
from dash_app.reports.today.calls import calls
from dash_app.reports.today.candidates import CANDIDATES
from dash_app.reports.today.choosing import choose
from dash_app.reports.today.desk import Desk
from dash_app.reports.today.finding import Finder
from dash_app.reports.today.plan_line import plan_line
from dash_app.text import Lang


def today(service: ReportService, params: Params, lang: Lang) -> Today:
    """The page under the filters of an address that go along to every report. BadInput for a filter that is none."""
    desk = Desk(service.at_once(), params, lang)
    finder = Finder(desk)
    findings = [finding for candidate in CANDIDATES for finding in finder.find(candidate)]
    save, close = calls(desk)
    return Today(
        desk.today,
        desk.service.moment(desk.query),
        desk.narrowed(),
        desk.carried,
        plan_line(desk),
        choose(findings),
        finder.looked,
        save,
        close,
        service.blind,
    )
