"""Whether a worker lives, and what is asked of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.errors import Unreachable
from core.model import Server
from core.network import reach, resolve
from core.runtime import Runtime
from core.store import workers
from core.store.engine import reading, writing

DEMO = "demo"
SILENT_AFTER = timedelta(seconds=15)


def worker_seen_at(runtime: Runtime) -> datetime | None:
    """Tell when a worker last said that it is alive."""
    with reading(runtime.engine) as conn:
        return workers.last_seen(conn)


def worker_lives(runtime: Runtime) -> bool:
    """Tell whether a worker is at work now."""
    seen = worker_seen_at(runtime)
    return seen is not None and runtime.clock() - seen < SILENT_AFTER


def want_demo(runtime: Runtime, *, wanted: bool = True) -> None:
    """Ask the worker to run the demo's servers."""
    with writing(runtime.engine) as conn:
        workers.want(conn, DEMO, runtime.clock(), wanted=wanted)


def demo_wanted(runtime: Runtime) -> bool:
    """Tell whether the demo's servers are asked for."""
    with reading(runtime.engine) as conn:
        return workers.wanted(conn, DEMO)


def demo_ready(runtime: Runtime) -> bool:
    """Tell whether the demo's servers answer."""
    found = runtime.demo()
    if found is None or not demo_wanted(runtime):
        return False
    server = Server(found.host, found.imap_port)
    policy = runtime.policy()
    try:
        reach(server, resolve(server, policy), policy).close()
    except Unreachable:
        return False
    return True
