"""Report "Просроченные дела": activities past their deadline, incoming ones nobody took up, cards without a next step."""

from dash_app.engine.language import Report
from dash_app.figures import overdue_activities as metrics
from dash_app.text import Text

REPORT = Report(
    slug="overdue-activities",
    title=Text("Просроченные дела", "Overdue activities"),
    question=Text(
        "Что обещали клиентам и не сделали, и у кого это лежит?",
        "What was promised to customers and not done, and with whom does it lie?",
    ),
    icon="alarm",
    order=70,
    blocks=metrics.BLOCKS,
    default_period="all",
    counted=("open_activities",),
)
