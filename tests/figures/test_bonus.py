"""Pay for a plan: cases a person can check by eye, and properties against a calculation of its own with fractions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dash_app.figures.money_units import kopecks_of, units_of
from dash_app.figures.pay.bonus import BonusCase, attainment_of, pay
from dash_app.figures.pay.threshold import ThresholdPay, ThresholdRule
from dash_app.motivation.kinds import Cap, Scheme, Step
from dash_app.store.kinds import ENTRY_KINDS

NBSP = "\u00a0"


def scheme(*steps: tuple[str, str, str], mode: str = "highest", cap: tuple[str, str] | None = None) -> Scheme:
    return Scheme(
        name="Ступени",
        from_month="2026-01",
        mode=mode,
        steps=tuple(Step(reached=r, pay=p, value=v) for r, p, v in steps),
        cap=None if cap is None else Cap(kind=cap[0], value=cap[1]),
    )


LADDER = scheme(("0.8", "share", "0.5"), ("1", "share", "1"), ("1.2", "share", "1.5"))


def case(fact: str, plan: str | None = "600000", bonus: str | None = "100000", **more: Any) -> BonusCase:
    return BonusCase(
        None if plan is None else Decimal(plan), Decimal(fact), bonus=None if bonus is None else Decimal(bonus), **more
    )


def ru(text: Any) -> str:
    return text.ru.replace(NBSP, " ")


def test_the_threshold_reached_pays_the_bonus_and_a_kopeck_less_does_not() -> None:
    assert pay(case("600000")).amount == 100000
    assert pay(case("599999.99")).amount == 0
    assert "99,9 % < 100 %" in ru(pay(case("599999.99")).working)
    assert pay(case("516000", threshold=Decimal("0.86"))).amount == 100000
    assert pay(case("515999.99", threshold=Decimal("0.86"))).amount == 0


def test_a_third_is_a_third() -> None:
    """0.1 + 0.2 and thirds are where floats would pay or not by chance."""
    assert pay(case("0.3", plan="0.3")).amount == 100000
    assert pay(case("0.1", plan="0.3", threshold=Decimal("0.3333"))).amount == 100000
    assert pay(case("0.1", plan="0.3", threshold=Decimal("0.3334"))).amount == 0


@pytest.mark.parametrize("plan", [None, "0", "0.00"])
def test_no_plan_and_a_plan_of_nothing_pay_nothing(plan: str | None) -> None:
    for rules in (None, LADDER, scheme(("0", "fixed", "5000"))):
        found = pay(case("700000", plan=plan, scheme=rules))
        assert (found.amount, found.attainment, found.next_step) == (0, None, None)
        assert "премии нет" in ru(found.working)


def test_with_a_number_of_deals_both_must_reach_it() -> None:
    assert pay(case("700000", plan_count=10, fact_count=9)).amount == 0
    assert pay(case("700000", plan_count=10, fact_count=10)).amount == 100000
    assert pay(case("500000", plan_count=10, fact_count=20)).amount == 0
    missing = pay(case("500000", plan_count=10, fact_count=8))
    assert ru(missing.next_step) == "ещё 100 000 ₽ и 2 сделки до 100 %"
    assert missing.next_step is not None and missing.next_step.en == "₽100,000 and 2 deals more to 100%"
    assert "90 % по числу сделок" in ru(pay(case("700000", plan_count=10, fact_count=9)).working)


def test_the_working_of_the_ladder_and_what_the_next_step_needs() -> None:
    found = pay(case("516000", scheme=LADDER))
    assert (found.amount, found.step) == (50000, Decimal("0.8"))
    assert ru(found.working) == "86 % → ступень 80 % → 50 % × 100 000 = 50 000 ₽"
    assert ru(found.next_step) == "ещё 84 000 ₽ до 100 %"
    assert found.next_amount == 100000
    assert pay(case("900000", scheme=LADDER)).next_step is None


@pytest.mark.parametrize(
    ("kind", "value", "fact", "paid"),
    [
        ("share", "0.5", "700000", "50000"),
        ("fixed", "12345.67", "700000", "12345.67"),
        ("of_fact", "0.03", "700000", "21000"),
        ("of_excess", "0.1", "700000", "10000"),
        ("of_excess", "0.1", "600000", "0"),
    ],
)
def test_the_four_ways_a_step_pays(kind: str, value: str, fact: str, paid: str) -> None:
    assert pay(case(fact, scheme=scheme(("1", kind, value)))).amount == Decimal(paid)


def test_marginal_pays_each_part_at_its_own_step() -> None:
    rules = scheme(("0.5", "of_fact", "0.01"), ("1", "of_fact", "0.05"), mode="marginal")
    assert pay(case("900000", scheme=rules)).amount == 300000 * Decimal("0.01") + 300000 * Decimal("0.05")
    accelerated = scheme(("0", "share", "0.5"), ("1", "share", "1.5"), mode="marginal")
    found = pay(case("720000", scheme=accelerated))
    assert found.amount == 80000
    assert ru(found.working) == "120 % → ступень 100 % → 50 % × 100 000 × 100 % + 150 % × 100 000 × 20 % = 80 000 ₽"
    sums = scheme(("0.5", "fixed", "1000"), ("1", "fixed", "2000"), mode="marginal")
    assert pay(case("700000", scheme=sums)).amount == 3000
    assert (
        ru(pay(case("100000", scheme=rules)).next_step) == "ещё 200 000 ₽ до 50 %"
    )  # pays nothing at 50 % itself, but from there on


def test_the_cap_holds_after_the_grade() -> None:
    rules = scheme(("0", "of_fact", "1"), cap=("fixed", "200000"))
    found = pay(case("700000", scheme=rules, coefficient=Decimal(2)))
    assert (found.amount, found.capped, found.next_step) == (200000, True, None)
    assert "не больше 200 000 ₽" in ru(found.working)
    share = scheme(("0", "share", "9"), cap=("share", "1.5"))
    assert pay(case("700000", scheme=share, coefficient=Decimal("0.8"))).amount == 120000


def test_the_grade_goes_on_the_bonus_and_if_chosen_on_the_plan() -> None:
    assert pay(case("600000", grade="junior", coefficient=Decimal("0.8"))).amount == 80000
    assert pay(case("480000", grade="junior", coefficient=Decimal("0.8"))).amount == 0
    both = pay(case("480000", grade="junior", coefficient=Decimal("0.8"), plan_coefficient=Decimal("0.8")))
    assert both.amount == 80000
    assert (
        ru(both.working)
        == "План 600 000 ₽ × 0,8 (junior) = 480 000 ₽. 100 % → порог 100 % → 100 % × 100 000 × 0,8 (junior) = 80 000 ₽"
    )


def test_ramp_and_days_away_shrink_the_plan_in_proportion() -> None:
    assert pay(case("300000", ramp=Decimal("0.5"))).amount == 100000
    found = pay(case("270000", ramp=Decimal("0.5"), working_days=20, absent_days=2))
    assert (found.amount, found.personal_plan) == (100000, 270000)
    assert ru(found.working).startswith("План 600 000 ₽ × 50 % (разгон) × 18/20 дней = 270 000 ₽. ")
    assert pay(case("269999.99", ramp=Decimal("0.5"), working_days=20, absent_days=2)).amount == 0
    assert pay(case("1", working_days=20, absent_days=20)).amount == 0  # away all month: no plan, no bonus


def test_half_a_kopeck_goes_to_the_even_one() -> None:
    rules = scheme(("0", "of_fact", "0.5"))
    assert pay(case("0.01", plan="1", scheme=rules)).amount == Decimal("0.00")
    assert pay(case("0.03", plan="1", scheme=rules)).amount == Decimal("0.02")


def test_a_scheme_without_steps_is_the_plain_threshold() -> None:
    assert pay(case("600000", scheme=scheme())).amount == 100000


def test_ladders_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValidationError):
        scheme(("1", "share", "1"), ("1.0", "fixed", "5"))
    with pytest.raises(ValidationError):
        Step(reached="1", pay="of_fact", value="101")
    one = Scheme(name="А", from_month="2026-01")
    two = Scheme(name="Б", from_month="2026-01", managers=("7",))
    refuse = ENTRY_KINDS["scheme"].refuse
    assert refuse({v.key: v for v in (one, two)}) is None
    three = two.model_copy(update={"name": "В"})
    assert refuse({v.key: v for v in (one, two, three)}) is not None


# -- properties --------------------------------------------------------------------------------------------------------

amounts = st.decimals(0, 10**9, places=2)
shares = st.decimals(0, 3, places=4)


@st.composite
def schemes(
    draw: Any,
    *,
    kinds: tuple[str, ...] = ("share", "fixed", "of_fact", "of_excess"),
    modes: tuple[str, ...] = ("highest", "marginal"),
) -> Scheme:
    reached = draw(st.lists(st.decimals(0, 2, places=2), min_size=1, max_size=6, unique=True))
    steps = []
    for at in reached:
        kind = draw(st.sampled_from(kinds))
        steps.append(Step(reached=at, pay=kind, value=draw(amounts if kind == "fixed" else shares)))
    cap = draw(
        st.none()
        | st.builds(Cap, kind=st.just("fixed"), value=amounts)
        | st.builds(Cap, kind=st.just("share"), value=shares)
    )
    return Scheme(name="S", from_month="2026-01", mode=draw(st.sampled_from(modes)), steps=tuple(steps), cap=cap)


@st.composite
def cases(draw: Any, rules: Any = None) -> BonusCase:
    days = draw(st.integers(1, 23))
    return BonusCase(
        draw(st.none() | amounts),
        draw(amounts),
        draw(st.none() | st.integers(0, 50)),
        draw(st.integers(0, 80)),
        draw(st.none() | amounts),
        draw(st.decimals("0.5", "1.5", places=2)),
        draw(rules if rules is not None else st.none() | schemes()),
        "g",
        draw(shares),
        draw(st.just(Decimal(1)) | shares),
        draw(st.just(Decimal(1)) | shares),
        days,
        draw(st.integers(0, days)),
    )


def independent(c: BonusCase) -> Fraction:
    """The unrounded pay, written anew: integrals instead of parts, sums over all steps instead of the one reached."""
    if not c.plan:
        return Fraction(0)
    asked = Fraction(c.ramp) * Fraction(c.plan_coefficient) * Fraction(c.working_days - c.absent_days, c.working_days)
    plan, fact, bonus, grade = (
        Fraction(c.plan) * asked,
        Fraction(c.fact),
        Fraction(c.bonus or 0),
        Fraction(c.coefficient),
    )
    if not plan:
        return Fraction(0)

    def got(at: Fraction) -> bool:
        return fact >= at * plan and (not c.plan_count or c.fact_count >= at * c.plan_count * asked)

    if c.scheme is None or not c.scheme.steps:
        return bonus * grade if got(Fraction(c.threshold)) else Fraction(0)
    steps = sorted(((Fraction(s.reached), s.pay, Fraction(s.value)) for s in c.scheme.steps), key=lambda s: s[0])
    steps = [s for s in steps if got(s[0])]
    total = Fraction(0)
    if c.scheme.mode == "highest":
        for _, kind, value in steps[-1:]:
            total = {
                "share": value * bonus,
                "fixed": value,
                "of_fact": value * fact,
                "of_excess": value * max(fact - plan, 0),
            }[kind]
    else:
        for position, (at, kind, value) in enumerate(steps):

            def above(edge: Fraction) -> Fraction:
                return max(fact - edge, Fraction(0))

            start, end = at * plan, steps[position + 1][0] * plan if position + 1 < len(steps) else None
            part = above(start) - (above(end) if end is not None else 0)
            over = above(max(start, plan)) - (above(max(end, plan)) if end is not None else 0)
            total += {
                "share": value * bonus * part / plan,
                "fixed": value,
                "of_fact": value * part,
                "of_excess": value * over,
            }[kind]
    total *= grade
    cap = c.scheme.cap
    return (
        total
        if cap is None
        else min(total, Fraction(cap.value) if cap.kind == "fixed" else Fraction(cap.value) * bonus * grade)
    )


@settings(max_examples=400, deadline=None)
@given(cases())
def test_pay_is_exact_to_the_kopeck(c: BonusCase) -> None:
    found = pay(c)
    exact = independent(c)
    assert found.amount == Decimal(round(exact * 100)).scaleb(-2)
    assert abs(Fraction(found.amount) - exact) <= Fraction(1, 200)
    assert found.amount >= 0
    assert found.working.ru and found.working.en
    if c.scheme is not None and c.scheme.steps and c.scheme.cap is not None and c.scheme.cap.kind == "fixed":
        assert found.amount <= c.scheme.cap.value


@settings(max_examples=200, deadline=None)
@given(cases(schemes(modes=("marginal",))), amounts)
def test_marginal_pay_never_falls_as_the_fact_grows(c: BonusCase, more: Decimal) -> None:
    assert (
        pay(replace(c, plan_count=None)).amount <= pay(replace(c, plan_count=None, fact=Decimal(c.fact) + more)).amount
    )  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None)
@given(cases(st.none()), amounts, st.decimals(0, 1, places=2))
def test_threshold_pay_grows_with_the_fact_and_falls_with_the_threshold(
    c: BonusCase, more: Decimal, higher: Decimal
) -> None:
    assert pay(c).amount <= pay(replace(c, fact=Decimal(c.fact) + more)).amount  # type: ignore[arg-type]
    assert pay(c).amount >= pay(replace(c, threshold=c.threshold + higher)).amount


@settings(max_examples=200, deadline=None)
@given(cases(schemes(kinds=("share",), modes=("highest",))), amounts)
def test_a_rising_ladder_never_falls(c: BonusCase, more: Decimal) -> None:
    assert c.scheme is not None
    values = sorted(step.value for step in c.scheme.steps)
    rising = c.scheme.model_copy(
        update={"steps": tuple(s.model_copy(update={"value": v}) for s, v in zip(c.scheme.ladder, values, strict=True))}
    )
    low = replace(c, scheme=rising)
    assert pay(low).amount <= pay(replace(low, fact=Decimal(c.fact) + more)).amount  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None)
@given(cases(schemes() | st.none()))
def test_what_the_next_step_names_is_enough_and_pays_what_it_says(c: BonusCase) -> None:
    found = pay(c)
    if found.next_step is None or found.next_amount is None:
        return
    assert found.attainment is not None and attainment_of(c) == found.attainment
    steps = [c.threshold] if c.scheme is None or not c.scheme.steps else [s.reached for s in c.scheme.ladder]
    target = next(Fraction(at) for at in steps if found.attainment < Fraction(at))
    plan, count = c.personal_plan or Fraction(0), c.personal_count or Fraction(0)
    missing = max(Fraction(0), target * plan - Fraction(c.fact))
    fact = Fraction(c.fact) + Fraction((missing * 100).__ceil__(), 100)
    then = replace(c, fact=fact, fact_count=max(c.fact_count, (target * count).__ceil__()))
    assert (attainment_of(then) or 0) >= target
    assert pay(then).amount == found.next_amount


@settings(max_examples=400, deadline=None)
@given(
    st.none() | amounts | st.just(Decimal(100)),
    st.decimals(0, 10**9, places=8) | st.sampled_from([Decimal(50), Decimal("99.99999999"), Decimal(100)]),
    st.none() | st.integers(0, 50),
    st.integers(0, 80),
    st.none() | amounts,
    st.decimals("0.5", "1.5", places=2) | st.sampled_from([Decimal("0.5"), Decimal(1)]),
    st.integers(0, 23),
    st.sampled_from(["RUB", "USD", "KZT", "PLN"]),
)
def test_the_threshold_in_whole_numbers_says_what_fractions_say(
    plan: Decimal | None,
    fact: Decimal,
    count: int | None,
    deals: int,
    bonus: Decimal | None,
    threshold: Decimal,
    part: int,
    currency: str,
) -> None:
    share = Fraction(part, 23)
    exact = pay(
        BonusCase(
            None if plan is None else Fraction(plan) * share,
            fact,
            None if plan is None or count is None else count * share,
            deals,
            None if plan is None or bonus is None else Fraction(bonus) * share,
            threshold,
            currency=currency,
        )
    )
    given_bonus = None if plan is None or bonus is None else kopecks_of(bonus)
    quick = ThresholdPay(
        ThresholdRule(share.as_integer_ratio(), threshold, currency),
        None if plan is None else kopecks_of(plan),
        given_bonus,
        None if plan is None else count,
        units_of(fact),
        deals,
    )
    for name in ("amount", "attainment", "attained", "personal_plan", "working", "next_step", "next_amount"):
        assert getattr(quick, name) == getattr(exact, name), name
    assert str(quick.amount) == str(exact.amount)
