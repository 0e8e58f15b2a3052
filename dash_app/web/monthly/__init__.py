"""Pages of monthly grids: which there are. One module a page, each with its ``PAGE``; nothing else is registered (CONTRIBUTING, "Add a grid")."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from dash_app.web.monthly_page import MonthlyPage


@cache
def monthly_pages() -> tuple[MonthlyPage, ...]:
    """Every ``PAGE`` of this package's modules, in the order of their grids."""
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    found = [module.PAGE for module in modules if hasattr(module, "PAGE")]
    return tuple(sorted(found, key=lambda page: (page.grid.place, page.slug)))


def monthly_page_at(slug: str) -> MonthlyPage | None:
    """The page of an address; None where it is another's."""
    return next((page for page in monthly_pages() if page.slug == slug), None)
