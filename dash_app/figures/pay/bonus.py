"""What a person earns for a plan: threshold or ladder, grade, ramp, absence, cap (metrics.md section 3).

Pure and exact: everything is a fraction until the one rounding of the row, half-even to 0.01. Attainments are compared unrounded.

* personal plan = plan × ramp × (working days − days away) / working days × the grade's coefficient where it goes for plans too;
* attainment = fact / personal plan; where a number of deals is planned too, a step is reached only when both have reached it;
* no plan, or a plan of 0: nothing is paid, whatever the scheme;
* ``highest``: the step reached pays; its ``% of fact`` is of all of the fact;
* ``marginal``: the part of the fact between a step and the next is paid by that step – ``share`` of the bonus in the proportion of the part
  to the plan, ``of_fact`` of the part, ``of_excess`` of what of the part lies above the plan; a ``fixed`` sum once the step is reached;
* the grade's coefficient multiplies what is paid, then the cap holds (a cap in shares is a share of the bonus times the coefficient).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache

from dash_app.figures.exact_words import Number, deals, decimal, joined, money, percent, plain
from dash_app.figures.pay.threshold import NO_PLAN
from dash_app.motivation.kinds import Scheme, Step
from dash_app.text import Text

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class BonusCase:
    """One row's question. ``scheme`` None or without steps: ``threshold`` decides and pays the whole ``bonus``.

    ``ramp``: share of the plan asked. ``absent_days`` of ``working_days`` are cut from the plan. ``grade`` only names the coefficient.
    """

    plan: Number | None
    fact: Number
    plan_count: Number | None = None
    fact_count: int = 0
    bonus: Number | None = None
    threshold: Decimal = Decimal(1)
    scheme: Scheme | None = None
    grade: str = ""
    coefficient: Number = Decimal(1)
    plan_coefficient: Number = Decimal(1)
    ramp: Number = Decimal(1)
    working_days: int = 0
    absent_days: int = 0
    currency: str = "RUB"

    @cached_property
    def plan_share(self) -> Fraction:
        """What of the plan is asked of the person: ramp, absence and grade together."""
        share = _exactly(self.ramp)
        if self.plan_coefficient != 1:
            share *= _exactly(self.plan_coefficient)
        if self.absent_days and self.working_days:
            share *= Fraction(max(self.working_days - self.absent_days, 0), self.working_days)
        return share

    @cached_property
    def personal_plan(self) -> Fraction | None:
        """The plan asked of the person, exact."""
        return None if self.plan is None else Fraction(self.plan) * self.plan_share

    @cached_property
    def personal_count(self) -> Fraction | None:
        """The number of deals asked of the person, exact and perhaps not whole."""
        return None if self.plan_count is None else Fraction(self.plan_count) * self.plan_share

    @cached_property
    def exact_fact(self) -> Fraction:
        """The fact as a fraction."""
        return Fraction(self.fact)

    @cached_property
    def exact_bonus(self) -> Fraction:
        """The bonus as a fraction, 0 where there is none."""
        return Fraction(self.bonus or 0)

    @cached_property
    def ladder(self) -> tuple[Step, ...]:
        """The steps that decide: the scheme's, or one step at the threshold that pays the bonus."""
        if self.scheme is not None and self.scheme.steps:
            return self.scheme.ladder
        return (_threshold(self.threshold),)


@lru_cache(maxsize=1024)
def _exactly(value: Number) -> Fraction:
    """A step, share or coefficient as a fraction: few values, asked in every row."""
    return Fraction(value)


_said = lru_cache(maxsize=1024)(percent)


@lru_cache(maxsize=256)
def _threshold(reached: Decimal) -> Step:
    return Step.model_construct(reached=reached, pay="share", value=Decimal(1))


@dataclass(frozen=True)
class Pay:
    """What is paid and why. ``attainment``: the lower of amount and count, exact; None without a plan.

    ``step``: the attainment of the step reached, None where nothing is. Words are made when somebody reads them: sums of a thousand rows need
    none. ``told``: the working as it was said once (a closed month).
    """

    amount: Decimal
    attainment: Fraction | None
    case: BonusCase
    step: Decimal | None = None
    personal_plan: Decimal | None = None
    capped: bool = False
    told: Text | None = None

    @cached_property
    def working(self) -> Text:
        """«86 % → ступень 80 % → 50 % × 100 000 = 50 000 ₽»."""
        if self.told is not None:
            return self.told
        return _no_plan(self.case) if self.attainment is None else _working(self.case, self.attainment, self)

    @cached_property
    def _upper(self) -> tuple[Text | None, Decimal | None]:
        if self.attainment is None or self.capped or self.told is not None:
            return None, None
        upper = next((step for step in ladder_of(self.case) if self.attainment < _exactly(step.reached)), None)
        if upper is None or (upper.pay == "share" and not self.case.bonus):
            return None, None
        wanted, then = _next(self.case, upper)
        return (None, None) if then < self.amount else (wanted, then)

    @property
    def attained(self) -> float | None:
        """The attainment as a number."""
        return None if self.attainment is None else float(self.attainment)

    @property
    def next_step(self) -> Text | None:
        """What the next step needs: «ещё 84 000 ₽ до 100 %»; None where there is nothing more to earn."""
        return self._upper[0]

    @property
    def next_amount(self) -> Decimal | None:
        """What is paid once the next step is reached."""
        return self._upper[1]


def attainment_of(case: BonusCase) -> Fraction | None:
    """Fact / personal plan, or that of the number of deals where it is lower; None without a plan of more than 0."""
    plan, count = case.personal_plan, case.personal_count
    if not plan:
        return None
    by_amount = case.exact_fact / plan
    return min(by_amount, case.fact_count / count) if count else by_amount


def ladder_of(case: BonusCase) -> tuple[Step, ...]:
    """The steps that decide, from the lowest up."""
    return case.ladder


def _reached(case: BonusCase, attainment: Fraction) -> list[Step]:
    above, below = attainment.as_integer_ratio()
    on = []
    for step in ladder_of(case):
        least, of = step.reached.as_integer_ratio()
        if above * of < least * below:
            break
        on.append(step)
    return on


def _exact(case: BonusCase, on: list[Step]) -> Fraction:
    """The pay before the cap."""
    paid = sum((paid for paid, _ in _parts(case, on)), Fraction(0))
    return paid if case.coefficient == 1 else paid * _exactly(case.coefficient)


def pay(case: BonusCase) -> Pay:
    """The row's pay with its working."""
    attainment = attainment_of(case)
    plan = case.personal_plan
    personal = None if plan is None else decimal(plan, 2)
    if attainment is None:
        return Pay(ZERO, None, case, personal_plan=personal)
    on = _reached(case, attainment)
    exact, most = _exact(case, on), _most(case)
    capped = most is not None and exact > most
    return Pay(
        decimal(most if most is not None and capped else exact, 2),
        attainment,
        case,
        on[-1].reached if on else None,
        personal,
        capped,
    )


def _is_marginal(case: BonusCase) -> bool:
    return case.scheme is not None and bool(case.scheme.steps) and case.scheme.mode == "marginal"


def _most(case: BonusCase) -> Fraction | None:
    cap = case.scheme.cap if case.scheme is not None and case.scheme.steps else None
    if cap is None:
        return None
    return (
        _exactly(cap.value)
        if cap.kind == "fixed"
        else _exactly(cap.value) * case.exact_bonus * _exactly(case.coefficient)
    )


_Part = tuple[Fraction, tuple[Number, Number | None, Number | None]]
"""(what is paid before grade and cap, (share or sum, of which amount, in which proportion))."""


def _parts(case: BonusCase, on: list[Step]) -> list[_Part]:
    """What each step that pays pays."""
    if not on:
        return []
    return _marginal(case, on) if _is_marginal(case) else [_highest(case, on[-1])]


def _highest(case: BonusCase, step: Step) -> _Part:
    fact, value = case.exact_fact, _exactly(step.value)
    if step.pay == "fixed":
        return value, (value, None, None)
    base = (
        case.exact_bonus
        if step.pay == "share"
        else fact
        if step.pay == "of_fact"
        else max(fact - (case.personal_plan or 0), Fraction(0))
    )
    return value * base, (value, base, None)


def _marginal(case: BonusCase, on: list[Step]) -> list[_Part]:
    plan, fact = case.personal_plan or Fraction(1), case.exact_fact
    parts: list[_Part] = []
    for position, step in enumerate(on):
        low = _exactly(step.reached) * plan
        high = min(fact, _exactly(on[position + 1].reached) * plan) if position + 1 < len(on) else fact
        part, value = max(high - low, Fraction(0)), _exactly(step.value)
        if step.pay == "share":
            parts.append((value * case.exact_bonus * part / plan, (value, case.exact_bonus, part / plan)))
        elif step.pay == "fixed":
            parts.append((value, (value, None, None)))
        else:
            base = part if step.pay == "of_fact" else max(high - max(low, plan), Fraction(0))
            parts.append((value * base, (value, base, None)))
    return parts


# -- the working in words ----------------------------------------------------------------------------------------------


def _sum(value: Number) -> Text:
    """An amount inside a product, without its sign."""
    exact = decimal(value, 2)
    return plain(exact, 0 if exact == exact.to_integral_value() else 2)


def _times(*factors: Text) -> Text:
    return joined(list(factors), " × ")


def _personal(case: BonusCase) -> list[Text]:
    """Why the plan asked differs from the plan typed."""
    if case.plan is None or case.plan_share == 1:
        return []
    why = [money(case.plan, case.currency)]
    if Fraction(case.ramp) != 1:
        ramp = percent(case.ramp)
        why.append(Text(f"{ramp.ru} (разгон)", f"{ramp.en} (ramp)"))
    if case.absent_days and case.working_days:
        left = max(case.working_days - case.absent_days, 0)
        why.append(Text(f"{left}/{case.working_days} дней", f"{left}/{case.working_days} days"))
    if Fraction(case.plan_coefficient) != 1:
        why.append(_named(plain(case.plan_coefficient), case.grade))
    total = money(case.personal_plan or 0, case.currency)
    told = _times(*why)
    return [Text(f"План {told.ru} = {total.ru}", f"Plan {told.en} = {total.en}")]


def _named(number: Text, grade: str) -> Text:
    return Text(f"{number.ru} ({grade})", f"{number.en} ({grade})") if grade else number


def _no_plan(case: BonusCase) -> Text:
    if case.plan is None:
        return NO_PLAN
    reason = _personal(case) or [Text("План 0", "Plan of 0")]
    return joined([*reason, Text("премии нет", "no bonus")], " → ")


def _attained(case: BonusCase, attainment: Fraction) -> Text:
    """The attainment to 0.1 %; one that would look like a step it has not reached is cut off instead of rounded."""
    looks = Fraction(decimal(attainment, 3))
    missed = any(attainment < _exactly(step.reached) <= looks for step in ladder_of(case))
    return percent(attainment, 1, ROUND_FLOOR) if missed else percent(attainment, 1)


def _part(value: Number, base: Number | None, proportion: Number | None) -> Text:
    """``50 % × 100 000``, with ``× 20 %`` where a part of the plan is paid for; a sum as it is."""
    if base is None:
        return _sum(value)
    return _times(_said(value), _sum(base), *(() if proportion is None else (percent(proportion),)))


def _working(case: BonusCase, attainment: Fraction, got: Pay) -> Text:
    on, end = _reached(case, attainment), money(got.amount, case.currency)
    shown = _attained(case, attainment)
    count = case.personal_count
    if count and case.fact_count / count < case.exact_fact / (case.personal_plan or 1):
        shown = Text(f"{shown.ru} по числу сделок", f"{shown.en} by the number of deals")
    if not on:
        first = _said(ladder_of(case)[0].reached)
        return _sentences(_personal(case), [Text(f"{shown.ru} < {first.ru}", f"{shown.en} < {first.en}"), end])
    at = _said(on[-1].reached)
    name = Text("ступень", "step") if case.scheme and case.scheme.steps else Text("порог", "threshold")
    chain = [shown, Text(f"{name.ru} {at.ru}", f"{name.en} {at.en}")]
    if case.bonus is None and any(s.pay == "share" for s in on):
        chain.append(Text("премия не задана", "no bonus is set"))
    found = _parts(case, on)
    parts = [_part(*how) for paid, how in found if paid or not _is_marginal(case)]
    product = joined(parts, " + ") if parts else plain(0)
    if _exactly(case.coefficient) != 1:
        inside = Text(f"({product.ru})", f"({product.en})") if len(parts) > 1 else product
        product = _times(inside, _named(plain(case.coefficient), case.grade))
    exact = _exact(case, on)
    total = money(exact, case.currency)
    chain.append(
        total if product.ru == _sum(exact).ru else Text(f"{product.ru} = {total.ru}", f"{product.en} = {total.en}")
    )
    if got.capped:
        chain.append(Text(f"не больше {end.ru}", f"no more than {end.en}"))
    return _sentences(_personal(case), chain)


def _sentences(personal: list[Text], chain: list[Text]) -> Text:
    return joined([*personal, joined(chain, " → ")], ". ")


def _next(case: BonusCase, step: Step) -> tuple[Text, Decimal]:
    """What is missing to a step, and what is paid then. Sums round up: what is named is enough."""
    at, plan, count = _exactly(step.reached), case.personal_plan or Fraction(0), case.personal_count
    missing = decimal(max(at * plan - case.exact_fact, Fraction(0)), 2, ROUND_CEILING)
    more = max((at * count - case.fact_count).__ceil__(), 0) if count else 0
    needs = ([money(missing, case.currency)] if missing else []) + ([deals(more)] if more else [])
    then = pay(replace(case, fact=case.exact_fact + Fraction(missing), fact_count=case.fact_count + more))
    wanted, goal = joined(needs, " и ", " and "), _said(step.reached)
    return Text(f"ещё {wanted.ru} до {goal.ru}", f"{wanted.en} more to {goal.en}"), then.amount
