"""Reports are found, not registered: every module of ``pages`` exports ``REPORT``."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterable
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

from dash_app.engine.language import Report


def report_of(module: ModuleType) -> Report:
    """A page module's declaration; TypeError if it has none."""
    report = getattr(module, "REPORT", None)
    if not isinstance(report, Report):
        raise TypeError(f"{module.__name__} does not export REPORT = Report(...)")
    return report


def discover(package: str = "pages") -> list[Report]:
    """Reports of a package in navigation order; ValueError if two share a slug."""
    folder = import_module(package)
    return in_order(
        report_of(import_module(f"{package}.{item.name}")) for item in pkgutil.iter_modules(folder.__path__)
    )


def discover_folder(folder: Path) -> list[Report]:
    """Reports of page modules outside the package: somebody's own pages. They may import what is importable."""
    found = []
    for item in pkgutil.iter_modules([str(folder)]):
        spec = util.spec_from_file_location(f"extra_pages_{item.name}", folder / f"{item.name}.py")
        if spec is None or spec.loader is None:
            continue
        module = util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        found.append(report_of(module))
    return in_order(found)


def in_order(reports: Iterable[Report]) -> list[Report]:
    """Reports as navigation shows them; ValueError if two share a slug."""
    found = list(reports)
    slugs = [report.slug for report in found]
    if len(set(slugs)) != len(slugs):
        raise ValueError(f"two reports share a slug: {sorted(slugs)}")
    return sorted(found, key=lambda r: (r.order, r.slug))
