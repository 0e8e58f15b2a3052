"""Reports are found, not registered: every module of ``pages`` exports ``REPORT``."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType

from dash_app.metrics.language import Report


def report_of(module: ModuleType) -> Report:
    """A page module's declaration; TypeError if it has none."""
    report = getattr(module, "REPORT", None)
    if not isinstance(report, Report):
        raise TypeError(f"{module.__name__} does not export REPORT = Report(...)")
    return report


def discover(package: str = "pages") -> list[Report]:
    """Reports of a package in navigation order; ValueError if two share a slug."""
    folder = import_module(package)
    found = [report_of(import_module(f"{package}.{item.name}")) for item in pkgutil.iter_modules(folder.__path__)]
    slugs = [report.slug for report in found]
    if len(set(slugs)) != len(slugs):
        raise ValueError(f"two reports share a slug: {sorted(slugs)}")
    return sorted(found, key=lambda r: (r.order, r.slug))
