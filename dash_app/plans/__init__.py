"""Plans of sales by manager, pipeline and month: a typed page."""
