"""Report "План-факт руководителей": what heads of departments promised for the week, what they did, and how their departments stand."""

from dash_app.engine.language import Report
from dash_app.figures import leaders_week as metrics
from dash_app.text import Text

REPORT = Report(
    slug="leaders-week",
    title=Text("План-факт руководителей", "Heads: plan and fact"),
    question=Text(
        "Что руководители обещали на неделю, что сделали и как стоят их отделы?",
        "What did heads promise for the week, what did they do, and how do their departments stand?",
    ),
    icon="people-fill",
    order=55,
    blocks=metrics.BLOCKS,
    options=metrics.OPTIONS,
    default_period="last_week",
    without_filters=("status", "stage", "source", "customer", "fields", "tag", "project"),
)
