"""Report "Анализ маркетинга": which source brings leads, deals and money, and what they cost."""

from dash_app.engine.language import PageLink, Report
from dash_app.figures import marketing as metrics
from dash_app.figures.common import GRAIN
from dash_app.text import Text

REPORT = Report(
    slug="marketing",
    title=Text("Анализ маркетинга", "Marketing"),
    question=Text(
        "Какой источник приносит деньги и сколько стоит продажа?",
        "Which source brings money, and what does a sale cost?",
    ),
    icon="megaphone",
    order=40,
    blocks=metrics.BLOCKS,
    headline="leads_created",
    options=(GRAIN, metrics.LEVEL),
    links=(PageLink("/expenses", "cash-coin", Text("Расходы", "Expenses")),),
    renamed={
        "deals_won": "created_won",
        "average_check": "created_average_check",
        "cycle_median": "created_cycle_median",
    },
)
