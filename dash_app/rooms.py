"""Rooms of monthly grids (``plans/``, ``expenses/``): folders of the program that hold a ``grid.py``; nothing is registered."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import dash_app


def of_grid_rooms(module: str, name: str) -> list[Any]:
    """``name`` of a module (``grid``, ``page``) of every room that holds a ``grid.py``. ModuleNotFoundError or AttributeError where one lacks it."""
    rooms = [
        room.name
        for folder in dash_app.__path__
        for room in pkgutil.iter_modules([folder])
        if room.ispkg and Path(folder, room.name, "grid.py").is_file()
    ]
    return [getattr(importlib.import_module(f"dash_app.{room}.{module}"), name) for room in rooms]
