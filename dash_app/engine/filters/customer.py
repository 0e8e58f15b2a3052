"""By whether the customer is new (metrics.md section 0: ``isReturnCustomer`` of a deal, ``isRepeatedApproach``)."""

from __future__ import annotations

from typing import Final

from dash_app.engine.filters.base import OfWords
from dash_app.text import Text

CUSTOMERS: Final[dict[str, Text]] = {"new": Text("Новый", "New"), "repeat": Text("Повторный", "Repeat")}

FILTER = OfWords(
    id="customer",
    title=Text("Клиент", "Customer"),
    genitive=Text("Вида клиента", "customer kind"),
    column="customer",
    place=70,
    row_key="customer",
    words=CUSTOMERS,
)
