"""What a snapshot says of its odd records: one sentence a kind, with a count and up to three ids (the fact ``odd``)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from dash_app.portal.entities import TABLES
from dash_app.store.machine import open_database
from dash_app.text import Text

ABOUT: Final = "records"
"""``about`` of the notes made here: facts derived anew bring their own in place of the old ones."""
SHOWN: Final = 3
"""Ids and fields a sentence names."""

_WHY: Final = {
    "contradicting": (
        Text("с данными, которые противоречат друг другу", "whose data contradict each other"),
        Text("В отчёты не вошли.", "They are not in the reports."),
    ),
    "no_date": (
        Text("без даты создания", "without a creation date"),
        Text("В отчёты не вошли.", "They are not in the reports."),
    ),
    "future": (
        Text("с датой создания в будущем", "with a creation date in the future"),
        Text("В отчёты не вошли.", "They are not in the reports."),
    ),
    "no_id": (Text("без номера", "without an id"), Text("В отчёты не вошли.", "They are not in the reports.")),
    "no_stage": (
        Text("без стадии", "without a stage"),
        Text(
            "Они посчитаны, их строка – «(без стадии)». Выберите стадию в карточке.",
            "They are counted, their row is “(no stage)”. Choose a stage on the card.",
        ),
    ),
    "unreadable": (
        Text("со значением поля, которое не прочитать", "with a field's value that cannot be read"),
        Text("Значение пропущено, остальное на месте.", "The value is left out, the rest is there."),
    ),
    "too_long": (
        Text("со слишком длинным текстом", "with a text that is too long"),
        Text("Текст обрезан.", "The text is cut."),
    ),
}
"""Why, as ``derive.odd`` writes it -> (what they are like, what became of them); the heaviest first."""


def notes(facts_path: Path) -> list[dict[str, str]]:
    """Notes for the manifest, in both languages. Only ids and names of fields: nothing of what the values say."""
    con = open_database(facts_path, "deriving", read_only=True)
    try:
        found = con.execute(
            f"""
            WITH once AS (
                SELECT * FROM odd o
                WHERE NOT kept OR NOT EXISTS (SELECT 1 FROM odd x WHERE x.entity = o.entity AND x.id = o.id AND NOT x.kept AND x.id <> 0)
            )
            SELECT entity, why, count(DISTINCT id) FILTER (id <> 0) + count(*) FILTER (id = 0),
                   list_sort(list_distinct(list(id) FILTER (id <> 0)))[:{SHOWN}],
                   list_sort(list_distinct(list(field) FILTER (why IN ('unreadable', 'too_long'))))[:{SHOWN}]
            FROM once GROUP BY 1, 2
            """
        ).fetchall()
    finally:
        con.close()
    order = {why: place for place, why in enumerate(_WHY)}
    entities = {table: place for place, table in enumerate(TABLES)}
    known = [row for row in found if row[0] in entities and row[1] in order]
    return [_note(*row) for row in sorted(known, key=lambda row: (order[row[1]], entities[row[0]]))]


def _note(entity: str, why: str, count: int, ids: list[int] | None, fields: list[str] | None) -> dict[str, str]:
    what, (like, became) = TABLES[entity].several.capitalized, _WHY[why]
    more = "…" if count > len(ids or ()) else ""
    named_ru = [f"№ {', '.join(map(str, ids))}{more}"] if ids else []
    named_en = [f"ids {', '.join(map(str, ids))}{more}"] if ids else []
    if fields:
        named_ru.append(f"поля {', '.join(fields)}")
        named_en.append(f"fields {', '.join(fields)}")
    ru = f" ({'; '.join(named_ru)})" if named_ru else ""
    en = f" ({'; '.join(named_en)})" if named_en else ""
    return {
        "ru": f"{what.ru} {like.ru}: {count}{ru}. {became.ru}",
        "en": f"{what.en} {like.en}: {count}{en}. {became.en}",
        "level": "warning",
        "about": ABOUT,
    }
