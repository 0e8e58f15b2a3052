"""The rate of requests and the operating time, on a clock of our own: seconds pass only when somebody waits."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from dash_app.demo.rest.limits import LeakyBucket, LimitSettings
from dash_app.portal.errors import Cancelled
from dash_app.portal.pacing import Pacing
from tests.portal.fake import Clock

DEALS, TASKS = frozenset({"crm.deal.list"}), frozenset({"tasks.task.list"})


def paced(clock: Clock, rate: float = 2.0, burst: int = 50, memory: Path | None = None) -> Pacing:
    return Pacing(rate, burst, clock=clock, idle=clock.idle, memory=memory)


def test_a_burst_at_once_then_the_rate() -> None:
    clock = Clock()
    pacing = paced(clock)
    for _ in range(48):
        pacing.take()
    assert clock.now == 1000.0
    for _ in range(100):
        pacing.take()
    assert clock.now - 1000.0 == pytest.approx(50.0, abs=0.2)
    assert pacing.requests == 148


@pytest.mark.parametrize("pause", [0.0, 0.3, 3.0, 40.0])
def test_a_healthy_portal_never_says_no(pause: float) -> None:
    clock = Clock()
    pacing, portal = paced(clock), LeakyBucket(LimitSettings(), clock)
    for number in range(300):
        pacing.take()
        assert portal.admit(), number
        if number % 60 == 59:
            clock.now += pause


def test_after_a_pause_the_burst_is_there_again() -> None:
    clock = Clock()
    pacing = paced(clock)
    for _ in range(60):
        pacing.take()
    clock.now += 30.0
    before = clock.now
    for _ in range(48):
        pacing.take()
    assert clock.now == before


def test_a_busy_portal_slows_everyone_down() -> None:
    clock = Clock()
    pacing = paced(clock)
    pacing.take()
    pacing.busy(1.5)
    before = clock.now
    pacing.take()
    assert clock.now - before >= 1.5
    pacing.busy(0.0)
    before = clock.now
    for _ in range(20):
        pacing.take()
    assert clock.now - before == pytest.approx(10.0, abs=0.2)


def test_a_blocked_method_waits_and_the_others_go_on() -> None:
    clock = Clock()
    pacing = paced(clock)
    assert pacing.blocked("crm.deal.list", 120.0) == 120.0
    pacing.take(TASKS)
    assert clock.now == 1000.0
    pacing.take(DEALS)
    assert clock.now - 1000.0 == pytest.approx(120.0, abs=0.5)


def test_a_block_without_a_time_lasts_until_the_reset_last_told() -> None:
    clock = Clock()
    pacing = paced(clock)
    pacing.operating("crm.deal.list", 100.0, 200.0)
    clock.now += 50.0
    assert pacing.blocked("crm.deal.list") == pytest.approx(150.0)
    assert pacing.blocked("never.seen") == 10.0


@pytest.mark.parametrize(("used", "pause"), [(0.0, 0.0), (384.0, 0.0), (432.0, 150.0), (480.0, 300.0), (900.0, 300.0)])
def test_above_four_fifths_of_the_operating_time_a_method_pauses(used: float, pause: float) -> None:
    clock = Clock()
    pacing = paced(clock)
    pacing.operating("crm.deal.list", used, 300.0)
    pacing.take(DEALS)
    assert clock.now - 1000.0 == pytest.approx(pause, abs=0.5)


def test_the_next_process_knows_how_full_the_bucket_is(tmp_path: Path) -> None:
    clock, memory = Clock(), tmp_path / "pacing.json"
    first = paced(clock, memory=memory)
    for _ in range(48):
        first.take()
    second = paced(clock, memory=memory)
    for _ in range(10):
        second.take()
    assert clock.now - 1000.0 == pytest.approx(5.0, abs=0.5)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"level": "x", "at": 1}', '{"level": 1e9, "at": 99999999999}'])
def test_a_spoilt_memory_is_no_trouble(tmp_path: Path, content: str) -> None:
    memory = tmp_path / "pacing.json"
    memory.write_text(content)
    clock = Clock()
    paced(clock, memory=memory).take()
    assert clock.now - 1000.0 <= 1.0


def test_the_most_urgent_of_those_who_wait_goes_first() -> None:
    pacing = Pacing(10.0, 3)  # one at once, then every 100 ms
    pacing.busy(1.0)  # nobody goes before all of them wait
    order: list[float] = []

    def ask(urgency: float) -> None:
        pacing.take(urgency=urgency)
        order.append(urgency)

    threads = [threading.Thread(target=ask, args=(urgency,)) for urgency in (1.0, 3.0, 2.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert order == [3.0, 2.0, 1.0]


def test_cancelling_ends_every_wait_at_once() -> None:
    pacing = Pacing(0.01, 3)
    pacing.take()
    threading.Timer(0.1, pacing.cancelled.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        pacing.take()
    with pytest.raises(Cancelled):
        pacing.sleep(60)
    with pytest.raises(Cancelled):
        pacing.take()
    assert time.monotonic() - started < 2
