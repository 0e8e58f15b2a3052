"""Pages of monthly grids: which there are. The ``PAGE`` of a room that has a grid; nothing else is registered (CONTRIBUTING, "Add a grid")."""

from __future__ import annotations

from functools import cache

from dash_app.rooms import of_grid_rooms
from dash_app.web.monthly_page import MonthlyPage


@cache
def monthly_pages() -> tuple[MonthlyPage, ...]:
    """The ``PAGE`` of every room of a grid, in the order of their grids."""
    found: list[MonthlyPage] = of_grid_rooms("page", "PAGE")
    return tuple(sorted(found, key=lambda page: (page.grid.place, page.slug)))


def monthly_page_at(slug: str) -> MonthlyPage | None:
    """The page of an address; None where it is another's."""
    return next((page for page in monthly_pages() if page.slug == slug), None)
