"""Signing in: name and password, the second factor of who has one, one-time links. What a page or a command asks; nothing of HTTP."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

import pyotp

from dash_app import logs
from dash_app.errors import UserError
from dash_app.security import passwords as rules
from dash_app.security.accounts import MOST_NAME, Account, AccountRole, Accounts, Lifetime, normal
from dash_app.security.attempts import PER_ACCOUNT, PER_ADDRESS, Attempts, of_account, of_address
from dash_app.security.passwords import Passwords
from dash_app.text import Text

log = logs.get(__name__)
ISSUER = "Sales reports"
_STEP = 30

WRONG = Text("Имя или пароль не подошли.", "The name or the password is not right.")
WRONG_PASSWORD = Text("Нынешний пароль не подошёл.", "The present password is not right.")
WRONG_CODE = Text("Код не подошёл. Введите тот, что показан сейчас.", "The code is not right. Enter the one shown now.")
LATER = Text("Слишком много попыток. Попробуйте через {n} мин.", "Too many attempts. Try again in {n} min.")
VOID_LINK = Text(
    "Ссылка уже использована или прошли сутки. Попросите новую: python -m dash_app user reset ИМЯ.",
    "The link was used, or a day has passed. Ask for a new one: python -m dash_app user reset NAME.",
)


class NotSignedIn(UserError):
    """Not signed in; the sentence is the same whatever was wrong."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The ways in of one portal. ``lifetime``: of sessions."""

    accounts: Accounts
    attempts: Attempts
    lifetime: Lifetime = field(default_factory=Lifetime)
    passwords: Passwords = field(default_factory=Passwords)

    # -- in and out ----------------------------------------------------------------------------------------------------

    def enter(self, name: str, password: str, address: str) -> tuple[Account, str]:
        """The account and the token of its new session – half a one where the second factor is still to come. NotSignedIn otherwise."""
        name = normal(name[: 4 * MOST_NAME])
        self._may_try(of_account(name), address)
        found = self.accounts.secrets_of(name) if len(name) <= MOST_NAME else None
        account, kept = found if found is not None else (None, None)
        good = self.passwords.verified(password, None if account is None or account.disabled else kept)
        if account is None or not good:
            log.warning("sign_in_refused", account=None if account is None else account.id)
            raise NotSignedIn(WRONG)
        if kept is not None and self.passwords.is_outdated(kept):
            self.accounts.rehash(account, self.passwords.hashed(password))
        if not account.has_totp:  # else the attempt stands until the code is right as well
            self.attempts.succeeded(of_account(name), of_address(address))
            log.info("signed_in", account=account.id)
        return account, self.accounts.begin(account, half=account.has_totp)

    def complete(self, half: str, code: str, address: str) -> tuple[Account, str]:
        """The second factor; the token of the whole session. NotSignedIn, or UserError where the half one is over."""
        account = self.accounts.of_session(half, self.lifetime, half=True)
        if account is None:
            raise NotSignedIn(WRONG)
        self._may_try(of_account(account.name), address)
        secret, used = self.accounts.totp_of(account)
        step = step_of(secret, code) if secret is not None else None
        if step is None or step <= used or not self.accounts.use_step(account, step):
            log.warning("second_factor_refused", account=account.id)
            raise NotSignedIn(WRONG_CODE)
        self.attempts.succeeded(of_account(account.name), of_address(address))
        self.attempts.succeeded(of_account(account.name), of_address(address))  # the one of the password, too
        self.accounts.end(half)
        log.info("signed_in", account=account.id)
        return account, self.accounts.begin(account)

    def of_session(self, token: str, *, used: bool = True) -> Account | None:
        """Who is signed in by a token."""
        return self.accounts.of_session(token, self.lifetime, used=used)

    def leave(self, token: str) -> None:
        """Signs out."""
        self.accounts.end(token)

    def _may_try(self, subject: str, address: str) -> None:
        waits = self.attempts.begin({subject: PER_ACCOUNT, of_address(address): PER_ADDRESS})
        if waits > timedelta(0):
            log.warning("sign_in_delayed", seconds=ceil(waits.total_seconds()))
            raise NotSignedIn(LATER.format(n=max(1, ceil(waits.total_seconds() / 60))))

    # -- passwords -----------------------------------------------------------------------------------------------------

    def reset(self, account: Account) -> str:
        """The token of a one-time link; nobody has to wait any more."""
        self.attempts.forget(of_account(account.name))
        return self.accounts.new_link(account)

    def choose(self, token: str, password: str) -> Account:
        """Sets the password of whom a one-time link is for. BadInput for a bad password, NotSignedIn for a void link."""
        account = self.accounts.of_link(token)
        if account is None:
            raise NotSignedIn(VOID_LINK)
        rules.check(password, account.name)
        taken = self.accounts.take_link(token)
        if taken is None:
            raise NotSignedIn(VOID_LINK)
        self.accounts.set_password(taken, self.passwords.hashed(password))
        log.info("password_set", account=taken.id)
        return taken

    def confirm(self, account: Account, password: str, address: str) -> None:
        """NotSignedIn unless it is the account's password."""
        self._may_try(of_account(account.name), address)
        found = self.accounts.secrets_of(account.name)
        if not self.passwords.verified(password, None if found is None else found[1]):
            raise NotSignedIn(WRONG_PASSWORD)
        self.attempts.succeeded(of_account(account.name), of_address(address))

    def change(self, account: Account, password: str) -> None:
        """Sets a new password of somebody who is signed in; all his sessions end."""
        self.accounts.set_password(account, self.passwords.hashed(password))
        log.info("password_set", account=account.id)

    # -- the second factor ---------------------------------------------------------------------------------------------

    def enrol(self, account: Account, secret: str, code: str) -> None:
        """Takes a secret for the account's second factor once a code shows that the person has it; NotSignedIn otherwise."""
        step = step_of(secret, code)
        if step is None:
            raise NotSignedIn(WRONG_CODE)
        self.accounts.set_totp(account, secret, step, account.name)
        log.info("second_factor_set", account=account.id)

    def without_second_factor(self, account: Account, who: str) -> None:
        """Takes the second factor away: of who lost the telephone."""
        self.accounts.set_totp(account, None, 0, who)
        self.accounts.end_all(account)


def address_of(secret: str, account: Account) -> str:
    """``otpauth://…`` of a secret."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name=ISSUER)


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, now: float | None = None) -> int | None:
    """Which half minute a code is of: this one, the one before or the one after; None for a wrong code."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    here = int((time.time() if now is None else now) // _STEP)
    generator = pyotp.HOTP(secret)
    return next((step for step in (here, here - 1, here + 1) if generator.verify(digits, step)), None)


__all__ = [
    "LATER",
    "VOID_LINK",
    "WRONG",
    "WRONG_CODE",
    "NotSignedIn",
    "AccountRole",
    "SignIn",
    "address_of",
    "new_secret",
    "step_of",
]
