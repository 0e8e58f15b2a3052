"""One refresh: from the portal to a published snapshot.

Whatever stops it – a kill, Ctrl-C, an error, a setting that makes no sense –, at whatever moment: the next one needs no hand. A load of everything is
taken up where it was left, up to the derivation; an increment begins anew; what did not pass ``validate`` is never taken up.

First everything, then only what changed: records changed since the last watermark (with an overlap for clock skew), records with ids above
the known ones (a restored record keeps its old dates), history rows above the last id, directories whole; deletions by comparing ids
whenever the portal's own count differs from ours. A full reconcile reads everything again. Nothing partial is published: any failure
but a missing right to an optional entity leaves the last snapshot current and says why.
"""

from __future__ import annotations

import contextlib
import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import duckdb
import portalocker

from dash_app import disk, logs
from dash_app.errors import UserError
from dash_app.portal.entities import (
    ACTIVITIES,
    BIG,
    DEAL_HISTORY,
    ENTITIES,
    NAMED,
    SMALL,
    USERS,
    Columns,
    Entity,
)
from dash_app.portal.errors import Busy, Cancelled, PortalError, Refused
from dash_app.portal.reader import BoundActivity, PortalInfo, PortalPage
from dash_app.store import clock, companies, identity, losses, oddities
from dash_app.store import progress as progresses
from dash_app.store.companies import NotThatCompany, Unconfirmed
from dash_app.store.derive import DeriveConfig, derive
from dash_app.store.files import copy_file, read_json, write_json
from dash_app.store.observed import Observed
from dash_app.store.paths import PortalPaths
from dash_app.store.progress import Progress
from dash_app.store.raw import RawDatabase, adopt_file, is_sound
from dash_app.store.schema import FACTS_VERSION, RAW_FORMAT
from dash_app.store.snapshots import Manifest, Snapshot, Snapshots, new_id, note
from dash_app.store.tokens import forget_tokens, share_without_tokens
from dash_app.store.validate import ContradictingFacts, validate
from dash_app.text import Text

OVERLAP = timedelta(minutes=15)
RESUME_WITHIN = timedelta(hours=24)
ASKED_FOR = timedelta(hours=12)
MOST_ASKED = 1000
MOST_NAMED = 10_000
MOST_ODD = 100
_ASKED_AT_ONCE = 250
_CATCH_UP_AFTER = 120.0
_WORKERS = 6
_log = logs.get(__name__)
_CHANGED = tuple(e for e in BIG if e.changed)
_HISTORIES = frozenset(e.table for e in BIG if not e.changed)


class PortalReader(Protocol):
    """What a refresh asks of a portal (``portal.reader.Reader``).

    Every method raises PortalError: Refused where the portal says no to one method for good, Inconsistent where its answers break off or contradict
    each other, Cancelled once somebody stopped the refresh. Instants are naive UTC.
    """

    def info(self) -> PortalInfo:
        """Address, clock, currency, rights."""
        ...

    def read(
        self, entity: Entity, after_id: int = 0, upto_id: int | None = None, changed_since: datetime | None = None
    ) -> Iterator[PortalPage]:
        """Pages of rows with ``after_id`` < id <= ``upto_id``, by id; with ``changed_since`` of those changed since. Refused before the first page alone."""
        ...

    def ids(self, entity: Entity) -> Iterator[list[int]]:
        """All ids, ascending, in chunks."""
        ...

    def records(self, entity: Entity, ids: Sequence[int]) -> PortalPage:
        """Records by id, those that are there."""
        ...

    def expected(self, entity: Entity, after_id: int = 0) -> int | None:
        """The portal's own count of rows above an id; None where it tells none or refuses."""
        ...

    def directory(self, entity: Entity) -> PortalPage:
        """A small list whole; ``missing``: rows it counts and does not give."""
        ...

    def users(self) -> PortalPage:
        """Everyone, dismissed people too."""
        ...

    def people(self, ids: list[int]) -> PortalPage:
        """People by id, those there are."""
        ...

    def named(self, entity: Entity, ids: Sequence[int]) -> PortalPage:
        """Contacts or companies by id, for their names; those refused are in ``odd``."""
        ...

    def user_fields(self, entity: str) -> Columns:
        """Definitions of user fields of ``deal`` or ``lead`` as columns of ``user_fields``."""
        ...

    def bound_activities(self, owner_type_id: int, owner_ids: Sequence[int]) -> Mapping[int, Sequence[BoundActivity]]:
        """The latest activities bound to each card, whoever owns them."""
        ...

    def latest_comments(self, owner_type_id: int, owner_ids: Sequence[int]) -> Mapping[int, datetime | None]:
        """When each card got its latest comment; cards that could not be asked are absent, as above."""
        ...


NOT_ADMIN = note(
    "Владелец вебхука – не администратор: портал показывает ему только часть записей, и цифры могут быть неполны. "
    "Создайте вебхук под администратором.",
    "The webhook's owner is not an administrator: the portal shows him only part of the records, and figures may be incomplete. "
    "Create the webhook under an administrator.",
)


HISTORY_MADE_ANEW = note(
    "Файл истории (history.duckdb) был повреждён: он отложен рядом и собран заново из снимков.",
    "The history file (history.duckdb) was damaged: it was put aside and made anew of the snapshots.",
)


def _read_anew(file: Path) -> Mapping[str, str]:
    return note(
        f"Файл {disk.shown(file)} прошлого снимка повреждён: портал прочитан целиком заново, ничего не потеряно.",
        f"{disk.shown(file)} of the last snapshot was damaged: the portal was read anew as a whole, nothing is lost.",
    )


def _history_is_short(deals: int) -> Mapping[str, str]:
    return note(
        f"Сделок, у которых история стадий начинается не с создания: {deals}. Что было раньше, портал уже не хранит.",
        f"Deals whose stage history does not begin at their creation: {deals}. The portal no longer keeps what was before.",
    )


@dataclass(frozen=True, slots=True)
class Building:
    """The raw database of the snapshot being made. ``started``: the portal's clock (naive UTC) when its reading began."""

    database: RawDatabase
    started: datetime
    full: bool
    resumed: bool = False


def _is_gone(previous: Snapshot | None) -> bool:
    return previous is not None and not previous.raw_path.exists()


def _moment_of(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is None else None


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the lists were read. ``skipped``: tables that were refused. Where the next increment has to begin earlier than at this one's moment:
    ``changes`` (table -> naive UTC) and ``ids`` (table -> the last id that is known)."""

    skipped: set[str]
    changes: Mapping[str, datetime]
    ids: Mapping[str, int]


def _highest(database: RawDatabase) -> dict[str, int]:
    return {e.table: database.max_id(e.table) for e in BIG}


def _keep_only(folder: Path, *names: str) -> None:
    """Clears a folder of what a killed derivation or publication left beside."""
    for path in folder.iterdir():
        if path.name not in names:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@dataclass(slots=True)
class Refresh:
    """One refresh of one portal. ``report`` is called now and then with the progress."""

    paths: PortalPaths
    reader: PortalReader
    config: DeriveConfig
    full: bool = False
    started_by: str = "cli"
    accept: str | None = None  # id of the question a person confirmed, '' for whichever waits (``store.companies``)
    trusts: bool = False  # whether the portal may become another company without a question
    reconcile_after: timedelta | None = timedelta(hours=24)
    idle_after: timedelta | None = None  # cards silent for so long are asked by themselves; None: none are
    cancelled: threading.Event = field(default_factory=threading.Event)
    report: Callable[[Progress], None] | None = None
    requests: Callable[[], int] = lambda: 0
    derive: Callable[..., None] = derive
    progress: Progress = field(default_factory=Progress)
    notes: list[dict[str, str]] = field(default_factory=list)
    _unread: set[str] = field(default_factory=set)
    _nameless: set[str] = field(default_factory=set)  # tables of which rows came that say no id
    _moment: clock.ClockReading | None = None
    _told: float = 0.0
    _phase: str = ""
    _stop_watching: bool = False

    def run(self) -> Manifest:
        """Reads, derives, publishes. AlreadyRunning if another refresh holds the portal; UserError with the reason of a failure."""
        with progresses.held(self.paths), logs.of_refresh():
            return self._run_alone()

    def _run_alone(self) -> Manifest:
        _log.info("refresh_started", full=self.full)
        self.paths.cancel.unlink(missing_ok=True)
        self.progress = Progress(running=True, phase="connect", started_by=self.started_by, started=time.time())
        self._tell(now=True)
        watcher = threading.Thread(target=self._watch_cancel, daemon=True)
        watcher.start()
        try:
            manifest = self._run()
        except BaseException as error:
            self._failed(error)
            raise
        finally:
            self.progress.running = False
            self._stop_watching = True
        self.progress.phase = "done"
        self.progress.finished_snapshot = manifest.id
        self._tell(now=True)
        _log.info(
            "refresh_done",
            ms=self._spent(),
            snapshot=manifest.id,
            full=manifest.full,
            rows=manifest.rows,
            requests=self.requests(),
            notes=len(manifest.notes),
        )
        return manifest

    def _spent(self) -> int:
        return round(1000 * (time.time() - self.progress.started))

    def _watch_cancel(self) -> None:
        while not self._stop_watching:
            if self.paths.cancel.exists():
                self.cancelled.set()
            time.sleep(0.3)

    def _failed(self, error: BaseException) -> None:
        self.progress.running = False
        self.progress.phase = "cancelled" if isinstance(error, Cancelled) else "failed"
        self.progress.question = error.question if isinstance(error, Unconfirmed) else None
        known = disk.foreseen(error)
        if known is not None:
            self.progress.error = known.text
            _log.warning(
                "refresh_ended",
                how=self.progress.phase,
                why=type(known).__name__,
                error_code=getattr(known, "code", ""),
                ms=self._spent(),
            )
        else:
            pointer = logs.pointer(logs.failure(error, "refresh_failed", ms=self._spent()))
            self.progress.error = Text(
                f"Обновление не удалось из-за внутренней ошибки. Старые данные на месте. {pointer.ru}",
                f"The refresh failed because of an internal error. The old data is still here. {pointer.en}",
            )
        self._tell(now=True)

    def _tell(self, *, now: bool = False) -> None:
        if not now and time.monotonic() - self._told < 0.3:
            return
        self._told = time.monotonic()
        p = self.progress
        p.requests = self.requests()
        if p.phase != self._phase:
            self._phase = p.phase
            _log.info("refresh_phase", phase=p.phase, ms=self._spent(), requests=p.requests)
        if p.phase == "read" and p.expected and p.rows:
            spent = time.time() - p.started
            p.seconds_left = max(0.0, spent * (p.expected - p.rows) / p.rows)
        else:
            p.seconds_left = None
        with contextlib.suppress(OSError):  # a full disk must not hide why a refresh ends
            progresses.write(self.paths, p)
        if self.report is not None:
            self.report(p)

    # -- the whole ------------------------------------------------------------------------------------------------

    def _run(self) -> Manifest:
        snapshots = Snapshots(self.paths)
        snapshots.finish()
        previous = snapshots.current()
        met = companies.Companies(self.paths)
        observed = Observed(self.paths, met.current())
        if observed.catch_up(snapshots.of(observed.company)):
            self.notes.append(dict(HISTORY_MADE_ANEW))
        info = self._info(previous)
        if not info.is_admin:
            self.notes.append(dict(NOT_ADMIN))
        full = self._must_be_full(previous, info)
        said = list(self.notes)
        again: set[type] = set()
        while True:
            building: Building | None = None
            try:
                building = self._building(previous, info, full=full)
                return self._fill(snapshots, met, observed, previous, info, building)
            except BaseException as error:
                if building is not None:
                    building.database.abandon()
                why = NotThatCompany if isinstance(error, NotThatCompany) else type(disk.foreseen(error))
                damaged = issubclass(why, disk.Damaged) or (isinstance(error, OSError) and _is_gone(previous))
                if not full or damaged or isinstance(error, ContradictingFacts | Unconfirmed | NotThatCompany):
                    shutil.rmtree(self.paths.building, ignore_errors=True)
                if why in again or not (damaged or why is NotThatCompany):
                    raise
                again.add(why)
                if damaged:
                    previous = self._mend(snapshots, observed, previous, said)
            full, self.notes = True, list(said)  # what is there is read whole before anybody is asked

    def _mend(
        self, snapshots: Snapshots, observed: Observed, previous: Snapshot | None, said: list[dict[str, str]]
    ) -> Snapshot | None:
        """Puts a damaged history aside and does without the raw data of a snapshot that is damaged or was deleted meanwhile. ``said``: takes what that means for people."""
        if not observed.is_sound():
            observed.begin_anew(snapshots.of(observed.company))
            said.append(dict(HISTORY_MADE_ANEW))
        if previous is None or not (gone := _is_gone(previous)) and is_sound(previous.raw_path):
            return previous
        if not gone:  # that snapshots are deleted, at whatever moment, is nobody's trouble
            said.append(dict(_read_anew(previous.raw_path)))
        return Snapshot(self.paths.root / "damaged", previous.manifest)  # its manifest alone

    def _info(self, previous: Snapshot | None) -> PortalInfo:
        """What the portal says of itself, at a moment that can be believed."""
        info = self.reader.info()
        local = info.local or clock.local_now()
        self._moment = clock.judge(
            info.taken_at,
            local,
            None if previous is None else previous.manifest.last_look,
            clock.UNJUDGED if info.local is None else clock.JUMP,
        )
        return replace(info, taken_at=self._moment.now, local=local)

    @staticmethod
    def _borne_out(
        moment: clock.ClockReading, previous: Snapshot | None, info: PortalInfo, database: RawDatabase
    ) -> clock.ClockReading:
        """The present once the records are read, which tell more than two clocks that contradict each other."""
        local = info.local or clock.local_now()
        if previous is None or local < previous.manifest.last_look.local - clock.JUMP:
            return clock.by_records(moment, local, database.newest())
        return clock.by_changes(moment, database.latest_changes())

    def _clock_note(self, moment: clock.ClockReading, offset: str) -> None:
        shift = datetime.fromisoformat(f"2000-01-01T00:00{offset}").utcoffset() if offset else None
        told = moment.told + (shift or timedelta(0))  # as the portal wrote it
        ru = f"Часы портала показали {told:%d.%m.%Y %H:%M}: этому верить нельзя. Время данных взято по прошлому обновлению и часам этого компьютера."
        en = f"The portal's clock said {told:%Y-%m-%d %H:%M}, which cannot be believed. The data's time is taken from the last refresh and this machine's clock."
        self.notes.append(dict(note(ru, en)))

    def _must_be_full(self, previous: Snapshot | None, info: PortalInfo) -> bool:
        if self.full or self.accept is not None or previous is None or previous.manifest.address != info.address:
            return True
        if info.taken_at < previous.manifest.moment - clock.JUMP:
            return True  # the last refresh had a wrong clock: what changed since cannot be told
        watermarks = previous.manifest.watermarks
        if (
            not watermarks
            or watermarks.get("user_id") != str(info.user_id)
            or watermarks.get("is_admin") != str(info.is_admin)
        ):
            return True
        if self.reconcile_after is None:
            return False
        reconciled = datetime.fromisoformat(previous.manifest.reconciled or previous.manifest.as_of)
        since = info.taken_at.replace(tzinfo=UTC) - reconciled
        return since >= self.reconcile_after or since < -clock.JUMP

    def _building(self, previous: Snapshot | None, info: PortalInfo, *, full: bool) -> Building:
        """The database to write: an interrupted full load is taken up again, an increment starts from the last snapshot."""
        folder = self.paths.building
        raw = folder / "raw.duckdb"
        state = read_json(folder / "state.json") or {}
        wanted = {
            "address": info.address,
            "user_id": info.user_id,
            "full": True,
            "raw": RAW_FORMAT,
            "facts": FACTS_VERSION,
        }
        if full and wanted.items() <= state.items() and raw.exists():
            started = _moment_of(state.get("started"))
            if started is not None and timedelta(0) <= info.taken_at - started < RESUME_WITHIN:
                _keep_only(folder, "raw.duckdb", "raw.duckdb.wal", "state.json")
                try:
                    return Building(RawDatabase(raw), started, full=True, resumed=True)
                except duckdb.Error as error:  # damaged: everything is read anew
                    if isinstance(disk.foreseen(error), disk.NoRoom | disk.ReadOnly | disk.Locked):
                        raise
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if not full and previous is not None:
            copy_file(previous.raw_path, raw)
        database = RawDatabase(raw)
        database.begin()
        write_json(folder / "state.json", {**wanted, "full": full, "started": info.taken_at.isoformat()})
        return Building(database, info.taken_at, full=full)

    def _fill(
        self,
        snapshots: Snapshots,
        met: companies.Companies,
        observed: Observed,
        previous: Snapshot | None,
        info: PortalInfo,
        building: Building,
    ) -> Manifest:
        database, full = building.database, building.full
        self.progress.phase = "read"
        if (building.resumed or not full) and companies.somebody_else(self.reader, database.ask):
            raise NotThatCompany
        self._directories(database)
        if not full and previous is not None:
            reached = self._read_increment(database, previous.manifest)
        else:
            reached, info = self._read_full(database, previous, building, info)
        self._ask_odd(database, reached.skipped)
        database.drop_orphans()
        if self._moment is not None:
            self._moment = self._borne_out(self._moment, previous, info, database)
            info = replace(info, taken_at=self._moment.now)
        moment = self._moment or clock.ClockReading(info.taken_at, info.taken_at)
        if not moment.believed:
            self._clock_note(moment, info.utc_offset)
        company = self._company(met, previous, building, info)
        parent = previous.id if previous else None
        if previous is not None and previous.manifest.company != company:
            # nothing of the other company's past belongs here
            previous, observed = None, Observed(self.paths, company)
            observed.catch_up(snapshots.of(company))
        from_the_future = previous is not None and info.taken_at < previous.manifest.moment - clock.JUMP
        if from_the_future:
            observed.forget_future(info.taken_at)
        known = observed.known(None if from_the_future else previous)
        if known is not None and (full or known.stored):
            database.keep_history(known)
            database.take_checks(known)
        if ACTIVITIES.table not in reached.skipped:
            database.drop_unbound()
        if known is None and DEAL_HISTORY.table not in reached.skipped and (short := database.short_histories()):
            self.notes.append(dict(_history_is_short(short)))
        self._people(database)
        self._name_links(database)
        self._ask_silent(database, info.taken_at)
        database.portal_row(
            address=info.address,
            base_currency=info.base_currency or None,
            utc_offset=info.utc_offset,
            is_admin=info.is_admin,
            user_id=info.user_id,
            crm_mode=info.crm_mode,
            taken_at=info.taken_at,
        )
        if known is not None:
            database.log_changes(known, info.taken_at)
        seen_before = previous is not None and previous.raw_path.exists()
        changes = database.count_changes(previous.raw_path) if previous is not None and seen_before else {}
        database.forget_future(info.taken_at)
        mark = identity.known_of(database.ask, info.taken_at)
        rows = database.counts()
        database.close()
        as_of = info.taken_at.replace(tzinfo=UTC).isoformat()
        manifest = Manifest(
            id=new_id(info.taken_at),
            as_of=as_of,
            address=info.address,
            rows=rows,
            watermarks={
                "changed": moment.since.isoformat(),
                **{f"changed {table}": since.isoformat() for table, since in reached.changes.items()},
                **{f"ids {table}": str(number) for table, number in reached.ids.items()},
                "told": moment.told.isoformat(),
                "local": (info.local or clock.local_now()).isoformat(),
                "user_id": str(info.user_id),
                "is_admin": str(info.is_admin),
            },
            config=self.config.document(),
            facts=FACTS_VERSION,
            raw=RAW_FORMAT,
            notes=self.notes,
            changes=changes,
            full=full,
            reconciled=as_of if full or previous is None else previous.manifest.reconciled,
            parent=parent,
            company=company,
        )
        self._derive(manifest, info.taken_at)
        observed.add(self.paths.building / "raw.duckdb", manifest.id, info.taken_at, known)
        published = snapshots.publish(self.paths.building, manifest).manifest
        with contextlib.suppress(OSError):  # known from the snapshot as well
            met.remember(company, mark)
            met.settled()
        return published

    def _company(
        self,
        met: companies.Companies,
        previous: Snapshot | None,
        building: Building,
        info: PortalInfo,
    ) -> str:
        """Whose data was read: the company known before, or, once a person has confirmed it, another one. Unconfirmed otherwise."""
        ask, key, until, unread = building.database.ask, met.current(), info.taken_at, self._unread
        known = companies.known_before(met, previous)
        if known is None:
            return key
        verdict = identity.judge(known, identity.look(ask, known, until), unread)
        self.notes += [
            dict(note(f"Странность портала: {t.ru}.", f"An oddity of the portal: {t.en}.")) for t in verdict.asides
        ]
        if not verdict.seen:
            return key
        if building.resumed or not building.full:
            raise NotThatCompany
        waits = met.question()
        confirmed = (
            waits is not None
            and self.accept in ("", waits.id)
            and identity.similar(waits.seen, identity.look(ask, waits.seen, until), unread)
        )
        if not (confirmed or self.trusts):
            raise met.ask(verdict, identity.known_of(ask, until), None if info.is_admin else NOT_ADMIN)
        ru, en = "; ".join(t.ru for t in verdict.seen), "; ".join(t.en for t in verdict.seen)
        self.notes.append(
            dict(note(f"Новые данные портала приняты: {ru}.", f"The portal's new data was accepted: {en}."))
        )
        return met.recognise(ask, until, key) if verdict.other else key

    def _derive(self, manifest: Manifest, as_of: datetime) -> None:
        folder = self.paths.building
        self.progress.phase = "derive"
        self._tell(now=True)
        self._stop_if_cancelled()
        self.derive(folder / "raw.duckdb", folder / "facts.duckdb", as_of, self.config)
        self.progress.phase = "publish"
        self._tell(now=True)
        validate(folder / "raw.duckdb", folder / "facts.duckdb")
        manifest.notes += oddities.notes(folder / "facts.duckdb")
        self._stop_if_cancelled()

    def _stop_if_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled(Text("Обновление отменено.", "The refresh was cancelled."))

    # -- reading --------------------------------------------------------------------------------------------------

    def _refused(self, table: str, error: Refused) -> None:
        """An optional entity we may not read: said, the rest goes on."""
        self._unread.add(table)
        line = losses.not_read(table, error)
        if line not in self.notes:
            self.notes.append(line)

    def _directories(self, database: RawDatabase) -> None:
        for entity in SMALL:
            self._stop_if_cancelled()
            try:
                page = self.reader.users() if entity is USERS else self.reader.directory(entity)
            except Refused as error:
                if entity.required:
                    raise
                self._refused(entity.table, error)
                continue
            database.replace(entity.table, page.columns)
            database.read_whole(entity.table)
            database.keep_odd(entity.table, None, page.odd)
            if page.missing:
                self.notes.append(losses.not_whole(entity, page.rows, page.missing))
        for owner in ("deal", "lead"):
            try:
                database.replace("user_fields", self.reader.user_fields(owner), f"entity = '{owner}'")
            except Refused as error:
                self._refused("user_fields", error)

    def _read_full(
        self, database: RawDatabase, previous: Snapshot | None, building: Building, info: PortalInfo
    ) -> tuple[Reached, PortalInfo]:
        """Everything, and what changed meanwhile where it took long."""
        skipped = self._read_all(database)
        if building.resumed or (datetime.now(UTC).timestamp() - self.progress.started) > _CATCH_UP_AFTER:
            info = self._info(previous)
            skipped = self._read_changes(database, lambda _: building.started, skipped, _highest(database))
            skipped = self._delete_missing(database, skipped)
        # of other lists the next increment compares the ids
        garbled = self._nameless & _HISTORIES - skipped
        return Reached(skipped, dict.fromkeys(skipped, building.started), dict.fromkeys(garbled, 0)), info

    def _read_increment(self, database: RawDatabase, last: Manifest) -> Reached:
        """What changed since the last refresh. Rows that say no id are asked for once more by the next one: they may have been garbled on the way."""
        highest = _highest(database)
        known = {table: min(number, last.ids_known(table, number)) for table, number in highest.items()}
        skipped = self._read_stale(database)
        skipped = self._read_changes(database, last.changes_known, skipped, known)
        skipped = self._delete_missing(database, skipped)
        for table in last.asked_again - skipped - self._nameless:
            database.forget_nameless(table)
        garbled = self._nameless - last.asked_again
        return Reached(
            skipped,
            {table: last.changes_known(table) for table in skipped | garbled},
            {table: known[table] for table in garbled | last.asked_again & skipped},
        )

    def _read_all(self, database: RawDatabase) -> set[str]:
        """Every entity whole, each from where it was left; returns tables that could not be read."""
        jobs: dict[str, tuple[Entity, int]] = {}
        for entity in BIG:
            after, done = database.cursor(entity.table)
            if not done:
                jobs[entity.table] = (entity, after)
            else:
                self.progress.entities[entity.table] = [database.count(entity.table)] * 2
        for entity, after in jobs.values():
            already = database.count(entity.table)
            rest = self.reader.expected(entity, after) or 0
            self.progress.entities[entity.table] = [already, already + rest]
        counted = {name: expected for name, (_, expected) in self.progress.entities.items()}
        self._sum()
        lost = self._pump(
            database,
            {name: self.reader.read(entity, after) for name, (entity, after) in jobs.items()},
            upsert=False,
            cursors=True,
        )
        for name, (entity, _) in jobs.items():
            if name not in lost:
                self._compare_counts(database, entity, counted[name])
        return lost

    def _compare_counts(self, database: RawDatabase, entity: Entity, counted: int) -> None:
        """A list of which the portal gives less than it counts, asked again because records are deleted while they are read: said."""
        came = database.count(entity.table) + database.without_id(entity.table)
        if came < counted and came < (now := self.reader.expected(entity) or 0):
            self.notes.append(losses.not_whole(entity, came, now - came))

    def _read_stale(self, database: RawDatabase) -> set[str]:
        """Lists whose rows another version of the program read, whole, once; rows the portal tells no longer keep what they have."""
        return self._pump(
            database,
            {e.table: self.reader.read(e) for e in BIG if e.table in database.stale},
            upsert=True,
            whole=True,
        )

    def _read_changes(
        self,
        database: RawDatabase,
        since: Callable[[str], datetime],
        skipped: set[str],
        known: Mapping[str, int],
    ) -> set[str]:
        """Changed records, then new ones, then new history rows. ``since``: from when the changes of a table are not known; ``known``: up to which
        id it is known. Returns ``skipped`` and what was refused.

        New is what lies above the ids known before the changed came in: a restored record has a new id but an old date of change, and one
        created after it must not hide it – with one deleted as well even the counts would agree.
        """
        wanted = [e for e in _CHANGED if e.table not in skipped]
        lost = self._pump(
            database,
            {e.table: self.reader.read(e, changed_since=since(e.table) - OVERLAP) for e in wanted},
            upsert=True,
        )
        following = [e for e in BIG if e.table not in skipped | lost]
        lost |= self._pump(database, {e.table: self.reader.read(e, known[e.table]) for e in following}, upsert=True)
        return skipped | lost

    def _delete_missing(self, database: RawDatabase, skipped: set[str]) -> set[str]:
        """Where the portal's count differs from ours, ids are compared: the missing are deleted, the unseen are read. Returns ``skipped`` and what
        was refused."""
        lost = set(skipped)
        for entity in _CHANGED:
            if entity.table in lost:
                continue
            self._stop_if_cancelled()
            expected = self.reader.expected(entity)
            if expected is not None and expected == database.count(entity.table):
                continue
            try:
                _, unseen = database.compare_ids(entity.table, self.reader.ids(entity))
            except Refused as error:
                if entity.required or isinstance(error, Busy):
                    raise
                self._refused(entity.table, error)
                lost.add(entity.table)
                continue
            if unseen:
                pages = self.reader.read(entity, unseen[0] - 1, upto_id=unseen[-1])
                lost |= self._pump(database, {entity.table: pages}, upsert=True)
            self._compare_counts(database, entity, expected or 0)
        return lost

    def _ask_odd(self, database: RawDatabase, skipped: set[str]) -> None:
        """Records with values that could not be read, of this load or an earlier one, are asked for once more by themselves, at most ``MOST_ODD`` of
        a list: what was garbled on the way, or has been put right since, is right now."""
        for entity in BIG:
            wanted = [] if entity.table in skipped else database.odd_records(entity.table, MOST_ODD)
            if not wanted:
                continue
            self._stop_if_cancelled()
            try:
                page = self.reader.records(entity, wanted)
            except Cancelled:
                raise
            except PortalError as error:
                _log.info("odd_records_not_asked", table=entity.table, error_code=error.code)
                return
            database.keep_odd(entity.table, page.columns["id"], page.odd)
            database.append(entity.table, page.columns, upsert=True)

    def _people(self, database: RawDatabase) -> None:
        unknown = database.unknown_people()
        if not unknown:
            return
        try:
            page = self.reader.people(unknown)
        except Refused:
            return
        if page.rows:
            database.append("users", page.columns, upsert=True)

    def _name_links(self, database: RawDatabase) -> None:
        """Names of contacts and companies that links of own fields lead to: those not read yet, at most ``MOST_NAMED`` of a kind at a time.

        Without them a link is shown by its number. A full load reads all of them anew.
        """
        for prefix, entity in NAMED.items():
            self._stop_if_cancelled()
            wanted = database.unnamed(prefix, entity.table, MOST_NAMED)
            if not wanted:
                continue
            try:
                page = self.reader.named(entity, wanted)
            except Cancelled:
                raise
            except PortalError as error:
                self.notes.append(
                    dict(
                        note(
                            f"Имена контактов и компаний в своих полях не прочитаны: вместо них номера. {error.text.ru}",
                            f"Names of contacts and companies in user fields could not be read: numbers stand for them. {error.text.en}",
                        )
                    )
                )
                return
            refused = sorted({number for number, _, _ in page.odd})
            if refused:
                self.notes.append(losses.not_named(entity, refused))
            # what is gone is kept without a name, so that it is not asked for at every refresh
            gone = sorted(set(wanted) - set(page.columns["id"]) - set(refused))
            database.append(
                entity.table,
                {
                    name: [*values, *(gone if name == "id" else [None] * len(gone))]
                    for name, values in page.columns.items()
                },
                upsert=True,
            )

    def _ask_silent(self, database: RawDatabase, now: datetime) -> None:
        """Cards that seem forgotten or without a next step are asked by themselves: a call may be owned by the contact, a comment is in no list.

        At most ``MOST_ASKED`` of a kind at a time, each again after ``ASKED_FOR``: fifty cards a request. A portal that refuses or
        stumbles here keeps what was known before: this only makes fewer cards look forgotten. A card that fails costs itself alone.
        """
        if self.idle_after is None:
            return
        rest = 0
        for kind in (2, 1):
            cards, more = database.silent_cards(kind, now, now - self.idle_after, now - ASKED_FOR, MOST_ASKED)
            rest += more
            unasked: list[int] = []
            self.progress.entity = "bound_activities"
            for start in range(0, len(cards), _ASKED_AT_ONCE):
                self._stop_if_cancelled()
                chunk = cards[start : start + _ASKED_AT_ONCE]
                try:
                    bound = self.reader.bound_activities(kind, chunk)
                    commented = self.reader.latest_comments(kind, chunk)
                except Cancelled:
                    raise
                except PortalError as error:
                    self.notes.append(
                        dict(
                            note(
                                f"Не все молчащие карточки перепроверены. {error.text.ru}",
                                f"Not all silent cards could be asked. {error.text.en}",
                            )
                        )
                    )
                    return
                database.keep_checks(
                    kind, now, {card: [a.id for a in found] for card, found in bound.items()}, commented
                )
                unasked += [card for card in chunk if card not in bound or card not in commented]
                self._tell()
            if unasked:
                self.notes.append(losses.not_asked(kind, unasked))
        if rest:
            self.notes.append(
                dict(
                    note(
                        f"Карточек, которые кажутся забытыми и ещё не перепроверены: {rest}. Дойдём до них со следующими обновлениями.",
                        f"Cards that seem forgotten and are not asked by themselves yet: {rest}. The next refreshes get to them.",
                    )
                )
            )

    def _sum(self) -> None:
        p = self.progress
        p.rows = sum(rows for rows, _ in p.entities.values())
        p.expected = sum(max(rows, expected) for rows, expected in p.entities.values())

    def _pump(
        self,
        database: RawDatabase,
        sources: dict[str, Iterator[PortalPage]],
        *,
        upsert: bool,
        cursors: bool = False,
        whole: bool = False,
    ) -> set[str]:
        """Reads several entities at once, writes from this one thread; a bounded queue keeps memory flat.

        Returns those refused. ``whole``: every row of a list comes, so that none of another version stays.
        """
        pages: queue.Queue[tuple[str, PortalPage | BaseException | None]] = queue.Queue(maxsize=12)
        stop = threading.Event()

        def pull(name: str, source: Iterator[PortalPage]) -> None:
            try:
                for page in source:
                    while not stop.is_set():
                        try:
                            pages.put((name, page), timeout=0.2)
                            break
                        except queue.Full:
                            continue
                    if stop.is_set():
                        return
                outcome: BaseException | None = None
            except BaseException as error:
                outcome = error
            while not stop.is_set():
                try:
                    pages.put((name, outcome), timeout=0.2)
                    return
                except queue.Full:
                    continue

        lost: set[str] = set()
        pool = ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="read")
        try:
            for name, source in sources.items():
                pool.submit(pull, name, source)
            pending = set(sources)
            while pending:
                name, item = pages.get()
                self._stop_if_cancelled()
                if isinstance(item, PortalPage):
                    self.progress.entity = name
                    database.keep_odd(name, item.columns["id"], item.odd, again=upsert)
                    self._nameless |= {name for _, _, why in item.odd if why == "no_id"}
                    database.append(name, item.columns, (name, item.last_id) if cursors else None, upsert=upsert)
                    counted = self.progress.entities.setdefault(name, [0, 0])
                    counted[0] += item.rows
                    self._sum()
                    self._tell()
                    continue
                pending.discard(name)
                if isinstance(item, Refused) and not ENTITIES[name].required and not isinstance(item, Busy):
                    self._refused(name, item)
                    lost.add(name)
                elif item is not None:
                    raise item
                elif cursors:
                    database.finish(name)
                elif whole:
                    database.read_whole(name)
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
        return lost


def rederive(paths: PortalPaths, config: DeriveConfig, *, derive_facts: Callable[..., None] = derive) -> Manifest:
    """Facts anew from the same raw data because settings changed; published like any snapshot. NoData-like UserError if none."""
    snapshots = Snapshots(paths)
    with progresses.held(paths):
        snapshots.finish()
        previous = snapshots.current()
        if previous is None:
            raise UserError(Text("Данных ещё нет: сначала обновите их.", "There is no data yet: refresh first."))
        observed = Observed(paths, previous.manifest.company)
        observed.catch_up(snapshots.of(observed.company))
        folder = paths.root / "rederiving"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        share_without_tokens(previous, folder / "raw.duckdb")
        if previous.manifest.raw != RAW_FORMAT:  # made by another version: the next refresh reads what its columns lack
            adopt_file(folder / "raw.duckdb")
        derive_facts(folder / "raw.duckdb", folder / "facts.duckdb", previous.manifest.moment, config)
        validate(folder / "raw.duckdb", folder / "facts.duckdb")
        old = previous.manifest
        manifest = Manifest(
            id=new_id(datetime.now(UTC)),
            as_of=old.as_of,
            address=old.address,
            rows=old.rows,
            watermarks=old.watermarks,
            config=config.document(),
            facts=FACTS_VERSION,
            raw=RAW_FORMAT,
            notes=[n for n in old.notes if n.get("about") != oddities.ABOUT] + oddities.notes(folder / "facts.duckdb"),
            changes={},
            full=old.full,
            reconciled=old.reconciled,
            parent=old.id,
            company=old.company,
        )
        observed.renamed(old.id, manifest.id)
        return snapshots.publish(folder, manifest).manifest


class Upgrading(progresses.AlreadyRunning):
    """The data is of another version and a refresh has it: what is shown has to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.text = Text(
            "Приложение обновлено, а данные готовила прежняя версия, и идёт их обновление. Отчёты откроются сами, когда оно закончится.",
            "The application was upgraded, the data was made by another version, and a refresh is running. The reports open by themselves when it ends.",
        )


def bring_up_to_date(paths: PortalPaths, config: DeriveConfig, *, derive_facts: Callable[..., None] = derive) -> None:
    """After an upgrade: what an older version read gets this one's columns, its facts are derived anew, so that every report finds its columns,
    and tokens it kept are forgotten (``store.tokens``). One process does it, the others wait; without data nothing happens."""
    snapshots = Snapshots(paths)

    def old() -> bool:
        current = snapshots.current()
        return current is not None and (current.manifest.facts, current.manifest.raw) != (FACTS_VERSION, RAW_FORMAT)

    if old():
        try:
            with portalocker.Lock(str(paths.root / "upgrade.lock"), flags=portalocker.LockFlags.EXCLUSIVE):
                if old():
                    rederive(paths, config, derive_facts=derive_facts)
        except progresses.AlreadyRunning:
            raise Upgrading from None
    forget_tokens(paths)
