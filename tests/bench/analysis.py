"""The pages of analysis over few messages and over many: what each asks of the store.

Two installations of as many mailboxes, made directly in the store: the larger has a
hundred times the messages. A page is all that it asks for one visitor, frames included,
of everybody, of a team, and of one mailbox (the largest); its queries are measured one
by one, and summed round by round. Memory is what Python and numpy hold at the peak.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np

from core import (
    correspondents,
    coverage,
    deliveries,
    responses,
    scopes,
    volume,
    volume_parts as parts,
)
from core.business import ZONE, month_number
from core.metrics import Against, Days, Step, week
from core.runtime import Runtime, open_runtime
from core.scopes import Scope
from core.settings import Settings
from core.volume_parts import By
from tests.bench.analysis_made import fill
from tests.bench.messages import EMBEDDED
from tests.bench.rounds import Figure, Measured, Result, Side, interleaved, say, timed
from tests.bench.site import Site
from tests.servers import postgresql

MAILBOXES = 1_000  # for a bench in full size; a smaller one has fewer
A_MAILBOX = 100  # messages of each, on average, in the smaller installation
TIMES = 100  # so many messages has the larger one for each of the smaller
AGAIN = 5  # measured in a round, so that one bad moment does not count
OF = ("everybody", "a team", "a mailbox")
HERE = ZoneInfo(ZONE)
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Made:
    """An installation, and whose numbers are asked there, by the names of `OF`."""

    runtime: Runtime
    scopes: Mapping[str, Scope]

    @property
    def today(self) -> date:
        """Give the day on which it is asked."""
        return self.runtime.clock().astimezone(HERE).date()


def embedded(site: Site) -> Iterator[Result]:
    """Measure both sizes in SQLite."""
    yield from _measured(site, EMBEDDED, lambda: "")


def served(site: Site) -> Iterator[Result]:
    """Measure the same in PostgreSQL."""
    with postgresql.running() as server:
        yield from _measured(site, "PostgreSQL", lambda: server.database(ready=True))


def _measured(site: Site, name: str, where: Callable[[], str]) -> Iterator[Result]:
    mailboxes = min(MAILBOXES, max(10, site.messages // A_MAILBOX))
    with ExitStack() as stack:
        made: dict[str, Made] = {}
        for size in (site.messages, site.messages * TIMES):
            say(f"  {name}: making {mailboxes:,} mailboxes with {size:,} messages ...")
            made[f"{size:,}"] = one = _made(site, where(), mailboxes, size)
            stack.callback(one.runtime.engine.dispose)
        slowest = 0.0
        for page, whom in ((page, whom) for page in PAGES for whom in OF):
            for result in _page(page, whom, name, made, site.rounds):
                yield result
                if isinstance(result, Measured):
                    slowest = max(slowest, result.median(list(made)[-1]) * 1000)
        title = f"slowest page of analysis over {list(made)[-1]}, {name}"
        yield Figure(title, slowest, "ms", "median of all that one page asks")


def _made(site: Site, url: str, mailboxes: int, messages: int) -> Made:
    runtime = open_runtime(Settings(data=site.folder(), database_url=url))
    world = fill(runtime, mailboxes, messages, say)
    largest = int(np.argmax(world.counts)) + 1
    found = (scopes.ALL, scopes.teams(runtime)[0], Scope(largest))
    return Made(runtime, dict(zip(OF, found, strict=True)))


def _page(
    page: str, whom: str, name: str, made: Mapping[str, Made], rounds: int
) -> Iterator[Result]:
    """Measure the queries of a page by themselves; then give the page, and memory."""
    few, many = made
    title = f"{page}, {whom}, over {many} messages, {name}"
    works = {size: PAGES[page](one, one.scopes[whom]) for size, one in made.items()}
    sums = {size: [0.0] * rounds for size in made}
    slow = ("", 0.0)
    for query in works[many]:
        say(f"{title}: {query}")
        sides = {size: _often(works[size][query]) for size in made}
        taken = interleaved(sides, rounds)
        for size, seconds in taken.items():
            sums[size] = [a + b for a, b in zip(sums[size], seconds, strict=True)]
        slow = max(slow, (query, sorted(taken[many])[rounds // 2]), key=lambda x: x[1])
    notes = (
        f"{len(works[many])} queries, the slowest: {slow[0]}, {slow[1] * 1000:.0f} ms"
    )
    yield Measured(f"page of analysis: {title}", 1, "pages", sums, notes)
    held = {size: _peak_mb(works[size]) for size in made}
    words = f"{held[few]:.1f} MB over {few}"
    yield Figure(f"memory of a page of analysis: {title}", held[many], "MB", words)


def _often(work: Work) -> Side:
    """Take the median of several times, the caches warm."""
    work()
    return lambda: sorted(timed(work) for _ in range(AGAIN))[AGAIN // 2]


def _peak_mb(works: Mapping[str, Work]) -> float:
    """Give the most that is held while a page asks, what it was given included."""
    tracemalloc.start()
    try:
        kept = [work() for work in works.values()]
        peak = tracemalloc.get_traced_memory()[1]
        del kept
    finally:
        tracemalloc.stop()
    return peak / 1_000_000


# ---- what the pages ask


def _volume(days: int, step: Step, one: Made, scope: Scope) -> dict[str, Work]:
    last = one.today
    period = Days(last - timedelta(days=days - 1), last)
    asked = volume.Question(scope, period, HERE, step)
    runtime = one.runtime
    counted = partial(volume.counted, runtime, asked, Against.BEFORE)
    works: dict[str, Work] = {
        "charts": lambda: _drawn(counted()),
        "unread by age": partial(volume.backlog, runtime, scope, HERE),
        "quality": partial(coverage.quality, runtime, scope),
    }
    ways = parts.ways(runtime, scope)
    return works | {
        f"by {by}": partial(parts.largest, runtime, asked, by)
        for by in By
        if by in ways
    }


def _drawn(found: volume.Volume) -> object:
    return found, found.changes, week(found.slots, HERE)


def _correspondents(months: int, one: Made, scope: Scope) -> dict[str, Work]:
    last = month_number(one.today)
    first, runtime = last - months + 1, one.runtime
    works: dict[str, Work] = {
        "since when": partial(correspondents.held_since, runtime, scope.id),
        "quality": partial(coverage.quality, runtime, scope),
    }
    for what in correspondents.WHATS:
        asked = correspondents.Question(scope.id, what, first, last)
        works |= {
            f"top {what}, {way}": partial(correspondents.top, runtime, asked, way)
            for way in correspondents.DIRECTIONS
        }
        works[f"new {what}"] = partial(correspondents.new, runtime, asked)
        works[f"silent {what}"] = partial(correspondents.silent, runtime, asked)
    return works


def _responses(
    months: int, side: responses.Side, one: Made, scope: Scope
) -> dict[str, Work]:
    last = month_number(one.today)
    asked = responses.Question(scope, last - months + 1, last, side)
    return {
        "report": partial(responses.report, one.runtime, asked),
        "who waits": partial(responses.waiting, one.runtime, asked),
        "quality": partial(coverage.quality, one.runtime, scope),
    }


def _delivery(days: int, one: Made, scope: Scope) -> dict[str, Work]:
    last = one.today
    first = last - timedelta(days=days - 1)
    asked = deliveries.Question(scope, first, last, HERE)
    return {
        "ladder, tables and days": partial(deliveries.deliveries, one.runtime, asked),
        "templates": partial(deliveries.template_names, one.runtime),
        "quality": partial(coverage.quality, one.runtime, scope),
    }


Asks = Callable[[Made, Scope], dict[str, Work]]
PAGES: dict[str, Asks] = {
    "volume of 90 days": partial(_volume, 90, Step.DAY),
    "volume of a year": partial(_volume, 365, Step.WEEK),
    "correspondents of 3 months": partial(_correspondents, 3),
    "correspondents of 12 months": partial(_correspondents, 12),
    "our responses of 3 months": partial(_responses, 3, responses.Side.OURS),
    "our responses of 12 months": partial(_responses, 12, responses.Side.OURS),
    "their responses of 12 months": partial(_responses, 12, responses.Side.THEIRS),
    "delivery of 90 days": partial(_delivery, 90),
    "delivery of a year": partial(_delivery, 365),
}
