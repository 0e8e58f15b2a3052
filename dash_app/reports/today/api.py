"""What the start page says: sentences with what they open, the plan in one line, cards to call. No formats here: words with values.

``Said.words`` are templates of ``views.saying``: ``{n:deal}`` is a count with its word, ``{amount:money}`` a sum, ``{n:~one|few|many}`` a form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dash_app.text import Text

MOST_SENTENCES = 5
CARDS_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: its words, and the values that stand in them."""

    words: Text
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A figure of a report, and the records it opens. ``search``: the report's address after its ``?``, '' for the bare one; ``options``: all of
    the report's, as they are on its page.

    ``count``: how many records it opens; ``amount``: what they add up to, None where it is not said.
    """

    report: str
    search: str
    block: str
    figure: str
    row: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    count: int = 0
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """What stands out. ``money``: what is at stake, by which it was chosen; ``shown``: the sum beside it, ``estimated`` where no record holds it.

    ``distance``: how many usual spreads it lies from its usual, None where there is no usual; ``why``: the rule that chose it.
    """

    id: str
    said: Said
    opened: Opened
    money: Decimal
    shown: Decimal | None
    estimated: bool
    distance: float | None
    why: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """The plan of the running month: what the report of the plan says of all who are asked about. Sums are None where nothing is known."""

    report: str
    search: str
    name: Text
    plan: Decimal | None
    fact: Decimal
    attainment: float | None
    expected: Decimal | None
    pace: float | None
    forecast: Decimal | None
    low: Decimal | None
    high: Decimal | None
    chance: float | None
    days: float | None
    all_days: int


@dataclass(frozen=True, slots=True)
class Call:
    """A card to call. ``kind``: save | close; ``client``: contact or company where the data knows a name, else the card's title."""

    kind: str
    entity: str
    id: str
    title: str
    client: str
    url: str
    amount: Decimal | None
    expected: Decimal | None
    manager: str
    stage: str
    reason: Said


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A filter of the address in words, and the address's parameters without it."""

    text: Text
    without: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Today:
    """The start page. ``looked``: how many figures were looked at; ``blind``: why nothing is seen."""

    day: date
    moment: datetime
    filters: tuple[Narrowed, ...]
    carried: Mapping[str, list[str]]
    plan: PlanLine | None
    sentences: tuple[Sentence, ...]
    looked: int
    save: tuple[Call, ...]
    close: tuple[Call, ...]
    blind: Text | None = None
