"""Published snapshots: immutable folders and the pointer to the current one.

``snapshots/<id>/`` holds ``raw.duckdb``, ``facts.duckdb`` and ``manifest.json``; facts of earlier days are made beside them on first use.
Publishing renames the finished folder into place and then swaps the pointer; a crash before the swap leaves the old snapshot, one after it
the new. Files of an expired snapshot stay readable to whoever has them open.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import portalocker

from dash_app import disk
from dash_app.disk import FileTrouble
from dash_app.store.clock import Last
from dash_app.store.derive import DeriveConfig, derive
from dash_app.store.files import read_json, sync_folder, write_atomically, write_json
from dash_app.store.paths import PortalPaths

KEEP = 3
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
_FORMAT = 1


@dataclass(slots=True)
class Manifest:
    """What a snapshot says of itself. Instants are ISO texts, UTC."""

    id: str
    as_of: str
    address: str
    rows: dict[str, int]
    watermarks: dict[str, str]
    config: dict[str, Any]
    notes: list[dict[str, str]] = field(default_factory=list)
    """What could not be read, in both languages: {"ru": ..., "en": ..., "level": ...}."""
    changes: dict[str, int] = field(default_factory=dict)
    """What this refresh saw: new, changed and deleted records."""
    full: bool = True
    reconciled: str = ""
    created: str = ""
    parent: str | None = None
    company: str = ""
    """Whose data it is: '' for the first company behind this address (``store.companies``)."""
    format: int = _FORMAT
    facts: int = 0
    """Version of the facts' tables (``schema.FACTS_VERSION``): older facts are derived anew from the same raw data."""
    raw: str = ""
    """Version of the raw tables (``schema.RAW_FORMAT``): columns another one lacks are added, their lists read whole once."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Manifest:
        """Back from JSON. What another version added is left out; ValueError where it says anything that no version wrote."""
        given = {name: value for name, value in document.items() if name in cls.__dataclass_fields__}
        try:
            found = cls(**given)
            kinds = {str: "id as_of address reconciled created company raw", int: "format facts", bool: "full"}
            kinds |= {dict: "rows watermarks config changes", list: "notes", str | None: "parent"}  # type: ignore[dict-item]
            for kind, names in kinds.items():
                if not all(isinstance(getattr(found, name), kind) for name in names.split()):
                    raise ValueError(names)
            if not all(isinstance(line, dict) and {"ru", "en"} <= line.keys() for line in found.notes):
                raise ValueError("notes")
            for moment in (found.as_of, found.created or found.as_of, found.reconciled or found.as_of):
                datetime.fromisoformat(moment)
            found.derive_config()
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise ValueError("no manifest") from error
        return found

    @property
    def moment(self) -> datetime:
        """As-of as naive UTC."""
        return datetime.fromisoformat(self.as_of).astimezone(UTC).replace(tzinfo=None)

    @property
    def last_look(self) -> Last:
        """When it was taken by each clock. What an older version did not note follows from when it was published."""
        made = (
            datetime.fromisoformat(self.created).astimezone(UTC).replace(tzinfo=None) if self.created else self.moment
        )
        local, told = self.watermarks.get("local"), self.watermarks.get("told")
        return Last(
            self.moment,
            datetime.fromisoformat(local) if local else made,
            datetime.fromisoformat(told) if told else None,
        )

    def changes_known(self, table: str) -> datetime:
        """Until when the changes of a raw table are known, naive UTC: a list that was refused meanwhile stays behind the others."""
        return datetime.fromisoformat(self.watermarks.get(f"changed {table}") or self.watermarks["changed"])

    def ids_known(self, table: str, highest: int) -> int:
        """Up to which id a raw table is known: its highest, or less where rows above came that said no id."""
        return int(self.watermarks.get(f"ids {table}", highest))

    @property
    def asked_again(self) -> set[str]:
        """Raw tables that the next increment reads from an earlier id because of such rows."""
        return {name.removeprefix("ids ") for name in self.watermarks if name.startswith("ids ")}

    def derive_config(self) -> DeriveConfig:
        """The settings its facts were derived with."""
        return DeriveConfig.of(self.config)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot."""

    path: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """Its identity: part of every cache key."""
        return self.manifest.id

    @property
    def facts_path(self) -> Path:
        """Facts of the present."""
        return self.path / "facts.duckdb"

    @property
    def raw_path(self) -> Path:
        """What the portal said."""
        return self.path / "raw.duckdb"

    def facts_as_of(self, instant: datetime) -> Path:
        """Facts derived as of an earlier instant (naive UTC), made on first use and kept with the snapshot, the ones used last."""
        name = f"facts-{instant:%Y%m%dT%H%M%S%f}.duckdb"
        target = self.path / name
        if target.exists():
            _used(target)
            return target
        try:
            self._derive(target, instant)
        except (OSError, duckdb.Error) as error:
            if not isinstance(disk.foreseen(error), disk.ReadOnly | disk.NoRoom):
                raise
            target = _elsewhere(self.id) / name  # where this process may write
            if not target.exists():
                self._derive(target, instant)
        return target

    def _derive(self, target: Path, instant: datetime) -> None:
        with portalocker.Lock(str(target.with_suffix(".lock")), flags=portalocker.LockFlags.EXCLUSIVE):
            if not target.exists():
                derive(self.raw_path, target, instant, self.manifest.derive_config())
                _make_room(target.parent.glob(_EARLIER), _MOST_EARLIER)


_EARLIER = "facts-*.duckdb"
_MOST_EARLIER = 12
"""Earlier instants kept with a snapshot: each is about as large as the facts of the present."""


def _used(file: Path) -> None:
    """Notes when a file was used, as its time of access; when it was made tells kept answers of it from others, so that stays."""
    with suppress(OSError):
        os.utime(file, ns=(time.time_ns(), file.stat().st_mtime_ns))


def _make_room(files: Iterable[Path], most: int) -> None:
    """Leaves the files used last; who has another one open reads on."""
    known = []
    for file in files:
        with suppress(OSError):
            known.append((file.stat().st_atime_ns, file))
    for _, file in sorted(known)[: max(0, len(known) - most)]:
        for part in (file, file.with_suffix(".lock")):
            with suppress(OSError):
                part.unlink()


_MOST_ELSEWHERE = 12
_temporary: dict[int, tempfile.TemporaryDirectory[str]] = {}


def _elsewhere(snapshot: str) -> Path:
    """A folder of this process, gone with it, for facts that cannot be kept with their snapshot; the oldest make room."""
    made = _temporary.get(os.getpid())
    if made is None:
        made = _temporary[os.getpid()] = tempfile.TemporaryDirectory(prefix="facts-")
    folder = Path(made.name) / snapshot
    folder.mkdir(exist_ok=True)
    files = sorted(Path(made.name).glob("*/facts-*.duckdb"), key=lambda file: file.stat().st_mtime)
    for file in files[:-_MOST_ELSEWHERE]:
        file.unlink(missing_ok=True)
    return folder


def new_id(moment: datetime) -> str:
    """``20260301T090000-a1b2c3``: sortable by time (``moment``, UTC, naive or aware) and unique."""
    return f"{moment:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


class Snapshots:
    """The snapshots of one portal. Safe to use from any process."""

    def __init__(self, paths: PortalPaths) -> None:
        self._paths = paths
        self._seen: tuple[str, Snapshot] | None = None

    def current(self) -> Snapshot | None:
        """The published snapshot; None before the first refresh. Costs one small read when nothing changed.

        Where the pointer, or what it names, cannot be read, the newest snapshot that can, with a note that says so.
        """
        name = self._pointer()
        if self._seen is not None and name and self._seen[0] == name:
            return self._seen[1]
        found = self.open(name) if name else None
        if found is not None:
            self._seen = (name, found)
            return found
        return self._newest(name)

    def _pointer(self) -> str:
        """The id of the published snapshot, '' where there is none or nothing that could be one."""
        try:
            name = self._paths.current.read_text().strip()
        except (OSError, ValueError):
            return ""
        return name if _ID.fullmatch(name) else ""

    def _newest(self, named: str) -> Snapshot | None:
        """The newest snapshot there is, in place of the one that is named and cannot be read."""
        whole = self.all()
        if not whole:
            return None
        found = max(whole, key=lambda one: (one.manifest.created, one.id))
        if not self._paths.current.exists():  # its publication was stopped before the last step
            return found
        broken = self._paths.snapshots / named / "manifest.json"
        line = _other_is_shown(broken if named else self._paths.current, found.manifest.as_of)
        return Snapshot(found.path, replace(found.manifest, notes=[*found.manifest.notes, dict(line)]))

    def trouble(self) -> FileTrouble | None:
        """Why ``current`` is None although something is there; None where nothing was ever published, or everything was taken away."""
        name = self._pointer()
        manifest = self._paths.snapshots / name / "manifest.json"
        if not self._paths.current.exists() or (name and not manifest.parent.exists()):
            return None
        document = read_json(manifest) if name else None
        number = (document or {}).get("format")
        if isinstance(number, int) and number > _FORMAT:
            return disk.newer_data(manifest)
        return disk.damaged(manifest if name else self._paths.current)

    def open(self, name: str) -> Snapshot | None:
        """A snapshot by id; None if it is gone, damaged, or from a format this version does not read."""
        folder = self._paths.snapshots / name
        document = read_json(folder / "manifest.json")
        if document is None or document.get("format") != _FORMAT:
            return None
        try:
            return Snapshot(folder, Manifest.of(document))
        except ValueError:
            return None

    def all(self) -> list[Snapshot]:
        """Every snapshot on disk that can be read."""
        folders = self._paths.snapshots.iterdir() if self._paths.snapshots.exists() else ()
        return [
            found
            for folder in folders
            if (found := self.open(folder.name)) is not None and found.raw_path.exists() and found.facts_path.exists()
        ]

    def of(self, company: str) -> list[Snapshot]:
        """Those of one company (``Manifest.company``)."""
        return [found for found in self.all() if found.manifest.company == company]

    def finish(self) -> None:
        """Ends a publication that was stopped before its last step: what it made is whole and only the pointer is missing.

        Also where the pointer names nothing that can be read, the newest snapshot there is becomes the current one. Under the refresh lock.
        """
        name = self._pointer()
        current = self.open(name) if name else None
        whole = self.all()
        if current is not None:
            whole = [found for found in whole if found.manifest.parent == current.id]
        if whole:
            newest = max(whole, key=lambda found: (found.manifest.created, found.id))
            write_atomically(self._paths.current, newest.id.encode())

    def publish(self, folder: Path, manifest: Manifest) -> Snapshot:
        """Makes a finished folder the current snapshot: manifest, rename, pointer – in this order – and removes old ones. OSError where the disk refuses."""
        manifest.created = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(folder / "manifest.json", asdict(manifest))
        target = self._paths.snapshots / manifest.id
        self._paths.snapshots.mkdir(parents=True, exist_ok=True)
        folder.rename(target)
        with suppress(FileNotFoundError):  # somebody deletes all snapshots at this very moment
            sync_folder(self._paths.snapshots)
        write_atomically(self._paths.current, manifest.id.encode())
        (target / "state.json").unlink(missing_ok=True)
        self.expire()
        return Snapshot(target, manifest)

    def expire(self, keep: int = KEEP) -> None:
        """Removes all but the newest snapshots and never the current one."""
        current = self._pointer()
        if not current:
            return
        try:
            there = [folder for folder in self._paths.snapshots.iterdir() if folder.is_dir()]
        except FileNotFoundError:
            return
        folders = sorted(there, key=self._age, reverse=True)
        for folder in folders[keep:]:
            if folder.name != current:
                shutil.rmtree(folder, ignore_errors=True)
        # the last one may still be read; of those before it earlier days are made anew if ever asked for
        for folder in folders[2:keep]:
            if folder.name != current:
                _make_room(folder.glob(_EARLIER), 0)

    @staticmethod
    def _age(folder: Path) -> tuple[str, str]:
        """Sorts by when it was made: its name tells the portal's clock, which may have been wrong."""
        return str((read_json(folder / "manifest.json") or {}).get("created") or ""), folder.name


def _other_is_shown(broken: Path, as_of: str) -> Mapping[str, str]:
    moment = datetime.fromisoformat(as_of).astimezone(UTC)
    return note(
        f"Файл {disk.shown(broken)} повреждён: показаны последние данные, которые читаются, на {moment:%d.%m.%Y %H:%M} UTC. Обновите данные.",
        f"{disk.shown(broken)} is damaged: shown is the last data that can be read, of {moment:%Y-%m-%d %H:%M} UTC. Refresh the data.",
    )


def note(ru: str, en: str, level: str = "warning") -> Mapping[str, str]:
    """A line of a manifest's notes. ``level``: info or warning."""
    return {"ru": ru, "en": en, "level": level}
