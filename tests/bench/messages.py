"""The messages page over few messages and over many: what the server does for a page.

One mailbox of each size in each database, filled and taken into the index first. A page
is the question and its frame of fifty rows. Where few are found the same are found in
every size; where many are, a page shows the same number. A count is exact up to 10,000:
so it is compared with the middle size, where as many rows are counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import text

from core import browse
from core.browse import Filters, Question
from core.runtime import Runtime, open_runtime
from core.settings import Settings
from tests.bench import reruns
from tests.bench.rounds import Figure, Measured, Result, Side, interleaved, say, timed
from tests.bench.site import Site
from tests.servers import postgresql
from tests.store.mailbox_made import fill, take_all_in

TIMES = 5  # measured in a round, so that one bad moment does not count
EMBEDDED = "SQLite"
ZONE = "America/Sao_Paulo"
STEP = 100_000  # messages between two words of how far it is
FILTERS = {
    "sent": Filters(direction="sent"),
    "unread": Filters(unread=True),
    "read": Filters(unread=False),
    "flagged": Filters(flagged=True),
    "answered": Filters(answered=True),
    "with an attachment": Filters(attachment=True),
    "of a list": Filters(kinds=("list",)),
    "bounces, 40 of them": Filters(kinds=("bounce",)),
    "of 100 KB and more": Filters(larger_bytes=100_000),
    "answered by somebody": Filters(replied=True),
    "in a conversation": Filters(threaded=True),
    "unread and with an attachment": Filters(unread=True, attachment=True),
}
SEARCHES = {
    "many hits": "reuniao",
    "40 hits": "extraordinario",
    "no hit": "xyzzy",
    "a beginning": "re",
    "the middle of names": "from:areci",
    "in every address": "empresa",
    "a phrase": '"reuniao semanal"',
    "an address": "ana.souza@empresa1.example",
    "a domain": "domain:empresa7.example",
    "two words": "souza contrato",
    "one word, not another": "reuniao -semanal",
    "words and states": "reuniao from:souza is:unread has:attachment",
}
# Of these there are 10,000 in the middle size, too.
COUNTED = (
    "everything", "sent", "read", "answered", "with an attachment", "of a list",
    "in a conversation", "search, a beginning", "search, in every address",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox of one size, in an installation of its own."""

    runtime: Runtime
    integration_id: int

    @property
    def in_it(self) -> tuple[Runtime, int]:
        """Give the installation and its mailbox."""
        return self.runtime, self.integration_id

    def question(self, case: str) -> Question:
        """Give what a case asks of it."""
        one = (self.integration_id,)
        if case.startswith("search, "):
            return Question(one, search=SEARCHES[case.removeprefix("search, ")])
        if case == "inbox":
            return Question(one, folder_id=1)
        return Question(one, filters=FILTERS.get(case, Filters()), zone=ZONE)


def embedded(site: Site) -> Iterator[Result]:
    """Measure every size in SQLite; a smaller bench has smaller mailboxes."""
    yield from _measured(site, EMBEDDED, lambda: "")


def served(site: Site) -> Iterator[Result]:
    """Measure the same in PostgreSQL."""
    with postgresql.running() as server:
        yield from _measured(site, "PostgreSQL", lambda: server.database(ready=True))


def _measured(site: Site, name: str, where: Callable[[], str]) -> Iterator[Result]:
    sizes = (site.messages // 10, site.messages, site.messages * 10)
    with ExitStack() as stack:
        boxes: dict[str, Box] = {}
        for size in sizes:
            box, figures = made_up(site.folder(), where(), name, size)
            stack.callback(box.runtime.engine.dispose)
            boxes[f"{size:,}"] = box
        yield from figures  # of the largest
        yield from _pages(boxes, name, site.rounds)
        yield from _counts(boxes, name, site.rounds)
        if name == EMBEDDED:
            served = {size: box.in_it for size, box in boxes.items()}
            yield from reruns.of_pages(site, served)


def made_up(folder: Path, url: str, name: str, size: int) -> tuple[Box, list[Figure]]:
    """Make an installation with a mailbox; tell what its index costs."""
    say(f"  {name}: making {size:,} messages ...")
    runtime = open_runtime(Settings(data=folder, database_url=url))
    one = fill(runtime, size, index=False, say=_far("made"))
    before, began = _bytes(runtime, folder), time.perf_counter()
    take_all_in(runtime, say=_far("taken in"))
    taken = time.perf_counter() - began
    _analyze(runtime)
    after = _bytes(runtime, folder)
    about = f"{size:,} messages, {name}"
    return Box(runtime, one), [
        Figure(f"taken into the index, {about}", size / taken, "messages/s"),
        Figure(f"on disk without the index, {about}", before / size, "bytes a message"),
        Figure(f"index on disk, {about}", (after - before) / size, "bytes a message"),
    ]


def _pages(boxes: Mapping[str, Box], name: str, rounds: int) -> Iterator[Result]:
    slowest = 0.0
    for case, work in _works().items():
        title = f"a page over {list(boxes)[-1]} messages, {name}, {case}"
        say(f"{title}:")
        sides = {size: _often(work(box)) for size, box in boxes.items()}
        shown = [len(work(box)().rows) for box in boxes.values()]
        notes = f"{', '.join(map(str, shown))} rows shown"
        one = Measured(title, max(shown), "rows", interleaved(sides, rounds), notes)
        slowest = max(slowest, one.median(list(boxes)[-1]) * 1000)
        yield one
    title = f"slowest page over {list(boxes)[-1]} messages, {name}"
    yield Figure(title, slowest, "ms", "median of the slowest way of asking")


def _works() -> dict[str, Callable[[Box], Callable[[], browse.Page]]]:
    """Give what is done of a mailbox, by name: everything that a page can show."""
    cases = ["everything", "inbox", *FILTERS, *(f"search, {one}" for one in SEARCHES)]
    works = {case: partial(_first, case=case) for case in cases}
    works |= {f"{case}, next page": partial(_next, case=case) for case in cases[:6]}
    return works | {"from a day on": _of_a_day, "back to newer ones": _newer}


def _first(
    box: Box, case: str, *, before: str = "", after: str = ""
) -> Callable[[], browse.Page]:
    question = box.question(case)
    return lambda: browse.page(box.runtime, question, before=before, after=after)


def _next(box: Box, case: str) -> Callable[[], browse.Page]:
    return _first(box, case, before=_first(box, case)().older)


def _of_a_day(box: Box) -> Callable[[], browse.Page]:
    day = box.runtime.clock().date() - timedelta(days=3)
    return _first(box, "everything", before=browse.before_day(day, ZONE))


def _newer(box: Box) -> Callable[[], browse.Page]:
    second = _next(box, "everything")()
    return _first(box, "everything", after=second.newer)


def _counts(boxes: Mapping[str, Box], name: str, rounds: int) -> Iterator[Result]:
    compared = dict(list(boxes.items())[1:])
    slowest = 0.0
    for case in COUNTED:
        title = f"a count over {list(boxes)[-1]} messages, {name}, {case}"
        say(f"{title}:")
        works = {
            size: partial(browse.count, box.runtime, box.question(case))
            for size, box in compared.items()
        }
        found = [work().found for work in works.values()]
        notes = f"{', '.join(f'{n:,}' for n in found)} counted"
        sides = {size: _often(work) for size, work in works.items()}
        one = Measured(title, max(found), "rows", interleaved(sides, rounds), notes)
        slowest = max(slowest, one.median(list(boxes)[-1]) * 1000)
        yield one
    title = f"slowest count over {list(boxes)[-1]} messages, {name}"
    yield Figure(title, slowest, "ms", "median of the slowest way of asking")


def _often(work: Callable[[], object]) -> Side:
    """Take the median of several times, the caches warm."""
    work()
    return lambda: sorted(timed(work) for _ in range(TIMES))[TIMES // 2]


def _far(what: str) -> Callable[[int], None]:
    """Tell how far it is, now and then."""
    return lambda done: say(f"    {done:,} {what}") if done % STEP == 0 else None


def _bytes(runtime: Runtime, folder: Path) -> int:
    """Give how much a database takes on disk."""
    with runtime.engine.connect() as conn:
        if conn.dialect.name == "postgresql":
            asked = text("SELECT pg_database_size(current_database())")
            return int(conn.scalar(asked) or 0)
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return sum(one.stat().st_size for one in folder.glob("*.db"))


def _analyze(runtime: Runtime) -> None:
    """Do what autovacuum does on PostgreSQL a minute after so many rows came."""
    if runtime.engine.dialect.name == "postgresql":
        with runtime.engine.connect() as conn:
            own = conn.execution_options(isolation_level="AUTOCOMMIT")
            own.exec_driver_sql("VACUUM ANALYZE")
