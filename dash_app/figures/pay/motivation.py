"""Schemes, grades, ramp and days away of a person in a month, and the pay of every plan row by them (metrics.md section 3).

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

from dash_app.engine.context import Context
from dash_app.engine.directory import Directory
from dash_app.engine.entered import Entered
from dash_app.engine.memo import kept_for
from dash_app.engine.query import Period
from dash_app.figures.money_units import amount_of, kopecks_of
from dash_app.figures.pay.bonus import BonusCase, Pay, attainment_of, pay
from dash_app.figures.pay.plans import Planned, plans_of
from dash_app.figures.pay.sales import Sale, people_of, sold_of
from dash_app.figures.pay.threshold import ThresholdPay, ThresholdRule
from dash_app.motivation.kinds import ClosedRow, Closing, Grade, GradeCoefficient, Hire, Ramp, Scheme
from dash_app.plans.grid import Plan
from dash_app.store.kinds import Absence
from dash_app.text import Text

RowKey = tuple[int | None, str]
"""Manager, pipeline ('': all of them)."""


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

    def __init__(self, typed: Entered, directory: Directory) -> None:
        self._directory = directory
        self._workdays = typed.workdays
        self._schemes = [e.value for e in typed.of("scheme").values() if isinstance(e.value, Scheme)]
        ramp = typed.of("ramp").get("all")
        self._ramp: tuple[Decimal, ...] = ramp.value.shares if ramp is not None and isinstance(ramp.value, Ramp) else ()
        self._hired = {
            e.value.manager_id: e.value.start for e in typed.of("hire").values() if isinstance(e.value, Hire)
        }
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
        self._terms: dict[tuple[str, Period], Terms] = {}
        self._usual: dict[Period, Terms] = {}
        self._first = min((s.from_month for s in self._schemes), default="")
        self._special = {*self._grades, *(self._hired if self._ramp else ()), *self._absences}

    def terms(self, manager_id: str, period: Period) -> Terms:
        """What holds for a person over days that lie within one month."""
        found = self._terms.get((manager_id, period))
        if found is None:
            found = self._terms[manager_id, period] = self._terms_of(manager_id, period)
        return found

    def _terms_of(self, manager_id: str, period: Period) -> Terms:
        days = self.working_days(period)
        if manager_id not in self._special and not self.has_schemes(period):
            found = self._usual.get(period)
            if found is None:
                found = self._usual[period] = Terms(working_days=len(days))
            return found
        coefficient, plan_coefficient, grade = self._graded(manager_id, days or [period.end])
        return Terms(
            self.scheme(manager_id, f"{period.start:%Y-%m}"),
            grade,
            coefficient,
            plan_coefficient,
            self.ramp(manager_id, period.start),
            len(days),
            self._absent(manager_id, days),
        )

    def is_usual(self, manager_id: str, period: Period) -> bool:
        """Whether nothing but the threshold decides over days of one month: no ladder, grade, ramp or day away."""
        if manager_id in self._special:
            return False
        if not self.has_schemes(period):
            return True
        scheme = self.terms(manager_id, period).scheme
        return scheme is None or not scheme.steps

    def has_schemes(self, period: Period) -> bool:
        """Whether any scheme has begun by then."""
        return bool(self._first) and self._first <= f"{period.start:%Y-%m}"

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
class MonthTerms:
    """What the rows of a month have in common. ``cut``: its days within the question; ``partial``: they are a part of it."""

    name: str
    cut: Period
    partial: bool
    closed: bool
    share: Fraction
    rule: ThresholdRule
    motivation: Motivation


Paid = Pay | ThresholdPay
"""Both say the same things."""


@dataclass(eq=False)
class MonthPay:
    """The pay of a plan row in one month. Sums are of the part of the month the period covers: ``partial`` says it is a part.

    ``planned`` None: sales without a plan. ``frozen``: the row as it was closed; then plan, terms and pay are those of the sheet, and
    ``fact_amount``/``fact_count`` too; ``fact_now``/``count_now`` are the present ones. ``units_now``: the present fact in units.
    What is not asked is not made: there are thousands of rows.
    """

    of: MonthTerms
    manager_id: int | None
    pipeline_id: str
    planned: Planned | None
    units_now: int
    count_now: int
    frozen: ClosedRow | None = None
    is_usual: bool = False  # nothing but the threshold decides

    @property
    def month(self) -> str:
        """Its month, ``2026-02``."""
        return self.of.name

    @property
    def partial(self) -> bool:
        """Whether the period takes a part of the month."""
        return self.of.partial

    @property
    def closed(self) -> bool:
        """Whether the month is closed."""
        return self.of.closed

    @property
    def is_frozen(self) -> bool:
        """Whether the row is what was frozen: of a closed month, asked whole."""
        return self.of.closed and not self.of.partial

    @property
    def plan(self) -> Plan | None:
        """The plan as typed now."""
        return None if self.planned is None else self.planned.plan

    @property
    def _person(self) -> str:
        return "" if self.manager_id is None else str(self.manager_id)

    @cached_property
    def _sheet(self) -> ClosedRow:
        """Its row of the closed sheet; one of nothing where it had none."""
        return self.frozen or ClosedRow(
            manager_id=self._person,
            pipeline_id=self.pipeline_id,
            fact_amount=Decimal(0),
            fact_count=0,
            threshold=self.of.rule.threshold,
            pay=Decimal(0),
            working_ru="",
            working_en="",
        )

    @property
    def is_planned(self) -> bool:
        """Whether it has a plan, a frozen one in a closed month."""
        return (self._sheet.plan_amount if self.is_frozen else self.planned) is not None

    @cached_property
    def plan_amount(self) -> Fraction | None:
        """The plan of the part of the month; None without one."""
        if self.is_frozen:
            return None if self._sheet.plan_amount is None else Fraction(self._sheet.plan_amount)
        return None if self.planned is None else Fraction(self.planned.amount, 100) * self.of.share

    @cached_property
    def fact_now(self) -> Decimal:
        """Amount sold by the present data, base currency."""
        return amount_of(self.units_now)

    @property
    def fact_amount(self) -> Decimal:
        """Amount sold, base currency: as when closed in a frozen row, else by the present data."""
        return self._sheet.fact_amount if self.is_frozen else self.fact_now

    @property
    def fact_count(self) -> int:
        """Number of deals won, of the same moment as ``fact_amount``."""
        return self._sheet.fact_count if self.is_frozen else self.count_now

    @cached_property
    def terms(self) -> Terms:
        """What holds for the person over these days."""
        if self.is_frozen:
            row = self._sheet
            return Terms(
                row.scheme,
                row.grade,
                Fraction(row.coefficient),
                Fraction(row.plan_coefficient),
                row.ramp,
                row.working_days,
                row.absent_days,
            )
        terms = self.of.motivation.terms(self._person, self.of.cut)
        if self.frozen is None:
            return terms
        row = self.frozen  # a part of a closed month: its own plan and terms, the sales of these days
        return replace(
            terms,
            scheme=row.scheme,
            grade=row.grade,
            coefficient=Fraction(row.coefficient),
            plan_coefficient=Fraction(row.plan_coefficient),
            ramp=row.ramp,
        )

    @cached_property
    def case(self) -> BonusCase:
        """The question its pay answers."""
        if self.is_frozen:
            return frozen_case(self._sheet, self.of.rule.currency)
        threshold = self.of.rule.threshold if self.frozen is None else self.frozen.threshold
        return case_of(
            self.plan, self.terms, (self.fact_now, self.count_now), threshold, self.of.share, self.of.rule.currency
        )

    @cached_property
    def pay(self) -> Paid:
        """What is paid and why."""
        if self.is_usual:
            planned = self.planned
            amount, bonus, count = (
                (None, None, None) if planned is None else (planned.amount, planned.bonus, planned.count)
            )
            return ThresholdPay(self.of.rule, amount, bonus, count, self.units_now, self.count_now)
        if not self.is_frozen:
            return pay(self.case)
        row, case = self._sheet, self.case
        told = Text(row.working_ru or "Плана нет – премии нет", row.working_en or "No plan, no bonus")
        return Pay(row.pay, attainment_of(case), case, personal_plan=row.personal_plan, told=told)

    @property
    def earned(self) -> int:
        """The pay in kopecks: of a frozen row as closed; else 0 without a plan."""
        if not self.is_planned:
            return kopecks_of(self._sheet.pay) if self.is_frozen else 0
        paid = self.pay
        return paid.kopecks if isinstance(paid, ThresholdPay) else kopecks_of(paid.amount)

    @property
    def changed(self) -> Decimal | None:
        """How sales of a closed month changed since; None while the month is open or only a part of it is asked."""
        return self.fact_now - self.fact_amount if self.is_frozen else None

    @property
    def changed_count(self) -> int | None:
        """The same in number of deals."""
        return self.count_now - self.fact_count if self.is_frozen else None


@dataclass
class PaySheet:
    """All rows of the months a question touches. ``closed``: the closed ones among them; ``all_pipelines_hidden``: how many plans for all pipelines a filter by
    pipeline leaves out."""

    rows: list[MonthPay] = field(default_factory=list)
    months: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    all_pipelines_hidden: int = 0

    @cached_property
    def by_row(self) -> Mapping[RowKey, int]:
        """(manager, pipeline or '') -> pay of all months in kopecks: the sum of rounded rows. Rows that earn nothing are not among them."""
        found: dict[RowKey, int] = {}
        for row in self.rows:
            if kopecks := row.earned:
                key = (row.manager_id, row.pipeline_id)
                found[key] = found.get(key, 0) + kopecks
        return found


def threshold_of(context: Context) -> Decimal:
    """The option ``threshold``, exact: attainment from which the plain bonus is paid."""
    given = context.query.option("threshold", "1")
    return Decimal(given or "1")


def kept_sheet(context: Context) -> PaySheet:
    """The sheet of a question, made once for all blocks that show pay."""
    return kept_for(
        (context.facts_path, context.rights.fingerprint, context.query, context.span, "sheet"),
        context.typed,
        lambda: sheet_of(context),
    )


def sheet_of(context: Context, threshold: Decimal | None = None) -> PaySheet:
    """Every plan row of the months of the period with its pay, and sales without a plan, under the filters of people and pipelines.

    ``threshold``: instead of the option of the question.
    """
    least = threshold_of(context) if threshold is None else threshold
    motivation = Motivation(context.typed, context.directory)
    sold, plans, period = sold_of(context).whole, plans_of(context.typed), context.span.period
    sheet = PaySheet(months=[m for m in months_of(period) if m in sold or m in plans or _closed(context.typed, m)])
    people = people_of(context)
    for name in sheet.months:
        closing = _closed(context.typed, name)
        if closing is not None:
            sheet.closed.append(name)
        whole = month_period(name)
        cut = Period(max(whole.start, period.start), min(whole.end, period.end))
        share = motivation.share(name, period)
        rule = ThresholdRule(share.as_integer_ratio(), least, context.directory.currency)
        month = MonthTerms(name, cut, cut != whole, closing is not None, share, rule, motivation)
        planned: dict[RowKey, Planned] = {
            (p.manager, p.pipeline): p for p in plans.get(name, ()) if people is None or p.manager in people
        }
        rows = [] if closing is None else [(int(r.manager_id) if r.manager_id else None, r) for r in closing.rows]
        frozen = {(manager, row.pipeline_id): row for manager, row in rows if people is None or manager in people}
        _month_rows(sheet, month, planned, sold.get(name, ()), frozen, context.query.filters.of("pipeline"))
    return sheet


def _closed(typed: Entered, month: str) -> Closing | None:
    entry = typed.of("closing").get(month)
    return (
        entry.value
        if entry is not None and isinstance(entry.value, Closing) and entry.value.state == "closed"
        else None
    )


def _month_rows(
    sheet: PaySheet,
    month: MonthTerms,
    planned: Mapping[RowKey, Planned],
    sold: Iterable[Sale],
    frozen: Mapping[RowKey, ClosedRow],
    pipelines: frozenset[str],
) -> None:
    """Adds the rows of a month: what is planned, what was frozen, what was sold without either."""
    now: dict[RowKey, tuple[int, int]] = {}
    for manager, pipeline, units, count in sold:
        whole = (manager, "") in planned or (manager, "") in frozen
        if whole and pipelines:
            continue  # a plan for all pipelines cannot be asked for one of them
        key = (manager, "" if whole or pipeline is None else str(pipeline))
        before = now.get(key)
        now[key] = (units, count) if before is None else (before[0] + units, before[1] + count)
    for key in sorted({*planned, *frozen, *now}, key=lambda k: (k[0] or 0, k[1])):
        manager, name = key
        if pipelines and name not in pipelines and (key in planned or key in frozen):
            sheet.all_pipelines_hidden += name == ""
            continue
        units, count = now.get(key, (0, 0))
        row = frozen.get(key)
        is_usual = (
            row is None
            and (not month.closed or month.partial)
            and month.motivation.is_usual("" if manager is None else str(manager), month.cut)
        )
        sheet.rows.append(MonthPay(month, manager, name, planned.get(key), units, count, row, is_usual))


def case_of(
    plan: Plan | None,
    terms: Terms,
    fact: tuple[Decimal, int],
    threshold: Decimal,
    share: Fraction = Fraction(1),
    currency: str = "RUB",
) -> BonusCase:
    """A plan row under a person's terms. ``share``: the part of the month asked, of plan, number and bonus alike."""
    whole = share == 1

    def part(amount: Decimal | int | None) -> Decimal | int | Fraction | None:
        return amount if whole or amount is None else Fraction(amount) * share

    typed = (None, None, None) if plan is None else (part(plan.plan_amount), part(plan.plan_count), part(plan.bonus))
    return BonusCase(
        plan=typed[0],
        fact=fact[0],
        plan_count=typed[1],
        fact_count=fact[1],
        bonus=typed[2],
        threshold=threshold,
        scheme=terms.scheme,
        grade=terms.grade,
        coefficient=terms.coefficient,
        plan_coefficient=terms.plan_coefficient,
        ramp=terms.ramp,
        working_days=terms.working_days,
        absent_days=terms.absent_days,
        currency=currency,
    )


def frozen_case(row: ClosedRow, currency: str) -> BonusCase:
    """The question a closed row answered."""
    return BonusCase(
        row.plan_amount,
        row.fact_amount,
        row.plan_count,
        row.fact_count,
        row.bonus,
        row.threshold,
        row.scheme,
        row.grade,
        row.coefficient,
        row.plan_coefficient,
        row.ramp,
        row.working_days,
        row.absent_days,
        currency,
    )


def closing_rows(sheet: PaySheet) -> tuple[ClosedRow, ...]:
    """The sheet of one whole month as it is frozen."""
    return tuple(
        ClosedRow(
            manager_id="" if row.manager_id is None else str(row.manager_id),
            pipeline_id=row.pipeline_id,
            plan_amount=None if row.plan is None else row.plan.plan_amount,
            plan_count=None if row.plan is None else row.plan.plan_count,
            bonus=None if row.plan is None else row.plan.bonus,
            personal_plan=row.pay.personal_plan,
            fact_amount=row.fact_amount,
            fact_count=row.fact_count,
            threshold=row.case.threshold,
            scheme=row.terms.scheme,
            grade=row.terms.grade,
            coefficient=_six(row.terms.coefficient),
            plan_coefficient=_six(row.terms.plan_coefficient),
            ramp=row.terms.ramp,
            working_days=row.terms.working_days,
            absent_days=row.terms.absent_days,
            pay=row.pay.amount,
            working_ru=row.pay.working.ru,
            working_en=row.pay.working.en,
        )
        for row in sheet.rows
    )


def _six(value: Fraction) -> Decimal:
    return Decimal(round(value * 10**6)).scaleb(-6).normalize()
