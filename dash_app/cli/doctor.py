"""``python -m dash_app doctor``: what is wrong, and what to do."""

from __future__ import annotations

import argparse

from dash_app.portal.client import Client
from dash_app.portal.doctor import diagnose
from dash_app.portal.pacing import Pacing
from dash_app.portal_choice import effective_webhook
from dash_app.settings import Settings

_MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


def add_doctor(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run_doctor(args: argparse.Namespace, settings: Settings) -> int:
    """Prints findings; 0 – all is well, 1 – warnings, 2 – errors."""
    client = Client(
        effective_webhook(settings), Pacing(settings.requests_per_second, settings.request_burst), patience=30
    )
    findings = diagnose(client, settings.timezone)
    for finding in findings:
        print(_MARKS[finding.level], finding.text.of(settings.language))
    levels = {f.level for f in findings}
    return 2 if "error" in levels else 1 if "warning" in levels else 0
