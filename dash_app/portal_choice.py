"""Which portal is read: the webhook of the settings, the one entered on the page, or the demo portal on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from dash_app import kept_webhook, private
from dash_app.errors import UserError
from dash_app.portal.credentials import Webhook
from dash_app.settings import Settings
from dash_app.store.files import write_atomically
from dash_app.text import Text

PAGE = Text("Введённое", "What was entered")
"""How sentences call what somebody entered on the page."""


def _demo_file(settings: Settings) -> Path:
    return settings.data_dir / "demo" / "webhook"


def is_fixed(settings: Settings) -> bool:
    """Whether the settings name the portal, so that no page may."""
    return settings.b24_webhook_url is not None and bool(settings.b24_webhook_url.get_secret_value().strip())


def is_demo(settings: Settings) -> bool:
    """Whether no portal is configured, nor connected on the page."""
    return not is_fixed(settings) and kept_webhook.read(settings.data_dir) is None


def effective_webhook(settings: Settings) -> Webhook:
    """The configured webhook, else the one entered on the page, else the demo portal's. BadWebhook or UserError says what is wrong."""
    if settings.b24_webhook_url is not None and is_fixed(settings):
        return Webhook.parse(settings.b24_webhook_url.get_secret_value())
    kept = kept_webhook.read(settings.data_dir)
    if kept is not None:
        return Webhook.parse(kept, PAGE)
    try:
        return Webhook.parse(_demo_file(settings).read_text().strip())
    except OSError:
        raise UserError(
            Text(
                "Портал не задан и демо-портал ещё не запускался. Выполните make run и подключите портал на странице или укажите B24_WEBHOOK_URL.",
                "No portal is configured and the demo portal has not been started yet. Run make run and connect a portal on its page, or set B24_WEBHOOK_URL.",
            )
        ) from None


def keep(settings: Settings, webhook: Webhook) -> None:
    """The portal to read from now on, in every process; UserError where the settings name another."""
    if is_fixed(settings):
        raise UserError(
            Text(
                "Портал задан настройкой B24_WEBHOOK_URL: поменяйте её.",
                "The portal is given by the setting B24_WEBHOOK_URL: change it there.",
            )
        )
    file = kept_webhook.file_of(settings.data_dir)
    file.parent.mkdir(parents=True, exist_ok=True, mode=private.FOLDER)
    secret = f"{webhook.address}/rest/{webhook.user_id}/{webhook.secret.get_secret_value()}/"
    write_atomically(file, secret.encode())
    file.chmod(private.FILE)


def _answers(webhook: Webhook) -> bool:
    request = urllib.request.Request(
        webhook.url("server.time"), data=b"{}", headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:
            return "result" in json.loads(answer.read())
    except (urllib.error.URLError, OSError, ValueError):
        return False


def ensure_demo(settings: Settings, *, quiet: bool = False) -> subprocess.Popen[str] | None:
    """Starts the demo portal unless it already answers; its company is kept, so a second start is quick.

    Returns the child process to stop at the end, None if the portal was running already.
    """
    file = _demo_file(settings)
    if file.exists():
        known = Webhook.parse(file.read_text().strip())
        if urlsplit(known.address).port == settings.demo_port and _answers(known):
            return None
    file.parent.mkdir(parents=True, exist_ok=True)
    database = file.parent / f"company-{settings.demo_scale}.sqlite"
    command = [
        sys.executable,
        "-m",
        "dash_app",
        "demo",
        "--port",
        str(settings.demo_port),
        "--scale",
        str(settings.demo_scale),
        "--database",
        str(database),
    ]
    if database.exists():
        command.append("--keep")
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL if quiet else None, text=True)
    assert child.stdout is not None
    line = child.stdout.readline().strip()
    if not line:
        child.wait(timeout=10)
        raise UserError(
            Text(
                f"Демо-портал не запустился: порт {settings.demo_port} занят? Задайте другой в DEMO_PORT.",
                f"The demo portal did not start: is port {settings.demo_port} taken? Set another one in DEMO_PORT.",
            )
        )
    webhook = Webhook.parse(line)
    write_atomically(file, line.encode())
    file.chmod(0o600)
    deadline = time.monotonic() + 60
    while not _answers(webhook):
        if time.monotonic() > deadline:
            raise UserError(Text("Демо-портал не отвечает.", "The demo portal does not answer."))
        time.sleep(0.1)
    return child
