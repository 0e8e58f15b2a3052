"""Commands of ``python -m dash_app``, a module each."""
