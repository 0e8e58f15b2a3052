"""Kinds of entries of motivation: schemes, grades, ramps, first days, closed months (metrics.md section 3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dash_app.store.entry_kind import EntryKind, EntryValue, EntryValues, Id, Month
from dash_app.text import Text

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


class Scheme(EntryValue):
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


class GradeCoefficient(EntryValue):
    """What a grade multiplies the bonus by, and if ``on_plan`` the plan too, from a day on."""

    grade: Name
    start: date
    coefficient: Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)]
    on_plan: bool = False

    @property
    def key(self) -> str:
        """Grade, first day."""
        return f"{self.grade}:{self.start.isoformat()}"


class Grade(EntryValue):
    """The grade a person has from a day on."""

    manager_id: Id
    grade: Name
    start: date

    @property
    def key(self) -> str:
        """Person, first day."""
        return f"{self.manager_id}:{self.start.isoformat()}"


class Ramp(EntryValue):
    """The share of the plan asked in the first, second ... calendar month of service; the whole plan after the last one."""

    shares: Annotated[tuple[Annotated[Decimal, Field(ge=0, le=10, decimal_places=4)], ...], Field(max_length=36)]

    @property
    def key(self) -> str:
        """There is one."""
        return "all"


class Hire(EntryValue):
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


class Closing(EntryValue):
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


def _rival_schemes(after: EntryValues) -> Text | None:
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


def _closing_step(before: EntryValue | None, after: EntryValue | None) -> Text | None:
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


MOTIVATION = (
    EntryKind("scheme", Text("Схема мотивации", "Motivation scheme"), Scheme, _rival_schemes),
    EntryKind("grade_coefficient", Text("Коэффициент грейда", "Coefficient of a grade"), GradeCoefficient),
    EntryKind("grade", Text("Грейд", "Grade"), Grade),
    EntryKind("ramp", Text("Разгон новичков", "Ramp of newcomers"), Ramp),
    EntryKind("hire", Text("Начало работы", "First working day"), Hire),
    EntryKind("closing", Text("Закрытие месяца", "Closing of a month"), Closing, step=_closing_step, undoable=False),
)
"""In the order in which the settings' file has them."""
