"""Where things lie on disk: one folder a portal, named without its secret."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dash_app import private


@dataclass(frozen=True, slots=True)
class PortalPaths:
    """Files of one portal under DATA_DIR."""

    root: Path

    @classmethod
    def of(cls, data_dir: Path, portal_key: str) -> PortalPaths:
        """The portal's folder, made if it is not there."""
        root = data_dir / portal_key
        for folder in (data_dir, root, root / "snapshots"):
            folder.mkdir(parents=True, exist_ok=True, mode=private.FOLDER)
        return cls(root)

    @property
    def snapshots(self) -> Path:
        """Published snapshots, a folder each."""
        return self.root / "snapshots"

    @property
    def current(self) -> Path:
        """Pointer file: the id of the published snapshot."""
        return self.root / "current"

    @property
    def building(self) -> Path:
        """The snapshot a refresh is making; survives an interruption."""
        return self.root / "building"

    @property
    def lock(self) -> Path:
        """Held by the one refresh of this portal."""
        return self.root / "refresh.lock"

    @property
    def progress(self) -> Path:
        """What the running refresh says of itself."""
        return self.root / "progress.json"

    @property
    def pacing(self) -> Path:
        """How full the portal's bucket was when we last asked: the next process does not start at full speed."""
        return self.root / "pacing.json"

    @property
    def cancel(self) -> Path:
        """Exists while somebody wants the refresh to stop."""
        return self.root / "cancel"

    @property
    def question(self) -> Path:
        """What waits for a person's confirmation (``store.companies``)."""
        return self.root / "question.json"

    @property
    def workspace(self) -> Path:
        """What people typed (SQLite by default)."""
        return self.root / "workspace.sqlite"

    @property
    def history(self) -> Path:
        """What the portal cannot tell again (``store.observed``)."""
        return self.root / "history.duckdb"

    @property
    def companies(self) -> Path:
        """Companies met behind the portal's address (``store.companies``)."""
        return self.root / "companies.json"

    @property
    def cache(self) -> Path:
        """What can be made again at any time."""
        return self.root / "cache"

    @property
    def answers(self) -> Path:
        """Kept answers that processes share."""
        return self.cache / "answers"
