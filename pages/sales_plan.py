"""Report "План продаж": plan and fact, the forecast, what is missing, the bonus."""

from dash_app.engine.language import PageLink, Report
from dash_app.figures import sales_plan as metrics
from dash_app.figures.common import STATE
from dash_app.figures.plan_figures import THRESHOLD
from dash_app.text import Text

REPORT = Report(
    slug="sales-plan",
    title=Text("План продаж", "Sales plan"),
    question=Text("Выполним ли план, и чего не хватает?", "Will we reach the plan, and what is missing?"),
    icon="bullseye",
    order=30,
    blocks=metrics.BLOCKS,
    headline="attainment",
    options=(THRESHOLD, STATE),
    links=(
        PageLink("/plans", "pencil-square", Text("Править планы", "Edit the plans")),
        PageLink("/motivation", "award", Text("Мотивация", "Motivation")),
    ),
    renamed={"fact_now": "fact_amount"},
)
