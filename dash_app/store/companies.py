"""Which company a portal's data is of, what was asked about it, and what a person confirmed.

``companies.json`` remembers the companies met behind one address, so that what people typed stays with the one it was typed for: the first has
the key '', the others 2, 3, …; a snapshot says whose it is (``Manifest.company``). ``question.json`` is there while something odd waits for a
person; it remembers what was seen, and the confirmation is for that alone.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import duckdb

from dash_app.errors import UserError
from dash_app.portal.entities import DEALS, LEADS, Entity
from dash_app.portal.errors import Refused
from dash_app.portal.reader import PortalPage
from dash_app.store import identity
from dash_app.store.files import read_json, set_aside, write_json
from dash_app.store.identity import CompanyMarks, RawQuery, Sight, Verdict
from dash_app.store.machine import open_database
from dash_app.store.paths import PortalPaths
from dash_app.store.snapshots import Snapshot, Snapshots
from dash_app.text import Text


class NotThatCompany(Exception):
    """What an increment, or a load taken up again, began with is not what the portal has now: everything has to be read anew."""


class Unconfirmed(UserError):
    """The portal's data is so unlike what is known that a person has to confirm it. ``question``: its id."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.text)
        self.question = question.id


@dataclass(frozen=True, slots=True)
class Question:
    """What waits for a person: ``seen`` is what the portal showed, ``other`` whether it is another company."""

    id: str
    text: Text
    seen: CompanyMarks
    other: bool

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "ru": self.text.ru,
            "en": self.text.en,
            "other": self.other,
            "seen": self.seen.document(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }


class Companies:
    """The companies met behind one address. Written under the refresh lock, read by anyone."""

    def __init__(self, paths: PortalPaths) -> None:
        self._paths = paths
        self._snapshots = Snapshots(paths)

    # -- whose data is shown ---------------------------------------------------------------------------------------

    def current(self) -> str:
        """Key of the company whose data is published; without data, of the last one published."""
        snapshot = self._snapshots.current()
        if snapshot is not None:
            return snapshot.manifest.company
        return str(self._stored().get("current") or "")

    def all(self) -> dict[str, CompanyMarks]:
        """Companies met, by key."""
        found: dict[str, CompanyMarks] = {}
        given = self._stored().get("companies")
        for key, document in given.items() if isinstance(given, dict) else ():
            with contextlib.suppress(KeyError, TypeError, ValueError):
                found[str(key)] = CompanyMarks.of(document)
        return found

    def remember(self, key: str, known: CompanyMarks) -> None:
        """What a company now published is recognised by."""
        companies = {k: v.document() for k, v in self.all().items()} | {key: known.document()}
        if self._paths.companies.exists() and not self._stored():  # damaged
            set_aside(self._paths.companies, "damaged")
        write_json(self._paths.companies, {"current": key, "companies": companies})

    def recognise(self, ask: RawQuery, until: datetime, present: str) -> str:
        """Key of the company just read, which is not ``present``: one met before, or a new key."""
        met = self.all()
        for key, known in met.items():
            if key != present and known.spread.get("deals"):
                verdict = identity.judge(known, identity.look(ask, known, until))
                if not verdict.other and not _mostly_gone(known, identity.look(ask, known, until)):
                    return key
        histories = [file.stem.partition("~")[2] for file in self._paths.root.glob("history*.duckdb")]
        numbers = [int(key) for key in (*met, present, *histories) if key.isdigit()]
        return str(max([1, *numbers]) + 1)

    def _stored(self) -> dict[str, Any]:
        return read_json(self._paths.companies) or {}

    # -- what waits for a person -----------------------------------------------------------------------------------

    def question(self) -> Question | None:
        """What waits for a person, if anything."""
        document: dict[str, Any] = read_json(self._paths.question) or {}
        try:
            return Question(
                str(document["id"]),
                Text(str(document["ru"]), str(document["en"])),
                CompanyMarks.of(document["seen"]),
                bool(document["other"]),
            )
        except (KeyError, TypeError, ValueError):
            return None

    def ask(self, verdict: Verdict, seen: CompanyMarks, because: Mapping[str, str] | None = None) -> Unconfirmed:
        """Writes the question down; the error that says it. ``because``: a note that may explain what was seen."""
        what = Text("; ".join(t.ru for t in verdict.seen), "; ".join(t.en for t in verdict.seen))
        like = Text(
            "Похоже, по этому адресу теперь другая компания" if verdict.other else "Портал отдаёт не то, что раньше",
            "There seems to be another company behind this address"
            if verdict.other
            else "The portal does not tell what it told before",
        )
        text = Text(
            f"{like.ru}: {what.ru}. {because['ru'] + ' ' if because else ''}Новые данные не опубликованы. Если всё верно, примите их – кнопкой на странице или командой "
            "python -m dash_app sync --accept.",
            f"{like.en}: {what.en}. {because['en'] + ' ' if because else ''}The new data is not published. If it is right, accept it – by the button on the page or with "
            "python -m dash_app sync --accept.",
        )
        name = hashlib.blake2b(text.ru.encode(), digest_size=6).hexdigest()
        question = Question(name, text, seen, verdict.other)
        write_json(self._paths.question, question.document())
        return Unconfirmed(question)

    def settled(self) -> None:
        """Nothing waits any more."""
        self._paths.question.unlink(missing_ok=True)


class _Reads(Protocol):
    def read(self, entity: Entity, after_id: int = 0, upto_id: int | None = None) -> Iterator[PortalPage]: ...


_PROBED = 50


def somebody_else(reader: _Reads, ask: RawQuery) -> bool:
    """Asks the portal for a page of the oldest cards known: whether they are others now. An increment would mix two companies."""
    for entity in (DEALS, LEADS):
        known = [
            identity.mark_of(*row)
            for row in ask(f"SELECT id, date_create, title FROM {entity.table} ORDER BY id LIMIT {_PROBED + 1}")
        ]
        if len(known) < 2:
            continue
        first, *rest = known
        here: dict[int, identity.Mark] = {}
        try:
            for page in reader.read(entity, first[0], upto_id=rest[-1][0]):
                columns = page.columns
                here |= {
                    mark[0]: mark
                    for row in zip(columns["id"], columns["date_create"], columns["title"], strict=True)
                    for mark in [identity.mark_of(*row)]
                }
        except Refused:
            return False  # reading it says so
        return identity.are_others(rest, here)
    return False


def known_before(met: Companies, previous: Snapshot | None) -> CompanyMarks | None:
    """What the present company is recognised by: its published data, else what was remembered; None before the first refresh."""
    if previous is not None:
        try:
            con = open_database(previous.raw_path, "loading", read_only=True)
            try:
                return identity.known_of(lambda sql: con.execute(sql).fetchall(), previous.manifest.moment)
            finally:
                con.close()
        except duckdb.Error:
            pass
    return met.all().get(met.current())


def _mostly_gone(known: CompanyMarks, sight: Sight) -> bool:
    marks = known.spread.get("deals", ())
    here = sight.found.get("deals", {})
    return 2 * sum(1 for mark in marks if mark[0] in here) <= len(marks)
