"""The walk of cards through stages: skips, returns, losses, wins, reopenings, moves between pipelines, rot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dash_app.demo.company.calendar import DAY, Bools, Calendar, Floats, Ints
from dash_app.demo.company.pipelines import StageTable

_STEPS = 40
"""No card moves more often."""


@dataclass
class Cards:
    """What a walk needs to know of each card; arrays of equal length.

    start, stage: the first moment and the first stage; horizon: nothing happens at or after it; quality shifts the
    chance to win; speed multiplies stays; rot: chance that a card is forgotten at a stage; swing: forced turn
    (0 none, 1 born final, 2 won through a move to another pipeline, 3 reopened after a win, 4 moved while in work,
    5 through the deleted stage, 6 forgotten in the first stage, 7 left for good in the deleted stage).
    """

    start: Ints
    stage: Ints
    horizon: Ints
    quality: Floats
    speed: Floats
    rot: Floats
    swing: Ints


@dataclass
class Walk:
    """History rows (card = index into Cards) and where every card ended.

    closed: instant of the last entry into a final stage, -1 = never was in one; last: instant of the last row.
    """

    card: Ints
    time: Ints
    type: Ints
    stage: Ints
    final: Ints
    last: Ints
    closed: Ints


def walk(rng: np.random.Generator, calendar: Calendar, table: StageTable, cards: Cards, gone_at: int) -> Walk:
    """Lead every card from its start to its horizon. ``gone_at``: when the deleted stage was deleted."""
    count = len(cards.start)
    stage, time = cards.stage.copy(), cards.start.copy()
    closed = np.where(table.semantic[stage] > 0, time, -1)
    final = table.semantic[stage] > 0
    rows: list[tuple[Ints, Ints, Ints, Ints]] = [(np.arange(count), time.copy(), np.where(final, 3, 1), stage.copy())]
    active = np.arange(count)
    firsts = np.unique(table.first)
    for step in range(_STEPS):
        if not len(active):
            break
        here, now = stage[active], time[active]
        size = len(active)
        chance, other = rng.random(size), rng.random(size)
        semantic = table.semantic[here]
        swing = cards.swing[active]
        stay = rng.lognormal(0, 0.8, size) * table.days[here] * cards.speed[active]
        target = table.following[here].copy()
        kind = np.full(size, 2)

        working = semantic == 0
        # forward, sometimes past a stage, sometimes back, sometimes out
        can_skip = working & (table.semantic[target] == 0)
        target = np.where(can_skip & (other < 0.09), table.following[target], target)
        old = (
            working
            & (here == table.first[here])
            & table.deleted[(here + 1).clip(0, len(table.codes) - 1)]
            & (now < gone_at)
        )
        target = np.where(old & ((other > 0.6) | (swing == 5) | (swing == 7)), here + 1, target)
        back = working & (table.order[here] > 0) & (other > 0.955) & (step < 12)
        step_back = here - 1 - (table.order[here] > 1) * (chance * 1000 % 1 < 0.3)
        step_back = np.where(table.deleted[step_back], table.first[here], step_back)
        target = np.where(back, step_back, target)
        # the same stage again is not a move
        lose = working & ~np.isin(swing, (2, 3, 7)) & (chance < table.lose[here] * np.exp(-cards.quality[active]))
        target = np.where(lose, np.where(rng.random(size) < 0.82, table.lost[here], table.lost_other[here]), target)
        stay = np.where(lose, stay * 1.5, stay)

        forgotten = working & ~np.isin(swing, (2, 3)) & ((rng.random(size) < cards.rot[active]) | (swing == 6))
        left = (swing == 7) & table.deleted[here]
        forgotten |= left
        # most forgotten cards are closed as lost when somebody clears the backlog, months later; the rest stay for good
        cleared = forgotten & ~left & (rng.random(size) < 0.78)
        target = np.where(cleared, table.lost_other[here], target)
        stay = np.where(cleared, 25 + rng.exponential(60.0, size), stay)
        done = forgotten & ~cleared

        if len(firsts) > 1:
            moved = (
                ~forgotten
                & working
                & (
                    ((table.category[here] == 0) & (table.order[here] >= 2) & (rng.random(size) < 0.012))
                    | ((table.category[here] == 5) & (rng.random(size) < 0.015))
                    | ((swing == 4) & (step == 1) & (table.category[here] < 9))
                )
            )
            where = np.where(table.category[here] == 2, firsts[0], firsts[1])
            where = np.where(table.category[here] == 5, firsts[0], where)
            target, kind = np.where(moved, where, target), np.where(moved, 5, kind)
            sideways = working & (swing == 2) & (table.order[here] >= 1) & (table.category[here] < 9)
            sideways &= ~forgotten
            sideways |= (
                ~forgotten
                & working
                & (table.category[here] == 0)
                & (table.order[here] >= 5)
                & (rng.random(size) < 0.01)
            )
            there = np.where(table.category[here] == 0, firsts[2], firsts[0])
            target, kind = np.where(sideways, table.won[there], target), np.where(sideways, 5, kind)
            # a won deal goes on into production by a tunnel
            tunnel = (semantic == 1) & (rng.random(size) < table.tunnel[here]) & (swing != 3)
            target, kind = np.where(tunnel, firsts[-1], target), np.where(tunnel, 5, kind)
            stay = np.where(tunnel, rng.exponential(1.0, size), stay)
        else:
            tunnel = np.zeros(size, dtype=bool)
        # final stages end the walk but for the few that are reopened
        again = (
            (semantic > 0)
            & ~tunnel
            & (
                ((semantic == 1) & ((rng.random(size) < 0.012) | ((swing == 3) & (step < 20))))
                | ((semantic == 2) & (rng.random(size) < 0.035))
            )
        )
        reopened = np.where(semantic == 1, table.won[here] - 1, table.first[here] + 1 + (other * 2).astype(np.int64))
        reopened = np.minimum(reopened, table.won[here] - 1)
        reopened = np.where(table.deleted[reopened], reopened + 1, reopened)
        target = np.where(again, reopened, target)
        done |= (semantic > 0) & ~tunnel & ~again
        stay = np.where(again, 1.5 + rng.exponential(12.0, size), stay)
        cards.swing[active] = np.where(again & (swing == 3), 0, swing)

        then = calendar.at_work(rng, now, now + (stay * DAY).astype(np.int64))
        win = (table.semantic[target] == 1) & (rng.random(size) < 0.4)
        if win.any():
            # managers press for the end of the month
            pressed = calendar.month_end(rng, then)
            then = np.where(win & (pressed > now + 3600) & (np.abs(pressed - then) < 16 * DAY), pressed, then)
        done |= then >= cards.horizon[active]
        done |= target == here
        kind = np.where((kind == 2) & (table.semantic[target] > 0), 3, kind)

        going = ~done
        active, target, then, kind = active[going], target[going], then[going], kind[going]
        stage[active], time[active] = target, then
        closed[active] = np.where(table.semantic[target] > 0, then, closed[active])
        rows.append((active, then, kind, target))
    card, at, kinds, stages = (np.concatenate([row[place] for row in rows]) for place in range(4))
    return Walk(card, at, kinds, stages, stage, time, closed)


def touched(owner: Ints, moments: Ints, count: int, use: Bools) -> Ints:
    """Latest of ``moments`` of each owner 0..count-1 where ``use``; -1 = none."""
    found = np.full(count, -1, dtype=np.int64)
    np.maximum.at(found, owner[use], moments[use])
    return found
