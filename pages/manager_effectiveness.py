"""Report "Эффективность менеджеров": who works and what comes of it."""

from dash_app.engine.language import Report
from dash_app.figures import manager_effectiveness as metrics
from dash_app.figures.common import CONVERSION, STATE
from dash_app.text import Text

REPORT = Report(
    slug="manager-effectiveness",
    title=Text("Эффективность менеджеров", "Manager effectiveness"),
    question=Text("Кто работает и что из этого выходит?", "Who works, and what comes of it?"),
    icon="people",
    order=20,
    blocks=metrics.BLOCKS,
    headline="conversion_worked",
    options=(CONVERSION, STATE),
    renamed={"deals_created_won": "created_won", "activities_done": "activities_count"},
)
