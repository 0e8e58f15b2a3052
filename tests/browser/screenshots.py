"""``python -m tests.browser.screenshots FOLDER [--whole] [--shown] [--first]``: pictures of every page – light, dark, phone – for people to look at.

``--shown``: only those the documentation shows. ``--first``: only those of the first minute. ``--whole``: pages in their whole height. The data is the demo company, read through the real
protocol, so the pictures are the same on every machine but for its fonts. With pngquant installed they take a third of the space.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from dash_app.__main__ import main as command
from dash_app.app import create_app
from dash_app.cli.example_expenses import type_example_expenses
from dash_app.cli.example_plans import type_example_plans
from dash_app.demo.testing import running_portal
from dash_app.services_factory import webhook_and_paths, workspace_of
from dash_app.settings import Settings
from dash_app.store.snapshots import Snapshots
from dash_app.web.discovery import discover

LOOKS = {
    "light": ({"width": 1440, "height": 900}, "light"),
    "dark": ({"width": 1440, "height": 900}, "dark"),
    "phone": ({"width": 390, "height": 844}, "light"),
    "phone-dark": ({"width": 390, "height": 844}, "dark"),
}


def addresses() -> dict[str, str]:
    """Name -> path of everything worth a picture."""
    found = {
        "start": "/",
        "settings": "/settings",
        "plans": "/plans",
        "motivation": "/motivation",
        "expenses": "/expenses",
    }
    for report in discover():
        asked = "?period=last_month&compare=previous"
        found[report.slug] = f"/{report.slug}{asked}"
        first = report.blocks[0]
        if first.figures:
            found[f"{report.slug}-records"] = f"/{report.slug}{asked}&drill={first.id}.{first.figures[1].id}"
    return found


def shown() -> set[str]:
    """Pictures the documentation refers to."""
    root = Path(__file__).parents[2]
    pages = [root / "README.md", *(root / "docs").glob("*.md")]
    return {name for page in pages for name in re.findall(r"pictures/([\w-]+)\.png", page.read_text(encoding="utf-8"))}


def take(browser: Browser, base: str, folder: Path, *, whole: bool, only: set[str] | None = None) -> None:
    """One picture of each page in each look."""
    for look, (size, scheme) in LOOKS.items():
        page = browser.new_page(viewport=size, color_scheme=scheme, locale="ru-RU")  # type: ignore[arg-type]
        for name, path in addresses().items():
            if only is not None and f"{name}-{look}" not in only:
                continue
            page.goto(base + path)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(2500)
            if whole:
                height = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": size["width"], "height": min(int(height), 9000)})
                page.wait_for_timeout(1500)
            file = folder / f"{name}-{look}.png"
            page.screenshot(path=file)
            if shutil.which("pngquant"):
                subprocess.run(
                    ["pngquant", "--force", "--skip-if-larger", "--speed", "1", "--output", str(file), str(file)],
                    check=False,
                )
            page.set_viewport_size(size)  # type: ignore[arg-type]
        page.close()


def main(folder: Path, *, whole: bool = False, only: set[str] | None = None) -> None:
    """Starts everything, takes the pictures, stops everything."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        running_portal(scale=6000, seed=1, limits="off", today=date(2026, 11, 20)) as portal,
    ):
        os.environ.update(
            DATA_DIR=data, B24_WEBHOOK_URL=portal.webhook, REQUESTS_PER_SECOND="10000", REQUEST_BURST="10000"
        )
        command(["workspace", "set", "pipeline_roles", '{"9": "after-sale"}'])
        command(["sync", "--quiet"])
        settings = Settings()
        _, paths = webhook_and_paths(settings)
        published = Snapshots(paths).current()
        assert published is not None
        type_example_plans(workspace_of(settings, paths), published.facts_path)
        type_example_expenses(workspace_of(settings, paths), published.facts_path)
        server = make_server("127.0.0.1", 0, create_app(Settings()).server, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            take(browser, f"http://127.0.0.1:{server.server_port}", folder, whole=whole, only=only)
            browser.close()
        server.shutdown()


def first_minute(folder: Path) -> None:
    """The newcomer's way: nothing loaded yet, a webhook with what the doctor says of it, the made-up company with its badge."""
    folder.mkdir(parents=True, exist_ok=True)
    day = date(2026, 11, 20)
    with (
        tempfile.TemporaryDirectory() as data,
        running_portal(scale=2000, seed=1, limits="off", today=day) as demo,
        running_portal(scale=60, seed=2, limits="off", today=day, admin=False) as own,
    ):
        os.environ.pop("B24_WEBHOOK_URL", None)
        os.environ.update(DATA_DIR=data, REQUESTS_PER_SECOND="10000", REQUEST_BURST="10000")
        file = Path(data, "demo", "webhook")
        file.parent.mkdir()
        file.write_text(demo.webhook)
        server = make_server("127.0.0.1", 0, create_app(Settings()).server, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page(viewport=LOOKS["light"][0], locale="ru-RU")  # type: ignore[arg-type]
            base = f"http://127.0.0.1:{server.server_port}"

            def picture(name: str) -> None:
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(1500)
                page.screenshot(path=folder / f"{name}-light.png")

            page.goto(base)
            page.wait_for_selector(".connect-steps")
            picture("first-load")
            command(["sync", "--quiet"])
            page.goto(base)
            page.wait_for_selector(".home-card")
            picture("made-up")
            page.goto(f"{base}/connect")
            page.fill("#connect-webhook", own.webhook)
            page.click("#connect-check")
            page.wait_for_selector("#connect-anyway")
            picture("connect")
            browser.close()
        server.shutdown()


if __name__ == "__main__":
    if "--first" in sys.argv:
        first_minute(Path(sys.argv[1]))
        raise SystemExit
    main(Path(sys.argv[1]), whole="--whole" in sys.argv, only=shown() if "--shown" in sys.argv else None)
