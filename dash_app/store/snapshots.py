"""Published snapshots: immutable folders and the pointer to the current one.

``snapshots/<id>/`` holds ``raw.duckdb``, ``facts.duckdb`` and ``manifest.json``; facts of earlier days are made beside them on first use.
Publishing renames the finished folder into place and then swaps the pointer; a crash before the swap leaves the old snapshot, one after it
the new. Files of an expired snapshot stay readable to whoever has them open.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import portalocker

from dash_app.store.clock import Last
from dash_app.store.derive import DeriveConfig, derive
from dash_app.store.files import read_json, sync_folder, write_atomically, write_json
from dash_app.store.paths import PortalPaths

KEEP = 3
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
        """Facts derived as of an earlier instant (naive UTC), made on first use and kept with the snapshot."""
        target = self.path / f"facts-{instant:%Y%m%dT%H%M%S%f}.duckdb"
        if not target.exists():
            with portalocker.Lock(str(target.with_suffix(".lock")), flags=portalocker.LockFlags.EXCLUSIVE):
                if not target.exists():
                    derive(self.raw_path, target, instant, self.manifest.derive_config())
        return target


def new_id(moment: datetime) -> str:
    """Sortable by time, unique."""
    return f"{moment:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


class Snapshots:
    """The snapshots of one portal. Safe to use from any process."""

    def __init__(self, paths: PortalPaths) -> None:
        self._paths = paths
        self._seen: tuple[str, Snapshot] | None = None

    def current(self) -> Snapshot | None:
        """The published snapshot; None before the first refresh. Costs one small read when nothing changed."""
        try:
            name = self._paths.current.read_text().strip()
        except OSError:
            return None
        if self._seen is not None and self._seen[0] == name:
            return self._seen[1]
        found = self.open(name)
        if found is not None:
            self._seen = (name, found)
        return found

    def open(self, name: str) -> Snapshot | None:
        """A snapshot by id; None if it is gone or from a format this version does not read."""
        folder = self._paths.snapshots / name
        document = read_json(folder / "manifest.json")
        if document is None or document.get("format") != _FORMAT:
            return None
        return Snapshot(folder, Manifest(**document))  # type: ignore[arg-type]

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
        current = self.current()
        whole = self.all()
        if current is not None:
            whole = [found for found in whole if found.manifest.parent == current.id]
        if whole:
            newest = max(whole, key=lambda found: (found.manifest.created, found.id))
            write_atomically(self._paths.current, newest.id.encode())

    def publish(self, folder: Path, manifest: Manifest) -> Snapshot:
        """Makes a finished folder the current snapshot: manifest, rename, pointer – in this order."""
        manifest.created = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(folder / "manifest.json", asdict(manifest))
        target = self._paths.snapshots / manifest.id
        self._paths.snapshots.mkdir(parents=True, exist_ok=True)
        folder.rename(target)
        sync_folder(self._paths.snapshots)
        write_atomically(self._paths.current, manifest.id.encode())
        (target / "state.json").unlink(missing_ok=True)
        self.expire()
        return Snapshot(target, manifest)

    def expire(self, keep: int = KEEP) -> None:
        """Removes all but the newest snapshots and never the current one."""
        try:
            current = self._paths.current.read_text().strip()
        except OSError:
            return
        folders = sorted((f for f in self._paths.snapshots.iterdir() if f.is_dir()), key=self._age, reverse=True)
        for folder in folders[keep:]:
            if folder.name != current:
                shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def _age(folder: Path) -> tuple[str, str]:
        """Sorts by when it was made: its name tells the portal's clock, which may have been wrong."""
        return str((read_json(folder / "manifest.json") or {}).get("created") or ""), folder.name


def note(ru: str, en: str, level: str = "warning") -> Mapping[str, str]:
    """A line of a manifest's notes."""
    return {"ru": ru, "en": en, "level": level}
