"""What faults are tried on: a demo portal that changes, data read with faults and beside it data read without, a page over the former."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from benchmarks.chaos.hurry import Machine
from benchmarks.chaos.life import Hands, Life
from dash_app import disk
from dash_app.app import create_app
from dash_app.demo.rest.database import Database
from dash_app.demo.testing import RunningPortal, running_portal
from dash_app.errors import UserError
from dash_app.services_factory import refresh_of, webhook_and_paths, workspace_of
from dash_app.settings import Settings
from dash_app.store.derive import derive
from dash_app.store.paths import PortalPaths
from dash_app.store.snapshots import Manifest, Snapshot, Snapshots

TODAY = date(2026, 11, 20)
BEGIN = datetime.fromisoformat("2026-11-20T11:00:00+03:00").timestamp()
_UPDATE = "/_dash-update-component"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a refresh ended: published with a manifest, refused with a sentence (``said``), or neither (``odd`` says how)."""

    manifest: Manifest | None = None
    said: str = ""
    odd: str = ""


class Data:
    """One folder of data and its refreshes."""

    def __init__(self, folder: Path, webhook: str, *, apart: bool) -> None:
        self.apart = apart  # whether facts are derived in a process of their own, as in the product
        self.settings = Settings(
            data_dir=folder, b24_webhook_url=SecretStr(webhook), requests_per_second=100_000, request_burst=1_000_000
        )
        self.environment = {
            **os.environ,
            "DATA_DIR": str(folder),
            "B24_WEBHOOK_URL": webhook,
            "REQUESTS_PER_SECOND": "100000",
            "REQUEST_BURST": "1000000",
        }
        self.paths: PortalPaths = webhook_and_paths(self.settings)[1]

    def refresh(self, *, full: bool = False, patience: float = 30.0) -> Ended:
        """One refresh in this process."""
        try:
            job = refresh_of(self.settings, full=full)
            job.reader.client.patience = patience  # type: ignore[attr-defined]
            if not self.apart:
                job.derive = derive
            return Ended(job.run())
        except Exception as error:  # as at every boundary: what was foreseen is a sentence, the rest is odd
            known = disk.foreseen(error)
            if known is not None:
                return Ended(said=known.text.en if known.text.ru else "")
            return Ended(odd=f"{type(error).__name__}: {str(error)[:300]}")

    def started(self, machine: float, *, full: bool = False, room: int | None = None) -> subprocess.Popen[str]:
        """One refresh as the command line starts it, in a process of its own. ``room``: bytes a file may have."""
        asked = json.dumps({"local": machine, "patience": 30.0, "bytes": room})
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.chaos.hurry", asked, "sync", *(["--full"] if full else [])],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ended(self, child: subprocess.Popen[str]) -> Ended:
        """Waits for it."""
        try:
            out, err = child.communicate(timeout=180)
        except subprocess.TimeoutExpired:
            child.kill()
            return Ended(odd="does not end")
        last = err.strip().splitlines()[-1] if err.strip() else ""
        if "Traceback" in err + out:
            return Ended(odd=f"trace: {last[:300]}")
        if child.returncode == 0:
            found = Snapshots(self.paths).current()
            return Ended(found.manifest) if found else Ended(odd="ended well without data")
        if child.returncode == 2:
            return Ended(said=last)
        return Ended(odd=f"exit code {child.returncode}: {last[:300]}")

    def published(self) -> Snapshot | None:
        """What is shown."""
        return Snapshots(self.paths).current()

    def forget_snapshots(self) -> None:
        """As a person who deletes what can be read again."""
        shutil.rmtree(self.paths.snapshots)
        self.paths.current.unlink(missing_ok=True)
        self.paths.snapshots.mkdir()


class Typist:
    """Types plans, expenses, cards put off and settings, and knows what was acknowledged."""

    def __init__(self, data: Data, seed: int) -> None:
        self._data = data
        self._dice = random.Random(seed)
        self._entries: dict[str, dict[str, Any]] = {"plan": {}, "expense": {}, "snooze": {}}
        self._settings: dict[str, Any] = {}
        self._changes = 0

    def types(self) -> str:
        """Types something; "" where it was acknowledged, else the sentence it was refused with. Any other error is raised."""
        dice, month = self._dice, f"2026-{self._dice.randint(1, 12):02d}"
        amount = str(Decimal(dice.randrange(10**8)) / 100)
        entry: dict[str, Any]
        kind, entry = dice.choice(
            [
                ("plan", {"manager_id": str(dice.randint(1, 20)), "month": month, "plan_amount": amount}),
                ("expense", {"source_id": dice.choice(["WEB", "CALL", "none"]), "month": month, "amount": amount}),
                ("snooze", {"entity": "deal", "id": str(dice.randint(1, 99)), "until": "2027-01-15", "reason": amount}),
                ("", {"forgotten_deal_days": dice.randint(3, 20)}),
            ]
        )
        workspace = workspace_of(self._data.settings, self._data.paths)
        try:
            if not kind:
                done = workspace.set_many(entry, "chaos")
                self._settings |= entry
                self._changes += sum(change is not None for change in done)
                return ""
            names = {"plan": "manager_id", "expense": "source_id", "snooze": "entity"}
            rest = {"plan": f"all:{month}", "expense": month, "snooze": entry.get("id")}[kind]
            key = f"{entry[names[kind]]}:{rest}"
            self._changes += len(workspace.put_entries(kind, {key: entry}, "chaos"))
            self._entries[kind][key] = entry
            return ""
        except UserError as error:
            return error.text.en
        finally:
            workspace.close()

    def missing(self) -> list[str]:
        """What was acknowledged and is not there."""
        workspace = workspace_of(self._data.settings, self._data.paths)
        try:
            found = []
            for kind, entries in self._entries.items():
                there = workspace.entries(kind)
                for key, entry in entries.items():
                    value = there[key].value.model_dump(mode="json") if key in there else {}
                    if any(str(value.get(name)) != str(given) for name, given in entry.items()):
                        found.append(f"{kind} {key}: {entry} was typed, {value} is there")
            stored = workspace.stored()
            found += [f"{k}: {v} was typed" for k, v in self._settings.items() if stored.get(k) != v]
            if len(workspace.history(most=100_000)) < self._changes:
                found.append("the history of changes is shorter than what was typed")
            return found
        finally:
            workspace.close()


class Page:
    """The application over the data."""

    def __init__(self, data: Data) -> None:
        self._app = create_app(data.settings)
        self._client = self._app.server.test_client()
        self._fill = next(
            key for key in self._app.callback_map if '"type":"block"}.children' in key and not key.startswith("..")
        )

    def wrong(self) -> list[str]:
        """What a person would not like to see on it."""
        found = []
        for path in ("/", "/_dash-layout", "/healthz"):
            answer = self._client.get(path)
            if answer.status_code != 200:
                found.append(f"{path}: {answer.status_code}")
        for report, block in (("sales-dynamics", "summary"), ("forgotten", "summary")):
            answer = self._client.post(_UPDATE, json=self._body({"type": "block", "report": report, "id": block}))
            text = answer.get_data(as_text=True)
            if answer.status_code != 200 or "Что-то пошло не так" in text:
                found.append(f"{report} {block}: {answer.status_code} {text[:200]}")
        return found

    def _body(self, block: dict[str, str]) -> dict[str, Any]:
        spec = self._app.callback_map[self._fill]

        def filled(dependency: dict[str, Any]) -> dict[str, Any]:
            pattern = dependency["id"]
            identity = {**block, "type": json.loads(pattern)["type"]} if pattern.startswith("{") else pattern
            value = {"data": "", "id": identity}.get(dependency["property"])
            return {"id": identity, "property": dependency["property"], "value": value}

        inputs = [filled(d) for d in spec["inputs"]]
        changed = json.dumps(inputs[0]["id"], sort_keys=True, separators=(",", ":"))
        return {
            "output": self._fill,
            "outputs": {"id": block, "property": "children"},
            "inputs": inputs,
            "state": [filled(d) for d in spec["state"]],
            "changedPropIds": [f"{changed}.data"],
        }


class Stage:
    """All of it. ``struck`` is read with faults, ``calm`` without; both see the portal at the same moments of its clock."""

    def __init__(self, running: RunningPortal, folder: Path, seed: int, *, apart: bool) -> None:
        self.dice = random.Random(seed)
        self.running = running
        self.clock = Hands(BEGIN)
        self.running.portal.clock = self.clock
        self.life = Life(running.portal, self.clock, seed + 1)
        self.folder = folder
        self.small = _small_disk(folder / "struck")
        self.struck = Data(folder / "struck", running.webhook, apart=apart)
        self.calm = Data(folder / "calm", running.webhook, apart=False)
        self.usual = 4.0  # seconds a refresh in a process of its own takes, about
        self.typist = Typist(self.struck, seed + 2)
        self.page = Page(self.struck)

    def tick(self) -> None:
        """Some time, and what people do in it."""
        self.clock.at += self.dice.randint(300, 2400)
        self.life.goes_on(self.dice.randint(0, 25))
        Machine.at = self.clock.at

    def agree(self) -> None:
        """After a difference: both go on from what the calm folder has, so that each difference is seen once."""
        for path in (self.struck.paths.snapshots, self.struck.paths.building):
            shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.calm.paths.snapshots, self.struck.paths.snapshots)
        for path in self.calm.paths.root.iterdir():
            if path.name in ("current", "companies.json") or path.suffix == ".duckdb":
                shutil.copy(path, self.struck.paths.root / path.name)

    def fresh(self) -> Data:
        """An empty folder."""
        shutil.rmtree(self.folder / "fresh", ignore_errors=True)
        return Data(self.folder / "fresh", self.running.webhook, apart=False)

    @contextlib.contextmanager
    def another_database(self, statements: list[str]) -> Iterator[None]:
        """The portal answers from a copy of its database that the statements changed."""
        portal, own = self.running.portal, self.running.portal.database
        path = self.folder / "other.sqlite"
        path.unlink(missing_ok=True)
        source, copy = sqlite3.connect(self.running.database), sqlite3.connect(path)
        try:
            source.backup(copy)
            for statement in statements:
                copy.execute(statement)
            copy.commit()
        finally:
            source.close()
            copy.close()
        portal.database = Database(path)
        try:
            yield
        finally:
            portal.database.close()
            portal.database = own


def _small_disk(folder: Path) -> bool:
    """A file system of its own, which can be full while others are not; whether this machine lets us have one."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return False
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200m", "chaos", str(folder)], capture_output=True, check=False
    )
    return done.returncode == 0


@contextlib.contextmanager
def stage(seed: int, *, scale: int = 150, apart: bool = True) -> Iterator[Stage]:
    """Everything set up, both folders read once."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    small = False
    try:
        with running_portal(scale=scale, seed=seed, limits="off", today=TODAY) as running:
            found = Stage(running, folder, seed, apart=apart)
            small = found.small
            Machine.at = found.clock.at
            for data in (found.struck, found.calm):
                ended = data.refresh()
                if ended.manifest is None:
                    raise SystemExit(f"the demo portal could not be read: {ended.said or ended.odd}")
            yield found
    finally:
        if small:
            subprocess.run(["umount", "-l", str(folder / "struck")], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


__all__ = ["Data", "Ended", "Page", "Stage", "Typist", "stage"]
