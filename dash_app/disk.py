"""What disks, databases in files and rights do to the application, in sentences: which file, and the way back.

``foreseen`` recognises what went wrong wherever it arose; the boundaries – command line, page, refresh – say it instead of a number of the log.
docs/deployment.md, "What can go wrong, and the way back", is the table of these sentences.
"""

from __future__ import annotations

import errno
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb

from dash_app.errors import NoData, UserError
from dash_app.text import Text

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_READ_ONLY = frozenset({errno.EROFS})
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM})
_SAYS_FULL = re.compile(
    r"No space left on device|Disk quota exceeded|File too large|max_temp_directory_size|disk is full"
)
_SAYS_READ_ONLY = re.compile(r"Read-only file system|Permission denied|attached in read-only mode")
_SAYS_LOCKED = re.compile(r"Could not set lock on file")
_SAYS_DAMAGED = re.compile(
    r"not a valid DuckDB database file|Corrupt database file|Could not read enough bytes|Serialization Error|replaying WAL"
    r"|[Ff]ailed to deserialize|Cannot open (file|database) .*(Is a directory|No such file|does not exist)"
)
_FILE = re.compile(r"""file "([^"\n]+)\"""")


class FileTrouble(UserError):
    """A file could not be read or written. ``file``: which, as far as it is known."""

    def __init__(self, text: Text, file: Path | None = None) -> None:
        super().__init__(text)
        self.file = file


class NoRoom(FileTrouble):
    """The disk is full."""


class ReadOnly(FileTrouble):
    """The disk, or this user, may not write."""


class Locked(FileTrouble):
    """Another program holds the file."""


class Damaged(FileTrouble):
    """The file's content is no longer what was written."""


class DamagedData(Damaged, NoData):
    """What the portal's data is read from is damaged: there is none until the next refresh makes it anew."""


class Newer(FileTrouble):
    """A newer version of the application wrote it."""


class NewerData(Newer, NoData):
    """The portal's data is of a newer version: there is none for this one."""


def shown(file: Path | str | None) -> str:
    """A path as a person would look for it."""
    if file is None:
        return "DATA_DIR"
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) and path != Path.cwd() else str(path)


def no_room(file: Path | str | None) -> NoRoom:
    """The disk is full."""
    name = shown(file)
    return NoRoom(
        Text(
            f"На диске нет места: {name} не записывается. Освободите место и повторите; сохранённое раньше на месте.",
            f"The disk is full: {name} cannot be written. Make room and try again; what was saved before is still there.",
        ),
        None if file is None else Path(file),
    )


def read_only(file: Path | str | None) -> ReadOnly:
    """The disk is read-only, or this user has no right."""
    name = shown(file)
    return ReadOnly(
        Text(
            f"{name} не записывается: диск доступен только для чтения или нет прав на папку. Отчёты работают; чтобы сохранять и обновлять, верните право записи.",
            f"{name} cannot be written: the disk is read-only, or the folder's rights forbid it. Reports work; to save and to refresh, allow writing again.",
        ),
        None if file is None else Path(file),
    )


def locked(file: Path | str | None) -> Locked:
    """Another program holds it for longer than we wait."""
    name = shown(file)
    return Locked(
        Text(
            f"Файл {name} занят другой программой. Ничего не потеряно: подождите или закройте её и повторите.",
            f"Another program holds {name}. Nothing is lost: wait, or close it, and try again.",
        ),
        None if file is None else Path(file),
    )


def newer_data(file: Path) -> NewerData:
    """A newer version of the application made the data."""
    return NewerData(
        Text(
            f"Данные записаны более новой версией приложения ({shown(file)}). Перезапустите или обновите приложение, либо обновите данные.",
            f"The data was written by a newer version of the application ({shown(file)}). Restart or upgrade the application, or refresh the data.",
        ),
        file,
    )


def damaged(file: Path | str | None) -> Damaged:
    """The content is broken; the way back depends on what it held. ``None``: some file of a snapshot."""
    path = None if file is None else Path(file)
    name = "facts.duckdb" if path is None else shown(path)
    typed = path is not None and path.name.startswith("workspace")
    if path is not None and (typed or path.name.startswith("history")):
        ru, en = (
            ("настройки и планы начнутся", "settings and plans begin")
            if typed
            else ("журнал изменений начнётся", "the change log begins")
        )
        return Damaged(
            Text(
                f"Файл {name} повреждён. Верните его из копии: python -m dash_app workspace restore ФАЙЛ. Без копии переименуйте его: {ru} заново.",
                f"{name} is damaged. Restore it from a backup: python -m dash_app workspace restore FILE. Without one rename it: {en} anew.",
            ),
            path,
        )
    return DamagedData(
        Text(
            f"Файл {name} повреждён. Обновите данные: он будет сделан заново, ничего не потеряно.",
            f"{name} is damaged. Refresh the data: it is made anew, nothing is lost.",
        ),
        path,
    )


def of_sqlite(error: sqlite3.Error, file: Path | str) -> FileTrouble | None:
    """What an error of an SQLite database means; None for what is a mistake of ours."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return locked(file)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and is_full(Path(file).parent)):
        return no_room(file)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return no_room(file) if is_full(Path(file).parent) else read_only(file)
    if code == sqlite3.SQLITE_CANTOPEN:
        full = is_full(Path(file).parent)
        return damaged(file) if Path(file).is_dir() else no_room(file) if full else read_only(file)
    lost = code == sqlite3.SQLITE_ERROR and re.match(r"no such (table|column)|Could not decode", str(error))
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR) or lost:
        return damaged(file)
    return None


def is_full(folder: Path) -> bool:
    """Whether there is less than a megabyte left: SQLite, which names no reason, needs some tens of kilobytes even to read."""
    try:
        return shutil.disk_usage(folder).free < 1 << 20
    except OSError:
        return False


def of_text(said: str) -> FileTrouble | None:
    """What a message of DuckDB, or of a process that ended with one, means."""
    found = _FILE.search(said)
    file = found[1] if found else None
    if _SAYS_FULL.search(said):
        return no_room(file)
    if _SAYS_READ_ONLY.search(said):
        return read_only(file)
    if _SAYS_LOCKED.search(said):
        return locked(file)
    if _SAYS_DAMAGED.search(said):
        return damaged(file)
    return None


def of_os(error: OSError, file: Path | str | None = None) -> FileTrouble | None:
    """What an error of the system means for a file. Rights are spoken of only where a file is named."""
    name = next((n for n in (error.filename2, error.filename) if isinstance(n, str | Path)), file)
    if error.errno in _FULL:
        return no_room(name)
    if error.errno in _READ_ONLY or (error.errno in _NO_RIGHT and name is not None):
        return read_only(name)
    return None


def foreseen(error: BaseException) -> UserError | None:
    """The sentence of an error, or of what it was caused by; None for one nobody foresaw."""
    if isinstance(error, UserError):
        return error
    for one in _chain(error):
        found: UserError | None = None
        if isinstance(one, OSError):
            found = of_os(one)
        elif isinstance(one, duckdb.Error) or type(one).__name__ == "DerivationFailed":
            found = of_text(str(one))
        if found is not None:
            return found
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen and len(seen) < 20:
        seen.append(one)
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
