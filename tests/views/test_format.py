"""Numbers, money, dates and counted words as people read them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from dash_app.engine.language import Unit
from dash_app.views import format as fmt

N = fmt.NBSP


@pytest.mark.parametrize(
    ("value", "ru", "en"),
    [
        (Decimal("12400000"), f"12,4{N}млн{N}₽", "₽12.4M"),
        (Decimal("999960"), f"1{N}млн{N}₽", "₽1M"),
        (Decimal("45600"), f"45,6{N}тыс.{N}₽", "₽45.6K"),
        (Decimal("9999.6"), f"10{N}тыс.{N}₽", "₽10K"),
        (Decimal("9876"), f"9{N}876{N}₽", "₽9,876"),
        (Decimal("-15800000"), f"−15,8{N}млн{N}₽", "−₽15.8M"),
        (Decimal("2500000000"), f"2,5{N}млрд{N}₽", "₽2.5B"),
        (Decimal(0), f"0{N}₽", "₽0"),
    ],
)
def test_short_money_reads_as_people_say_it(value: Decimal, ru: str, en: str) -> None:
    assert fmt.money_short(value, "ru", "RUB") == ru
    assert fmt.money_short(value, "en", "RUB") == en


def test_full_money_shows_kopecks_only_where_there_are_any_and_rounds_half_even() -> None:
    assert fmt.money(Decimal("12400000.00000000"), "ru", "RUB") == f"12{N}400{N}000{N}₽"
    assert fmt.money(Decimal("0.125"), "ru", "RUB") == f"0,12{N}₽"
    assert fmt.money(Decimal("0.135"), "en", "EUR") == "€0.14"
    assert fmt.money(Decimal("5"), "ru", "XXX") == f"5{N}XXX"


def test_numbers_never_break_inside() -> None:
    for value in (1234567.89, Decimal("98765432.1"), -4200):
        shown = fmt.show(value, Unit.DAYS, "ru", "RUB")
        assert " " not in shown
    assert fmt.number(-0.04, "ru", 1) == "0,0"
    assert fmt.number(-4200, "ru") == f"−4{N}200"


def test_unknown_is_a_dash_and_zero_is_zero() -> None:
    for unit in Unit:
        assert fmt.show(None, unit, "ru", "RUB") == "—"
    assert fmt.show(0, Unit.COUNT, "ru", "RUB") == "0"
    assert fmt.show(0.0, Unit.RATIO, "ru", "RUB") == f"0{N}%"


def test_days_are_whole_from_ten_on_and_ratios_are_percents() -> None:
    assert fmt.show(24.16, Unit.DAYS, "ru", "RUB") == "24"
    assert fmt.days_exactly(24.16, "ru") == f"24,2{N}дн."
    assert fmt.show(4.16, Unit.DAYS, "ru", "RUB") == "4,2"
    assert fmt.show(0.1831, Unit.RATIO, "ru", "RUB") == f"18,3{N}%"
    assert fmt.show(0.1831, Unit.RATIO, "en", "RUB") == "18.3%"


def test_coverage_is_said_in_times_and_minutes_carry_their_unit() -> None:
    assert fmt.show(4.24, Unit.TIMES, "ru", "RUB") == "×4,2"
    assert fmt.show(16.3, Unit.TIMES, "en", "RUB") == "×16"
    assert fmt.with_unit(38.4, Unit.MINUTES, "ru", "RUB") == f"38{N}мин"
    assert fmt.with_unit(None, Unit.MINUTES, "ru", "RUB") == "—"


@pytest.mark.parametrize(
    ("exact", "shown"),
    [("53856410.05", "54000000"), ("14846666", "14800000"), ("487.9", "490"), ("0", "0"), ("7", "7")],
)
def test_estimates_have_two_digits_three_where_the_first_is_a_one(exact: str, shown: str) -> None:
    assert fmt.two_digits(Decimal(exact)) == Decimal(shown)
    assert fmt.two_digits(-Decimal(exact)) == -Decimal(shown)


def test_deltas_carry_their_sign_and_ratios_change_in_points() -> None:
    assert fmt.delta(Decimal("120000"), Unit.MONEY, "ru", "RUB", short=True) == f"+120{N}тыс.{N}₽"
    assert fmt.delta(-0.021, Unit.RATIO, "ru", "RUB") == f"−2,1{N}п.п."
    assert fmt.delta_pct(0.14, "ru") == f"+14{N}%"
    assert fmt.delta_pct(-0.005, "ru") == f"−0,5{N}%"
    assert fmt.delta_pct(33.6, "ru") == "×34,6"
    assert fmt.delta_pct(None, "ru") == "—"


@pytest.mark.parametrize(
    ("n", "word"),
    [
        (0, "сделок"),
        (1, "сделка"),
        (2, "сделки"),
        (5, "сделок"),
        (11, "сделок"),
        (21, "сделка"),
        (22, "сделки"),
        (112, "сделок"),
    ],
)
def test_russian_plurals(n: int, word: str) -> None:
    assert fmt.plural(n, "deal", "ru") == f"{n}{N}{word}"


def test_the_line_of_a_drawer() -> None:
    assert fmt.records_line(41, Decimal(12400000), "deal", "ru", "RUB") == f"41{N}сделка · 12{N}400{N}000{N}₽"
    assert fmt.records_line(1, None, "task", "en", "RUB") == f"1{N}task"


def test_buckets_in_words() -> None:
    monday, sunday = date(2026, 11, 2), date(2026, 11, 8)
    assert fmt.bucket_short(monday, "week", "ru") == f"2{N}ноя"
    assert fmt.bucket_long(monday, sunday, "week", "ru") == f"2–8{N}ноября{N}2026"
    assert fmt.bucket_long(date(2026, 10, 26), date(2026, 11, 1), "week", "ru") == f"26{N}октября – 1{N}ноября{N}2026"
    assert (
        fmt.bucket_long(date(2025, 12, 29), date(2026, 1, 4), "week", "ru")
        == f"29{N}декабря{N}2025 – 4{N}января{N}2026"
    )
    assert fmt.bucket_long(date(2026, 11, 1), date(2026, 11, 30), "month", "ru") == f"ноябрь{N}2026"
    assert fmt.bucket_short(date(2026, 5, 1), "month", "ru") == f"май{N}26"
    assert fmt.bucket_short(date(2026, 11, 1), "quarter", "ru") == f"4{N}кв.{N}26"


def test_an_instant_keeps_its_zone() -> None:
    assert fmt.moment(datetime(2026, 2, 3, 14, 5), "ru") == f"3{N}фев{N}2026, 14:05"


def test_wilson_interval_holds_the_share_and_stays_a_share() -> None:
    for num, den in ((0, 3), (3, 3), (1, 9), (5, 9)):
        low, high = fmt.wilson(num, den)
        assert 0 <= low <= num / den <= high <= 1
    assert fmt.wilson(1, 9)[1] - fmt.wilson(1, 9)[0] > fmt.wilson(10, 90)[1] - fmt.wilson(10, 90)[0]
