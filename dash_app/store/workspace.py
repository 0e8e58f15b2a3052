"""The workspace: what people type. SQLAlchemy over SQLite by default, any database by URL; every change is kept.

A change is acknowledged only after its transaction is on disk (SQLite: WAL with synchronous=FULL), value and audit together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import portalocker
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from dash_app import disk
from dash_app.errors import BadInput, UserError
from dash_app.store import settings_file, sqlite_file
from dash_app.store.edits import Change, Changed, EditConflict
from dash_app.store.entries import Entry
from dash_app.store.entry_kind import EntryValue
from dash_app.store.kinds import ENTRY_KINDS
from dash_app.store.preferences import Preferences, checked
from dash_app.store.saved_views import SavedViews
from dash_app.text import Text

_metadata = sa.MetaData()
_settings = sa.Table(
    "settings",
    _metadata,
    sa.Column("portal", sa.String(200), primary_key=True),
    sa.Column("key", sa.String(100), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
_entries = sa.Table(
    "entries",
    _metadata,
    sa.Column("portal", sa.String(200), primary_key=True),
    sa.Column("kind", sa.String(30), primary_key=True),
    sa.Column("key", sa.String(100), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
_changes = sa.Table(
    "changes",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("portal", sa.String(200), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("what", sa.String(200), nullable=False),
    sa.Column("before", sa.JSON(none_as_null=True)),
    sa.Column("after", sa.JSON(none_as_null=True)),
    sa.Column("undoes", sa.Integer),
)


_effects = sa.Table(
    "effects",
    _metadata,
    sa.Column("change", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document", sa.JSON, nullable=False),
)
OF_PORTALS = ("settings", "entries", "changes", "views", "first_views", "accounts", "attempts")
"""Tables whose rows say which portal they are of."""
MIGRATIONS = Path(__file__).parent / "migrations"
RESTORATIONS = 2**20
"""Restored databases are told apart by so many numbers (SQLite's ``user_version``): changes made after it may bear numbers given out before."""
NO_ANSWER = Text(
    "База рабочего пространства не отвечает. Проверьте WORKSPACE_URL и запущен ли сервер базы.",
    "The workspace database does not answer. Check WORKSPACE_URL and whether its server runs.",
)
FEW = 500
"""So many values are named in one statement; databases bound them."""


class Workspace:
    """Settings of one portal. Safe to use from any thread or process. ``portal``: whose, or what tells it at every use."""

    def __init__(self, url: str, *, portal: str | Callable[[], str]) -> None:
        self._whose = portal
        self._file = file = file_of(url)
        try:
            self._engine = (
                sa.create_engine(_with_driver(url), pool_pre_ping=True)
                if file is None
                else sa.create_engine(url, creator=lambda: sqlite_file.connect(file))
            )
        except (sa.exc.ArgumentError, ImportError):
            raise UserError(
                Text(
                    "Адрес WORKSPACE_URL непонятен. Пример: postgresql://имя:пароль@сервер/база.",
                    "WORKSPACE_URL makes no sense. Example: postgresql://name:password@server/database.",
                )
            ) from None
        sa.event.listen(self._engine, "handle_error", self._say)
        if file is not None:
            _follow(self._engine, file)
        self._migrate()

    @property
    def portal(self) -> str:
        """Whose settings and entries these are: a portal, or a company met behind its address."""
        return self._whose if isinstance(self._whose, str) else self._whose()

    @property
    def views(self) -> SavedViews:
        """Saved views of reports."""
        return SavedViews(self._engine.connect, self._writing, lambda: self.portal)

    def close(self) -> None:
        """Lets its connections go; the workspace can be used on, they come back."""
        self._engine.dispose()

    def _say(self, context: sa.engine.ExceptionContext) -> None:
        """An error people can do something about is raised as its sentence."""
        error = context.original_exception
        found: UserError | None = None
        if context.is_pre_ping:
            return
        if self._file is not None and isinstance(error, sqlite3.Error):
            found = disk.of_sqlite(error, self._file)
        elif self._file is None and isinstance(context.sqlalchemy_exception, sa.exc.OperationalError):
            found = UserError(NO_ANSWER)
        if found is not None:
            raise found from error

    def _migrate(self) -> None:
        """Brings the database to this version's tables; one process at a time. One that is there already is only read."""
        config = _alembic()
        file, lock = self._file, None
        try:
            if file is not None:
                if file.exists() and self._revision() == ScriptDirectory.from_config(config).get_current_head():
                    return
                file.parent.mkdir(parents=True, exist_ok=True)
                lock = portalocker.Lock(f"{file}.migrating", flags=portalocker.LockFlags.EXCLUSIVE)
                lock.acquire()
            with self._engine.begin() as connection:
                if self._engine.dialect.name == "postgresql":
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('workspace migrations'))"))
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError as error:  # of a version this one does not know
            name = "WORKSPACE_URL" if file is None else disk.shown(file)
            raise disk.Newer(
                Text(
                    f"База настроек и планов ({name}) записана более новой версией приложения. Обновите приложение: всё на месте.",
                    f"The database of settings and plans ({name}) was written by a newer version of the application. Upgrade it: everything is still there.",
                ),
                file,
            ) from error
        except OSError as error:
            raise disk.of_os(error, file) or error from error
        finally:
            if lock is not None:
                lock.release()

    def _revision(self) -> str | None:
        """Of which version the tables are; None before the first."""
        with self._engine.connect() as connection:
            there = connection.execute(sa.text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")).first()
            if there is None:
                return None
            found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
            return found

    # -- reading ---------------------------------------------------------------------------------------------------

    def stored(self) -> dict[str, Any]:
        """Settings somebody has set, by key; a value of a removed setting is left alone and not shown."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                sa.select(_settings.c.key, _settings.c.value).where(_settings.c.portal == self.portal)
            ).all()
        return {key: value for key, value in rows if key in Preferences.model_fields}

    def values(self) -> Preferences:
        """All settings, defaults filled in."""
        return Preferences.model_validate(self.stored())

    def version(self, key: str) -> int:
        """How often a setting was changed; hand it back with ``set`` to notice another editor."""
        with self._engine.connect() as connection:
            found = connection.execute(
                sa.select(_settings.c.version).where(_settings.c.portal == self.portal, _settings.c.key == key)
            ).scalar()
        return int(found or 0)

    def history(
        self,
        key: str | None = None,
        most: int = 200,
        *,
        kinds: Collection[str] | None = None,
        keys: Collection[str] = (),
        who: str | None = None,
    ) -> list[Change]:
        """Changes, the newest first: of one setting or entry, or of entries of some ``kinds`` and of settings named by ``keys``; of one person."""
        query = sa.select(_changes).where(_changes.c.portal == self.portal).order_by(_changes.c.id.desc()).limit(most)
        if key is not None:
            query = query.where(_changes.c.what == key)
        if kinds is not None:
            of_kinds = (_changes.c.what.startswith(f"{kind}:", autoescape=True) for kind in kinds)
            query = query.where(sa.or_(sa.false(), _changes.c.what.in_(keys), *of_kinds))
        if who is not None:
            query = query.where(_changes.c.who == who)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [_change(row) for row in rows]

    def last_changes(self, keys: Collection[str]) -> dict[str, Change]:
        """The last change of each of these settings."""
        last = sa.select(sa.func.max(_changes.c.id)).where(_changes.c.portal == self.portal, _changes.c.what.in_(keys))
        query = sa.select(_changes).where(_changes.c.id.in_(last.group_by(_changes.c.what)))
        with self._engine.connect() as connection:
            return {r["what"]: _change(r) for r in connection.execute(query).mappings()}

    def people(self) -> list[str]:
        """Who ever changed anything."""
        query = sa.select(_changes.c.who).where(_changes.c.portal == self.portal).distinct().order_by(_changes.c.who)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def effects(self, changes: Iterable[int]) -> dict[int, Any]:
        """What is kept of what changes did to figures (``reports.effects``), by the number of the change."""
        query = sa.select(_effects.c.change, _effects.c.document).where(_effects.c.change.in_(list(changes)))
        with self._engine.connect() as connection:
            return {int(number): document for number, document in connection.execute(query)}

    def keep_effects(self, documents: Mapping[int, Any]) -> None:
        """Keeps what changes did to figures."""
        with self._writing() as connection:
            connection.execute(sa.delete(_effects).where(_effects.c.change.in_(list(documents))))
            connection.execute(sa.insert(_effects), [{"change": n, "document": d} for n, d in documents.items()])

    def version_of_all(self) -> int:
        """Grows with every change of anything, and is another one after a backup was put in place: what was read before is as good as new
        while it stays. A browser can hold it: below 2**53."""
        with self._engine.connect() as connection:
            return self._version_of_all(connection)

    def _version_of_all(self, connection: sa.Connection) -> int:
        last = sa.select(sa.func.max(_changes.c.id)).where(_changes.c.portal == self.portal)
        restored = 0
        if self._engine.dialect.name == "sqlite":
            restored = int(connection.exec_driver_sql("PRAGMA user_version").scalar() or 0)
        return restored % RESTORATIONS * 2**32 + int(connection.execute(last).scalar() or 0)

    def entries(self, kind: str) -> dict[str, Entry]:
        """Entries of a kind by key. What this version does not understand is left alone and not shown."""
        query = sa.select(_entries.c.key, _entries.c.value, _entries.c.version).where(
            _entries.c.portal == self.portal, _entries.c.kind == kind
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(_entries.c.key)).all()
        found = {}
        for key, value, version in rows:
            with suppress(BadInput):
                found[key] = Entry(ENTRY_KINDS[kind].value(value), int(version))
        return found

    # -- changing --------------------------------------------------------------------------------------------------

    def set(self, key: str, value: Any, who: str, *, expected_version: int | None = None) -> Change | None:
        """Changes one setting; None if it was so already. BadInput for a senseless value, EditConflict for a lost race."""
        return self.set_many({key: value}, who, expected={} if expected_version is None else {key: expected_version})[0]

    def set_many(
        self, values: dict[str, Any], who: str, *, expected: dict[str, int] | None = None
    ) -> list[Change | None]:
        """Changes several settings in one transaction: all or none; in the order given, None where one was so already. ``expected``: key -> version.
        BadInput for a senseless value, EditConflict for a lost race.
        """
        with self._writing() as connection:
            return self._set(connection, values, who, expected or {})

    def amend(self, key: str, amended: Callable[[Any], Any], who: str) -> Change | None:
        """Changes one setting by what it is when it is written: what two people add at once is both there. BadInput for a senseless value."""
        with self._writing() as connection:
            stored = connection.execute(
                sa.select(_settings.c.value).where(_settings.c.portal == self.portal, _settings.c.key == key)
            ).first()
            now = getattr(Preferences.model_validate({} if stored is None else {key: stored[0]}), key)
            return self._set(connection, {key: amended(now)}, who, {})[0]

    def _set(
        self, connection: sa.Connection, values: Mapping[str, Any], who: str, expected: Mapping[str, int]
    ) -> list[Change | None]:
        good = {key: checked(key, value) for key, value in values.items()}
        return [self._put(connection, key, value, who, expected.get(key)) for key, value in good.items()]

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read other tables of the database by (``dash_app.security``)."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction on other tables of the database, one writer at a time."""
        with self._writing() as connection:
            yield connection

    def note(self, connection: sa.Connection, what: str, who: str, before: Any, after: Any) -> None:
        """Keeps a change of something that is neither a setting nor an entry, in the transaction that makes it."""
        connection.execute(
            sa.insert(_changes).values(
                portal=self.portal,
                at=datetime.now(UTC).replace(tzinfo=None),
                who=who[:200],
                what=what,
                before=before,
                after=after,
                undoes=None,
            )
        )

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """One transaction and one writer at a time: what is checked in it still holds when it is written."""
        with self._engine.begin() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            elif self._engine.dialect.name == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:portal))"), {"portal": self.portal})
            yield connection

    def _put(
        self, connection: sa.Connection, key: str, value: Any, who: str, expected: int | None, undoes: int | None = None
    ) -> Change | None:
        where = sa.and_(_settings.c.portal == self.portal, _settings.c.key == key)
        row = connection.execute(
            sa.select(_settings.c.value, _settings.c.version).where(where).with_for_update()
        ).first()
        before, version = (row[0], int(row[1])) if row else (None, 0)
        if expected is not None and expected != version:
            raise EditConflict(key, before, value, self._last_editor(connection, key))
        if row is not None and before == value:
            return None
        if row is None:
            connection.execute(sa.insert(_settings).values(portal=self.portal, key=key, value=value, version=1))
        else:
            done = connection.execute(
                sa.update(_settings)
                .where(where, _settings.c.version == version)
                .values(value=value, version=version + 1)
            )
            if done.rowcount != 1:
                raise EditConflict(key, before, value, "?")
        at = datetime.now(UTC)
        inserted = connection.execute(
            sa.insert(_changes).values(
                portal=self.portal,
                at=at.replace(tzinfo=None),
                who=who[:200],
                what=key,
                before=before,
                after=value,
                undoes=undoes,
            )
        )
        return Change(int(inserted.inserted_primary_key[0]), at, who, key, before, value, undoes)  # type: ignore[index]

    def put_entries(
        self,
        kind: str,
        values: Mapping[str, Any],
        who: str,
        *,
        expected: Mapping[str, int] | None = None,
        since: int | None = None,
    ) -> list[Change]:
        """Writes entries by key, ``None`` removes one: all or none, in one transaction. BadInput for a senseless value or state,
        EditConflict where somebody else changed an entry since ``expected`` was read (0: it was not there), Changed where anything at
        all changed since ``version_of_all`` was ``since``."""
        with self._writing() as connection:
            if since is not None and since != self._version_of_all(connection):
                raise Changed
            return self._write_entries(connection, kind, values, who, expected or {})

    def _write_entries(
        self, connection: sa.Connection, kind: str, values: Mapping[str, Any], who: str, expected: Mapping[str, int]
    ) -> list[Change]:
        found = ENTRY_KINDS[kind]
        wanted: dict[str, EntryValue | None] = {}
        for key, given in values.items():
            value = None if given is None else found.value(given)
            if value is not None and value.key != key:
                raise BadInput(
                    Text(
                        f"{found.title.ru}: ключ «{key[:60]}» не подходит к значению.",
                        f"{found.title.en}: the key “{key[:60]}” does not fit the value.",
                    )
                )
            wanted[key] = value
        now = self._stored_entries(connection, kind)
        self._refuse(kind, {**{k: v for k, (v, _) in now.items()}, **wanted})
        self._refuse_steps(connection, kind, {k: v[0] for k, v in now.items()}, wanted)
        return self._put_all(connection, kind, wanted, now, who, expected)

    def _stored_entries(self, connection: sa.Connection, kind: str) -> dict[str, tuple[Any, int]]:
        query = sa.select(_entries.c.key, _entries.c.value, _entries.c.version)
        rows = connection.execute(query.where(_entries.c.portal == self.portal, _entries.c.kind == kind)).all()
        return {key: (value, int(version)) for key, value, version in rows}

    @staticmethod
    def _refuse(kind: str, after: Mapping[str, Any]) -> None:
        """BadInput if entries may not stand beside each other so; ``None`` are those removed."""
        good: dict[str, EntryValue] = {}
        for key, value in after.items():
            with suppress(BadInput):  # what an older version typed and this one does not understand
                if value is not None:
                    good[key] = value if isinstance(value, EntryValue) else ENTRY_KINDS[kind].value(value)
        reason = ENTRY_KINDS[kind].refuse(good)
        if reason is not None:
            raise BadInput(reason)

    def _refuse_steps(
        self, connection: sa.Connection, kind: str, now: Mapping[str, Any], wanted: Mapping[str, EntryValue | None]
    ) -> None:
        """BadInput if an entry may not change so, or belongs to a month that is closed. What stays the same is not a change."""
        found = ENTRY_KINDS[kind]
        closed = self._closed_months(connection) if found.month is not None else frozenset()
        for key, after in wanted.items():
            before: EntryValue | None = None
            with suppress(BadInput):
                before = None if now.get(key) is None else found.value(now[key])
            if before == after:
                continue
            reason = found.step(before, after) or found.closed(closed, before, after)
            if reason is not None:
                raise BadInput(reason)

    def _closed_months(self, connection: sa.Connection) -> frozenset[str]:
        return frozenset(
            key
            for key, (value, _) in self._stored_entries(connection, "closing").items()
            if value.get("state") == "closed"
        )

    def _put_all(
        self,
        connection: sa.Connection,
        kind: str,
        wanted: Mapping[str, EntryValue | None],
        now: Mapping[str, tuple[Any, int]],
        who: str,
        expected: Mapping[str, int],
        undoes: Mapping[str, int] | None = None,
    ) -> list[Change]:
        """Writes entries and their changes, many with one statement. ``undoes``: the change each of them takes back."""
        made: list[dict[str, Any]] = []
        at = datetime.now(UTC).replace(tzinfo=None)
        for key, value in wanted.items():
            before, version = now.get(key, (None, 0))
            after = None if value is None else value.model_dump(mode="json")
            what = f"{kind}:{key}"
            if expected.get(key, version) != version:
                raise EditConflict(what, before, after, self._last_editor(connection, what))
            if before != after:
                made.append(
                    {
                        "portal": self.portal,
                        "at": at,
                        "who": who[:200],
                        "what": what,
                        "before": before,
                        "after": after,
                        "undoes": (undoes or {}).get(key),
                    }
                )
        if not made:
            return []
        where = sa.and_(_entries.c.portal == self.portal, _entries.c.kind == kind, _entries.c.key == sa.bindparam("k"))
        keys = {change["what"]: change["what"].partition(":")[2] for change in made}
        gone = [{"k": keys[c["what"]]} for c in made if c["after"] is None]
        new = [c for c in made if c["after"] is not None and c["before"] is None]
        changed = [
            {"k": keys[c["what"]], "value": c["after"], "version": now[keys[c["what"]]][1] + 1}
            for c in made
            if c["after"] is not None and c["before"] is not None
        ]
        if gone:
            connection.execute(sa.delete(_entries).where(where), gone)
        if new:
            last = self._last_versions(connection, kind, [c["what"] for c in new])
            rows = [
                {
                    "portal": self.portal,
                    "kind": kind,
                    "key": keys[c["what"]],
                    "value": c["after"],
                    "version": last.get(c["what"], 0) + 1,
                }
                for c in new
            ]
            connection.execute(sa.insert(_entries), rows)
        if changed:
            connection.execute(sa.update(_entries).where(where), changed)
        ids = (
            connection.execute(sa.insert(_changes).returning(_changes.c.id, sort_by_parameter_order=True), made)
            .scalars()
            .all()
        )
        return [
            Change(int(number), c["at"].replace(tzinfo=UTC), who, c["what"], c["before"], c["after"], c["undoes"])
            for number, c in zip(ids, made, strict=True)
        ]

    def _last_versions(self, connection: sa.Connection, kind: str, keys: Sequence[str]) -> dict[str, int]:
        """A removed entry that comes back goes on counting, so that nobody's old version fits it."""
        query = sa.select(_changes.c.what, sa.func.count()).where(_changes.c.portal == self.portal)
        which = (
            _changes.c.what.in_(keys) if len(keys) <= FEW else _changes.c.what.startswith(f"{kind}:", autoescape=True)
        )
        return {
            what: int(number) for what, number in connection.execute(query.where(which).group_by(_changes.c.what)).all()
        }

    def undo(self, change_id: int, who: str) -> Change | None:
        """Puts back what a change replaced, as a change of its own; None if nothing differs. Errors as of ``undo_all``."""
        done = self.undo_all([change_id], who)
        return done[0] if done else None

    def undo_all(self, change_ids: Sequence[int], who: str) -> list[Change]:
        """Puts back what several changes replaced, the newest first, in one transaction: all or none.

        BadInput for an unknown change, one of a setting that is no more, or the closing of a month; EditConflict where something was changed since.
        """
        wanted = sorted(set(change_ids), reverse=True)
        with self._writing() as connection:
            rows: list[Any] = []
            for start in range(0, len(wanted), FEW):
                part = wanted[start : start + FEW]
                rows += (
                    connection.execute(
                        sa.select(_changes).where(_changes.c.portal == self.portal, _changes.c.id.in_(part))
                    )
                    .mappings()
                    .all()
                )
            if len(rows) != len(wanted):
                raise BadInput(Text("Такого изменения нет.", "There is no such change."))
            rows.sort(key=lambda row: -row["id"])
            kinds: dict[str, list[Any]] = {}
            changes: list[Change] = []
            for row in rows:
                kind, colon, _ = row["what"].partition(":")
                if colon and kind in ENTRY_KINDS:
                    kinds.setdefault(kind, []).append(row)
                else:
                    done = self._undo_setting(connection, row, who)
                    changes += [done] if done else []
            for kind, taken in kinds.items():
                changes += self._undo_entries(connection, kind, taken, who)
            return changes

    def _undo_setting(self, connection: sa.Connection, row: Any, who: str) -> Change | None:
        key, before = row["what"], row["before"]
        if key not in Preferences.model_fields:
            raise BadInput(
                Text(
                    "Это изменение так не отменяется: такой настройки в этой версии нет.",
                    "This change is not undone so: this version has no such setting.",
                )
            )
        now = connection.execute(
            sa.select(_settings.c.value).where(_settings.c.portal == self.portal, _settings.c.key == key)
        ).scalar()
        if now != row["after"]:
            raise EditConflict(key, now, before, self._last_editor(connection, key))
        value = Preferences().model_dump(mode="json")[key] if before is None else before
        return self._put(connection, key, value, who, None, undoes=row["id"])

    def _undo_entries(self, connection: sa.Connection, kind: str, rows: Sequence[Any], who: str) -> list[Change]:
        """Takes back changes of entries of one kind, the newest first."""
        if not ENTRY_KINDS[kind].undoable:
            raise BadInput(
                Text(
                    "Закрытие и открытие месяца так не отменяются: откройте месяц снова и назовите причину.",
                    "Closing and reopening a month are not undone so: reopen the month and give the reason.",
                )
            )
        now = self._stored_entries(connection, kind)
        becomes: dict[str, Any] = {}
        undoes: dict[str, int] = {}
        for row in rows:
            key = row["what"].partition(":")[2]
            stands = becomes[key] if key in becomes else now[key][0] if key in now else None
            if stands != row["after"]:
                raise EditConflict(row["what"], stands, row["before"], self._last_editor(connection, row["what"]))
            becomes[key], undoes[key] = row["before"], row["id"]
        wanted = {key: None if value is None else ENTRY_KINDS[kind].value(value) for key, value in becomes.items()}
        stored = {key: value for key, (value, _) in now.items()}
        self._refuse(kind, {**stored, **wanted})
        self._refuse_steps(connection, kind, stored, wanted)
        return self._put_all(connection, kind, wanted, now, who, {}, undoes)

    def _last_editor(self, connection: sa.Connection, what: str) -> str:
        query = sa.select(_changes.c.who).where(_changes.c.portal == self.portal, _changes.c.what == what)
        return connection.execute(query.order_by(_changes.c.id.desc()).limit(1)).scalar() or "?"

    # -- as a file -------------------------------------------------------------------------------------------------

    def export(self) -> bytes:
        """All settings that were set and all entries, as one JSON file in UTF-8: ``format``, ``settings`` by key, ``entries`` by kind."""
        entries = {kind: [e.value.model_dump(mode="json") for e in self.entries(kind).values()] for kind in ENTRY_KINDS}
        document = {
            "format": 1,
            "settings": self.stored(),
            "entries": {kind: rows for kind, rows in entries.items() if rows},
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    def import_(
        self,
        content: bytes,
        who: str,
        *,
        may_reopen: bool = True,
        unknown: Callable[[Mapping[str, Any]], Sequence[Text]] | None = None,
    ) -> list[Change]:
        """Takes settings from a file: all of them or, if any line makes no sense, none; BadInput names every bad line.

        ``may_reopen``: whether a closed month may become open by it. ``unknown``: what of the settings the portal does not know, in sentences.
        """
        items, rows, wrong = settings_file.parts_of(content)
        for key, value in items.items():
            try:
                checked(key, value)
            except BadInput as error:
                wrong.append(settings_file.at("settings", key, error.text))
        if unknown is not None and not wrong:
            wrong += unknown(items)
        entries: dict[str, dict[str, Any]] = {}
        places: dict[tuple[str, str], int] = {}
        for kind, values in rows.items():
            if kind not in ENTRY_KINDS:
                wrong.append(Text(f"Раздела «{kind[:40]}» нет.", f"There is no section “{kind[:40]}”."))
                continue
            for number, value in enumerate(values, 1):
                try:
                    entry = ENTRY_KINDS[kind].value(value)
                except BadInput as error:
                    wrong.append(settings_file.at(kind, number, error.text))
                    continue
                first = places.setdefault((kind, entry.key), number)
                if first != number:
                    wrong.append(settings_file.at(kind, number, settings_file.SAME_AS.format(first=first)))
                if kind == "closing" and not may_reopen:
                    wrong += self._reopened(entry)
                entries.setdefault(kind, {})[entry.key] = entry.model_dump(mode="json")
        if wrong:
            raise settings_file.refused(wrong)
        with self._writing() as connection:
            changes = [change for change in self._set(connection, items, who, {}) if change is not None]
            for kind, new in sorted(
                entries.items(), key=lambda item: item[0] == "closing"
            ):  # a month closes after its plans are there
                changes += self._write_entries(connection, kind, new, who, {})
        return changes

    def _reopened(self, new: EntryValue) -> list[Text]:
        """Why a closed month does not become this."""
        standing = self.entries("closing").get(new.key)
        if standing is None or getattr(standing.value, "state", "") != "closed" or standing.value == new:
            return []
        return [
            Text(
                f"Месяц {new.key} закрыт. Открыть его файлом нельзя: нужен код.",
                f"The month {new.key} is closed. A file cannot reopen it: a code is needed.",
            )
        ]


def _change(row: sa.RowMapping) -> Change:
    at = row["at"].replace(tzinfo=UTC)
    return Change(row["id"], at, row["who"], row["what"], row["before"], row["after"], row["undoes"])


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def known_revisions() -> frozenset[str]:
    """The versions of the tables this program knows, the oldest to its own."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions())


def file_of(url: str) -> Path | None:
    """The file of a SQLite workspace; None for a database that a server keeps."""
    try:
        found = sa.make_url(_with_driver(url))
    except sa.exc.ArgumentError:
        return None
    database = found.database
    return Path(database) if found.get_backend_name() == "sqlite" and database and database != ":memory:" else None


def _with_driver(url: str) -> str:
    """PostgreSQL is spoken to by psycopg 3, however its address begins."""
    scheme, colon, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if colon and scheme in ("postgres", "postgresql") else url


def _follow(engine: sa.Engine, file: Path) -> None:
    """Connections to a file that another one has replaced – a restored backup –, or that were made when nothing could be written, are let go
    before they are used."""

    def which() -> tuple[int, int] | None:
        try:
            found = file.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def connected(_: Any, record: Any) -> None:
        record.info["file"] = which()

    def taken(connection: Any, record: Any, _: Any) -> None:
        if record.info.get("file") != which() or not connection.is_current(file):
            raise sa.exc.DisconnectionError(f"{file.name} is another file now")

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "checkout", taken)
