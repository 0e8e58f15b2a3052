"""Expenses by source and month: a typed page."""
