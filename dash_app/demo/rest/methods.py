"""Imports every module that adds methods to the registry."""

from dash_app.demo.rest import (  # noqa: F401
    activities,
    crm_lists,
    dictionaries,
    groups,
    history,
    items,
    system,
    tasks,
    users,
    writes,
)
