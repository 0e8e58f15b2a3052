"""Files people choose in the browser."""

from __future__ import annotations

import base64
import binascii

from dash_app.errors import BadInput
from dash_app.web import words


def uploaded(contents: str) -> bytes:
    """The bytes of a file a person chose; BadInput where the browser did not read it."""
    try:
        return base64.b64decode(contents.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(words.BAD_FILE) from None
