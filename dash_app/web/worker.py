"""gunicorn's threaded worker that gives a thread only to requests that have arrived.

gunicorn's own reads a request in the thread that will answer it: whoever sends half a request and waits holds a thread, twenty-four hold all. Here
the beginning of a request is collected by the worker's event loop, which holds nothing but the connection; a request that does not arrive in time
is dropped. Large bodies are read by the thread, under a deadline of their own. HTTP/1 without TLS, which is what the application is served by.

A connection that ends is closed by the event loop as well: what the other side still sends – the rest of a file that is too large – is thrown away for a
while, so that the answer reaches it; gunicorn's own waits for that with the whole worker.
"""

from __future__ import annotations

import errno
import re
import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from dash_app.text import Text

MOST_HEAD = 300_000
"""Bytes of a request's line and headers: an address with ten thousand chosen values has half of them."""
MOST_COLLECTED = 1_000_000
"""Bytes of a request collected before a thread is given to it; the rest of a larger body is read by the thread."""
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:", re.IGNORECASE)
_END = b"\r\n\r\n"

TOO_LONG = Text(
    f"Адрес или заголовки запроса длиннее {MOST_HEAD} байт. Выберите меньше значений в фильтрах.",
    f"The request's address or headers are longer than {MOST_HEAD} bytes. Choose fewer values in the filters.",
)


class PatientUnreader(SocketUnreader):  # type: ignore[misc]  # gunicorn has no types
    """Reads until a deadline; one who is late is gone."""

    def __init__(self, sock: socket.socket, send_seconds: float) -> None:
        super().__init__(sock)
        self.deadline = float("inf")
        self._send_seconds = send_seconds

    def chunk(self, size_hint: int | None = None) -> bytes:
        """What has come; ConnectionResetError after the deadline, which gunicorn and Werkzeug take for a client that left."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise ConnectionResetError(errno.ECONNRESET, "the request did not arrive in time")
        self.sock.settimeout(min(left, self._send_seconds))
        try:
            found: bytes = super().chunk(size_hint)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "the request did not arrive in time") from None
        finally:
            self.sock.settimeout(self._send_seconds)  # the answer has to be taken in time, too
        return found


class Arriving:
    """A connection whose next request is being collected. ``until``: monotonic seconds."""

    __slots__ = ("conn", "head_end", "needed", "received", "until")

    def __init__(self, conn: Any, until: float) -> None:
        self.conn = conn
        self.until = until
        self.received = bytearray()
        self.head_end = -1
        self.needed = 0

    def take(self, data: bytes) -> None:
        """More of it."""
        searched = max(0, len(self.received) - len(_END) + 1)
        self.received += data
        if self.head_end < 0:
            self.head_end = self.received.find(_END, searched)
            if self.head_end >= 0:
                head = bytes(self.received[: self.head_end + len(_END)])
                length = _LENGTH.search(head)
                waits = _EXPECT.search(head) is not None  # for a word of ours before it sends the body
                self.needed = len(head) + (int(length[1]) if length and not waits else 0)

    @property
    def too_long(self) -> bool:
        """Whether line and headers are beyond the limit."""
        return (self.head_end if self.head_end >= 0 else len(self.received)) > MOST_HEAD

    @property
    def ready(self) -> bool:
        """Whether a thread may have it."""
        return self.head_end >= 0 and len(self.received) >= min(self.needed, MOST_COLLECTED)


class Leaving:
    """A connection that was answered for the last time. ``until``: monotonic seconds; ``most``: bytes that are still thrown away."""

    __slots__ = ("conn", "most", "until")

    def __init__(self, conn: Any, until: float, most: int) -> None:
        self.conn = conn
        self.until = until
        self.most = most


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """``--worker-class dash_app.web.worker.PatientWorker``."""

    HEAD_SECONDS = 15.0
    """For a request to arrive, or its first million bytes."""
    BODY_SECONDS = 60.0
    """For the rest of a larger one."""
    SEND_SECONDS = 60.0
    """For each piece of an answer to be taken."""
    LEAVE_SECONDS = 20.0
    """For the other side to close a connection that was answered for the last time."""
    MOST_LEFT = 256_000_000
    """Bytes of a request nobody wanted that are thrown away meanwhile."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[Any, Arriving] = {}
        self._leaving: dict[Any, Leaving] = {}

    def accept(self, listener: Any) -> None:
        """A new connection: its request is collected first."""
        if self.cfg.is_ssl:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        self._collect(TConn(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """The next request of a kept connection begins to arrive."""
        if self.cfg.is_ssl:
            super().on_client_socket_readable(conn, client)
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._collect(conn)

    def murder_pending(self) -> None:
        """Drops what did not arrive in time, and, once the worker stops, what has not begun to."""
        super().murder_pending()
        now = time.monotonic()
        for arriving in list(self._arriving.values()):
            if arriving.until < now or not (self.alive or arriving.received):
                self._drop(arriving)
        for leaving in list(self._leaving.values()):
            if leaving.until < now or not self.alive:
                self._gone(leaving)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """A thread is done with a request; where the connection ends, it is left to the event loop."""
        try:
            goes_on = fs.cancelled() or bool(fs.result())
        except Exception:
            goes_on = False
        if goes_on or self.cfg.is_ssl or not self.alive:
            super().finish_request(conn, fs)
        else:
            self._leave(conn)

    def _leave(self, conn: Any) -> None:
        leaving = Leaving(conn, time.monotonic() + self.LEAVE_SECONDS, self.MOST_LEFT)
        self._leaving[conn.sock] = leaving
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._throw_away, leaving))
        except (OSError, ValueError):
            self._gone(leaving)

    def _throw_away(self, leaving: Leaving, client: Any) -> None:
        try:
            data = client.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        leaving.most -= len(data)
        if not data or leaving.most < 0:
            self._gone(leaving)

    def _gone(self, leaving: Leaving) -> None:
        self._leaving.pop(leaving.conn.sock, None)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(leaving.conn.sock)
        self.nr_conns -= 1
        leaving.conn.close()

    def _collect(self, conn: Any) -> None:
        arriving = Arriving(conn, time.monotonic() + self.HEAD_SECONDS)
        self._arriving[conn.sock] = arriving
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._more, arriving))

    def _more(self, arriving: Arriving, client: Any) -> None:
        try:
            data = client.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(arriving)
            return
        arriving.take(data)
        if arriving.too_long:
            self._refuse(arriving)
        elif arriving.ready:
            self._forget(arriving)
            self._hand_over(arriving)

    def _hand_over(self, arriving: Arriving) -> None:
        conn = arriving.conn
        conn.sock.setblocking(True)
        if not conn.initialized:
            conn.init()
            conn.parser.unreader = PatientUnreader(conn.sock, self.SEND_SECONDS)
        conn.parser.unreader.deadline = time.monotonic() + self.BODY_SECONDS
        conn.parser.unreader.unread(bytes(arriving.received))
        conn.data_ready = True
        self.enqueue_req(conn)

    def _refuse(self, arriving: Arriving) -> None:
        """Says what the limit is, as far as it goes without waiting."""
        body = f"{TOO_LONG.ru}\n{TOO_LONG.en}\n".encode()
        status = (
            "431 Request Header Fields Too Large" if b"\r\n" in arriving.received[:MOST_HEAD] else "414 URI Too Long"
        )
        head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        self._forget(arriving)
        with suppress(OSError):
            arriving.conn.sock.send(head.encode() + body)
        self._leave(arriving.conn)

    def _forget(self, arriving: Arriving) -> None:
        self._arriving.pop(arriving.conn.sock, None)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(arriving.conn.sock)

    def _drop(self, arriving: Arriving) -> None:
        self._forget(arriving)
        self.nr_conns -= 1
        arriving.conn.close()
