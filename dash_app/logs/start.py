"""The log as the settings have it: one place for every way of starting the application."""

from __future__ import annotations

from urllib.parse import urlsplit

from dash_app import kept_webhook, logs
from dash_app.settings import Settings


def start(settings: Settings, process: str, *, console: bool = False) -> None:
    """Sets up the log of this process; every secret of the settings is hidden wherever it may turn up."""
    logs.setup(settings.data_dir, settings.log_level, process, hidden=_secrets(settings), console=console)


def _secrets(settings: Settings) -> list[str]:
    webhook = settings.b24_webhook_url.get_secret_value() if settings.b24_webhook_url else ""
    found = [
        part
        for address in (webhook, kept_webhook.read(settings.data_dir) or "")
        for part in (address, *address.split("/"))
        if len(part) >= 8 and ("." not in part or "/" in part)
    ]
    found += [secret.get_secret_value() for secret in (settings.secret_key, settings.reopen_code) if secret is not None]
    cache_url = settings.cache_url.get_secret_value() if settings.cache_url is not None else ""
    for address in (settings.workspace_url, cache_url):
        try:
            found.append(urlsplit(address or "").password or "")
        except ValueError:
            found.append(address or "")
    return found
