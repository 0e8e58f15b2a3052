"""``python -m dash_app demo``: makes a company (or takes the one there is) and serves its portal until stopped."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sqlite3
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path
from types import FrameType

from dash_app.demo.fields import VERSION
from dash_app.demo.rest.clock import SERVER_ZONE
from dash_app.demo.rest.faults import BadFault, Faults
from dash_app.demo.rest.portal import ALL_SCOPES, Portal, PortalSettings, secret_of
from dash_app.demo.server import DemoServer, limits_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command ``demo``."""
    parser.add_argument("--scale", type=int, default=12_000, metavar="N", help="deals to make (default 12000)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another seed makes another company")
    parser.add_argument("--port", type=int, default=0, metavar="P", help="0, the default, takes a free port")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument(
        "--today", type=_day, metavar="DATE", help="the portal's present day, YYYY-MM-DD (default: today)"
    )
    parser.add_argument(
        "--database", type=Path, metavar="FILE", help="where the company is kept (default: a temporary file)"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="with --database: take the company in FILE as it is, changes included, whatever its seed, scale and day",
    )
    parser.add_argument(
        "--limits", choices=("real", "off"), default="real", help="2 requests/s, burst 50, operating time"
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="SPEC",
        help="kind[:option=value,...], see dash_app/demo/rest/faults.py",
    )
    parser.add_argument("--scopes", default=",".join(ALL_SCOPES), help="rights of the webhook, comma separated")
    parser.add_argument(
        "--not-admin", action="store_true", help="the webhook belongs to a manager who sees his department"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM. The first line of stdout is the webhook address; progress goes to stderr.

    Returns 0, or 2 when an option makes no sense.
    """
    try:
        Faults(args.fault)
        if args.scale < 0:
            raise BadFault("--scale must not be negative")
    except BadFault as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    with contextlib.ExitStack() as stack:
        if args.database:
            path = Path(args.database)
            path.parent.mkdir(parents=True, exist_ok=True)
        else:
            path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="demo-portal-"))) / "company.sqlite"
        prepare(path, scale=args.scale, seed=args.seed, today=args.today, keep=args.keep)
        settings = PortalSettings(
            secret=secret_of(args.seed),
            user_id=manager_of(path) if args.not_admin else 1,
            admin=not args.not_admin,
            scopes=tuple(scope.strip() for scope in args.scopes.split(",") if scope.strip()),
            limits=limits_of(args.limits),
            today=args.today,
            seed=args.seed,
        )
        portal = Portal(path, settings, args.fault)
        try:
            server = DemoServer(portal, args.host, args.port)
        except OSError as error:
            print(f"demo: cannot listen on {args.host}:{args.port}: {error.strerror}", file=sys.stderr)
            return 2
        print(server.webhook, flush=True)
        previous = signal.signal(signal.SIGTERM, _interrupt)
        try:
            server.serve_forever(0.2)
        except KeyboardInterrupt:
            pass
        finally:
            signal.signal(signal.SIGTERM, previous)
            server.server_close()
            portal.database.close()
    return 0


def main(argv: list[str] | None = None) -> int:
    """Entry point with own arguments."""
    parser = argparse.ArgumentParser(prog="python -m dash_app demo", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(argv))


def prepare(path: Path, *, scale: int, seed: int, today: date | None, keep: bool) -> None:
    """Make the company in ``path``, unless the one there was made with the same numbers (or is to be kept)."""
    day = today or datetime.now(SERVER_ZONE).date()
    wanted = {"scale": str(scale), "seed": str(seed), "today": day.isoformat(), "version": str(VERSION)}
    found = _meta(path)
    if found is not None and (keep or found == wanted):
        return
    from dash_app.demo.company import build  # the generator is not needed to serve what is there

    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    started = time.monotonic()
    print(f"demo: making a company of {scale} deals", file=sys.stderr, flush=True)
    build(path, scale=scale, seed=seed, today=day, progress=_progress)
    print(f"demo: made in {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)


def manager_of(path: Path) -> int:
    """An active person with many deals who is not the first user: the owner of a webhook without admin rights."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        row = db.execute(
            "SELECT u.ID FROM users u JOIN deals d ON d.ASSIGNED_BY_ID = u.ID "
            "WHERE u.ID <> 1 AND u.ACTIVE = 'Y' GROUP BY u.ID ORDER BY count(*) DESC, u.ID LIMIT 1"
        ).fetchone()
    return int(row[0]) if row else 1


def _meta(path: Path) -> dict[str, str] | None:
    """How the company in the file was made; None if there is no company in it."""
    if not path.exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(path)) as db:
            rows = db.execute("SELECT KEY, VALUE FROM meta WHERE KEY IN ('scale', 'seed', 'today', 'version')")
            return {str(key): str(value) for key, value in rows}
    except sqlite3.DatabaseError:
        return None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a date: {text!r} (YYYY-MM-DD)") from None


def _progress(month: str, done: int, total: int) -> None:
    """One line that rewrites itself, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\rdemo: {month}, {done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
