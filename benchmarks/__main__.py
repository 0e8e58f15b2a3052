"""``python -m benchmarks [pages|browser|sync|memory] [SCALE]``, or ``chaos [PART …] [COUNT [SEED]]``."""

from __future__ import annotations

import sys

from benchmarks import pages, sync

_ALL = {"pages": pages.main, "sync": sync.main, "memory": sync.memory}


def _browser(deals: int = 0) -> None:
    from benchmarks import browser  # needs a Chromium, the others do not

    browser.main(deals)


_ALL["browser"] = _browser


def main() -> None:
    """Runs what is named, or pages and sync."""
    if sys.argv[1:2] == ["chaos"]:
        from benchmarks import chaos

        raise SystemExit(chaos.main(*sys.argv[2:]))
    names = [a for a in sys.argv[1:] if a in _ALL] or ["pages", "sync"]
    scale = [int(a) for a in sys.argv[1:] if a.isdigit()]
    for name in names:
        print(f"== {name}", flush=True)
        _ALL[name](*scale)


main()
