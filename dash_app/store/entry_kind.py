"""What a kind of typed entries is: the shape of a value, its key, and why a change of it is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dash_app.errors import BadInput
from dash_app.text import Text

Id = Annotated[str, Field(pattern=r"^\d{1,9}$")]
Month = Annotated[str, Field(pattern=r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$")]
Amount = Annotated[Decimal, Field(ge=0, le=Decimal("1e15"), decimal_places=2)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class EntryValue(BaseModel):
    """The value of an entry: frozen, nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def key(self) -> str:
        """What makes it one of its kind."""
        raise NotImplementedError


EntryValues = Mapping[str, EntryValue]
"""All entries of a kind as they would be after a change, by key."""


@dataclass(frozen=True, slots=True)
class EntryKind:
    """One kind of entries.

    ``step``: why an entry cannot change from one value to the next (None: there is none). ``month``: the month an entry belongs to; while
    that month is closed the entry does not change.
    """

    name: str
    title: Text
    model: type[EntryValue]
    refuse: Callable[[EntryValues], Text | None] = lambda _: None
    """Why a state of all entries cannot be; None if it can."""
    step: Callable[[EntryValue | None, EntryValue | None], Text | None] = lambda _before, _after: None
    month: Callable[[EntryValue], str] | None = None
    undoable: bool = True

    def value(self, given: Any) -> EntryValue:
        """A typed value; BadInput says which field is wrong."""
        try:
            return self.model.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(p) for p in first["loc"]) or "?"
            shown = str(first.get("input"))[:60]
            raise BadInput(
                Text(
                    f"{self.title.ru}: поле {name} не принимает значение «{shown}». Исправьте его и сохраните снова.",
                    f"{self.title.en}: the field {name} does not take “{shown}”. Correct it and save again.",
                )
            ) from None

    def closed(self, months: Set[str], before: EntryValue | None, after: EntryValue | None) -> Text | None:
        """Why an entry of a closed month cannot change; None if it can."""
        if self.month is None:
            return None
        for value in (before, after):
            if value is not None and self.month(value) in months:
                month = self.month(value)
                return Text(
                    f"Месяц {month} закрыт: {self.title.ru.lower()} за него не меняется. Откройте месяц снова, назвав причину.",
                    f"The month {month} is closed: its {self.title.en.lower()} does not change. Reopen the month, giving the reason.",
                )
        return None
