"""Kept answers: computed once, each waiting for itself alone; shared as sealed bytes that nobody unpickles."""

from __future__ import annotations

import pickle
import socketserver
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from diskcache import Cache as Folder

from dash_app.engine import result as results
from dash_app.engine.language import Unit
from dash_app.engine.memo import Memo
from dash_app.engine.result import BlockResult, CardsResult, Column, Note
from dash_app.errors import UserError
from dash_app.reports import codec
from dash_app.reports.api import GridRequest
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.store.paths import PortalPaths
from dash_app.text import Text
from dash_app.web.discovery import discover
from dash_app.web.shared_answers import BytesDisk, answers_of, secret_of
from tests.fakes import FakePortal, fake_settings

MOSCOW = ZoneInfo("Europe/Moscow")


class Trap:
    """Unpickled, it would say so."""

    sprung: list[str] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return Trap.sprung.append, ("unpickled",)


def answer(rows: int = 2) -> BlockResult:
    cells: dict[str, Any] = {
        "a": Decimal("1.50"),
        "b": date(2026, 11, 1),
        "c": datetime(2026, 11, 1, 12, tzinfo=MOSCOW),
        "d": datetime(2026, 11, 1, tzinfo=UTC),
        "e": ["x", "1"],
        "f": float("inf"),
        "g": None,
        "h": True,
    }
    columns = [Column("a", Text("а", "a"), Unit.MONEY, help=Text("п", "h"))]
    notes = [Note(Text("з", "n"), href="/x")]
    return CardsResult(
        "b", columns, [dict(cells) for _ in range(rows)], cells, notes, between={"a": ("b", "c")}, beside={"a": ("d",)}
    )


# -- one memory in the process -------------------------------------------------------------------------------------------


def test_questions_wait_for_themselves_alone() -> None:
    memo: Memo[int] = Memo(10)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: memo.get(n % 4, lambda: (time.sleep(0.3), n % 4)[1]), range(8)))  # type: ignore[func-returns-value]
    assert found == [0, 1, 2, 3] * 2
    assert time.monotonic() - began < 0.9  # four of 0.3 s, at once


def test_the_oldest_go_when_it_is_full() -> None:
    memo: Memo[int] = Memo(10, weigh=lambda n: n)
    for n in (3, 3, 3):
        memo.get(("first", n, len(memo)), lambda n=n: n)  # type: ignore[misc]
    memo.get("big", lambda: 9)
    assert len(memo) == 1
    assert memo.get("big", lambda: 0) == 9


def test_an_error_is_not_kept() -> None:
    memo: Memo[int] = Memo(10)
    with pytest.raises(ZeroDivisionError):
        memo.get("x", lambda: 1 // 0)
    assert memo.get("x", lambda: 1) == 1


def test_whoever_changes_his_answer_changes_nobody_elses() -> None:
    cache = AnswerCache()
    first = cache.get("k", answer)
    first.rows[0]["a"] = 0
    first.rows.pop()
    first.notes.clear()
    assert cache.get("k", answer) == answer()


def test_an_answer_of_other_code_is_counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, Any] = {}

    class Shared:
        def get(self, key: str) -> Any:
            return kept.get(key)

        def set(self, key: str, value: Any, timeout: int | None = None) -> None:
            kept[key] = value

    assert AnswerCache(Shared(), b"secret").get("k", lambda: 1) == 1
    assert AnswerCache(Shared(), b"secret").get("k", lambda: 2) == 1
    monkeypatch.setattr("dash_app.reports.cache.program", lambda: "the next version")
    assert AnswerCache(Shared(), b"secret").get("k", lambda: 2) == 2


# -- as bytes ------------------------------------------------------------------------------------------------------------


def test_an_answer_comes_back_equal() -> None:
    assert codec.decode(codec.encode(answer())) == answer()
    odd = [None, (1, (2,)), Text("a", "b"), {1: 2}, {"n": {("a", 1): (1, "2")}, "s": frozenset({1})}]
    assert codec.decode(codec.encode(odd)) == odd
    again = codec.decode(codec.encode(answer())).rows[0]["c"]
    assert again.tzinfo == MOSCOW


def test_the_answers_of_every_view_are_known() -> None:
    """A type of an answer that is not among them would be kept in one process alone."""
    declared = {t for t in vars(results).values() if isinstance(t, type) and issubclass(t, BlockResult)} - {BlockResult}
    assert declared == set(codec.ANSWERS)


@pytest.mark.parametrize("odd", [object(), Trap(), 2**80, {"x": {1j}}])
def test_what_is_no_answer_is_not_shared(odd: Any) -> None:
    with pytest.raises(codec.Unshareable):
        codec.encode(odd)


def test_bytes_that_are_no_answer_are_an_error() -> None:
    good = codec.encode(answer())
    for n in range(0, len(good), 7):
        for bad in (good[:n], good[:n] + b"\xc1" + good[n + 1 :], bytes([good[n]]) * 50):
            with suppress(ValueError):
                codec.decode(bad)


def test_all_answers_of_all_reports_can_be_shared(tmp_path: Path) -> None:
    service = ReportService(FakePortal(tmp_path).current, discover(), AnswerCache())
    for report in service.reports():
        query = service.parse(
            report, {} if report.default_period == "all" else {"compare": ["previous"], "period": ["this_month"]}
        )
        for block in report.blocks:
            found: Any
            if block.view == "list":
                found = service.records(report, block.id, "", {}, query, GridRequest(0, 5))
            else:
                found = service.block(report, block.id, query)
                assert type(found).__name__ == f"{type(block).__name__}Result", (report.slug, block.id)
            assert codec.decode(codec.encode(found)) == found, (report.slug, block.id)
        for name in ("manager", "pipeline", "stage"):
            choices = service.choices(report, name, query)
            assert codec.decode(codec.encode(choices)) == choices


# -- shared by processes -------------------------------------------------------------------------------------------------


class Counted:
    """Computes, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> BlockResult:
        self.times += 1
        return answer()


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    return PortalPaths.of(tmp_path, "portal")


def test_another_process_finds_the_answer(tmp_path: Path, paths: PortalPaths) -> None:
    compute, settings = Counted(), fake_settings(tmp_path)
    assert answers_of(settings, paths).get(("k", 1), compute) == answer()
    assert answers_of(settings, paths).get(("k", 1), compute) == answer()
    assert compute.times == 1
    answers_of(settings, paths).get(("k", 2), compute)
    assert compute.times == 2


def test_what_somebody_else_put_there_is_computed_anew(tmp_path: Path, paths: PortalPaths) -> None:
    compute, settings = Counted(), fake_settings(tmp_path)
    answers_of(settings, paths).get("k", compute)
    with Folder(str(paths.answers)) as folder:  # an unguarded one, as an attacker has it
        (name,) = list(folder)
        sealed = folder[name]
        for foreign in (
            Trap(),
            pickle.dumps(Trap()),
            b"",
            b"x" * 100,
            sealed[:-1],
            sealed[:20] + bytes(len(sealed) - 20),
            7,
            "text",
        ):
            folder[name] = foreign
            before = compute.times
            assert answers_of(settings, paths).get("k", compute) == answer()
            assert compute.times == before + 1
    other = fake_settings(tmp_path, secret_key=None)
    assert answers_of(other, paths).get("k", compute) == answer()  # another secret: another memory
    assert Trap.sprung == []


def test_a_damaged_folder_costs_time_alone(tmp_path: Path, paths: PortalPaths) -> None:
    settings = fake_settings(tmp_path)
    cache = answers_of(settings, paths)
    for file in paths.answers.iterdir():
        file.write_bytes(b"damaged" * 100)
    assert [cache.get(n, answer) for n in range(3)] == [answer()] * 3


def test_pickled_answers_of_earlier_versions_are_removed(tmp_path: Path, paths: PortalPaths) -> None:
    paths.cache.mkdir()
    (paths.cache / "2029240f6d1128be89ddc32729463129").write_bytes(pickle.dumps(Trap()))
    answers_of(fake_settings(tmp_path), paths)
    assert [f.name for f in paths.cache.iterdir()] == ["answers"]


def test_the_folder_takes_bytes_alone(tmp_path: Path) -> None:
    with Folder(str(tmp_path / "f"), disk=BytesDisk) as folder:
        with pytest.raises(TypeError):
            folder["a"] = Trap()
        folder["a"], folder["b"] = b"small", b"large" * 100_000
        assert (folder["a"], folder["b"]) == (b"small", b"large" * 100_000)


def test_the_secret_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    settings = fake_settings(tmp_path / "new", secret_key=None)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: secret_of(settings), range(8)))) == 1
    assert [f.name for f in (tmp_path / "new").iterdir()] == ["secret.key"]
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o077 == 0


# -- Redis ---------------------------------------------------------------------------------------------------------------


class _Redis(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while head := self.rfile.readline():
            words = []
            for _ in range(int(head[1:])):
                words.append(self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2])
            self.server.seen.append(words)  # type: ignore[attr-defined]
            self.wfile.write(self.answered(words[0].upper(), words[1:]))

    def answered(self, command: bytes, rest: list[bytes]) -> bytes:
        kept: dict[bytes, bytes] = self.server.kept  # type: ignore[attr-defined]
        if command == b"GET":
            found = kept.get(rest[0])
            return b"$-1\r\n" if found is None else b"$%d\r\n%s\r\n" % (len(found), found)
        if command in (b"SET", b"SETEX"):
            kept[rest[0]] = rest[2] if command == b"SETEX" else rest[1]
        return b"-ERR unknown command\r\n" if command == b"HELLO" else b"+OK\r\n"


@pytest.fixture
def redis() -> Iterator[Any]:
    """A server that speaks as much of Redis as a cache needs."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Redis) as server:
        server.daemon_threads = True
        server.seen, server.kept = [], {}  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_redis_by_its_address(tmp_path: Path, paths: PortalPaths, redis: Any) -> None:
    url = f"redis://:s3cret@127.0.0.1:{redis.server_address[1]}/1?protocol=2"
    compute, settings = Counted(), fake_settings(tmp_path, cache_url=url)
    assert answers_of(settings, paths).get("k", compute) == answer()
    assert answers_of(settings, paths).get("k", compute) == answer()
    assert compute.times == 1
    assert [b"SELECT", b"1"] in redis.seen and any(w[:1] == [b"AUTH"] and w[-1] == b"s3cret" for w in redis.seen)
    (name,) = redis.kept
    assert name.startswith(b"portal:")
    redis.kept[name] = b"!" + pickle.dumps(Trap())
    assert answers_of(settings, paths).get("k", compute) == answer()
    assert (compute.times, Trap.sprung) == (2, [])
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:secret@host:99999999/1",
        "redis://:secret@host:x/1",
        "http://:secret@host",
        "secret",
        "memcached://secret",
        "redis://[secret",
    ],
)
def test_an_address_that_is_none_is_said_without_it(tmp_path: Path, paths: PortalPaths, url: str) -> None:
    with pytest.raises(UserError) as caught:
        answers_of(fake_settings(tmp_path, cache_url=url), paths)
    assert "CACHE_URL" in caught.value.text.ru and "secret" not in caught.value.text.ru + caught.value.text.en


@pytest.mark.parametrize(
    "url", ["redis://:secret@127.0.0.1:1/1", "rediss://name:secret@127.0.0.1:1/1", "unix:///nowhere/redis.sock?db=1"]
)
def test_a_redis_that_is_away_costs_one_attempt(
    tmp_path: Path, paths: PortalPaths, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    cache = answers_of(fake_settings(tmp_path, cache_url=url), paths)
    began = time.monotonic()
    assert [cache.get(n, answer) for n in range(5)] == [answer()] * 5
    assert time.monotonic() - began < 5
    assert caplog.text.count("left alone") == 1 and "secret" not in caplog.text
