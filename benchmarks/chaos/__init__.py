"""``python -m benchmarks chaos [PART …] [COUNT]``: what the product stands, measured; not a test.

A part is a module with ``run(count, seed) -> Figures`` and an entry in ``PARTS``. Each starts what it needs itself and stops it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module


@dataclass(slots=True)
class Figures:
    """What a part measured. ``wrong``: what must not have happened, each with a line to look at; empty is good."""

    lines: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


PARTS: Mapping[str, tuple[str, int]] = {
    "refreshes": ("benchmarks.chaos.refreshes", 200),
    "requests": ("benchmarks.chaos.requests", 10_000),
}
"""Name -> its module, how many by default."""


def main(*arguments: str) -> int:
    """Runs the parts named, or all; prints their figures. 1 where anything went wrong."""
    counts = [int(a) for a in arguments if a.isdigit()]
    failed = False
    for name in [a for a in arguments if a in PARTS] or PARTS:
        module, usual = PARTS[name]
        run: Callable[[int, int], Figures] = import_module(module).run
        print(f"-- {name}", flush=True)
        found = run(counts[0] if counts else usual, counts[1] if len(counts) > 1 else 1)
        for line in found.lines:
            print(line)
        for line in found.wrong[:40]:
            print("WRONG", line)
        failed = failed or bool(found.wrong)
    sys.stdout.flush()
    return int(failed)
