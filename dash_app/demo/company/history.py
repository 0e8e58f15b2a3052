"""Stage history: rows leave in the order of time, whichever month their card was made in."""

from __future__ import annotations

from dash_app.demo.company.calendar import Ints
from dash_app.demo.company.paths import Walk
from dash_app.demo.company.world import World


def keep(world: World, leads: bool, ids: Ints, walk: Walk) -> None:
    """Put the rows of a walk aside; ``ids`` of the cards in the order of the walk."""
    pending = world.lead_history if leads else world.deal_history
    pending.add({"time": walk.time, "owner": ids[walk.card], "type": walk.type, "stage": walk.stage})


def flush(world: World, before: int) -> None:
    """Write the rows earlier than an instant."""
    for leads in (True, False):
        table = world.leads if leads else world.deals
        block = (world.lead_history if leads else world.deal_history).take(before)
        if block is None:
            continue
        size, stage = len(block["time"]), block["stage"]
        name = "lead_history" if leads else "deal_history"
        columns = {
            "ID": world.ids[name].take(world.rng, size),
            "TYPE_ID": block["type"],
            "OWNER_ID": block["owner"],
            "CREATED_TIME": block["time"],
        }
        if leads:
            columns |= {"STATUS_SEMANTIC_ID": table.letters[stage], "STATUS_ID": table.codes[stage]}
        else:
            columns |= {
                "CATEGORY_ID": table.category[stage],
                "STAGE_SEMANTIC_ID": table.letters[stage],
                "STAGE_ID": table.codes[stage],
            }
        world.writer.insert(name, size, columns)
