"""Focused sales reports for Bitrix24. See ``docs/architecture.md`` for the rooms and their order."""

__version__ = "0.1.0"
