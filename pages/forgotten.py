"""Report "Незабудка": open cards nobody has touched for too long, and what that may cost."""

from dash_app.engine.language import Report
from dash_app.figures import forgotten as metrics
from dash_app.text import Text

REPORT = Report(
    slug="forgotten",
    title=Text("Незабудка", "Forget-me-not"),
    question=Text(
        "О каких клиентах забыли и во что это может обойтись?", "Which customers are forgotten, and what may it cost?"
    ),
    icon="flower1",
    order=60,
    blocks=metrics.BLOCKS,
    headline="at_risk",
    without_filters=("status",),
    options=metrics.OPTIONS,
    default_period="all",
    as_declared=True,
)
