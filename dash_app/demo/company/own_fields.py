"""Own fields of every other type, so that people see each: files, people, links, addresses, money and dates of several values.

Values come of the cards' ids alone: they leave the company's stream of chances as it is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dash_app.demo.company.calendar import DAY, Calendar, Ints
from dash_app.demo.company.pipelines import INDUSTRIES

_STREETS = ("Гранатный пер., 10", "ул. Ленина, 4", "Невский пр., 28", "Московское ш., 15к2", "ул. Мира, 1, стр. 3")
_PLACES = ("|55.76;37.59|571", "|;|575", "")
_MONEY = ("250000|RUB", "1200|USD", "90000.50|RUB", "0|RUB", "800|EUR")


def _strings(texts: list[str | None]) -> np.ndarray:
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    return found


def _listed(values: list[str]) -> str:
    return "[" + ",".join(values) + "]"


def _quoted(values: list[str]) -> str:
    return _listed([f'"{value}"' for value in values])


def of_deals(
    calendar: Calendar, ids: Ints, begun: Ints, people: Ints, contact: Ints, company: Ints, lead: Ints
) -> dict[str, np.ndarray]:
    """Label (English) of a deal's field -> values."""
    count = len(ids)
    rng = np.random.default_rng(int(ids[0]) if count else 0)
    days = [calendar.day_texts(begun + n * 9 * DAY).tolist() for n in (1, 2)]
    chance = rng.random((11, count))
    pick = rng.integers(0, 60, (4, count)).tolist()

    def some(place: int, share: float, value: Callable[[int], str | int | None]) -> np.ndarray:
        chosen = chance[place] < share
        return _strings([value(i) if chosen[i] else None for i in range(count)])  # type: ignore[misc]

    def related(i: int) -> str | None:
        links = [
            link
            for link in (
                f"CO_{company[i]}" if company[i] else "",
                f"C_{contact[i]}" if contact[i] and pick[0][i] % 2 else "",
                f"L_{lead[i]}" if lead[i] else "",
                f"D_{ids[i] - 1}" if pick[0][i] % 5 == 0 and ids[i] > 1 else "",
                f"T80_{pick[1][i] + 1}" if pick[0][i] % 11 == 0 else "",
            )
            if link
        ]
        return _quoted(links) if links else None

    return {
        "Contract scan": some(0, 0.2, lambda i: int(ids[i]) * 2 + 100_000),
        "Photos": some(1, 0.1, lambda i: _listed([str(ids[i] * 10 + n) for n in range(pick[0][i] % 3 + 1)])),
        "Team": some(
            2, 0.15, lambda i: _listed([str(people[pick[n][i] % len(people)]) for n in range(pick[3][i] % 2 + 1)])
        ),
        "Related cards": some(3, 0.12, related),
        "Delivery address": some(4, 0.25, lambda i: _STREETS[pick[0][i] % 5] + _PLACES[pick[1][i] % 3]),
        "Payments by stage": some(
            5, 0.12, lambda i: _quoted([_MONEY[pick[n][i] % 5] for n in range(pick[3][i] % 3 + 1)])
        ),
        "Visits": some(6, 0.12, lambda i: _quoted([f"{d[i]}T03:00:00+03:00" for d in days[: pick[0][i] % 2 + 1]])),
        "Calls agreed": some(7, 0.08, lambda i: _quoted([f"{days[0][i]}T{9 + pick[0][i] % 9:02d}:30:00+03:00"])),
        "Store": some(8, 0.2, lambda i: pick[0][i] % 7 + 1),
        "Markets": some(9, 0.15, lambda i: _quoted(sorted({INDUSTRIES[pick[n][i] % len(INDUSTRIES)] for n in (0, 1)}))),
        "Serial numbers": some(
            10, 0.1, lambda i: _listed([str(68_400 + pick[n][i]) for n in range(pick[3][i] % 2 + 1)])
        ),
    }


def of_leads(ids: Ints, contact: Ints) -> dict[str, np.ndarray]:
    """Label (English) of a lead's field -> values."""
    count = len(ids)
    rng = np.random.default_rng(int(ids[0]) if count else 0)
    chance = rng.random((2, count))
    known = contact > 0
    advised = [str(contact[i]) if known[i] and chance[0][i] < 0.3 else None for i in range(count)]
    files = [_listed([str(ids[i] * 10 + 500_000)]) if chance[1][i] < 0.1 else None for i in range(count)]
    return {"Recommended by": _strings(advised), "Specification": _strings(files)}
