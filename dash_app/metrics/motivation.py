"""Who is paid how: a person's scheme, grade, ramp and days away in a month, and from them the pay of every plan row (metrics.md section 3).

Pay is per month and summed. Of a month the period cuts, the plan and the bonus are taken in proportion to working days. A closed month shows
what was frozen; what sales changed since stands beside it.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from dash_app.metrics import aggregate
from dash_app.metrics import common as c
from dash_app.metrics.aggregate import Ask, bucket_expression
from dash_app.metrics.bonus import BonusCase, Pay, attainment_of, pay
from dash_app.metrics.context import Context
from dash_app.metrics.directory import NONE, Directory
from dash_app.metrics.kept import kept_for
from dash_app.metrics.query import Filters, Period
from dash_app.metrics.typed import Typed
from dash_app.store.kinds import Absence, ClosedRow, Closing, Grade, GradeCoefficient, Hire, Plan, Ramp, Scheme
from dash_app.store.workdays import Workdays
from dash_app.text import Text

FactKey = tuple[int | None, int | None]
"""Manager, pipeline (None: all of them)."""


def month_period(month: str) -> Period:
    """``2026-02`` as its days."""
    year, number = int(month[:4]), int(month[5:])
    return Period(date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1]))


def months_of(period: Period) -> list[str]:
    """Months a period touches, in order."""
    first, last = period.start.year * 12 + period.start.month - 1, period.end.year * 12 + period.end.month - 1
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a person over some days of a month. ``grade`` in words: «junior», or «junior → senior» in the month of a change."""

    scheme: Scheme | None = None
    grade: str = ""
    coefficient: Fraction = Fraction(1)
    plan_coefficient: Fraction = Fraction(1)
    ramp: Decimal = Decimal(1)
    working_days: int = 0
    absent_days: int = 0


class Motivation:
    """Schemes, grades, ramp, first days and absences as typed, ready to be asked for a person and a month."""

    def __init__(self, typed: Typed, directory: Directory) -> None:
        self._directory = directory
        self._workdays = Workdays(typed.preferences.calendar, typed.preferences.work_hours)
        self._schemes = [e.value for e in typed.of("scheme").values() if isinstance(e.value, Scheme)]
        ramp = typed.of("ramp").get("all")
        self._ramp: tuple[Decimal, ...] = ramp.value.shares if ramp is not None and isinstance(ramp.value, Ramp) else ()
        self._hired = {e.value.manager_id: e.value.start for e in typed.of("hire").values() if isinstance(e.value, Hire)}
        self._grades: dict[str, list[Grade]] = {}
        self._coefficients: dict[str, list[GradeCoefficient]] = {}
        self._absences: dict[str, list[Absence]] = {}
        for entry in typed.of("grade").values():
            if isinstance(entry.value, Grade):
                self._grades.setdefault(entry.value.manager_id, []).append(entry.value)
        for entry in typed.of("grade_coefficient").values():
            if isinstance(entry.value, GradeCoefficient):
                self._coefficients.setdefault(entry.value.grade, []).append(entry.value)
        for entry in typed.of("absence").values():
            if isinstance(entry.value, Absence):
                self._absences.setdefault(entry.value.manager_id, []).append(entry.value)
        for grades in self._grades.values():
            grades.sort(key=lambda g: g.start)
        for coefficients in self._coefficients.values():
            coefficients.sort(key=lambda g: g.start)
        self._days: dict[Period, list[date]] = {}

    def terms(self, manager_id: str, period: Period) -> Terms:
        """What holds for a person over days that lie within one month."""
        days = self.working_days(period)
        coefficient, plan_coefficient, grade = self._graded(manager_id, days or [period.end])
        return Terms(
            self.scheme(manager_id, f"{period.start:%Y-%m}"), grade, coefficient, plan_coefficient, self.ramp(manager_id, period.start), len(days), self._absent(manager_id, days)
        )  # fmt: skip

    def working_days(self, period: Period) -> list[date]:
        """Working days of a period."""
        found = self._days.get(period)
        if found is None:
            found = self._days[period] = list(self._workdays.days(period.start, period.end))
        return found

    def share(self, month: str, period: Period) -> Fraction:
        """The part of a month's plan that belongs to a period: working days of both over those of the month; days where none is worked."""
        whole = month_period(month)
        cut = Period(max(whole.start, period.start), min(whole.end, period.end))
        if cut == whole:
            return Fraction(1)
        if cut.start > cut.end:
            return Fraction(0)
        days = len(self.working_days(whole))
        return Fraction(len(self.working_days(cut)), days) if days else Fraction(cut.days, whole.days)

    def scheme(self, manager_id: str, month: str) -> Scheme | None:
        """The scheme in force: the person's own, else that of the nearest department, else the one for all; of those the latest."""
        begun = [s for s in self._schemes if s.from_month <= month]
        if not begun:
            return None
        own = [s for s in begun if manager_id in s.managers]
        if own:
            return _latest(own)
        for level in self._levels(manager_id):
            near = [s for s in begun if level & set(s.departments)]
            if near:
                return _latest(near)
        everybody = [s for s in begun if not s.managers and not s.departments]
        return _latest(everybody) if everybody else None

    def _levels(self, manager_id: str) -> Iterator[set[str]]:
        """Departments of a person, then those one step up, and so on."""
        person = self._directory.managers.get(int(manager_id)) if manager_id.isdigit() else None
        level, seen = set(person.departments) if person else set(), set()
        while level:
            yield {str(d) for d in level}
            seen |= level
            above = {self._directory.departments[d].parent_id for d in level if d in self._directory.departments}
            level = {d for d in above if d is not None} - seen

    def _graded(self, manager_id: str, days: list[date]) -> tuple[Fraction, Fraction, str]:
        """(coefficient, coefficient of the plan, grade in words), weighed by working days; days before the first grade count as the first."""
        grades = self._grades.get(manager_id)
        if not grades or grades[0].start > days[-1]:
            return Fraction(1), Fraction(1), ""
        on_bonus, on_plan = Fraction(0), Fraction(0)
        names: list[str] = []
        for day in days:
            name = next((g.grade for g in reversed(grades) if g.start <= day), grades[0].grade)
            found = next((k for k in reversed(self._coefficients.get(name, [])) if k.start <= day), None)
            on_bonus += Fraction(found.coefficient) if found else 1
            on_plan += Fraction(found.coefficient) if found and found.on_plan else 1
            if not names or names[-1] != name:
                names.append(name)
        return on_bonus / len(days), on_plan / len(days), " → ".join(names)

    def ramp(self, manager_id: str, day: date) -> Decimal:
        """The share of the plan asked in the calendar month of service a day lies in."""
        hired = self._hired.get(manager_id)
        if hired is None:
            return Decimal(1)
        month = (day.year - hired.year) * 12 + day.month - hired.month
        return self._ramp[month] if 0 <= month < len(self._ramp) else Decimal(1)

    def _absent(self, manager_id: str, days: Iterable[date]) -> int:
        away = self._absences.get(manager_id, [])
        return sum(1 for day in days if any(a.start <= day <= a.end for a in away)) if away else 0


def _latest(schemes: list[Scheme]) -> Scheme:
    return max(schemes, key=lambda s: (s.from_month, s.name))


@dataclass(frozen=True, slots=True)
class MonthPay:
    """The pay of a plan row in one month. Sums are of the part of the month the period covers: ``partial`` says it is a part.

    ``plan`` None: sales without a plan. ``frozen``: the row as it was closed; then plan, terms and pay are those of the sheet, and
    ``fact_amount``/``fact_count`` too; ``fact_now``/``count_now`` are the present ones.
    """

    manager_id: int | None
    pipeline_id: str
    month: str
    plan: Plan | None
    plan_amount: Fraction | None
    fact_amount: Decimal
    fact_count: int
    case: BonusCase
    pay: Pay
    terms: Terms
    partial: bool = False
    closed: bool = False
    frozen: ClosedRow | None = None
    fact_now: Decimal = Decimal(0)
    count_now: int = 0

    @property
    def changed(self) -> Decimal | None:
        """How sales of a closed month changed since; None while the month is open or only a part of it is asked."""
        return self.fact_now - self.fact_amount if self.closed and not self.partial else None

    @property
    def changed_count(self) -> int | None:
        """The same in deals."""
        return self.count_now - self.fact_count if self.closed and not self.partial else None


@dataclass
class Sheet:
    """All rows of the months a question touches. ``left_out``: what the question's filters could not be applied to."""

    rows: list[MonthPay] = field(default_factory=list)
    months: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    all_pipelines_hidden: int = 0

    @cached_property
    def by_row(self) -> Mapping[tuple[int | None, str], Decimal]:
        """(manager, pipeline or '') -> pay of all months: the sum of rounded rows."""
        found: dict[tuple[int | None, str], Decimal] = {}
        for row in self.rows:
            key = (row.manager_id, row.pipeline_id)
            found[key] = found.get(key, Decimal(0)) + row.pay.amount
        return found


def threshold_of(context: Context) -> Decimal:
    """The option ``threshold``, exact: attainment from which the plain bonus is paid."""
    given = context.query.option("threshold", "1")
    return Decimal(given or "1")


def facts_of(context: Context) -> dict[str, dict[FactKey, tuple[Decimal, int]]]:
    """Month -> (manager, pipeline) -> what was won there in the period. People, departments and pipelines filter; nothing else means
    anything to a pay."""
    filters = context.query.filters
    kept = Filters(pipeline=filters.pipeline, department=filters.department, manager=filters.manager)
    asked = replace(context, query=replace(context.query, filters=kept))
    ask = Ask("deals", (c.DEALS_WON, c.DEALS_WON_AMOUNT), (c.MANAGER, c.PIPELINE), bucket=bucket_expression(c.DEALS_WON, "month"))
    found: dict[str, dict[FactKey, tuple[Decimal, int]]] = {}
    for (bucket, manager, pipeline), values in aggregate.run(asked, ask).items():
        if bucket is not None:
            found.setdefault(f"{bucket:%Y-%m}", {})[(manager, pipeline)] = (Decimal(values[c.DEALS_WON_AMOUNT.id] or 0), int(values[c.DEALS_WON.id]))
    return found


def kept_sheet(context: Context) -> Sheet:
    """The sheet of a question, made once for all blocks that show pay."""
    return kept_for((context.facts_path, context.query, context.span, "sheet"), context.typed, lambda: sheet_of(context))


def sheet_of(context: Context, threshold: Decimal | None = None) -> Sheet:
    """Every plan row of the months of the period with its pay, and sales without a plan, under the filters of people and pipelines.

    ``threshold``: instead of the option of the question.
    """
    least = threshold_of(context) if threshold is None else threshold
    motivation = Motivation(context.typed, context.directory)
    facts = facts_of(context)
    plans: dict[str, dict[tuple[int | None, str], Plan]] = {}
    for entry in context.typed.of("plan").values():
        if isinstance(entry.value, Plan):
            plans.setdefault(entry.value.month, {})[(int(entry.value.manager_id), entry.value.pipeline_id)] = entry.value
    months = [m for m in months_of(context.span.period) if m in facts or m in plans or _closed(context.typed, m)]
    sheet = Sheet(months=months)
    for month in months:
        closing = _closed(context.typed, month)
        if closing is not None:
            sheet.closed.append(month)
        _month_rows(sheet, context, motivation, month, plans.get(month, {}), facts.get(month, {}), closing, least)
    return sheet


def _closed(typed: Typed, month: str) -> Closing | None:
    entry = typed.of("closing").get(month)
    return entry.value if entry is not None and isinstance(entry.value, Closing) and entry.value.state == "closed" else None


def _month_rows(
    sheet: Sheet, context: Context, motivation: Motivation, month: str, plans: Mapping[tuple[int | None, str], Plan],
    facts: Mapping[FactKey, tuple[Decimal, int]], closing: Closing | None, threshold: Decimal,
) -> None:  # fmt: skip
    filters = context.query.filters
    now: dict[tuple[int | None, str], tuple[Decimal, int]] = {}
    frozen = {(int(r.manager_id) if r.manager_id else None, r.pipeline_id): r for r in closing.rows} if closing is not None else {}
    typed = {key: plan for key, plan in plans.items() if _asked(context, key[0])}
    frozen = {key: row for key, row in frozen.items() if _asked(context, key[0])}
    for (manager, pipeline), (amount, count) in facts.items():
        whole = (manager, "") in typed or (manager, "") in frozen
        if whole and filters.pipeline:
            continue  # a plan for all pipelines cannot be asked for one of them
        key = (manager, "" if whole else str(pipeline if pipeline is not None else ""))
        before = now.get(key, (Decimal(0), 0))
        now[key] = (before[0] + amount, before[1] + count)
    for key in sorted({*typed, *frozen, *now}, key=lambda k: (k[0] or 0, k[1])):
        manager, pipeline_id = key
        planned = typed.get(key)
        if filters.pipeline and (planned is not None or key in frozen) and pipeline_id not in filters.pipeline:
            sheet.all_pipelines_hidden += pipeline_id == ""
            continue
        amount, count = now.get(key, (Decimal(0), 0))
        sheet.rows.append(
            _row(motivation, context, month, key, planned, (amount, count), frozen.get(key), closed=closing is not None, threshold=threshold)
        )


def _asked(context: Context, manager: int | None) -> bool:
    """Whether the filters of people leave a person."""
    filters = context.query.filters
    name = NONE if manager is None else str(manager)
    if filters.manager and name not in filters.manager:
        return False
    return not filters.department or manager in context.directory.managers_of(filters.department)


def _row(
    motivation: Motivation, context: Context, month: str, key: tuple[int | None, str], plan: Plan | None, fact: tuple[Decimal, int],
    frozen: ClosedRow | None, *, closed: bool, threshold: Decimal,
) -> MonthPay:  # fmt: skip
    manager, pipeline_id = key
    whole, period = month_period(month), context.span.period
    cut = Period(max(whole.start, period.start), min(whole.end, period.end))
    share = motivation.share(month, period)
    partial = cut != whole
    currency = context.directory.currency
    if closed and not partial:
        row = frozen or ClosedRow(
            manager_id="" if manager is None else str(manager), pipeline_id=pipeline_id, fact_amount=Decimal(0), fact_count=0, threshold=threshold, pay=Decimal(0), working_ru="", working_en=""
        )  # fmt: skip
        case = frozen_case(row, currency)
        told = Text(row.working_ru or "Плана нет – премии нет", row.working_en or "No plan, no bonus")
        given = Pay(row.pay, attainment_of(case), case, personal_plan=row.personal_plan, told=told)
        terms = Terms(row.scheme, row.grade, Fraction(row.coefficient), Fraction(row.plan_coefficient), row.ramp, row.working_days, row.absent_days)
        amount = None if row.plan_amount is None else Fraction(row.plan_amount)
        return MonthPay(manager, pipeline_id, month, plan, amount, row.fact_amount, row.fact_count, case, given, terms, False, True, row, fact[0], fact[1])
    terms = motivation.terms("" if manager is None else str(manager), cut)
    if frozen is not None:  # a part of a closed month: its own plan and terms, the sales of these days
        terms = replace(terms, scheme=frozen.scheme, grade=frozen.grade, coefficient=Fraction(frozen.coefficient), plan_coefficient=Fraction(frozen.plan_coefficient), ramp=frozen.ramp)
        threshold = frozen.threshold
    case = case_of(plan, terms, fact, threshold, share, currency)
    return MonthPay(
        manager, pipeline_id, month, plan, None if plan is None else Fraction(plan.plan_amount) * share, fact[0], fact[1], case, pay(case), terms, partial, closed, frozen, fact[0], fact[1]
    )  # fmt: skip


def case_of(
    plan: Plan | None, terms: Terms, fact: tuple[Decimal, int], threshold: Decimal, share: Fraction = Fraction(1), currency: str = "RUB"
) -> BonusCase:  # fmt: skip
    """A plan row under a person's terms. ``share``: the part of the month asked, of plan, number and bonus alike."""
    count = None if plan is None or plan.plan_count is None else plan.plan_count * share
    return BonusCase(
        plan=None if plan is None else Fraction(plan.plan_amount) * share, fact=fact[0], plan_count=count, fact_count=fact[1],
        bonus=None if plan is None or plan.bonus is None else Fraction(plan.bonus) * share, threshold=threshold, scheme=terms.scheme, grade=terms.grade,
        coefficient=terms.coefficient, plan_coefficient=terms.plan_coefficient, ramp=terms.ramp, working_days=terms.working_days, absent_days=terms.absent_days, currency=currency,
    )  # fmt: skip


def frozen_case(row: ClosedRow, currency: str) -> BonusCase:
    """The question a closed row answered."""
    return BonusCase(
        row.plan_amount, row.fact_amount, row.plan_count, row.fact_count, row.bonus, row.threshold, row.scheme, row.grade, row.coefficient, row.plan_coefficient, row.ramp,
        row.working_days, row.absent_days, currency,
    )  # fmt: skip


def closing_rows(sheet: Sheet) -> tuple[ClosedRow, ...]:
    """The sheet of one whole month as it is frozen."""
    return tuple(
        ClosedRow(
            manager_id="" if row.manager_id is None else str(row.manager_id), pipeline_id=row.pipeline_id,
            plan_amount=None if row.plan is None else row.plan.plan_amount, plan_count=None if row.plan is None else row.plan.plan_count,
            bonus=None if row.plan is None else row.plan.bonus, personal_plan=row.pay.personal_plan, fact_amount=row.fact_amount, fact_count=row.fact_count,
            threshold=row.case.threshold, scheme=row.terms.scheme, grade=row.terms.grade, coefficient=_six(row.terms.coefficient),
            plan_coefficient=_six(row.terms.plan_coefficient), ramp=row.terms.ramp, working_days=row.terms.working_days, absent_days=row.terms.absent_days,
            pay=row.pay.amount, working_ru=row.pay.working.ru, working_en=row.pay.working.en,
        )
        for row in sheet.rows
    )  # fmt: skip


def _six(value: Fraction) -> Decimal:
    return Decimal(round(value * 10**6)).scaleb(-6).normalize()
