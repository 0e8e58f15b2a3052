"""What a refresh could not read, in sentences for the manifest: what is missing because of it, and the reason in the portal's own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash_app.portal.entities import BIG, TABLES, Entity
from dash_app.portal.errors import PortalError
from dash_app.store.snapshots import note
from dash_app.text import Text

ManifestNote = dict[str, str]

_SOMETHING: Final = Text("Часть данных не прочитана.", "A part of the data could not be read.")
_CARDS: Final = {2: Text("сделки", "deals"), 1: Text("лиды", "leads")}


def not_read(table: str, error: PortalError) -> ManifestNote:
    """The note on an optional list or directory the portal refused: what is missing (``portal.entities``, ``lost``) and why."""
    lost = TABLES[table].lost or _SOMETHING
    return dict(note(f"{lost.ru} {error.text.ru}", f"{lost.en} {error.text.en}"))


def not_whole(entity: Entity, came: int, missing: int) -> ManifestNote:
    """The note on a list of which the portal gave less (``came``) than it counts."""
    title = entity.title.capitalized
    rest = (
        Text("Остальных в отчётах нет.", "The others are not in the reports.")
        if entity in BIG
        else Text("Остальные показаны номерами.", "Numbers stand for the others.")
    )
    return dict(
        note(
            f"{title.ru}: портал насчитал {came + missing}, а отдал {came}. {rest.ru}",
            f"{title.en}: the portal counts {came + missing} and gave {came}. {rest.en}",
        )
    )


def not_named(entity: Entity, ids: Sequence[int]) -> ManifestNote:
    """Records that links of own fields lead to and whose names the portal refused."""
    named = ", ".join(map(str, ids[:3])) + ("…" if len(ids) > 3 else "")
    return dict(
        note(
            f"Имена в своих полях не прочитаны ({entity.title.ru}): {len(ids)} (№ {named}). Портал отказал, вместо них номера.",
            f"Names in user fields that could not be read ({entity.title.en}): {len(ids)} (ids {named}). The portal refused, numbers stand for them.",
        )
    )


def not_asked(kind: int, cards: Sequence[int]) -> ManifestNote:
    """Cards whose own activities or comments the portal did not give. kind: 2 deal, 1 lead."""
    named = ", ".join(map(str, cards[:3])) + ("…" if len(cards) > 3 else "")
    return dict(
        note(
            f"Не перепроверены молчащие карточки ({_CARDS[kind].ru}): {len(cards)} (№ {named}). Портал отказал, они могут казаться забытыми.",
            f"Silent cards that could not be asked ({_CARDS[kind].en}): {len(cards)} (ids {named}). The portal refused, they may look forgotten.",
        )
    )
