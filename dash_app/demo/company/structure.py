"""People and departments: who sells what, since when and how well."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dash_app.demo.company.calendar import DAY, Bools, Calendar, Floats, Ints
from dash_app.demo.company.names import person
from dash_app.demo.company.pipelines import PIPELINES
from dash_app.demo.company.write import Writer

_PEOPLE: Final = 30
_SCALE: Final = 12_000
ADMIN: Final = 1
UNKNOWN_PERSON: Final = 100_007
"""An integrator's account: cards name it, ``user.get`` never returns it."""

_GROUPS: Final = (
    ("retail", "Группа продаж «Центр»"),
    ("key", "Ключевые клиенты"),
    ("service", "Сервис и запчасти"),
    ("retail", "Группа продаж «Урал»"),
    ("retail", "Группа продаж «Юг»"),
    ("retail", "Группа продаж «Сибирь»"),
    ("key", "Тендерный отдел"),
    ("retail", "Группа продаж «Северо-Запад»"),
    ("service", "Сервис: регионы"),
)
_SELLS: Final = {"retail": (1.0, 0.03, 0.35), "key": (0.15, 1.0, 0.1), "service": (0.06, 0.0, 1.0)}
"""How much of each of the first three pipelines a group takes."""


@dataclass
class Staff:
    """People who sell, as arrays over sellers, and ids of everybody.

    skill: shift of the chance to win (about -0.7..0.7); diligence 0..1: does what is due, answers soon;
    speed: multiplier of stays; eagerness: how many cards one takes; hired, left: instants ([hired, left));
    takes: sellers x pipelines.
    """

    ids: Ints
    group: Ints
    skill: Floats
    diligence: Floats
    speed: Floats
    eagerness: Floats
    hired: Ints
    left: Ints
    takes: Floats
    office: Ints
    """ids of people who do not sell"""
    heads: dict[int, int]
    """group number -> user id of its head"""
    rows: list[dict[str, Any]]
    departments: list[dict[str, Any]]

    def chances(self, low: int, high: int) -> Floats:
        """Sellers x pipelines: chance to get a card made in [low, high)."""
        there = (self.hired <= low) & (self.left >= high)
        if not there.any():
            there = self.left > low
        weights = self.takes * (self.eagerness * there)[:, None]
        total = weights.sum(axis=0)
        weights = np.where(total > 0, weights, (there * 1.0)[:, None])
        return np.asarray(weights / weights.sum(axis=0))

    def draw(self, rng: np.random.Generator, low: int, high: int, pipelines: Ints) -> Ints:
        """A seller (index) for each card of a pipeline number."""
        edges = np.cumsum(self.chances(low, high), axis=0)
        where = rng.random(len(pipelines))
        found = np.empty(len(pipelines), dtype=np.int64)
        for number in np.unique(pipelines):
            mine = pipelines == number
            found[mine] = np.searchsorted(edges[:, number], where[mine], side="right")
        return found.clip(0, len(self.ids) - 1)

    def is_there(self, sellers: Ints, moment: int) -> Bools:
        """Whether they work at an instant."""
        return np.asarray((self.hired[sellers] <= moment) & (self.left[sellers] > moment))


def people_count(scale: int) -> int:
    """How many people a company of ``scale`` deals has: 30 at 12 000, about 300 at 1 000 000, never under 18."""
    return max(18, min(320, round(_PEOPLE * (max(scale, 1) / _SCALE) ** 0.52)))


def _distinct(rng: np.random.Generator, total: int) -> list[int]:
    """Numbers of people no two of whom share name and surname."""
    seen: dict[tuple[str, str], int] = {}
    for number in rng.permutation(4000):
        name, surname, _, _ = person(int(number))
        seen.setdefault((name, surname), int(number))
        if len(seen) == total:
            break
    return list(seen.values())


def make_staff(rng: np.random.Generator, scale: int, calendar: Calendar) -> Staff:
    """Draw the company's people and its tree of departments."""
    total = people_count(scale)
    office_count = max(8, round(total * 0.27))
    sellers = total - office_count
    groups = max(4, round(sellers / 6))
    names = [
        _GROUPS[number]
        if number < len(_GROUPS)
        else (_GROUPS[number % 9][0], f"{_GROUPS[number % 9][1]} {number // 9 + 1}")
        for number in range(groups)
    ]

    # 1 the company, 3 commerce, 5 marketing, 7 production with a workshop, 9 the office; groups from 21 on
    departments: list[dict[str, Any]] = [
        {"ID": 1, "NAME": "ТехноПром", "SORT": 500, "PARENT": None, "UF_HEAD": 1},
        {"ID": 3, "NAME": "Коммерческий департамент", "SORT": 100, "PARENT": 1},
        *(
            {"ID": 21 + 2 * number, "NAME": name, "SORT": 100 + 10 * number, "PARENT": 3}
            for number, (_, name) in enumerate(names)
        ),
        {"ID": 5, "NAME": "Маркетинг", "SORT": 200, "PARENT": 1},
        {"ID": 7, "NAME": "Производство и логистика", "SORT": 300, "PARENT": 1},
        {"ID": 11, "NAME": "Склад и доставка", "SORT": 310, "PARENT": 7},
        {"ID": 9, "NAME": "Финансы и администрация", "SORT": 400, "PARENT": 1},
    ]

    step = 1 + (rng.random(total) < 0.25) * rng.integers(1, 4, total)
    step[0] = 1
    ids = np.cumsum(step)
    people = _distinct(rng, total)
    rows: list[dict[str, Any]] = []

    posts = [
        (1, "Генеральный директор"),
        (3, "Коммерческий директор"),
        (5, "Руководитель маркетинга"),
        (7, "Директор по производству"),
        (9, "Главный бухгалтер"),
        (5, "Маркетолог"),
        (11, "Логист"),
        (7, "Инженер"),
    ]
    for place in range(office_count):
        department, post = posts[place] if place < len(posts) else (posts[5 + place % 3])
        rows.append({"ID": int(ids[place]), "UF_DEPARTMENT": [department], "WORK_POSITION": post, "group": -1})
    heads_of = {1: 0, 3: 1, 5: 2, 7: 3, 9: 4, 11: 6}
    for entry in departments:
        if entry["ID"] in heads_of:
            entry["UF_HEAD"] = rows[heads_of[entry["ID"]]]["ID"]

    group = np.arange(sellers) % groups
    heads: dict[int, int] = {}
    by_id = {entry["ID"]: entry for entry in departments}
    for place in range(sellers):
        number = int(group[place])
        user = int(ids[office_count + place])
        if number not in heads:
            heads[number] = user
            by_id[21 + 2 * number]["UF_HEAD"] = user
        post = (
            "Руководитель группы"
            if heads[number] == user
            else ("Менеджер по продажам" if place % 3 else "Старший менеджер")
        )
        rows.append({"ID": user, "UF_DEPARTMENT": [21 + 2 * number], "WORK_POSITION": post, "group": number})

    skill = rng.normal(0, 0.26, sellers).clip(-0.55, 0.55)
    diligence = rng.beta(3.2, 1.6, sellers).clip(0.15, 0.98)
    hired = np.full(sellers, calendar.begin - 400 * DAY)
    left = np.full(sellers, calendar.end + 4000 * DAY)
    span = calendar.end - calendar.begin
    plain = np.arange(groups, sellers)  # heads stay
    late = plain[::4]
    hired[late] = calendar.begin + (rng.uniform(0.1, 0.8, len(late)) * span).astype(np.int64)
    gone = plain[2::5] if len(plain) > 4 else plain[:1]
    gone = np.setdiff1d(gone, late)[: max(2, sellers // 9)]
    left[gone] = calendar.begin + (rng.uniform(0.45, 0.92, len(gone)) * span).astype(np.int64)
    left = (left + 10_800) // DAY * DAY - 10_800
    hired = (hired + 10_800) // DAY * DAY - 10_800
    # a star and somebody who forgets everything, so that the difference is seen in every draw
    skill[plain[1 % len(plain)]], diligence[plain[1 % len(plain)]] = 0.6, 0.95
    skill[plain[-1]], diligence[plain[-1]] = -0.5, 0.22

    for place in gone:  # dismissed: some lose their department, some keep it
        row = rows[office_count + place]
        row["ACTIVE"] = "N"
        if place == gone[-1]:
            row["UF_DEPARTMENT"] = []
    stay = [int(place) for place in plain if left[place] > calendar.end]
    if len(stay) >= 3:
        twice = rows[office_count + stay[0]]
        twice["UF_DEPARTMENT"] = [*twice["UF_DEPARTMENT"], 21 + 2 * ((int(group[stay[0]]) + 1) % groups)]
        rows[office_count + stay[1]]["UF_DEPARTMENT"] = []
        rows[office_count + stay[2]]["TIME_ZONE"] = "Asia/Yekaterinburg"

    for row, number in zip(rows, people, strict=True):
        row["NAME"], row["LAST_NAME"], row["SECOND_NAME"], woman = person(int(number))
        row["PERSONAL_GENDER"] = "F" if woman else "M"
        row["EMAIL"] = f"user{row['ID']}@technoprom.example"
        row.setdefault("ACTIVE", "Y")
        row.setdefault("TIME_ZONE", "Europe/Moscow" if row["ID"] % 3 else None)
        place = rows.index(row) - office_count
        since = int(hired[place]) if place >= 0 else calendar.begin - 900 * DAY
        row["DATE_REGISTER"] = since
        row["UF_EMPLOYMENT_DATE"] = None if row["ID"] % 4 == 0 else str(calendar.day_texts(np.array([since]))[0])
        last = int(left[place]) if place >= 0 and row["ACTIVE"] == "N" else calendar.end
        row["LAST_LOGIN"] = last - int(rng.integers(3600, 3 * DAY))
        row["IS_ADMIN"] = "Y" if row["ID"] == ADMIN else "N"
    takes = np.array([_SELLS[names[int(number)][0]] for number in group])
    production = takes[:, :1] * 0.5 + takes[:, 2:] * 0.5
    return Staff(
        ids=ids[office_count:],
        group=group,
        skill=skill,
        diligence=diligence,
        speed=rng.lognormal(0, 0.22, sellers),
        eagerness=rng.lognormal(0, 0.3, sellers) * np.where(np.arange(sellers) < groups, 0.55, 1.0),
        hired=hired,
        left=left,
        takes=np.hstack([takes, production])[:, : len(PIPELINES)],
        office=ids[:office_count],
        heads=heads,
        rows=rows,
        departments=departments,
    )


def write_staff(writer: Writer, staff: Staff) -> None:
    """Write users and departments."""
    for row in sorted(staff.rows, key=lambda row: int(row["ID"])):
        stored = {name: value for name, value in row.items() if name != "group"}
        stored["UF_DEPARTMENT"] = json.dumps(stored["UF_DEPARTMENT"])
        writer.insert("users", 1, {name: [value] for name, value in stored.items()})
    for department in staff.departments:
        writer.insert("departments", 1, {name: [value] for name, value in department.items()})
