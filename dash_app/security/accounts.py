"""Accounts of people who sign in, with their sessions and one-time links, in the workspace database beside what people typed.

They belong to a portal's address, not to a company met behind it. Every change of an account is kept in the same history as settings, without any
secret. Instants are naive UTC in the database, aware here.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from dash_app.errors import BadInput, UserError
from dash_app.store.workspace import Workspace
from dash_app.text import Text

_metadata = sa.MetaData()
_accounts = sa.Table(
    "accounts",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("portal", sa.String(200), nullable=False),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("password", sa.String(300)),
    sa.Column("role", sa.String(30), nullable=False),
    sa.Column("portal_user", sa.Integer),
    sa.Column("company", sa.String(40), nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("totp", sa.String(64)),
    sa.Column("totp_step", sa.BigInteger),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("created_by", sa.String(200), nullable=False),
)
_sign_ins = sa.Table(
    "sign_ins",
    _metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("account_id", sa.Integer, nullable=False),
    sa.Column("stage", sa.String(10), nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False),
)
_links = sa.Table(
    "reset_links",
    _metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("account_id", sa.Integer, nullable=False),
    sa.Column("until", sa.DateTime, nullable=False),
)

LINK_LIFE = timedelta(hours=24)
MOST_NAME = 60
_NAME = re.compile(r"[\w.@+-]{1,60}")
_SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is known when a session was last used: writing at every request would be for nothing."""

BAD_NAME = Text(
    "Имя для входа – до 60 букв, цифр и знаков . _ - + @, без пробелов.",
    "A name to sign in by is up to 60 letters, digits and . _ - + @, without spaces.",
)
TAKEN = Text("Учётная запись «{name}» уже есть.", "There is an account “{name}” already.")
UNKNOWN = Text("Учётной записи «{name}» нет.", "There is no account “{name}”.")
NEEDS_PERSON = Text(
    "Чтобы видеть данные по структуре портала, учётной записи нужен номер сотрудника: --portal-user 7.",
    "To see data by the portal's structure an account needs the number of its person: --portal-user 7.",
)


class AccountRole(StrEnum):
    """What an account is for."""

    OWNER = "owner"
    """Sees everything, changes settings, plans and whatever else is typed."""
    STRUCTURE = "structure"
    """Sees what the company structure of the portal gives its person (``access.structure``)."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. ``company``: key of the company ``portal_user`` is a number of."""

    id: int
    name: str
    role: AccountRole
    portal_user: int | None
    company: str
    disabled: bool
    has_password: bool
    has_totp: bool
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts: without being used, and at all. ``half``: between the password and the second factor."""

    idle: timedelta = timedelta(hours=12)
    whole: timedelta = timedelta(days=7)
    half: timedelta = timedelta(minutes=5)


def normal(name: str) -> str:
    """A name as it is compared: however its letters are written."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def new_token() -> str:
    """256 random bits, as they go to the browser."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is kept of a token: it is random and long, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


class Accounts:
    """Accounts of the portal whose ``workspace`` it is. Safe to use from any thread or process."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def _portal(self) -> str:
        return self._workspace.portal.partition("~")[0]

    @property
    def company(self) -> str:
        """Key of the company whose data is published: numbers of people are its."""
        return self._workspace.portal.partition("~")[2]

    # -- reading -------------------------------------------------------------------------------------------------------

    def any(self) -> bool:
        """Whether there is somebody to sign in."""
        with self._workspace.reading() as connection:
            return (
                connection.execute(
                    sa.select(_accounts.c.id).where(_accounts.c.portal == self._portal).limit(1)
                ).scalar()
                is not None
            )

    def all(self) -> list[Account]:
        """All accounts by name."""
        query = sa.select(_accounts).where(_accounts.c.portal == self._portal).order_by(_accounts.c.name)
        with self._workspace.reading() as connection:
            return [_account(row) for row in connection.execute(query).mappings()]

    def by_name(self, name: str) -> Account:
        """The account of a name; BadInput where there is none."""
        row = self._row(name)
        if row is None:
            raise BadInput(UNKNOWN.format(name=name[:MOST_NAME]))
        return _account(row)

    def _row(self, name: str) -> sa.RowMapping | None:
        query = sa.select(_accounts).where(_accounts.c.portal == self._portal, _accounts.c.name == normal(name))
        with self._workspace.reading() as connection:
            return connection.execute(query).mappings().first()

    def secrets_of(self, name: str) -> tuple[Account, str | None] | None:
        """The account of a name with the hash of its password; None where there is none."""
        row = self._row(name)
        return None if row is None else (_account(row), row["password"])

    # -- changing ------------------------------------------------------------------------------------------------------

    def add(self, name: str, role: AccountRole, portal_user: int | None, who: str) -> Account:
        """A new account without a password. BadInput for a name that is none or taken, or for a person that is missing."""
        name = normal(name)
        if not _NAME.fullmatch(name):
            raise BadInput(BAD_NAME)
        _check(role, portal_user)
        with self._workspace.writing() as connection:
            if connection.execute(self._named(name)).first() is not None:
                raise BadInput(TAKEN.format(name=name))
            values = {
                "portal": self._portal,
                "name": name,
                "role": role.value,
                "portal_user": portal_user,
                "company": self.company,
                "disabled": False,
                "created_at": _now(),
                "created_by": who[:200],
            }
            connection.execute(sa.insert(_accounts).values(**values))
            row = connection.execute(self._named(name)).mappings().one()
            self._workspace.note(connection, f"account:{name}", who, None, _said(row))
        return _account(row)

    def change(
        self,
        name: str,
        who: str,
        *,
        role: AccountRole | None = None,
        portal_user: int | None = None,
        disabled: bool | None = None,
    ) -> Account:
        """Changes what is given; sessions of the account end. BadInput where there is no such account."""
        with self._workspace.writing() as connection:
            row = connection.execute(self._named(normal(name))).mappings().first()
            if row is None:
                raise BadInput(UNKNOWN.format(name=name[:MOST_NAME]))
            values: dict[str, Any] = {}
            if role is not None:
                values["role"] = role.value
            if portal_user is not None:
                values |= {"portal_user": portal_user, "company": self.company}
            if disabled is not None:
                values["disabled"] = disabled
            _check(AccountRole(values.get("role", row["role"])), values.get("portal_user", row["portal_user"]))
            if values:
                connection.execute(sa.update(_accounts).where(_accounts.c.id == row["id"]).values(**values))
            _end_all(connection, row["id"])
            after = connection.execute(self._named(row["name"])).mappings().one()
            self._workspace.note(connection, f"account:{row['name']}", who, _said(row), _said(after))
        return _account(after)

    def _named(self, name: str) -> sa.Select[Any]:
        return sa.select(_accounts).where(_accounts.c.portal == self._portal, _accounts.c.name == name)

    def set_password(self, account: Account, hashed: str) -> None:
        """Keeps a hash; sessions and one-time links of the account end."""
        with self._workspace.writing() as connection:
            connection.execute(sa.update(_accounts).where(_accounts.c.id == account.id).values(password=hashed))
            connection.execute(sa.delete(_links).where(_links.c.account_id == account.id))
            _end_all(connection, account.id)

    def rehash(self, account: Account, hashed: str) -> None:
        """Keeps the same password hashed anew."""
        with self._workspace.writing() as connection:
            connection.execute(sa.update(_accounts).where(_accounts.c.id == account.id).values(password=hashed))

    # -- the second factor ---------------------------------------------------------------------------------------------

    def totp_of(self, account: Account) -> tuple[str | None, int]:
        """The secret of the second factor, None without one, and the last time step that was used."""
        query = sa.select(_accounts.c.totp, _accounts.c.totp_step).where(_accounts.c.id == account.id)
        with self._workspace.reading() as connection:
            row = connection.execute(query).one()
        return row[0], int(row[1] or 0)

    def set_totp(self, account: Account, secret: str | None, step: int, who: str) -> None:
        """Sets or takes away the second factor."""
        with self._workspace.writing() as connection:
            before = connection.execute(self._named(account.name)).mappings().one()
            connection.execute(
                sa.update(_accounts).where(_accounts.c.id == account.id).values(totp=secret, totp_step=step)
            )
            after = connection.execute(self._named(account.name)).mappings().one()
            self._workspace.note(connection, f"account:{account.name}", who, _said(before), _said(after))

    def use_step(self, account: Account, step: int) -> bool:
        """Takes a time step of the second factor; False if it, or a later one, was used already: a code is good once."""
        with self._workspace.writing() as connection:
            where = sa.and_(
                _accounts.c.id == account.id, sa.or_(_accounts.c.totp_step.is_(None), _accounts.c.totp_step < step)
            )
            return connection.execute(sa.update(_accounts).where(where).values(totp_step=step)).rowcount == 1

    # -- one-time links ------------------------------------------------------------------------------------------------

    def new_link(self, account: Account) -> str:
        """The token of a link that sets a password, once, within a day; earlier links of the account are void, its sessions end."""
        token = new_token()
        with self._workspace.writing() as connection:
            connection.execute(sa.delete(_links).where(_links.c.account_id == account.id))
            connection.execute(
                sa.insert(_links).values(hash=hash_of(token), account_id=account.id, until=_now() + LINK_LIFE)
            )
            _end_all(connection, account.id)
        return token

    def of_link(self, token: str) -> Account | None:
        """Whose link it is; None for a void one."""
        query = (
            sa.select(_accounts)
            .join(_links, _links.c.account_id == _accounts.c.id)
            .where(_links.c.hash == hash_of(token), _links.c.until > _now(), _accounts.c.portal == self._portal)
        )
        with self._workspace.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None or row["disabled"] else _account(row)

    def take_link(self, token: str) -> Account | None:
        """Whose link it is, and the link is void from now on: of two who open it at once one has it."""
        account = self.of_link(token)
        if account is None:
            return None
        with self._workspace.writing() as connection:
            taken = connection.execute(sa.delete(_links).where(_links.c.hash == hash_of(token))).rowcount == 1
        return account if taken else None

    # -- sessions ------------------------------------------------------------------------------------------------------

    def begin(self, account: Account, *, half: bool = False) -> str:
        """A new session; its token. ``half``: the second factor is still to come."""
        token, now = new_token(), _now()
        with self._workspace.writing() as connection:
            connection.execute(
                sa.insert(_sign_ins).values(
                    hash=hash_of(token),
                    account_id=account.id,
                    stage="half" if half else "whole",
                    created_at=now,
                    seen_at=now,
                )
            )
            connection.execute(sa.delete(_sign_ins).where(_sign_ins.c.created_at < now - timedelta(days=100)))
        return token

    def of_session(self, token: str, life: Lifetime, *, used: bool = True, half: bool = False) -> Account | None:
        """Whose session it is; None for one that ended. ``used``: whether a person did something, or the page by itself."""
        if not 20 <= len(token) <= 100:
            return None
        now, key = _now(), hash_of(token)
        query = (
            sa.select(_accounts, _sign_ins.c.created_at.label("began"), _sign_ins.c.seen_at)
            .join(_sign_ins, _sign_ins.c.account_id == _accounts.c.id)
            .where(
                _sign_ins.c.hash == key,
                _sign_ins.c.stage == ("half" if half else "whole"),
                _accounts.c.portal == self._portal,
                _accounts.c.disabled.is_(False),
            )
        )
        with self._workspace.reading() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        whole, idle = (life.half, life.half) if half else (life.whole, life.idle)
        if row["began"] + whole <= now or row["seen_at"] + idle <= now:
            self.end(token)
            return None
        if used and now - row["seen_at"] >= _SEEN_EVERY:
            try:
                with self._workspace.writing() as connection:
                    connection.execute(sa.update(_sign_ins).where(_sign_ins.c.hash == key).values(seen_at=now))
            except UserError:  # a full or read-only disk: reports are read on, the session ends sooner
                pass
        return _account(row)

    def end(self, token: str) -> None:
        """Ends a session."""
        with self._workspace.writing() as connection:
            connection.execute(sa.delete(_sign_ins).where(_sign_ins.c.hash == hash_of(token)))

    def end_all(self, account: Account) -> None:
        """Ends all sessions of an account."""
        with self._workspace.writing() as connection:
            _end_all(connection, account.id)


def _end_all(connection: sa.Connection, account_id: int) -> None:
    connection.execute(sa.delete(_sign_ins).where(_sign_ins.c.account_id == account_id))


def _check(role: AccountRole, portal_user: int | None) -> None:
    if role is AccountRole.STRUCTURE and portal_user is None:
        raise BadInput(NEEDS_PERSON)


def _account(row: sa.RowMapping) -> Account:
    return Account(
        int(row["id"]),
        row["name"],
        AccountRole(row["role"]),
        row["portal_user"],
        row["company"],
        bool(row["disabled"]),
        row["password"] is not None,
        row["totp"] is not None,
        row["created_at"].replace(tzinfo=UTC),
        row["created_by"],
    )


def _said(row: sa.RowMapping) -> dict[str, Any]:
    """Of an account, what its history says."""
    return {
        "role": row["role"],
        "portal_user": row["portal_user"],
        "disabled": bool(row["disabled"]),
        "second_factor": row["totp"] is not None,
    }


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
