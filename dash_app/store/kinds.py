"""Entries people type, by kind: what a value must look like, its key, and what may not stand beside it.

A kind is declared once here; keeping, versions, history, undo, files and the page's conflicts follow (``store/workspace.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dash_app.errors import BadInput
from dash_app.text import Text

Id = Annotated[str, Field(pattern=r"^\d{1,9}$")]
Month = Annotated[str, Field(pattern=r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$")]
Money = Annotated[Decimal, Field(ge=0, le=Decimal("1e15"), decimal_places=2)]


class Typed(BaseModel):
    """A value of an entry: frozen, nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def key(self) -> str:
        """What makes it one of its kind."""
        raise NotImplementedError


class Plan(Typed):
    """A manager's plan for a month, in one pipeline or (``pipeline_id`` '') in all (metrics.md section 3)."""

    manager_id: Id
    pipeline_id: Annotated[str, Field(pattern=r"^\d{0,9}$")] = ""
    month: Month
    plan_amount: Money
    plan_count: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    bonus: Money | None = None

    @property
    def key(self) -> str:
        """Manager, pipeline, month."""
        return f"{self.manager_id}:{self.pipeline_id or 'all'}:{self.month}"


class Expense(Typed):
    """What a source cost in a month; ``source_id`` 'none' is the unknown source (metrics.md section 4)."""

    source_id: Annotated[str, Field(min_length=1, max_length=50)]
    month: Month
    amount: Money

    @property
    def key(self) -> str:
        """Source, month."""
        return f"{self.source_id}:{self.month}"


class Snooze(Typed):
    """A card put off until a date, with the reason (metrics.md section 6)."""

    entity: Literal["deal", "lead"]
    id: Annotated[str, Field(pattern=r"^\d{1,18}$")]
    until: date
    reason: Annotated[str, Field(min_length=1, max_length=500)]

    @property
    def key(self) -> str:
        """The card."""
        return f"{self.entity}:{self.id}"


class Absence(Typed):
    """Working days a person is away, ``start`` to ``end`` inclusive (metrics.md section 3)."""

    manager_id: Id
    start: date
    end: date
    reason: Annotated[str, Field(max_length=200)] = ""

    @property
    def key(self) -> str:
        """Person, first day."""
        return f"{self.manager_id}:{self.start.isoformat()}"


Values = Mapping[str, Typed]
"""All entries of a kind as they would be after a change, by key."""


def _double_plans(after: Values) -> Text | None:
    by_month: dict[tuple[str, str], set[str]] = {}
    for value in after.values():
        assert isinstance(value, Plan)
        by_month.setdefault((value.manager_id, value.month), set()).add(value.pipeline_id)
    for (manager, month), pipelines in sorted(by_month.items()):
        if "" in pipelines and len(pipelines) > 1:
            return Text(
                f"У сотрудника №{manager} за {month} есть план «все воронки» и план отдельной воронки: он посчитался бы дважды. Оставьте одно из двух.",
                f"User #{manager} has for {month} a plan for all pipelines beside one of a single pipeline: it would count twice. Keep one of them.",
            )
    return None


def _backward_absence(after: Values) -> Text | None:
    for value in after.values():
        assert isinstance(value, Absence)
        if value.start > value.end:
            return Text("Отсутствие заканчивается раньше, чем начинается. Поменяйте даты местами.", "An absence ends before it begins. Swap the dates.")
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entries."""

    name: str
    title: Text
    model: type[Typed]
    refuse: Callable[[Values], Text | None] = lambda _: None
    """Why a state of all entries cannot be; None if it can."""

    def value(self, given: Any) -> Typed:
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


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("plan", Text("План", "Plan"), Plan, _double_plans),
        Kind("expense", Text("Расходы", "Expenses"), Expense),
        Kind("snooze", Text("Отложенная карточка", "Card put off"), Snooze),
        Kind("absence", Text("Отсутствие", "Absence"), Absence, _backward_absence),
    )
}
