"""Report "Производительность команды": tasks started and finished when they should be, by project, department, person."""

from dash_app.engine.language import Report
from dash_app.figures import team_performance as metrics
from dash_app.figures.common import GRAIN, STATE
from dash_app.text import Text

REPORT = Report(
    slug="team-performance",
    title=Text("Производительность команды", "Team performance"),
    question=Text(
        "Начинает ли команда задачи вовремя, завершает ли в срок и кто отстаёт?",
        "Does the team start and finish its tasks on time, and who does not?",
    ),
    icon="clipboard-check",
    order=50,
    blocks=metrics.BLOCKS,
    options=(GRAIN, metrics.START_WITHOUT_PLAN, metrics.DEADLINE_BASIS, metrics.SELF_TASKS, STATE),
    counted=("tasks",),
    renamed={"without_deadline": "set_without_deadline"},
)
