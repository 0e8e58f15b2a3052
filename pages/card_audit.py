"""Report "Аудит карточек": what is not filled on cards, what is wrong with them, and whose they are."""

from dash_app.engine.language import Report
from dash_app.figures import card_audit as metrics
from dash_app.text import Text

REPORT = Report(
    slug="card-audit",
    title=Text("Аудит карточек", "Card audit"),
    question=Text(
        "Можно ли верить карточкам: что в них не заполнено и у кого?",
        "Can the cards be trusted: what is not filled on them, and whose are they?",
    ),
    icon="ui-checks-grid",
    order=80,
    blocks=metrics.BLOCKS,
    options=metrics.OPTIONS,
    headline="clean_share",
    counted=("audits",),
)
