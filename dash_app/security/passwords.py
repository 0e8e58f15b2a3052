"""Passwords: argon2id by argon2-cffi at its defaults (64 MiB), at most two at a time, the same time for names that nobody has."""

from __future__ import annotations

import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dash_app.errors import BadInput
from dash_app.text import Text

LEAST, MOST = 12, 200
AT_ONCE = 2
"""So many are checked at a time by one process: each takes 64 MiB, and whoever sends many must not fill the memory."""

TOO_SHORT = Text(
    f"Пароль короче {LEAST} знаков. Хорошо подходит фраза из нескольких слов.",
    f"The password has fewer than {LEAST} characters. A phrase of several words is good.",
)
TOO_LONG = Text(f"Пароль длиннее {MOST} знаков.", f"The password has more than {MOST} characters.")
TOO_SIMPLE = Text(
    "Пароль слишком простой: в нём имя для входа или почти одни и те же знаки.",
    "The password is too simple: it holds the name to sign in by, or hardly more than one character.",
)


def check(password: str, name: str) -> None:
    """BadInput for a password nobody should have. Length is what counts; no rules of digits and capitals."""
    if len(password) < LEAST:
        raise BadInput(TOO_SHORT)
    if len(password) > MOST:
        raise BadInput(TOO_LONG)
    if len(set(password)) < 5 or (len(name) > 3 and name in password.casefold()):
        raise BadInput(TOO_SIMPLE)


class Passwords:
    """Hashes and verifies. ``hasher``: another one in tests, which have no time to lose."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._places = threading.BoundedSemaphore(AT_ONCE)

    @cached_property
    def _nobodys(self) -> str:
        """What the password of an unknown name is compared with, so that the answer takes as long."""
        return self._hasher.hash("nobody has this password")

    def hashed(self, password: str) -> str:
        """What is kept of a password."""
        with self._places:
            return self._hasher.hash(password)

    def verified(self, password: str, kept: str | None) -> bool:
        """Whether it is the one; never for an account without a password, after the same time."""
        with self._places:
            nobodys = self._nobodys  # made by the first attempt of a process, whoever it is of
            try:
                right = self._hasher.verify(kept or nobodys, password[: MOST + 1])
            except (VerificationError, InvalidHashError):
                return False
        return bool(right) and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether it was hashed with other parameters than those of now."""
        return self._hasher.check_needs_rehash(kept)
