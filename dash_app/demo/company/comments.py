"""What people write in the timelines of cards."""

from __future__ import annotations

import numpy as np

from dash_app.demo.company.calendar import DAY, Ints
from dash_app.demo.company.names import COMMENTS
from dash_app.demo.company.paths import touched
from dash_app.demo.company.world import World

_TEXTS = np.array(COMMENTS, dtype=object)
_TYPES = np.array([None, "lead", "deal"], dtype=object)


def live(
    world: World, entity: int, ids: Ints, people: Ints, start: Ints, last: Ints, horizon: Ints, rate: float
) -> Ints:
    """Keep comments on cards; ``entity``: 1 leads, 2 deals.

    Returns the latest comment of each card by somebody else than its responsible, -1 = none.
    """
    rng, count = world.rng, len(ids)
    owner = np.repeat(np.arange(count), rng.poisson(rate * world.density, count))
    until = np.minimum(last + 6 * DAY, horizon)
    moments = start[owner] + (rng.random(len(owner)) * (until - start)[owner]).astype(np.int64)
    moments = world.calendar.at_work(rng, start[owner] + 60, moments)
    early = moments < horizon[owner]
    owner, moments = owner[early], moments[early]
    staff = world.staff
    foreign = rng.random(len(owner)) < 0.3
    others = np.concatenate([staff.office[:4], np.array(list(staff.heads.values()))])
    author = np.where(foreign, others[rng.integers(0, len(others), len(owner))], people[owner])
    world.comments.add(
        {
            "time": moments,
            "entity": np.full(len(owner), entity),
            "owner": ids[owner],
            "author": author,
            "text": rng.integers(0, len(_TEXTS), len(owner)),
        }
    )
    return touched(owner, moments, count, author != people[owner])


def flush(world: World, before: int) -> None:
    """Write the comments made before an instant."""
    block = world.comments.take(before)
    if block is None:
        return
    size = len(block["time"])
    world.writer.insert(
        "comments",
        size,
        {
            "ID": world.ids["comments"].take(world.rng, size),
            "ENTITY_ID": block["owner"],
            "ENTITY_TYPE": _TYPES[block["entity"]],
            "CREATED": block["time"],
            "COMMENT": _TEXTS[block["text"]],
            "AUTHOR_ID": block["author"],
        },
    )
