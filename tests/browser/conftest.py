"""A real Chromium on the application over a made-up portal; every page must keep quiet and keep to itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from dash_app.app import create_app
from dash_app.services import Services
from tests.fakes import FakePortal, fake_services

CHROMIUM = "/usr/bin/chromium"
expect.set_options(timeout=20_000)
logging.getLogger("werkzeug").setLevel(logging.ERROR)


@dataclass
class Site:
    """The running application."""

    address: str
    services: Services
    portal: FakePortal


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    portal = FakePortal(folder)
    services = fake_services(folder, portal=portal)
    server = make_server("127.0.0.1", 0, create_app(services.settings, services).server, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(f"http://127.0.0.1:{server.server_port}", services, portal)
    server.shutdown()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Watched:
    """What a page did that it should not have done."""

    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


def left_behind(message: str) -> bool:
    """Dash complains when an answer arrives for a block of a page that was left meanwhile: harmless, and a matter of the machine's speed."""
    return message.startswith("{path,type: Array") or (
        "A nonexistent object was used in an `Output`" in message and "with MATCH values" in message
    )


def watched(page: Page, site: Site) -> Watched:
    """Notes console errors, page errors, failed answers and requests to other addresses."""
    seen = Watched()
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" and not left_behind(m.text) else None)
    page.on("pageerror", lambda e: seen.errors.append(str(e)))
    page.on("response", lambda r: seen.errors.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on(
        "request",
        lambda r: seen.foreign.append(r.url) if not r.url.startswith((site.address, "data:", "blob:")) else None,
    )
    return seen


_COUNT_REQUESTS = """
(() => {
  const ask = window.fetch;
  window.asking = 0;
  window.answered = 0;
  window.fetch = (...given) => {
    window.asking += 1;
    return ask(...given).finally(() => { window.asking -= 1; window.answered = performance.now(); });
  };
})()
"""


def quiet(page: Page) -> None:
    """Waits until no answer is on its way and none has come for a moment: controls have shown what the last one said."""
    page.wait_for_function("() => window.asking === 0 && performance.now() - window.answered > 400")


@pytest.fixture
def desk(chromium: Browser, site: Site) -> Iterator[Page]:
    """A laptop, 1440 px, light. The test fails if the page complained or asked elsewhere."""
    yield from _page(chromium, site, width=1440, height=900)


@pytest.fixture
def phone(chromium: Browser, site: Site) -> Iterator[Page]:
    """A phone, 390 px, dark."""
    yield from _page(chromium, site, width=390, height=844, dark=True)


def _page(browser: Browser, site: Site, *, width: int, height: int, dark: bool = False) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        has_touch=width < 500,
        base_url=site.address,
        locale="ru-RU",
    )
    context.add_init_script(_COUNT_REQUESTS)
    page = context.new_page()
    page.set_default_timeout(20_000)
    seen = watched(page, site)
    yield page
    context.close()
    assert seen.errors == [], "\n".join(e[:700] for e in seen.errors)
    assert seen.foreign == []
