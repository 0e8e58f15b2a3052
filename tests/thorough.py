"""How much random tests ask: enough to notice in every run, several times that before a release (``make test-long``)."""

from __future__ import annotations

import os

FACTOR = float(os.environ.get("EXAMPLES", "1"))


def asked(usual: int) -> int:
    """Examples of a test that asks ``usual`` in an ordinary run; the environment's ``EXAMPLES`` multiplies."""
    return max(1, round(usual * FACTOR))


def companies(*seeds: int) -> list[int]:
    """Random companies a test is asked over: the first in an ordinary run, all of them in a long one."""
    return list(seeds if FACTOR > 1 else seeds[:1])
