"""What the generators of one company share: clock, people, ids, rows that wait for their month."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from dash_app.demo.company import names
from dash_app.demo.company.calendar import DAY, Bools, Calendar, Floats, Ints
from dash_app.demo.company.pipelines import DELETED_SOURCE, SOURCES, StageTable, deal_stages, lead_stages
from dash_app.demo.company.structure import Staff
from dash_app.demo.company.write import NONE, Ids, Pending, Writer

SOURCE_CODES: Final = np.array([source.code or None for source in SOURCES], dtype=object)
SOURCE_QUALITY: Final = np.array([source.quality for source in SOURCES])
SOURCE_OFFICE: Final = np.array([source.office for source in SOURCES])
_UTM_SOURCES: Final = np.array([source.utm[0] if source.utm else None for source in SOURCES] + [None], dtype=object)
_UTM_MEDIUMS: Final = np.array([source.utm[1] if source.utm else None for source in SOURCES] + [None], dtype=object)
_CAMPAIGNS: Final = np.array(
    ["kompressory_brand", "stanki_poisk", "servis_rsya", "leto_sale", "nasosy_retarget", None], dtype=object
)
_CONTENTS: Final = np.array(["banner_1", "banner_2", "text_a", "text_b", None, None], dtype=object)
_TERMS: Final = np.array(["купить компрессор", "станок чпу цена", "ремонт станков", None, None, None], dtype=object)


@dataclass
class World:
    """One company being made. ``now``: the first instant without data."""

    scale: int
    writer: Writer
    rng: np.random.Generator
    calendar: Calendar
    staff: Staff
    deals: StageTable = field(default_factory=deal_stages)
    leads: StageTable = field(default_factory=lead_stages)
    ids: dict[str, Ids] = field(default_factory=dict)
    conversions: Pending = field(default_factory=lambda: Pending("time"))
    deal_history: Pending = field(default_factory=lambda: Pending("time"))
    lead_history: Pending = field(default_factory=lambda: Pending("time"))
    activities: Pending = field(default_factory=lambda: Pending("created"))
    comments: Pending = field(default_factory=lambda: Pending("time"))
    ordinal: int = 0
    """deals made so far"""
    lead_ordinal: int = 0
    month_deals: tuple[Ints, Ints] = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    """ids and moments of the deals of the month being made"""

    def __post_init__(self) -> None:
        firsts = {
            "leads": 11,
            "deals": 7,
            "contacts": 3,
            "companies": 5,
            "activities": 101,
            "tasks": 17,
            "comments": 9,
            "deal_history": 21,
            "lead_history": 21,
        }
        self.ids = {name: Ids(first) for name, first in firsts.items()}
        self.company_names = names.companies()
        self.first_names, self.last_names, self.fathers = names.people()
        self.gone_at = self.calendar.begin + 270 * DAY
        """when the deleted stage and the deleted source were deleted"""
        # the portal's limits of size: a big company has fewer activities and tasks a card
        self.density = min(1.0, 5_000_000 / max(1.0, 7.0 * self.scale))
        self.contacts_made = 0
        room = self.scale * 2 + 1000
        self.contact_ids = np.zeros(room, dtype=np.int64)
        self.contact_companies = np.zeros(room, dtype=np.int64)
        self.contact_names = np.zeros(room, dtype=np.int16)
        self.contact_titles = np.zeros(room, dtype=np.int16)

    @property
    def now(self) -> int:
        """The first instant without data, epoch seconds."""
        return self.calendar.end

    def sources(self, count: int, low: int, repeat: float) -> Ints:
        """Draw sources for cards made from ``low`` on; ``repeat`` multiplies repeat sales."""
        weights = np.array([source.weight for source in SOURCES])
        if low >= self.gone_at:
            weights[DELETED_SOURCE] = 0.0
        weights[10] *= repeat
        share = (low - self.calendar.begin) / max(1, self.now - self.calendar.begin)
        weights[3] *= 0.6 + 0.9 * share  # advertising grows, the board fades
        weights[4] *= 1.4 - 0.8 * share
        return self.rng.choice(len(SOURCES), size=count, p=weights / weights.sum()).astype(np.int64)

    def utm(self, sources: Ints) -> Ints:
        """UTM marks as a number: source * 216 + campaign * 36 + content * 6 + term, -1 = none."""
        count = len(sources)
        marks = self.rng.integers(0, 216, count)
        has = np.array([bool(source.utm) for source in SOURCES])[sources] & (self.rng.random(count) < 0.85)
        return np.where(has, sources * 216 + marks, -1)

    def horizon(self, sellers: Ints) -> tuple[Ints, Bools]:
        """The moment nothing more happens to a card, and whether it would be handed over when its seller leaves."""
        left = self.staff.left[sellers]
        handed = self.rng.random(len(sellers)) < 0.62
        return np.where((left < self.now) & ~handed, left, self.now), (left < self.now) & handed

    def hand_over(self, sellers: Ints, chosen: Bools) -> Ints:
        """Sellers after the chosen cards went to a colleague of the same group who works now."""
        found = sellers.copy()
        there = (self.staff.left > self.now) & (self.staff.hired < self.now)
        for place in np.flatnonzero(chosen):
            mates = np.flatnonzero(there & (self.staff.group == self.staff.group[sellers[place]]))
            mates = mates if len(mates) else np.flatnonzero(there)
            found[place] = mates[int(self.rng.integers(len(mates)))]
        return found


def utm_columns(marks: Ints) -> dict[str, np.ndarray]:
    """The five UTM columns of numbers made by ``World.utm``."""
    none = marks < 0
    source = np.where(none, len(SOURCES), marks // 216)
    rest = np.where(none, 0, marks % 216)
    columns = {
        "UTM_SOURCE": _UTM_SOURCES[source],
        "UTM_MEDIUM": _UTM_MEDIUMS[source],
        "UTM_CAMPAIGN": _CAMPAIGNS[rest // 36],
        "UTM_CONTENT": _CONTENTS[rest // 6 % 6],
        "UTM_TERM": _TERMS[rest % 6],
    }
    for name in ("UTM_CAMPAIGN", "UTM_CONTENT", "UTM_TERM"):
        columns[name] = np.where(none, NONE, columns[name])
    return columns


def fill(rng: np.random.Generator, values: np.ndarray, share: float | Floats) -> np.ndarray:
    """An object column filled in ``share`` of rows, NULL in the rest."""
    found = values.astype(object)
    found[rng.random(len(values)) >= share] = None
    return found


def phones(rng: np.random.Generator, count: int, share: float) -> np.ndarray:
    """Telephone numbers, NULL where there is none."""
    numbers = rng.integers(9_000_000_000, 9_999_999_999, count).tolist()
    texts = np.array([f"+7{number}" for number in numbers], dtype=object)
    return fill(rng, texts, share)


def has(values: np.ndarray) -> np.ndarray:
    """Y / N: whether a column is filled."""
    return np.where(np.not_equal(values, NONE), "Y", "N").astype(object)


def options(rng: np.random.Generator, ids: tuple[int, ...], count: int, share: float) -> np.ndarray:
    """JSON lists of one to three options, NULL where none is chosen."""
    sets = [f"[{a}]" for a in ids] + [f"[{a},{b}]" for a in ids for b in ids if a < b]
    sets += [f"[{a},{b},{c}]" for a in ids[:3] for b in ids[:4] for c in ids if a < b < c]
    return fill(rng, np.array(sets, dtype=object)[rng.integers(0, len(sets), count)], share)
