"""Backups: what cannot be read again, in one file, and the way back.

A zip of ``backup.json`` (what it is), ``workspace.sqlite`` (what people typed; absent where a database server keeps it), the observations of every
company (``history.duckdb``, ``history~2.duckdb``, …) and ``companies.json``. A bare SQLite file, which earlier versions made, is taken as well.

A restoration looks at the whole copy before it touches anything and needs nothing readable to be there: what is damaged or replaced is put aside under
another name, nothing is deleted. A history that holds all of the copy's and more stays; of two that went different ways one is made.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
import sqlite3
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import duckdb
import orjson

from dash_app import disk
from dash_app.errors import BadInput, UserError
from dash_app.store import identity
from dash_app.store import progress as progresses
from dash_app.store.files import aside, read_json, set_aside, sync_folder, write_json
from dash_app.store.machine import open_database
from dash_app.store.observed import Observed
from dash_app.store.paths import PortalPaths
from dash_app.store.snapshots import Snapshots
from dash_app.store.sqlite_file import connect
from dash_app.store.workspace import OF_PORTALS, RESTORATIONS, Workspace, file_of, known_revisions
from dash_app.text import Text

FORMAT = 1
PATIENCE = 15.0
"""Seconds a restoration waits for whoever is writing the workspace."""
_WHAT, _WORKSPACE, _COMPANIES = "backup.json", "workspace.sqlite", "companies.json"
_PARTS = re.compile(r"backup\.json|workspace\.sqlite|companies\.json|history(~\d{1,9})?\.duckdb")
_SQLITE = b"SQLite format 3\x00"
_PIECE = 1 << 20
_COMPANIONS = ("-wal", "-shm")
_PASSING = ("sign_ins", "reset_links", "attempts")
"""Tables that are of their moment: a session or a link that ended since would be good again."""

SERVER_KEEPS_IT = Text(
    "Настройки и планы – в базе WORKSPACE_URL: её копию делает её сервер (pg_dump, pg_restore). В этом файле – только то, что нельзя прочитать из портала снова.",
    "Settings and plans are in the database of WORKSPACE_URL: its server backs it up (pg_dump, pg_restore). This file holds what the portal cannot tell again.",
)


@dataclass(slots=True)
class Restored:
    """What a restoration did. ``aside``: names of files that hold what was there before."""

    workspace: bool = False
    histories: int = 0
    kept: int = 0  # histories here that hold all of the copy's and more
    merged: int = 0  # histories of the copy that go on with what was observed here
    aside: list[str] = field(default_factory=list)

    @property
    def text(self) -> Text:
        """In sentences."""
        ru, en = [], []
        if self.workspace:
            ru.append("Настройки и планы возвращены.")
            en.append("Settings and plans are restored.")
        if self.merged:
            ru.append("История возвращена и продолжена тем, что наблюдалось здесь.")
            en.append("The history is restored and goes on with what was observed here.")
        elif self.histories:
            ru.append("История возвращена.")
            en.append("The history is restored.")
        if self.kept:
            ru.append("История здесь полнее, чем в копии: оставлена.")
            en.append("The history here holds more than the copy's: it stays.")
        if self.aside:
            names = ", ".join(self.aside)
            ru.append(f"Прежнее отложено рядом: {names}.")
            en.append(f"What was there is put aside: {names}.")
        return Text(" ".join(ru), " ".join(en))


# -- making one ---------------------------------------------------------------------------------------------------


def make(paths: PortalPaths, url: str, target: IO[bytes]) -> Text | None:
    """Writes a backup, consistent while everything is in use; what to say of it, if anything. ``url``: of the workspace."""
    database = file_of(url)
    with _scratch() as folder, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        parts: list[str] = []
        if database is not None:
            if not database.exists():
                Workspace(url, portal="").close()
            _copy_workspace(database, folder / _WORKSPACE)
            archive.write(folder / _WORKSPACE, _WORKSPACE)
            parts.append(_WORKSPACE)
        for observed in Observed.every(paths):
            name = observed.path.name
            try:
                observed.copy_to(folder / name)
            except duckdb.Error:
                raise _damaged(observed.path) from None
            archive.write(folder / name, name)
            (folder / name).unlink()
            parts.append(name)
        if (companies := read_json(paths.companies)) is not None:
            archive.writestr(_COMPANIES, orjson.dumps(companies, option=orjson.OPT_INDENT_2))
            parts.append(_COMPANIES)
        about = {
            "format": FORMAT,
            "portal": paths.root.name,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "parts": parts,
        }
        archive.writestr(_WHAT, orjson.dumps(about, option=orjson.OPT_INDENT_2))
    return SERVER_KEEPS_IT if database is None else None


def _copy_workspace(database: Path, target: Path) -> None:
    try:
        with closing(connect(database, PATIENCE)) as source, closing(sqlite3.connect(str(target))) as copy:
            source.backup(copy, progress=_until(time.monotonic() + PATIENCE))
        if not _is_sound(target):
            raise _damaged(database)
    except sqlite3.DatabaseError as error:
        if _is_busy(error):
            raise _busy(database) from None
        raise _damaged(database) from None


def _damaged(file: Path) -> UserError:
    return UserError(
        Text(
            f"Файл {file} повреждён или не читается: копия не сделана. Верните его из прежней копии: python -m dash_app workspace restore ФАЙЛ.",
            f"{file} is damaged or cannot be read: no backup was made. Restore it from an earlier one: python -m dash_app workspace restore FILE.",
        )
    )


# -- the way back -------------------------------------------------------------------------------------------------


def restore(paths: PortalPaths, url: str, source: Path, *, other_portal: bool = False) -> Restored:
    """Puts a backup in place: whole copies only, each by one step; a restoration that was stopped is simply done again.

    ``other_portal``: whether a backup of another portal may be taken over for this one. BadInput for a file that is no backup, is damaged, of a newer
    version, or of another portal; AlreadyRunning during a refresh.
    """
    with _scratch(paths.root) as folder:
        about = _unpack(source, folder)
        database = file_of(url)
        workspace = folder / _WORKSPACE
        if workspace.exists():
            if database is None:
                raise BadInput(
                    Text(
                        f"В копии {source.name} – рабочее пространство SQLite, а WORKSPACE_URL указывает на сервер. Верните её без WORKSPACE_URL и перенесите: workspace export, workspace import.",
                        f"{source.name} holds a SQLite workspace, and WORKSPACE_URL names a server. Restore it without WORKSPACE_URL and carry it over: workspace export, workspace import.",
                    )
                )
            _look_at(workspace, source)
        histories = {f.name: _loads(f, source) for f in sorted(folder.glob("history*.duckdb"))}
        _same_portal(paths, about.get("portal"), workspace, source, other_portal=other_portal)
        with progresses.held(paths):
            _same_company(paths, folder / _COMPANIES, source)
            done = Restored()
            for name, loads in histories.items():
                _put_history(Observed(paths, Path(name).stem.partition("~")[2]), folder / name, loads, done)
            _put_companies(paths, folder / _COMPANIES)
            if workspace.exists() and database is not None:
                _put_workspace(workspace, database, done)
            shutil.rmtree(paths.answers, ignore_errors=True)
        return done


@contextlib.contextmanager
def _scratch(beside: Path | None = None) -> Iterator[Path]:
    """A folder for what is being looked at; on the same disk as ``beside``."""
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Its parts as files of a folder; what ``backup.json`` says."""
    no_backup = BadInput(
        Text(
            f"Файл {source.name} – не копия рабочего пространства или повреждён.",
            f"{source.name} is no backup of a workspace, or it is damaged.",
        )
    )
    try:
        opened = source.open("rb")
    except (OSError, ValueError):
        raise BadInput(Text(f"Файл {source.name} не читается.", f"The file {source.name} cannot be read.")) from None
    with opened:
        if opened.read(len(_SQLITE)) == _SQLITE:
            opened.seek(0)
            with (folder / _WORKSPACE).open("wb") as target:
                shutil.copyfileobj(opened, target, _PIECE)
            return {}
        opened.seek(0)
        try:
            with zipfile.ZipFile(opened) as archive:
                about: Any = orjson.loads(archive.read(_WHAT))
                number = about.get("format") if isinstance(about, dict) else None
                if isinstance(number, int) and number > FORMAT:
                    raise _newer(source)
                names = archive.namelist()
                if number != FORMAT or len(set(names)) != len(names) or {*about["parts"], _WHAT} != set(names):
                    raise no_backup
                for name in about["parts"]:
                    if not _PARTS.fullmatch(name):
                        raise no_backup
                    with archive.open(name) as part, (folder / name).open("wb") as target:
                        shutil.copyfileobj(part, target, _PIECE)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            KeyError,
            ValueError,
            TypeError,
            NotImplementedError,
            RuntimeError,
        ):
            raise no_backup from None
    return dict(about)


def _newer(source: Path) -> BadInput:
    return BadInput(
        Text(
            f"Копия {source.name} сделана более новой версией приложения. Обновите приложение и верните её снова; здесь ничего не изменилось.",
            f"{source.name} was made by a newer version of the application. Upgrade it and restore again; nothing was changed here.",
        )
    )


def _look_at(workspace: Path, source: Path) -> None:
    """Refuses what is damaged or newer; brings an older one to this version's tables."""
    try:
        with closing(_reading(workspace)) as saved:
            saved.execute("SELECT count(*) FROM settings, changes")
            revisions = {str(row[0]) for row in saved.execute("SELECT version_num FROM alembic_version")}
        sound = _is_sound(workspace)
    except sqlite3.Error:
        sound, revisions = False, set()
    if not sound:
        raise BadInput(
            Text(
                f"Рабочее пространство в копии {source.name} повреждено. Возьмите другую копию.",
                f"The workspace in {source.name} is damaged. Take another backup.",
            )
        )
    if not revisions <= known_revisions():
        raise _newer(source)
    Workspace(f"sqlite:///{workspace}", portal="").close()


def _loads(history: Path, source: Path) -> list[str]:
    try:
        return Observed.loads_in(history)
    except duckdb.Error:
        raise BadInput(
            Text(
                f"История в копии {source.name} ({history.name}) повреждена. Возьмите другую копию.",
                f"The history in {source.name} ({history.name}) is damaged. Take another backup.",
            )
        ) from None
    except UserError:
        raise _newer(source) from None


def _same_portal(paths: PortalPaths, portal: object, workspace: Path, source: Path, *, other_portal: bool) -> None:
    """Whose backup it is. One of the same portal read by another person, or of one a person names so, is taken over."""
    here = paths.root.name
    if not isinstance(portal, str):  # of an earlier version
        with closing(_reading(workspace)) as saved:
            owners = {
                str(row[0]).partition("~")[0]
                for table in OF_PORTALS
                for row in saved.execute(f"SELECT DISTINCT portal FROM {table}")
            }
        if not owners or here in owners:
            return
        portal = min(owners) if len(owners) == 1 else ", ".join(sorted(owners))
        other_portal = other_portal and len(owners) == 1
    if portal == here:
        return
    if not other_portal and _host(portal) != _host(here):
        raise BadInput(
            Text(
                f"Копия {source.name} – портала {portal}, а настроен {here}. Если это та же компания по новому адресу, повторите с --other-portal.",
                f"{source.name} is of the portal {portal}, and {here} is set up. If it is the same company behind a new address, repeat with --other-portal.",
            )
        )
    if workspace.exists():
        with closing(sqlite3.connect(str(workspace))) as saved, saved:
            for table in OF_PORTALS:
                saved.execute(
                    f"UPDATE OR REPLACE {table} SET portal = ? || substr(portal, ?) WHERE portal = ? OR substr(portal, 1, ?) = ?",
                    (here, len(portal) + 1, portal, len(portal) + 1, f"{portal}~"),
                )


def _same_company(paths: PortalPaths, companies: Path, source: Path) -> None:
    """What is published here may be another company's than the one the copy knows by the same key: its plans would be shown beside other figures."""
    current = Snapshots(paths).current()
    given = (read_json(companies) or {}).get("companies")
    document = given.get(current.manifest.company) if current is not None and isinstance(given, dict) else None
    if current is None or document is None:
        return
    try:
        known = identity.CompanyMarks.of(document)
        with closing(open_database(current.raw_path, "loading", read_only=True)) as raw:
            sight = identity.look(lambda sql: raw.execute(sql).fetchall(), known, current.manifest.moment)
    except (duckdb.Error, KeyError, TypeError, ValueError):
        return
    if identity.judge(known, sight).other:
        raise BadInput(
            Text(
                f"В копии {source.name} другая компания, чем в загруженных данных. Уберите папку {disk.shown(paths.snapshots)}, верните копию и обновите данные.",
                f"{source.name} is of another company than the data that is loaded. Move {disk.shown(paths.snapshots)} away, restore, and refresh the data.",
            )
        )


def _host(portal: str) -> str:
    """Of a portal's key: without who reads it (``Webhook.portal_key``)."""
    return portal.rpartition("-")[0]


def _put_history(observed: Observed, file: Path, loads: list[str], done: Restored) -> None:
    if observed.path.exists():
        here: list[str] = []
        with contextlib.suppress(duckdb.Error, UserError):
            here = observed.loads()
        if here and set(loads) <= set(here):
            done.kept += 1
            return
        if here:
            observed.merge(file)
            done.merged += 1
        done.aside.append(observed.set_aside("replaced").name)
    observed.put(file)
    done.histories += 1


def _put_companies(paths: PortalPaths, file: Path) -> None:
    """Those of the copy, and those met here since."""
    saved, here = read_json(file), read_json(paths.companies) or {}
    if saved is None:
        return
    met = [known if isinstance(known, dict) else {} for known in (here.get("companies"), saved.get("companies"))]
    write_json(paths.companies, {**saved, "companies": {**met[0], **met[1]}})


def _put_workspace(file: Path, database: Path, done: Restored) -> None:
    """Through the database's own copying where it can be read, so that readers see the old content or the new; else by renaming."""
    with closing(sqlite3.connect(str(file))) as copy:
        copy.execute(f"PRAGMA user_version = {1 + secrets.randbelow(RESTORATIONS - 1)}")
        for table in _PASSING:
            copy.execute(f"DELETE FROM {table}")
        copy.commit()
    database.parent.mkdir(parents=True, exist_ok=True)
    if not database.exists():
        for ending in _COMPANIONS:  # of a database that is gone: they would be taken for this one's
            database.with_name(database.name + ending).unlink(missing_ok=True)
    elif not _is_sound(database):
        done.aside.append(set_aside(database, "damaged", *_COMPANIONS).name)
    else:
        done.aside += _keep(database)
        try:
            with closing(sqlite3.connect(str(file))) as saved, closing(sqlite3.connect(str(database))) as target:
                saved.backup(target, progress=_until(time.monotonic() + PATIENCE))
        except sqlite3.DatabaseError as error:
            if _is_busy(error):
                raise _busy(database) from None
            raise
        done.workspace = True
        return
    shutil.move(file, database)
    sync_folder(database.parent)
    done.workspace = True


def _keep(database: Path) -> list[str]:
    """A copy of what is about to be replaced, unless nobody has typed anything."""
    with closing(_reading(database)) as here:
        with contextlib.suppress(sqlite3.OperationalError):
            if not any(here.execute(f"SELECT 1 FROM {t} LIMIT 1").fetchone() for t in ("changes", "views")):
                return []
        kept = aside(database, "replaced")
        with closing(sqlite3.connect(str(kept))) as copy:
            here.backup(copy, progress=_until(time.monotonic() + PATIENCE))
    return [kept.name]


# -- SQLite -------------------------------------------------------------------------------------------------------


def _reading(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=PATIENCE)


def _is_sound(file: Path) -> bool:
    """Whether a database can be read to its last page. UserError where somebody keeps it locked."""
    try:
        with closing(_reading(file)) as con:
            return bool(con.execute("PRAGMA quick_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        if _is_busy(error):
            raise _busy(file) from None
        return False


def _until(deadline: float) -> Callable[[int, int, int], None]:
    """Ends a copying that waits for a lock."""

    def look(status: int, _: int, __: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise sqlite3.OperationalError("database is locked")

    return look


def _is_busy(error: sqlite3.Error) -> bool:
    return "locked" in str(error) or getattr(error, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    )


def _busy(file: Path) -> UserError:
    return UserError(
        Text(
            f"Файл {file} занят другой программой. Закройте её или подождите и повторите.",
            f"Another program keeps {file} locked. Close it, or wait, and repeat.",
        )
    )
