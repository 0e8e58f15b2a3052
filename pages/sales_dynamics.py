"""Report "Динамика продаж": leads and deals by stage, in work / won / lost, over time."""

from dash_app.engine.language import Report
from dash_app.figures import sales_dynamics as metrics
from dash_app.figures.common import CARDS, GRAIN, IN_WORK_ONLY, STATE, STUCK_DAYS
from dash_app.text import Text

REPORT = Report(
    slug="sales-dynamics",
    title=Text("Динамика продаж", "Sales dynamics"),
    question=Text(
        "Сколько пришло, сколько в работе, сколько выиграно и где теряем?",
        "What came in, what is in work, what was won, and where do we lose?",
    ),
    icon="graph-up-arrow",
    order=10,
    blocks=metrics.BLOCKS,
    options=(GRAIN, metrics.COURSE, CARDS, IN_WORK_ONLY, STUCK_DAYS, STATE),
    renamed={"deals_created_won": "created_won"},
)
