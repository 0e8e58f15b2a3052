"""What the start page may say, as data: which figure of which report, what is usual for it, which side is bad, how it reads.

Four shapes. A ``Pile`` is what should not be there, counted as of as-of. A ``Run`` counts events of the last finished days and knows the same days of
the weeks before. A ``Share`` is of the last finished days and knows the equal stretches before. A ``ToDate`` is a sum of the month so far and knows
the same days of the months before. No history is replayed: all of it is what the present facts say of earlier days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dash_app.text import Text

LEAST_RECORDS = 10
"""A share or a comparison that rests on fewer is not said."""
FAR = 1.64
"""So many usual spreads from its usual is out of the ordinary: nine values in ten lie within, the share of ``Ratio``'s interval."""

Worth = Literal["chance", "risk", "coming"]
"""What money a pile stands for: its amount × the share usually won, an amount at risk already weighed so, or what a newcomer usually brings."""


@dataclass(frozen=True, slots=True)
class Pile:
    """Records that should not be. ``of_all``: (figure of all that stand in the same row, the part of them that is usual)."""

    id: str
    report: str
    block: str
    count: str
    says: Text
    money: str = ""  # figure of the sum behind it; '' where records hold none
    worth: Worth = "chance"
    risk: str = ""  # figure of the sum already weighed by chance
    params: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of_all: tuple[str, float] | None = None
    norms: tuple[str, str, str] | None = (
        None  # (report, block, figure) with the norm in days of the same row: without one nothing is said
    )
    usual: Text | None = None
    weeks: tuple[str, str] | None = None  # (report, block) whose rows say how many there were in the weeks before
    most: int = 1
    """How many rows of it may be said."""


@dataclass(frozen=True, slots=True)
class Run:
    """Events of the last ``days`` finished days; fewer than usual is bad. ``source``: counted by source, each may be said."""

    id: str
    report: str
    figure: str
    days: int
    says: Text
    opens: str  # the block that opens the number
    by_source: bool = False
    weeks: int = 8
    least: int = 4  # so many earlier values make a usual one


@dataclass(frozen=True, slots=True)
class Share:
    """A ratio of events of the last ``days`` finished days; lower than usual is bad."""

    id: str
    report: str
    figure: str
    num: str
    den: tuple[str, ...]
    says: Text
    opens: str
    people: tuple[str, str] = ("", "")  # (report, block) that knows it by person
    by_person: Text | None = None
    days: int = 28
    stretches: int = 6
    least: int = 3


@dataclass(frozen=True, slots=True)
class ToDate:
    """A sum of the month up to the last finished day; less than usual is bad."""

    id: str
    report: str
    figure: str
    count: str
    says: Text
    opens: str
    months: int = 6
    least: int = 2


Candidate = Pile | Run | Share | ToDate

EVENTS = ("sales-dynamics", "dynamics")
"""The series that knows what happened on each day."""
COMING: Mapping[str, Text] = {
    "leads_created": Text("новый лид", "a new lead"),
    "deals_created": Text("новую сделку", "a new deal"),
}
"""What newcomers are called, those that come first first: figures of ``EVENTS``."""
BY_SOURCE = ("marketing", "dynamics")
"""The series that knows it by source."""
OVERDUE_WEEKS = ("overdue-activities", "weeks")
"""The block that knows what was overdue in the weeks before."""
LEAST_WEEKS = 4
"""So many earlier weeks make a usual one."""

USUAL_IN_STAGE = Text(
    "Из {all:number} на этой стадии дольше нормы стоит {share:ratio}; среди выигранных так долго стояла одна из десяти.",
    "Of {all:number} in this stage {share:ratio} are over the norm; of won deals one in ten stood there so long.",
)

CANDIDATES: tuple[Candidate, ...] = (
    Pile(
        "stuck",
        "sales-dynamics",
        "deal_stages",
        "over",
        Text(
            "{n:deal} {n:~стоит|стоят|стоят} на стадии «{stage}» дольше {norm:number} {norm:~дня|дней|дней}",
            "{n:deal} {n:~has|have} stood at “{stage}” for over {norm:day}",
        ),
        money="over_amount",
        of_all=("count", 0.1),
        norms=("forgotten", "suggestions", "suggested_days"),
        usual=USUAL_IN_STAGE,
        most=2,
    ),
    Pile(
        "incoming",
        "overdue-activities",
        "summary",
        "incoming_over_day",
        Text(
            "{n:number} {n:~входящее ждёт|входящих ждут|входящих ждут} больше суток",
            "{n:number} incoming {n:~contact has|contacts have} waited for over a day",
        ),
        worth="coming",
        weeks=OVERDUE_WEEKS,
    ),
    Pile(
        "overdue",
        "overdue-activities",
        "summary",
        "overdue_deals",
        Text(
            "По {n:number} {n:~сделке|сделкам|сделкам} просрочены дела",
            "{n:deal} {n:~has|have} overdue activities",
        ),
        money="overdue_deals_amount",
        weeks=OVERDUE_WEEKS,
    ),
    Pile(
        "forgotten",
        "forgotten",
        "summary",
        "deals_forgotten",
        Text(
            "{n:deal} {n:~лежит|лежат|лежат} без касаний дольше своего срока",
            "{n:deal} {n:~lies|lie} untouched for longer than {n:~its|their} term",
        ),
        money="deals_forgotten_amount",
        worth="risk",
        risk="at_risk",
    ),
    Pile(
        "late_close",
        "overdue-activities",
        "summary",
        "close_date_passed",
        Text(
            "У {n:number} {n:~сделки|сделок|сделок} в работе плановая дата закрытия уже прошла",
            "The planned close of {n:deal} in work has passed",
        ),
        money="close_date_passed_amount",
        weeks=OVERDUE_WEEKS,
    ),
    Run(
        "leads_of_day",
        "sales-dynamics",
        "leads_created",
        1,
        Text(
            "{day:weekday} {n:~создан|создано|создано} {n:lead}, обычно {weekdays} – {usual:number}",
            "{n:lead} {n:~was|were} created on {day:weekday}; {usual:number} is usual {weekdays}",
        ),
        "summary",
    ),
    Run(
        "deals_of_day",
        "sales-dynamics",
        "deals_created",
        1,
        Text(
            "{day:weekday} {n:~создана|создано|создано} {n:deal}, обычно {weekdays} – {usual:number}",
            "{n:deal} {n:~was|were} created on {day:weekday}; {usual:number} is usual {weekdays}",
        ),
        "summary",
    ),
    Run(
        "leads_of_source",
        "marketing",
        "leads_created",
        7,
        Text(
            "Источник «{source}» дал за {days:day} {n:lead} вместо обычных {usual:number}",
            "The source “{source}” gave {n:lead} in {days:day} instead of the usual {usual:number}",
        ),
        "sources",
        by_source=True,
    ),
    Run(
        "deals_of_source",
        "marketing",
        "deals_created",
        7,
        Text(
            "Источник «{source}» дал за {days:day} {n:deal} вместо обычных {usual:number}",
            "The source “{source}” gave {n:deal} in {days:day} instead of the usual {usual:number}",
        ),
        "sources",
        by_source=True,
    ),
    Share(
        "win_rate",
        "sales-dynamics",
        "win_rate",
        "deals_won",
        ("deals_won", "deals_lost"),
        Text(
            "За {days:day} выиграно {won:number} из {closed:number} закрытых сделок, {share:ratio}: ниже обычного на {gap:points}",
            "{won:number} of {closed:number} deals closed in {days:day} were won, {share:ratio}: {gap:points} below the usual",
        ),
        "summary",
        people=("manager-effectiveness", "managers"),
        by_person=Text(
            "{said}; больше всего теряет {manager} – {won:number} из {closed:number}",
            "{said}; {manager} loses most, {won:number} of {closed:number}",
        ),
    ),
    ToDate(
        "won_to_date",
        "sales-dynamics",
        "deals_won_amount",
        "deals_won",
        Text(
            "За {period:days} выиграно {amount:money}, обычно к этому дню – {usual:money}",
            "{amount:money} was won in {period:days}; by this day {usual:money} is usual",
        ),
        "summary",
    ),
)
"""Everything that may be said. Which of it is, ``choosing`` decides."""

ALIKE: Mapping[str, str] = {
    "leads_of_day": "new",
    "deals_of_day": "new",
    "leads_of_source": "source",
    "deals_of_source": "source",
}
"""Candidates that say nearly the same: of each kind one is said."""
