"""Entries people type, by kind: what a value must look like, its key, and what may not stand beside it.

A kind is declared once here; keeping, versions, history, undo, files and the page's conflicts follow (``store/workspace.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

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


MOST_SNOOZE_DAYS = 90


class Snooze(Typed):
    """A card put off until a date, with the reason (metrics.md section 6). ``since``: the day it was put off, local; before it the
    card was not. On ``until`` the card is back."""

    entity: CardKind
    id: Annotated[str, Field(pattern=r"^\d{1,18}$")]
    until: date
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    since: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the card is put off on a local day."""
        return day < self.until and (self.since is None or self.since <= day)

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


# -- motivation (metrics.md section 3) ---------------------------------------------------------------------------------

Portion = Annotated[Decimal, Field(ge=0, le=100, decimal_places=6)]
"""A share, 1 being the whole: 0.8 is 80 %."""
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^:\n]*[^:\n\s][^:\n]*$")]


class Step(BaseModel):
    """What is paid from an attainment on. ``value``: a share for all but ``fixed``, which is a sum."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reached: Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)]
    pay: Literal["share", "fixed", "of_fact", "of_excess"]
    value: Annotated[Decimal, Field(ge=0, le=Decimal("1e12"), decimal_places=6)]

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.pay != "fixed" and self.value > 100:
            raise ValueError("more than 10 000 %")
        return self


class Cap(BaseModel):
    """No more than this is paid: a sum, or a share of the bonus."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["fixed", "share"]
    value: Annotated[Decimal, Field(ge=0, le=Decimal("1e12"), decimal_places=6)]


class Scheme(Typed):
    """A motivation ladder from a month on, until the next one of the same audience. Without steps: the plain threshold again.

    ``managers`` and ``departments`` empty: everybody. The most particular one holds: a person before a department, a department before
    those above it, a department before everybody.
    """

    name: Name
    from_month: Month
    mode: Literal["highest", "marginal"] = "highest"
    steps: Annotated[tuple[Step, ...], Field(max_length=30)] = ()
    cap: Cap | None = None
    managers: Annotated[tuple[Id, ...], Field(max_length=1000)] = ()
    departments: Annotated[tuple[Id, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _ladder(self) -> Self:
        if len({step.reached for step in self.steps}) < len(self.steps):
            raise ValueError("two steps at one attainment")
        return self

    @property
    def key(self) -> str:
        """Name, first month."""
        return f"{self.name}:{self.from_month}"

    @property
    def ladder(self) -> tuple[Step, ...]:
        """Steps from the lowest up."""
        return tuple(sorted(self.steps, key=lambda step: step.reached))


class GradeCoefficient(Typed):
    """What a grade multiplies the bonus by, and if ``on_plan`` the plan too, from a day on."""

    grade: Name
    start: date
    coefficient: Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)]
    on_plan: bool = False

    @property
    def key(self) -> str:
        """Grade, first day."""
        return f"{self.grade}:{self.start.isoformat()}"


class Grade(Typed):
    """The grade a person has from a day on."""

    manager_id: Id
    grade: Name
    start: date

    @property
    def key(self) -> str:
        """Person, first day."""
        return f"{self.manager_id}:{self.start.isoformat()}"


class Ramp(Typed):
    """The share of the plan asked in the first, second ... calendar month of service; the whole plan after the last one."""

    shares: Annotated[tuple[Annotated[Decimal, Field(ge=0, le=10, decimal_places=4)], ...], Field(max_length=36)]

    @property
    def key(self) -> str:
        """There is one."""
        return "all"


class Hire(Typed):
    """The day a person began to work."""

    manager_id: Id
    start: date

    @property
    def key(self) -> str:
        """The person."""
        return self.manager_id


class ClosedRow(BaseModel):
    """A row of a month as it was closed: what was planned, what was sold, what is paid and why. ``plan_amount`` None: a fact without a plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    manager_id: Annotated[str, Field(pattern=r"^\d{0,9}$")]
    pipeline_id: Annotated[str, Field(pattern=r"^\d{0,9}$")]
    plan_amount: Decimal | None = None
    plan_count: int | None = None
    bonus: Decimal | None = None
    personal_plan: Decimal | None = None
    fact_amount: Decimal
    fact_count: int
    threshold: Decimal
    scheme: Scheme | None = None
    grade: str = ""
    coefficient: Decimal = Decimal(1)
    plan_coefficient: Decimal = Decimal(1)
    ramp: Decimal = Decimal(1)
    working_days: int = 0
    absent_days: int = 0
    pay: Decimal
    working_ru: str
    working_en: str


class Closing(Typed):
    """A month that was closed. Reopened, it keeps the reason; the sheet it had stays in the history of changes."""

    month: Month
    state: Literal["closed", "open"]
    reason: Annotated[str, Field(max_length=500)] = ""
    rows: tuple[ClosedRow, ...] = ()

    @property
    def key(self) -> str:
        """The month."""
        return self.month

    def __str__(self) -> str:
        """Said where two people meet: a sheet of rows would not be read."""
        return f"{self.month} {self.state}"


Values = Mapping[str, Typed]
"""All entries of a kind as they would be after a change, by key."""


def _plan_month(value: Typed) -> str:
    assert isinstance(value, Plan)
    return value.month


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


def _far_snooze(after: Values) -> Text | None:
    for value in after.values():
        assert isinstance(value, Snooze)
        if value.since is not None and not 0 < (value.until - value.since).days <= MOST_SNOOZE_DAYS:
            return Text(
                f"Отложить можно на срок от одного до {MOST_SNOOZE_DAYS} дней. Выберите дату ближе.",
                f"A card can be put off for one to {MOST_SNOOZE_DAYS} days. Choose a nearer date.",
            )
    return None


def _backward_absence(after: Values) -> Text | None:
    for value in after.values():
        assert isinstance(value, Absence)
        if value.start > value.end:
            return Text(
                "Отсутствие заканчивается раньше, чем начинается. Поменяйте даты местами.",
                "An absence ends before it begins. Swap the dates.",
            )
    return None


def _rival_schemes(after: Values) -> Text | None:
    taken: dict[tuple[str, str, str], str] = {}
    for value in after.values():
        assert isinstance(value, Scheme)
        audience = [("m", m) for m in value.managers] + [("d", d) for d in value.departments] or [("all", "")]
        for who in audience:
            other = taken.setdefault((*who, value.from_month), value.name)
            if other != value.name:
                return Text(
                    f"Схемы «{other}» и «{value.name}» обе начинаются с {value.from_month} для одних и тех же людей. Оставьте одну.",
                    f"The schemes “{other}” and “{value.name}” both begin in {value.from_month} for the same people. Keep one.",
                )
    return None


def _closing_step(before: Typed | None, after: Typed | None) -> Text | None:
    """A month is closed, then reopened with a reason, then closed again; nothing else, and never by undoing."""
    assert before is None or isinstance(before, Closing)
    assert after is None or isinstance(after, Closing)
    month = (after or before or Closing(month="2000-01", state="open")).month
    was_closed = before is not None and before.state == "closed"
    if after is None:
        return Text(
            f"Закрытие месяца {month} нельзя удалить: откройте месяц снова и назовите причину.",
            f"The closing of {month} cannot be removed: reopen the month and give the reason.",
        )
    if after.state == "closed" and was_closed and before != after:
        return Text(
            f"Месяц {month} уже закрыт. Чтобы закрыть его заново, сначала откройте.",
            f"The month {month} is closed already. Reopen it to close it anew.",
        )
    if after.state == "open" and not was_closed and before != after:
        return Text(
            f"Месяц {month} не закрыт, открывать нечего.",
            f"The month {month} is not closed, there is nothing to reopen.",
        )
    if after.state == "open" and len(after.reason.strip()) < 3:
        return Text(
            f"Чтобы открыть месяц {month} снова, назовите причину.",
            f"Give the reason why the month {month} is reopened.",
        )
    return None


CardKind = Literal["deal", "lead"]
"""Kinds of cards that may be put off."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entries.

    ``step``: why an entry cannot change from one value to the next (None: there is none). ``month``: the month an entry belongs to; while
    that month is closed the entry does not change.
    """

    name: str
    title: Text
    model: type[Typed]
    refuse: Callable[[Values], Text | None] = lambda _: None
    """Why a state of all entries cannot be; None if it can."""
    step: Callable[[Typed | None, Typed | None], Text | None] = lambda _before, _after: None
    month: Callable[[Typed], str] | None = None
    undoable: bool = True

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

    def closed(self, months: Set[str], before: Typed | None, after: Typed | None) -> Text | None:
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


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("plan", Text("План", "Plan"), Plan, _double_plans, month=_plan_month),
        Kind("expense", Text("Расходы", "Expenses"), Expense),
        Kind("snooze", Text("Отложенная карточка", "Card put off"), Snooze, _far_snooze),
        Kind("absence", Text("Отсутствие", "Absence"), Absence, _backward_absence),
        Kind("scheme", Text("Схема мотивации", "Motivation scheme"), Scheme, _rival_schemes),
        Kind("grade_coefficient", Text("Коэффициент грейда", "Coefficient of a grade"), GradeCoefficient),
        Kind("grade", Text("Грейд", "Grade"), Grade),
        Kind("ramp", Text("Разгон новичков", "Ramp of newcomers"), Ramp),
        Kind("hire", Text("Начало работы", "First working day"), Hire),
        Kind("closing", Text("Закрытие месяца", "Closing of a month"), Closing, step=_closing_step, undoable=False),
    )
}
