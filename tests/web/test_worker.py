"""The server's worker: a thread is for requests that have arrived, limits are said, connections are kept."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dash_app.web.worker import MOST_COLLECTED, MOST_HEAD, PatientWorker

ROOT = Path(__file__).parents[2]
THREADS = 2


class Hasty(PatientWorker):
    """The same, with limits a test can wait for."""

    HEAD_SECONDS = 1.5
    BODY_SECONDS = 1.5


def tiny(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Says how much it was sent; /unread does not look."""
    body = b"" if environ["PATH_INFO"] == "/unread" else environ["wsgi.input"].read()
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{len(environ['QUERY_STRING'])} {len(body)}".encode()]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        number = int(found.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{number}", "--workers", "1", "--threads", str(THREADS)]
        + ["--worker-class", "tests.web.test_worker.Hasty", "--limit-request-line", "0", "--graceful-timeout", "1"]
        + ["tests.web.test_worker:tiny"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                assert ask(number)[0] == 200
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < deadline, "the server did not start"
                time.sleep(0.1)
        yield number
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def ask(port: int, path: str = "/", body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST" if body is not None else "GET", path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def send(port: int, data: bytes) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", port), timeout=20)
    found.sendall(data)
    return found


@pytest.mark.parametrize(
    "half",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc",
    ],
)
def test_half_sent_requests_hold_no_thread(port: int, half: bytes) -> None:
    waiting = [send(port, half) for _ in range(8 * THREADS)]
    try:
        began = time.monotonic()
        assert ask(port)[0] == 200
        assert time.monotonic() - began < 1
    finally:
        for one in waiting:
            one.close()


def test_a_request_that_does_not_arrive_is_dropped(port: int) -> None:
    with send(port, b"GET / HTTP/1.1\r\n") as one:
        for _ in range(3):  # each byte in time, the request not
            time.sleep(0.4)
            one.sendall(b"X")
        assert one.recv(100) == b""


def test_a_large_body_that_does_not_arrive_frees_its_thread(port: int) -> None:
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {3 * MOST_COLLECTED}\r\n\r\n".encode()
    waiting = [send(port, head + b"x" * (MOST_COLLECTED + 1)) for _ in range(THREADS)]
    try:
        assert ask(port)[0] == 200  # after the deadline at the latest
    finally:
        for one in waiting:
            one.close()


@pytest.mark.parametrize("size", [0, 10, 70_000, MOST_COLLECTED, 3 * MOST_COLLECTED])
def test_bodies_arrive_whole(port: int, size: int) -> None:
    assert ask(port, "/?ab", b"x" * size) == (200, f"2 {size}".encode())


@pytest.mark.parametrize("size", [MOST_COLLECTED, 10_000_000, 50_000_000])
def test_who_sends_more_than_anybody_wants_gets_the_answer(port: int, size: int) -> None:
    assert ask(port, "/unread", b"x" * size) == (200, b"0 0")


def test_connections_that_nobody_closes_hold_nobody_up(port: int) -> None:
    open_ones = []
    for _ in range(8 * THREADS):
        one = send(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        while one.recv(1000):
            pass
        open_ones.append(one)
    try:
        began = time.monotonic()
        assert ask(port)[0] == 200
        assert time.monotonic() - began < 1
    finally:
        for one in open_ones:
            one.close()


def test_a_long_address_passes_and_a_longer_one_is_told_the_limit(port: int) -> None:
    assert ask(port, "/?" + "a" * 200_000) == (200, b"200000 0")
    began = time.monotonic()
    with send(port, b"GET /?" + b"a" * (MOST_HEAD + 1000)) as one:
        answer = b""
        while data := one.recv(1000):
            answer += data
    assert answer.startswith(b"HTTP/1.1 414") and str(MOST_HEAD).encode() in answer
    assert time.monotonic() - began < 2


def test_a_connection_is_kept_for_the_next_request(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for n in range(5):
        connection.request("POST", "/?" + "a" * n, b"b" * n)
        assert connection.getresponse().read() == f"{n} {n}".encode()
    connection.close()


def test_requests_sent_at_once_are_answered_one_after_another(port: int) -> None:
    with send(
        port, b"GET /?a HTTP/1.1\r\nHost: x\r\n\r\nGET /?ab HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    ) as one:
        answer = b""
        while data := one.recv(1000):
            answer += data
    assert answer.count(b"200 OK") == 2 and b"1 0" in answer and answer.endswith(b"2 0\r\n0\r\n\r\n")
