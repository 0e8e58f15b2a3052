"""Random faults over refreshes of a portal that changes: afterwards what is published is what a load without faults publishes.

After every fault, and the next refresh without one where the fault made it fail or left something out: raw data and facts are compared row by row with those
of a folder that is refreshed without faults, what was typed is there, the page answers.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from benchmarks.chaos import Figures
from benchmarks.chaos.equal import differences
from benchmarks.chaos.hurry import hurry
from benchmarks.chaos.stage import Stage, stage
from benchmarks.chaos.troubles import KINDS, Struck
from dash_app.portal.entities import ENTITIES

SCRATCH_EVERY = 25
"""After so many faults everything is read once more into an empty folder, and the portal's lists are compared with that."""


@dataclass(slots=True)
class Tried:
    """One fault and what became of it. ``outcome``: survived | left out | refused | stopped."""

    number: int
    kind: str
    struck: Struck
    seconds: float
    outcome: str
    equal: bool = False
    wrong: list[str] = field(default_factory=list)


def try_one(stage: Stage, number: int, kind: str) -> Tried:
    """The portal changes, somebody types, a fault strikes a refresh."""
    stage.tick()
    if refusal := stage.typist.types():
        raise SystemExit(f"could not type: {refusal}")
    full = stage.dice.random() < 0.15
    if stage.dice.random() < 0.04:
        stage.struck.forget_snapshots()
    began = time.monotonic()
    struck = KINDS[kind](stage, full)
    seconds = time.monotonic() - began
    ended = struck.ended
    wrong = [f"page: {line}" for line in stage.page.wrong()]
    calm = stage.calm.refresh()
    if calm.manifest is None:
        raise SystemExit(f"the calm portal could not be read: {calm.said or calm.odd}")
    known = {note["en"] for note in calm.manifest.notes}
    left_out = ended.manifest is not None and any(note["en"] not in known for note in ended.manifest.notes)
    outcome = (
        "stopped"
        if struck.stopped
        else "refused"
        if ended.said
        else "left out"
        if left_out
        else "survived"
        if ended.manifest
        else "broken"
    )
    if ended.odd and not struck.stopped:
        wrong.append(ended.odd)
    if ended.manifest is None or struck.heals or (left_out and _differ(stage)):
        again = stage.struck.refresh()
        if again.manifest is None:
            wrong.append(f"the next refresh: {again.said or again.odd}")
        wrong += [f"page afterwards: {line}" for line in stage.page.wrong()]
    # a clock ahead asks silent cards before their time: what the portal said of them then is true now
    different = _differ(stage, more=("bound_activities",) if struck.heals else ())
    if different or struck.heals:
        stage.agree()
    wrong += different + stage.typist.missing()
    return Tried(number, kind, struck, seconds, outcome, not different, wrong)


def _differ(stage: Stage, more: Collection[str] = ()) -> list[str]:
    one, other = stage.struck.published(), stage.calm.published()
    return differences(one, other, more=more) if one and other else ["nothing is published"]


def from_scratch(stage: Stage) -> list[str]:
    """What differs from a first load: of the portal's lists everything must be the same."""
    fresh = stage.fresh()
    ended = fresh.refresh()
    one, other = stage.struck.published(), fresh.published()
    if ended.manifest is None or one is None or other is None:
        return [f"from scratch: {ended.said or ended.odd}"]
    return [f"from scratch: {line}" for line in differences(one, other, raw=set(ENTITIES), facts=())]


def play(stage: Stage, kinds: Sequence[str]) -> list[Tried]:
    """One fault after another."""
    found = []
    for number, kind in enumerate(kinds, 1):
        tried = try_one(stage, number, kind)
        if number % SCRATCH_EVERY == 0:
            tried.wrong += from_scratch(stage)
        found.append(tried)
        print(f"   {number:3d} {kind:16s} {tried.outcome:9s} {tried.seconds:5.1f} s {tried.struck.about}", flush=True)
        for line in tried.wrong:
            print("       WRONG", line, flush=True)
    return found


def chosen(count: int, seed: int) -> list[str]:
    """Every kind equally often, in an order by seed."""
    import random

    kinds = [kind for _ in range(-(-count // len(KINDS))) for kind in KINDS][:count]
    random.Random(seed).shuffle(kinds)
    return kinds


def table(tries: Sequence[Tried]) -> list[str]:
    """By kind of fault."""
    by: dict[str, list[Tried]] = defaultdict(list)
    for tried in tries:
        by[tried.kind].append(tried)
    lines = ["fault             times  survived  left out  refused  stopped  seconds (median, most)  equal"]
    for kind, some in sorted(by.items()):
        counts = {name: sum(t.outcome == name for t in some) for name in ("survived", "left out", "refused", "stopped")}
        spent = sorted(t.seconds for t in some)
        lines.append(
            f"{kind:17s} {len(some):5d} {counts['survived']:9d} {counts['left out']:9d} {counts['refused']:8d} {counts['stopped']:8d} "
            f"{spent[len(spent) // 2]:11.1f} {spent[-1]:11.1f} {sum(t.equal for t in some):6d}"
        )
    lines.append(f"equal: {sum(t.equal for t in tries)} of {len(tries)}")
    return lines


def run(count: int, seed: int) -> Figures:
    """``count`` faults."""
    hurry(30.0)
    logging.disable(logging.CRITICAL)  # what this process would say to its console
    with stage(seed) as world:
        tries = play(world, chosen(count, seed))
    figures = Figures(lines=table(tries))
    figures.wrong = [f"{t.number} {t.kind} ({t.struck.about}): {line}" for t in tries for line in t.wrong]
    return figures
