"""Answers as files: Excel and CSV. The page and the command line use the same functions."""
