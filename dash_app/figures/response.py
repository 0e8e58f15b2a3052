"""The first response: working minutes a new card waits for a call, an e-mail or a message (metrics.md section 2).

Leads, and deals that came without one. A card its own manager made has nobody waiting and is left out of every figure.
"""

from __future__ import annotations

from dash_app.engine.language import LeftOut, Measure, Ratio, Unit
from dash_app.figures.common import CREATED
from dash_app.text import Text

CAME = f"{CREATED} AND NOT self_made"
ANSWERED = f"{CAME} AND answered_at IS NOT NULL"
SOON_MINUTES = 15

_WAIT = Text(
    "Рабочие минуты от создания лида (или сделки без лида) до первого разговора от 10 секунд, письма или сообщения клиенту. "
    "Ночи и выходные не считаются. Карточки, которые менеджер завёл сам, и карточки без ответа не участвуют.",
    "Working minutes from the creation of a lead (or of a deal without one) to the first talk of 10 seconds, e-mail or message to the customer. "
    "Nights and days off do not count. Cards the manager made himself and unanswered cards are left out.",
)

FIRST_RESPONSE_MEDIAN = Measure(
    "first_response_median",
    "responses",
    ANSWERED,
    Text("Первый ответ, медиана", "First response, median"),
    _WAIT,
    agg="median",
    of="response_minutes",
    unit=Unit.MINUTES,
    moment="created",
    says="cohort",
    good=-1,
)
FIRST_RESPONSE_P90 = Measure(
    "first_response_p90",
    "responses",
    ANSWERED,
    Text("Первый ответ, 9 из 10 быстрее", "First response, p90"),
    _WAIT,
    agg="p90",
    of="response_minutes",
    unit=Unit.MINUTES,
    moment="created",
    says="cohort",
    good=-1,
)
ANSWERED_SOON = Measure(
    "answered_soon",
    "responses",
    f"{CAME} AND response_minutes <= {SOON_MINUTES}",
    Text("Ответили за 15 минут", "Answered within 15 minutes"),
    Text(
        "Карточки периода, на которые ответили за 15 рабочих минут.",
        "Cards of the period answered within 15 working minutes.",
    ),
    moment="created",
    says="cohort",
    good=1,
)
CAME_IN = Measure(
    "cards_came",
    "responses",
    CAME,
    Text("Новые обращения", "New cards"),
    Text(
        "Лиды и сделки без лида, созданные в периоде не самим менеджером.",
        "Leads and deals without one, created in the period by somebody else than their manager.",
    ),
    moment="created",
    says="cohort",
)
WITHIN_15M = Ratio(
    "within_15m",
    ANSWERED_SOON,
    CAME_IN,
    Text("Ответ за 15 минут", "Answered within 15 min"),
    Text(
        "Ответили за 15 рабочих минут / все новые обращения периода, вместе с теми, на которые не ответили.",
        "Answered within 15 working minutes / all new cards of the period, the unanswered included.",
    ),
)
NO_RESPONSE = Measure(
    "no_response",
    "responses",
    f"{CAME} AND answered_at IS NULL",
    Text("Без ответа", "No response"),
    Text(
        "Новые обращения периода, на которые не ответили до сих пор.",
        "New cards of the period nobody has answered yet.",
    ),
    moment="created",
    says="cohort",
    good=-1,
)
SELF_MADE = LeftOut(
    Measure(
        "cards_self_made",
        "responses",
        f"{CREATED} AND self_made",
        Text("Завели сами", "Self-made cards"),
        Text("Карточки периода, которые менеджер завёл сам.", "Cards of the period made by their own manager."),
        moment="created",
    ),
    Text(
        "Карточек, которые менеджеры завели сами: {n}. В первом ответе не участвуют.",
        "Cards made by their own managers: {n}. Not in the first response.",
    ),
)

RESPONSE = (FIRST_RESPONSE_MEDIAN, FIRST_RESPONSE_P90, WITHIN_15M, NO_RESPONSE)
"""All four, in the order shown."""
