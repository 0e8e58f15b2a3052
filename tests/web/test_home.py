"""The start page: each question has one number, the report's own, with its trend."""

from __future__ import annotations

import json

from plotly.utils import PlotlyJSONEncoder

from dash_app.services import Services
from dash_app.views import format as fmt
from dash_app.web import home


def test_each_report_stands_for_itself_by_one_number_of_its_own(services: Services) -> None:
    for report in services.reports.reports():
        block = home.headline_block(report)
        assert block is not None and home.headline_figure(report, block) in {f.id for f in block.figures}
        query = services.reports.parse(report, {"compare": ["previous"]})
        result = services.reports.block(report, block.id, query)
        name = home.headline_figure(report, block)
        shown = fmt.with_unit(result.rows[0][name], result.column(name).unit, "ru", "RUB", short=True)
        said = json.dumps(
            home.figure(report, block, result, {}, "ru", "RUB"), cls=PlotlyJSONEncoder, ensure_ascii=False
        )
        assert json.dumps(shown, ensure_ascii=False) in said, (report.slug, said)
        assert said.count("headline-value") == 1
