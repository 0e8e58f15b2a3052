"""The pay of a row nothing but the threshold decides: no ladder, grade, ramp or days away (metrics.md section 3).

Most rows of most companies are such. What ``figures.pay.bonus`` says of them with fractions is said here with whole numbers, ten times faster; the
two agree to the kopeck and to the letter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from functools import lru_cache

from dash_app.figures.exact_words import deals, divided, joined, money_units, percent, percent_units, plain_units
from dash_app.figures.money_units import UNITS_IN_KOPECK, money_of
from dash_app.text import Text

NO_PLAN = Text("Плана нет – премии нет", "No plan, no bonus")
_NOTHING_PLANNED = Text("План 0 → премии нет", "Plan of 0 → no bonus")
_NO_BONUS = Text("премия не задана", "no bonus is set")


@dataclass(frozen=True)
class ThresholdRule:
    """What the rows of a month have in common. ``share``: the part of the month asked, of plan, number and bonus alike."""

    share: tuple[int, int]
    threshold: Decimal
    currency: str
    at: tuple[int, int] = field(init=False)
    """The threshold as a fraction."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", self.threshold.as_integer_ratio())


@dataclass(slots=True)
class ThresholdPay:
    """What is paid and why, as ``bonus.Pay`` says it. ``plan``, ``bonus``: of the whole month, in kopecks; ``fact`` in units."""

    rule: ThresholdRule
    plan: int | None
    bonus: int | None
    count: int | None
    fact: int
    fact_count: int
    kopecks: int = field(default=0, init=False)  # what is paid
    _done: tuple[int, int] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if not self.plan:
            return
        part, whole = self.rule.share
        if not part:
            return
        above, below = self.fact * whole, self.plan * part * UNITS_IN_KOPECK
        if self.count and self.fact_count * whole * below < above * self.count * part:
            above, below = self.fact_count * whole, self.count * part
        self._done = (above, below)
        least, of = self.rule.at
        if self.bonus and above * of >= least * below:
            self.kopecks = divided(self.bonus * part, whole)

    @property
    def amount(self) -> Decimal:
        """What is paid."""
        return money_of(self.kopecks)

    @property
    def attainment(self) -> Fraction | None:
        """Fact / plan, or that of the number of deals where it is lower; None without a plan of more than 0."""
        return None if self._done is None else Fraction(*self._done)

    @property
    def attained(self) -> float | None:
        """The same as a number."""
        return None if self._done is None else self._done[0] / self._done[1]

    @property
    def personal_plan(self) -> Decimal | None:
        """The plan of the part of the month; None without one."""
        return None if self.plan is None else money_of(divided(self.plan * self.rule.share[0], self.rule.share[1]))

    @property
    def _is_reached(self) -> bool:
        assert self._done is not None
        least, of = self.rule.at
        return self._done[0] * of >= least * self._done[1]

    @property
    def working(self) -> Text:
        """«86 % < 100 % → 0 ₽»."""
        if self.plan is None:
            return NO_PLAN
        if self._done is None:
            return _NOTHING_PLANNED
        shown, end, least = self._attained(), _money(self.kopecks, self.rule.currency), _percent(self.rule.threshold)
        if not self._is_reached:
            return Text(f"{shown.ru} < {least.ru} → {end.ru}", f"{shown.en} < {least.en} → {end.en}")
        chain = [shown, Text(f"порог {least.ru}", f"threshold {least.en}")]
        if self.bonus is None:
            chain.append(_NO_BONUS)
        all_of, base = _percent(Decimal(1)), plain_units(self.kopecks, 2)
        chain.append(Text(f"{all_of.ru} × {base.ru} = {end.ru}", f"{all_of.en} × {base.en} = {end.en}"))
        return joined(chain, " → ")

    def _attained(self) -> Text:
        """The attainment to 0.1 %; one that would look like the threshold it has not reached is cut off instead of rounded."""
        assert self._done is not None
        above, below = self._done
        least, of = self.rule.at
        looks = divided(above * 1000, below)
        if above * of < least * below and least * 1000 <= looks * of:
            looks = above * 1000 // below
        shown = percent_units(looks, 1)
        if self.count and self.plan and self.fact_count * self.plan * UNITS_IN_KOPECK < self.fact * self.count:
            return Text(f"{shown.ru} по числу сделок", f"{shown.en} by the number of deals")
        return shown

    @property
    def next_step(self) -> Text | None:
        """What the threshold needs: «ещё 84 000 ₽ до 100 %»; None where there is nothing more to earn."""
        if self._done is None or not self.bonus or self._is_reached:
            return None
        assert self.plan is not None
        (part, whole), (least, of) = self.rule.share, self.rule.at
        missing = max(
            divided(
                least * self.plan * part * UNITS_IN_KOPECK - self.fact * of * whole,
                of * whole * UNITS_IN_KOPECK,
                ROUND_CEILING,
            ),
            0,
        )
        needs = [_money(missing, self.rule.currency)] if missing else []
        if self.count:
            more = divided(least * self.count * part - self.fact_count * of * whole, of * whole, ROUND_CEILING)
            needs += [deals(more)] if more > 0 else []
        wanted, goal = joined(needs, " и ", " and "), _percent(self.rule.threshold)
        return Text(f"ещё {wanted.ru} до {goal.ru}", f"{wanted.en} more to {goal.en}")

    @property
    def next_amount(self) -> Decimal | None:
        """What is paid once the threshold is reached."""
        if self._done is None or not self.bonus or self._is_reached:
            return None
        return money_of(divided(self.bonus * self.rule.share[0], self.rule.share[1]))


@lru_cache(maxsize=256)
def _percent(value: Decimal) -> Text:
    return percent(value)


@lru_cache(maxsize=4096)
def _money(kopecks: int, currency: str) -> Text:
    return money_units(kopecks, currency)
