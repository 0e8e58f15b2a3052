"""How long a director looks at the old numbers: from a click on a filter to the last picture of the new answer, in a real Chromium.

Every page, by clicks on real controls. The first time a question is asked the server computes it; again, its answer is kept, so what is measured
is the way from the answer to the pixels: building, sending, parsing, drawing. Without a number of deals: the demo company, read through the real
protocol. With one: benchmarks/pages.py's synthetic portal with 300 managers (BENCH_DATA names a folder to keep it in). REPORT=slug measures one.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, sync_playwright

from benchmarks.pages import Published, facts_of
from dash_app.app import create_app
from dash_app.cli.example_expenses import type_example_expenses
from dash_app.cli.example_plans import type_example_plans
from dash_app.demo.testing import running_portal
from dash_app.engine.filters import of_report
from dash_app.engine.language import Report
from dash_app.engine.periods import PRESETS
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.reports.session import Session
from dash_app.services import Administration, Services
from dash_app.services_factory import typed_of, webhook_and_paths, workspace_of
from dash_app.settings import Settings
from dash_app.store.progress import Progress
from dash_app.store.snapshots import Snapshots
from dash_app.store.workspace import Workspace
from dash_app.web.discovery import discover

ROUNDS = 4
QUIET = 400
"""Milliseconds without a request and without a change of the page: it has settled."""
PORT = 18_050

PROBE = """
(() => {
  const p = (window.probe = {waiting: 0, last: 0, start: 0, posts: [], long: [], blocks: {}});
  const real = window.fetch;
  window.fetch = async (url, options) => {
    if (!String(url).includes("_dash-update-component")) return real(url, options);
    p.waiting += 1;
    try { p.posts.push(options.body); } catch {}
    try { return await real(url, options); } finally { p.waiting -= 1; p.last = Math.max(p.last, performance.now()); }
  };
  performance.setResourceTimingBufferSize(5000);
  new PerformanceObserver((list) => { for (const e of list.getEntries()) p.long.push([e.startTime, e.duration]); }).observe({type: "longtask"});
  new MutationObserver((changes) => {
    const now = performance.now();
    for (const {target} of changes) {
      const element = target instanceof Element ? target : target.parentElement;
      const block = element && element.closest("section.block");
      if (!block) continue;
      p.last = now;
      p.blocks[block.id] = now;
    }
  }).observe(document, {childList: true, subtree: true, attributes: true, characterData: true});
  p.begin = (at) => { p.start = at; p.last = at; p.posts = []; p.long = []; p.blocks = {}; performance.clearResourceTimings(); };
  addEventListener("click", (event) => { if (event.target.closest && event.target.closest("[role=option]")) p.begin(event.timeStamp); }, true);
  p.settled = (quiet) => p.waiting === 0 && performance.now() - Math.max(p.last, p.start) > quiet && !document.querySelector(".block-body > .skeleton");
  p.result = () => {
    const sent = performance.getEntriesByType("resource").filter((e) => e.name.includes("_dash-update-component"));
    const screen = [...document.querySelectorAll("section.block")].filter((s) => s.getBoundingClientRect().top < innerHeight).map((s) => s.id);
    const long = p.long.filter(([start, length]) => start + length > p.start);
    return {
      all: p.last - p.start, screen: Math.max(0, ...screen.map((id) => (p.blocks[id] || p.start) - p.start)),
      requests: p.posts.length, doubled: p.posts.length - new Set(p.posts.map((body) => { const b = JSON.parse(body); return b.output + JSON.stringify(b.outputs); })).size,
      raw: sent.reduce((sum, e) => sum + e.decodedBodySize, 0), wire: sent.reduce((sum, e) => sum + e.encodedBodySize, 0),
      nodes: document.querySelectorAll("*").length, long: long.reduce((sum, [, length]) => sum + length, 0), longest: Math.max(0, ...long.map(([, length]) => length)),
    };
  };
})();
"""

Seen = Mapping[str, float]


class NoRefresh:
    """Nothing is read here."""

    def start(self, started_by: str, *, full: bool = False) -> bool:
        """Never."""
        return False

    def progress(self) -> Progress | None:
        """None."""
        return None

    def cancel(self) -> None:
        """Nothing to stop."""


def server() -> Flask:
    """The application over the facts BENCH_FACTS names; gunicorn calls it."""
    facts, folder = Path(os.environ["BENCH_FACTS"]), Path(os.environ["DATA_DIR"])
    workspace = Workspace(f"sqlite:///{folder / 'workspace.sqlite'}", portal="benchmark")
    type_example_plans(workspace, facts)
    type_example_expenses(workspace, facts)
    reports = ReportService(partial(Published, facts), discover(), AnswerCache(), typed=typed_of(workspace))
    session = Session(reports, workspace)
    settings = Settings(data_dir=folder)
    app = create_app(
        settings,
        Services(settings, lambda: session, NoRefresh(), Administration(workspace, rederive=lambda: None)),
    )
    flask: Flask = app.server
    return flask


@contextmanager
def serving(application: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The application as it is deployed, but for one worker: what is kept is kept for all questions. Yields its address."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{PORT}",
        "--workers",
        "1",
        "--worker-class",
        "gthread",
        "--threads",
        "8",
        "--timeout",
        "300",
        "--log-level",
        "critical",
        application,
    ]
    process = subprocess.Popen(command, env={**os.environ, **environment})
    address = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(600):
            time.sleep(0.2)
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
                break
            except OSError:
                continue
        yield address
    finally:
        process.terminate()
        process.wait()


@contextmanager
def demo_company(folder: Path) -> Iterator[str]:
    """The demo company: the address of its reports."""
    with running_portal(scale=6000, seed=1, limits="off", today=date(2026, 11, 20)) as portal:
        environment = {
            "DATA_DIR": str(folder),
            "B24_WEBHOOK_URL": portal.webhook,
            "REQUESTS_PER_SECOND": "10000",
            "REQUEST_BURST": "10000",
        }
        run = {**os.environ, **environment}
        for words in (["workspace", "set", "pipeline_roles", '{"9": "after-sale"}'], ["sync", "--quiet"]):
            subprocess.run([sys.executable, "-m", "dash_app", *words], env=run, check=True, stdout=subprocess.DEVNULL)
        settings = Settings(data_dir=folder, b24_webhook_url=portal.webhook)
        _, paths = webhook_and_paths(settings)
        published = Snapshots(paths).current()
        assert published is not None
        type_example_plans(workspace_of(settings, paths), published.facts_path)
        type_example_expenses(workspace_of(settings, paths), published.facts_path)
        with serving("dash_app.app:create_server()", environment) as address:
            yield address


@contextmanager
def synthetic(folder: Path, deals: int) -> Iterator[str]:
    """A synthetic portal of that many deals: the address of its reports."""
    kept = Path(os.environ.get("BENCH_DATA", folder))
    facts = facts_of(kept, deals)
    with serving("benchmarks.browser:server()", {"BENCH_FACTS": str(facts), "DATA_DIR": str(folder)}) as address:
        yield address


def settle(page: Page) -> dict[str, float]:
    """Waits until everything is answered and drawn; what it took since the last click."""
    page.wait_for_function("quiet => window.probe && probe.settled(quiet)", arg=QUIET, timeout=120_000, polling=50)
    found: dict[str, float] = page.evaluate("probe.result()")
    return found


def choose(page: Page, control: str, option: int | str) -> dict[str, float]:
    """Opens a control of the filter bar and clicks an option, by its place or its words."""
    page.get_by_label(control, exact=True).and_(page.locator("input")).first.click()
    options = page.locator("[role=option]:visible")
    (options.nth(option) if isinstance(option, int) else options.get_by_text(option, exact=True)).first.click()
    seen = settle(page)
    page.keyboard.press("Escape")
    return seen


def changes(report: Report) -> list[tuple[str, int | str]]:
    """One round of clicks; it ends where it began."""
    name, words = ("pipeline", "Воронка") if "pipeline" in of_report(report) else ("department", "Отдел")
    assert name in of_report(report)
    clicks: list[tuple[str, int | str]] = [(words, 0), (words, 0)]
    if report.default_period != "all":
        clicks[1:1] = [("Период", PRESETS["last_quarter"].ru)]
        clicks += [("Период", PRESETS["last_month"].ru)]
    return clicks


def measure(
    page: Page, address: str, report: Report
) -> tuple[dict[str, float], list[dict[str, float]], list[dict[str, float]]]:
    """(opening the page, changes asked for the first time, the same changes again)."""
    period = "?period=last_month&compare=previous" if report.default_period != "all" else ""
    page.goto("about:blank")
    page.goto(f"{address}/{report.slug}{period}")
    page.wait_for_selector("section.block", timeout=120_000)
    opened = settle(page)
    page.goto("about:blank")
    page.goto(f"{address}/{report.slug}{period}")
    page.wait_for_selector("section.block", timeout=120_000)
    opened = settle(page)
    first: list[dict[str, float]] = []
    again: list[dict[str, float]] = []
    for number in range(ROUNDS):
        for control, option in changes(report):
            (again if number else first).append(choose(page, control, option))
    return opened, first, again


def middle(seen: list[dict[str, float]], name: str) -> float:
    """Median of one number."""
    return statistics.median(s[name] for s in seen)


def main(deals: int = 0) -> None:
    """A line a report: medians of several changes."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with synthetic(folder, deals) if deals else demo_company(folder) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="ru-RU", reduced_motion="reduce")
            page.set_default_timeout(60_000)
            page.add_init_script(PROBE)
            print(
                f"{f'{deals:,} deals' if deals else 'the demo company'}; milliseconds from click to pixels, medians of {ROUNDS - 1} rounds of changes with kept answers",
                flush=True,
            )
            print(
                f"{'':24} {'open':>6} {'new':>6} | {'first screen':>12} {'all':>6} {'long tasks':>10} {'longest':>8} | {'KB':>6} {'sent':>6} {'requests':>8} {'doubled':>7} | {'nodes':>6}",
                flush=True,
            )
            for report in discover():
                if os.environ.get("REPORT", report.slug) != report.slug:
                    continue
                opened, first, again = measure(page, address, report)
                row = {name: middle(again, name) for name in again[0]}
                print(
                    f"{report.slug:24} {opened['all']:6.0f} {middle(first, 'all'):6.0f} | {row['screen']:12.0f} {row['all']:6.0f} {row['long']:10.0f} {row['longest']:8.0f}"
                    f" | {row['raw'] / 1000:6.0f} {row['wire'] / 1000:6.0f} {row['requests']:8.0f} {row['doubled']:7.0f} | {row['nodes']:6.0f}",
                    flush=True,
                )
            browser.close()
