"""HTML to PDF by the browser there is on this machine, headless and without a network. Where there is none a sentence says so.

The page is a file of ours in a folder of its own; the browser gets a profile of its own there, both are deleted with it. Nothing else is
opened: names resolve to nothing, and the page's own policy (``web.paper``) forbids what is not beside it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from dash_app import logs
from dash_app.errors import UserError
from dash_app.text import Text

_log = logs.get(__name__)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge")
"""Programs that print, in the order they are looked for."""
PATIENCE = 90.0
"""Seconds a document may take; a report of three hundred rows takes about two."""
_AT_ONCE = threading.Semaphore(2)
"""A browser takes some 200 MB: who prints third waits."""

NO_BROWSER = Text(
    "Чтобы сделать PDF, на этой машине нужен Chromium или Chrome. Пока его нет, напечатайте страницу из браузера: Ctrl+P, «Сохранить как PDF».",
    "A PDF needs Chromium or Chrome on this machine. Until it is there, print the page from your browser: Ctrl+P, “Save as PDF”.",
)
NOT_PRINTED = Text(
    "PDF не получился: браузер на этой машине не напечатал документ. Напечатайте страницу из своего браузера: Ctrl+P, «Сохранить как PDF».",
    "There is no PDF: the browser on this machine did not print the document. Print the page from your own: Ctrl+P, “Save as PDF”.",
)


class NotPrinted(UserError):
    """No PDF could be made here."""


def browser(named: str = "") -> str | None:
    """The program that prints: the one ``named`` (setting PDF_BROWSER), else the first of ``NAMES`` that is there."""
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def pdf(document: str, named: str = "") -> bytes:
    """A whole HTML document printed. NotPrinted where no browser (``named``) is there, or it fails or takes too long."""
    program = browser(named)
    if program is None:
        raise NotPrinted(NO_BROWSER)
    with _AT_ONCE, tempfile.TemporaryDirectory(prefix="paper-") as name:
        folder = Path(name)
        page, target = folder / "page.html", folder / "page.pdf"
        page.write_text(document, encoding="utf-8")
        try:
            done = subprocess.run(_command(program, folder, page, target), capture_output=True, timeout=PATIENCE)
        except (OSError, subprocess.TimeoutExpired) as error:
            _log.warning("pdf_failed", why=type(error).__name__)
            raise NotPrinted(NOT_PRINTED) from error
        if done.returncode != 0 or not target.is_file():
            _log.warning("pdf_failed", why=f"exit code {done.returncode}")
            raise NotPrinted(NOT_PRINTED)
        return target.read_bytes()


def _command(program: str, folder: Path, page: Path, target: Path) -> list[str]:
    return [
        program,
        "--headless",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),  # it refuses to start under root with one
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--allow-file-access-from-files",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder / 'profile'}",
        "--virtual-time-budget=20000",
        "--run-all-compositor-stages-before-draw",
        "--no-pdf-header-footer",
        f"--print-to-pdf={target}",
        page.as_uri(),
    ]
