"""Putting a card off until a date, and bringing it back: the same from the page and from the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, cast

from dash_app.engine.periods import parse_date
from dash_app.errors import BadInput
from dash_app.record_kinds import CARDS
from dash_app.reports.api import DataState
from dash_app.store.edits import Change, EntryBook
from dash_app.store.entries import Entry
from dash_app.store.kinds import CardKind, Snooze
from dash_app.text import Text

WORDS: dict[str, Text] = {kind.id: kind.word for kind in CARDS}


@dataclass(frozen=True, slots=True)
class Card:
    """A card in words: title, its address in the portal, in_work | won | lost."""

    id: int
    title: str
    url: str
    status: str


class CardReports(Protocol):
    """What is asked of the reports (``reports.service.ReportService``)."""

    def state(self) -> DataState:
        """The data on screen."""
        ...

    def cards(self, entity: str, ids: Sequence[int]) -> Mapping[int, Card]:
        """Cards by id; those the data does not know are not there."""
        ...


def kind_of(entity: str) -> CardKind:
    """The kind of a card; BadInput for anything else."""
    if entity not in WORDS:
        raise BadInput(
            Text(
                f"Отложить можно карточки: {', '.join(f'{t.ru.lower()} ({name})' for name, t in WORDS.items())}, а не «{entity[:40]}».",
                f"Cards of {', '.join(WORDS)} can be put off, not “{entity[:40]}”.",
            )
        )
    return cast(CardKind, entity)


def card_of(reports: CardReports, entity: str, card_id: str) -> Card:
    """The card; BadInput if the data does not know it."""
    found = (
        reports.cards(kind_of(entity), [int(card_id)])
        if card_id.isascii() and card_id.isdigit() and len(card_id) < 19
        else {}
    )
    if not found:
        name = WORDS[entity]
        raise BadInput(
            Text(
                f"{name.ru} №{card_id[:40]} в данных не найдена. Проверьте номер.",
                f"{name.en} #{card_id[:40]} is not in the data. Check the number.",
            )
        )
    return found[int(card_id)]


def put_off(
    workspace: EntryBook, reports: CardReports, entity: str, card_id: str, until: str, reason: str, who: str
) -> Change | None:
    """Keeps the card out of the forgotten until a date; None if it was so already. BadInput for a card in no work, a date not within
    90 days of the data, an empty reason."""
    card = card_of(reports, entity, card_id)
    if card.status != "in_work":
        raise BadInput(
            Text(
                f"«{card.title}» уже закрыта, откладывать нечего.",
                f"“{card.title}” is closed already: there is nothing to put off.",
            )
        )
    if not reason.strip():
        raise BadInput(Text("Напишите, почему карточка отложена.", "Write why the card is put off."))
    today = reports.state().as_of.date()
    value = {
        "entity": entity,
        "id": str(card.id),
        "until": parse_date(until).isoformat(),
        "reason": reason.strip(),
        "since": today.isoformat(),
    }
    changes = workspace.put_entries("snooze", {f"{entity}:{card.id}": value}, who)
    return changes[0] if changes else None


def bring_back(workspace: EntryBook, entity: str, card_id: str, who: str) -> Change | None:
    """Ends a card's putting off; BadInput if it was not put off."""
    key = f"{kind_of(entity)}:{card_id}"
    if key not in workspace.entries("snooze"):
        raise BadInput(Text("Эта карточка не отложена.", "This card is not put off."))
    changes = workspace.put_entries("snooze", {key: None}, who)
    return changes[0] if changes else None


def listed(entries: Mapping[str, Entry], reports: CardReports) -> list[dict[str, Any]]:
    """Cards put off, the nearest date first: entity, id, title, url, until, reason, since, holds (still put off on the data's day)."""
    today: date = reports.state().as_of.date()
    values = [e.value for e in entries.values() if isinstance(e.value, Snooze)]
    cards = {entity: reports.cards(entity, [int(v.id) for v in values if v.entity == entity]) for entity in WORDS}
    rows = []
    for value in sorted(values, key=lambda v: (v.until, v.entity, int(v.id))):
        card = cards[value.entity].get(int(value.id))
        rows.append(
            {
                "entity": value.entity,
                "id": value.id,
                "title": card.title if card else None,
                "url": card.url if card else None,
                "until": value.until,
                "reason": value.reason,
                "since": value.since,
                "holds": value.holds(today),
            }
        )
    return rows
