"""Where answers lie that several processes share: Flask-Caching over diskcache, of limited size, or Redis by ``CACHE_URL``. Bytes in, bytes out.

Neither library may unpickle here: diskcache is given a disk that knows bytes and text only, Redis a serializer that does nothing.
"""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from cachelib.serializers import BaseSerializer
from diskcache import Cache as Folder
from diskcache import Disk
from diskcache.core import MODE_BINARY, MODE_RAW
from flask import Flask
from flask_caching import Cache
from flask_caching.backends.base import BaseCache
from redis.connection import parse_url

from dash_app import logs
from dash_app.errors import UserError
from dash_app.reports.cache import AnswerCache
from dash_app.settings import Settings
from dash_app.store.paths import PortalPaths
from dash_app.text import Text

log = logs.get(__name__)
MOST_BYTES = 256 * 1024 * 1024
"""Of kept answers on disk; the oldest go first."""
_PATIENCE = 2.0
"""Seconds Redis has for an answer; then it is computed here."""

BAD_URL = Text(
    "Адрес CACHE_URL непонятен. Примеры: redis://:пароль@сервер:6379/0, rediss://имя:пароль@сервер:6380/1, unix:///путь/redis.sock.",
    "CACHE_URL makes no sense. Examples: redis://:password@server:6379/0, rediss://name:password@server:6380/1, unix:///path/redis.sock.",
)


class AsItIs(BaseSerializer):
    """Bytes stay bytes; anything else that lies there is nothing."""

    def dumps(self, value: Any, protocol: int = 0) -> bytes:
        """The bytes given."""
        if not isinstance(value, bytes):
            raise TypeError("bytes only")
        return value

    def loads(self, bvalue: Any) -> bytes | None:
        """The bytes found."""
        return bvalue if isinstance(bvalue, bytes) else None


class BytesDisk(Disk):  # type: ignore[misc]  # diskcache has no types
    """diskcache's disk without pickle: keys are text, values bytes, and a value kept in any other way is none."""

    def put(self, key: Any) -> Any:
        """A text as it is."""
        if not isinstance(key, str):
            raise TypeError("text only")
        return key, True

    def get(self, key: Any, raw: Any) -> Any:
        """The text."""
        return key

    def store(self, value: Any, read: bool, key: Any = None) -> Any:
        """Bytes, in the database or in a file beside it."""
        if read or not isinstance(value, bytes):
            raise TypeError("bytes only")
        return super().store(value, False, key)

    def fetch(self, mode: int, filename: Any, value: Any, read: bool) -> Any:
        """The bytes, None for anything that was stored otherwise. Files are read inside the folder alone."""
        if mode == MODE_RAW:
            return bytes(value) if isinstance(value, bytes | memoryview) else None
        if mode != MODE_BINARY or not filename:
            return None
        folder = Path(self._directory).resolve()
        path = (folder / filename).resolve()
        return path.read_bytes() if path.is_relative_to(folder) and path.is_file() else None


class DiskCache(BaseCache):
    """A folder as a backend of Flask-Caching."""

    def __init__(self, folder: str, default_timeout: int = 86_400) -> None:
        super().__init__(default_timeout=default_timeout)
        self._folder = Folder(
            folder,
            timeout=1,
            disk=BytesDisk,
            size_limit=MOST_BYTES,
            eviction_policy="least-recently-stored",
            cull_limit=20,
        )

    @classmethod
    def factory(cls, app: Flask, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> DiskCache:
        """Made by Flask-Caching from CACHE_DIR."""
        return cls(config["CACHE_DIR"], config["CACHE_DEFAULT_TIMEOUT"])

    def get(self, key: str) -> Any:
        """The bytes or None."""
        return self._folder.get(key)

    def set(self, key: str, value: Any, timeout: Any = None) -> bool:
        """Whether it is kept now; what goes beyond the size limit is culled."""
        return bool(self._folder.set(key, value, expire=timeout or self.default_timeout))


def secret_of(settings: Settings) -> bytes:
    """What kept answers are sealed with: SECRET_KEY, else a number made once and kept in DATA_DIR, readable by its owner alone."""
    if settings.secret_key is not None and settings.secret_key.get_secret_value():
        return settings.secret_key.get_secret_value().encode()
    path = settings.data_dir / "secret.key"
    try:
        return _made_once(path)
    except OSError:  # a disk that is read-only: nothing is shared with later processes
        return secrets.token_bytes(32)


def _made_once(path: Path) -> bytes:
    """The file's content, whole or not there: whoever is second finds the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        fresh = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_hex(32).encode())
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink(missing_ok=True)
    return path.read_bytes() or secrets.token_bytes(32)


def answers_of(settings: Settings, paths: PortalPaths) -> AnswerCache:
    """The kept answers of a portal; UserError for a CACHE_URL that is none, without a word of it."""
    url = settings.cache_url.get_secret_value().strip() if settings.cache_url is not None else ""
    config: dict[str, Any] = {"CACHE_DEFAULT_TIMEOUT": 86_400, "CACHE_NO_NULL_WARNING": True}
    if url:
        try:
            parse_url(url)
        except ValueError:
            raise UserError(BAD_URL) from None
        patience = {"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE}
        config |= {
            "CACHE_TYPE": "RedisCache",
            "CACHE_REDIS_URL": url,
            "CACHE_KEY_PREFIX": f"{paths.root.name}:",
            "CACHE_OPTIONS": patience if not url.startswith("unix") else {"socket_timeout": _PATIENCE},
            "CACHE_SERIALIZER": AsItIs(),
        }
    else:
        for pickled in [f for f in paths.cache.glob("*") if f.is_file()]:  # of earlier versions
            with suppress(OSError):
                pickled.unlink(missing_ok=True)
        config |= {"CACHE_TYPE": f"{__name__}.DiskCache", "CACHE_DIR": str(paths.answers)}
    maker = Flask("dash_app.answers", static_folder=None)
    try:
        cache = Cache(maker, config=config)
    except (OSError, sqlite3.Error):  # nothing can be written there, or it is damaged: answers stay in this process
        log.warning("answers_not_shared", folder=str(paths.answers), exc_info=True)
        return AnswerCache()
    shared = maker.extensions["cache"][cache]  # the backend itself: Cache would look for it in the app of the request
    return AnswerCache(shared, secret_of(settings))
