"""By what became of a card: in work, won or lost as of as-of."""

from __future__ import annotations

from typing import Final

from dash_app.engine.filters.base import OfWords
from dash_app.text import Text

STATUSES: Final[dict[str, Text]] = {
    "in_work": Text("В работе", "In work"),
    "won": Text("Выиграна", "Won"),
    "lost": Text("Проиграна", "Lost"),
}

FILTER = OfWords(
    id="status",
    title=Text("Статус", "Status"),
    genitive=Text("Статуса", "status"),
    column="status",
    place=40,
    main=True,
    words=STATUSES,
)
