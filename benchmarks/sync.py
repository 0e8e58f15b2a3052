"""How fast a portal is read: against its own limits, and against fast_bitrix24 reading the same entities.

Each side reads in a process of its own from the same demo portal, in turn.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PEER = """
import sys, time, warnings
warnings.filterwarnings("ignore")
from fast_bitrix24 import Bitrix
b = Bitrix(sys.argv[1], verbose=False, respect_velocity_policy=False)
started = time.perf_counter()
rows = 0
from dash_app.portal.entities import DEALS, LEADS, ACTIVITIES, TASKS
for entity in (DEALS, LEADS, ACTIVITIES, TASKS):
    rows += len(b.get_all(entity.method, {"select": list(entity.select)}))
for type_id in (2, 1):
    rows += len(b.get_all("crm.stagehistory.list", {"entityTypeId": type_id}))
print(rows, time.perf_counter() - started)
"""

_OURS = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from dash_app.portal.client import Client
from dash_app.portal.credentials import Webhook
from dash_app.portal.entities import BIG
from dash_app.portal.pacing import Pacing
from dash_app.portal.reader import Reader
reader = Reader(Client(Webhook.parse(sys.argv[1]), Pacing(rate=10_000, burst=100_000)))
started = time.perf_counter()
with ThreadPoolExecutor(6) as pool:
    rows = sum(pool.map(lambda e: (reader.expected(e), sum(page.rows for page in reader.read(e)))[1], BIG))
print(rows, time.perf_counter() - started)
"""


@contextlib.contextmanager
def portal(scale: int, limits: str) -> Iterator[str]:
    """The demo portal as a process; gives its webhook."""
    command = [
        sys.executable,
        "-m",
        "dash_app",
        "demo",
        "--scale",
        str(scale),
        "--limits",
        limits,
        "--today",
        "2026-11-20",
    ]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert child.stdout is not None
    try:
        yield child.stdout.readline().strip()
    finally:
        child.terminate()
        child.wait()


def _read(code: str, webhook: str) -> tuple[int, float]:
    done = subprocess.run([sys.executable, "-c", code, webhook], capture_output=True, text=True, check=True)
    rows, seconds = done.stdout.split()[-2:]
    return int(rows), float(seconds)


def _sync(webhook: str, folder: str, *, rate: int = 2, burst: int = 50) -> tuple[float, float, int]:
    """(seconds, peak MB, requests) of a full load in a process of its own."""
    environment = {
        **os.environ,
        "B24_WEBHOOK_URL": webhook,
        "DATA_DIR": folder,
        "REQUESTS_PER_SECOND": str(rate),
        "REQUEST_BURST": str(burst),
    }
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "dash_app", "sync", "--full"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit("the sync failed")
    progress = next(Path(folder).glob("*/progress.json")).read_text()
    requests = int(progress.split('"requests":')[1].split(",")[0])
    return time.perf_counter() - started, usage.ru_maxrss / 1024, requests


def main(scale: int = 12_000, rounds: int = 3) -> None:
    """Prints both comparisons."""
    with portal(scale, "real") as webhook, tempfile.TemporaryDirectory() as folder:
        seconds, peak, requests = _sync(webhook, folder)
        allowed = max(0.0, (requests - 50) / 2)
        print(
            f"real limits, {scale:,} deals: {seconds:.1f} s for {requests} requests; the portal allows {allowed:.1f} s: ratio {seconds / allowed:.2f} (promised 1.15), peak {peak:.0f} MB"
        )
    with portal(scale, "off") as webhook:
        for number in range(rounds):
            ours, peer = _read(_OURS, webhook), _read(_PEER, webhook)
            print(
                f"no limits, round {number + 1}: ours {ours[1]:.1f} s ({ours[0]:,} rows typed), fast_bitrix24 {peer[1]:.1f} s ({peer[0]:,} rows): ratio {ours[1] / peer[1]:.2f}"
            )
    print(f"own peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def memory(scale: int = 1_000_000) -> None:
    """A full load of a large portal: seconds and peak memory. Takes its time."""
    with portal(scale, "off") as webhook, tempfile.TemporaryDirectory() as folder:
        seconds, peak, requests = _sync(webhook, folder, rate=10_000, burst=100_000)
        print(f"{scale:,} deals, limits off: {seconds:.0f} s, {requests} requests, peak {peak:.0f} MB (promised 600)")
