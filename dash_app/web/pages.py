"""Which page an address means. Reports are pages of themselves; a few more pages are the application's own."""

from __future__ import annotations

from dash_app.engine.language import Report
from dash_app.reports.session import Session
from dash_app.web.state import slug_of

HOME = ""
SETTINGS = "settings"
MOTIVATION = "motivation"
CONNECT = "connect"
OWN = frozenset({HOME, SETTINGS, MOTIVATION, CONNECT})
"""Pages of the application that are neither reports nor grids of months."""


def is_own(slug: str) -> bool:
    """Whether a path is of a page of the application's own; topics of the settings are."""
    return slug in OWN or slug.startswith(f"{SETTINGS}/")


def report_at(reports: Session, pathname: object) -> Report | None:
    """The report of an address; None for the start page, the settings and addresses that mean nothing."""
    slug = slug_of(pathname)
    return next((report for report in reports.reports() if report.slug == slug), None)
