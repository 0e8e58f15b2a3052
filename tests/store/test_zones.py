"""A wall clock is turned into an instant by one comparison a stretch: the offset is that of the instant it stands for."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dash_app.store.derive.zones import transitions, wall_offsets

Steps = list[tuple[datetime, int]]


def at(steps: Steps, moment: datetime) -> int:
    return [offset for start, offset in steps if moment >= start][-1]


@pytest.mark.parametrize(
    "name", ["Europe/Moscow", "Europe/Berlin", "Asia/Kamchatka", "America/New_York", "Australia/Lord_Howe", "UTC"]
)
def test_the_offset_of_a_wall_clock_is_that_of_the_instant_it_stands_for(name: str) -> None:
    steps = transitions(ZoneInfo(name))
    told = wall_offsets(steps)
    dice = random.Random(name)
    changes = [start for start, _ in steps[1:]] or [datetime(2020, 1, 1)]
    for _ in range(2_000):
        wall = dice.choice(changes) + timedelta(seconds=dice.randint(-90_000, 90_000))
        assert at(told, wall) == at(steps, wall - timedelta(seconds=at(steps, wall))), wall
