"""Made-up mail of many mailboxes over two years, as arrays: one entry is one message.

Mailboxes differ by size; each has about two hundred correspondents, of whom some are
known to many; hours and weekdays are as people work in São Paulo. The same seed gives
the same mail, whatever the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.business import Calendar, month_number
from core.durations import buckets_of
from core.model import Aside, Kind

Numbers = NDArray[np.int64]
Yes = NDArray[np.bool_]
DAYS = 730
DAY_MS, SLOT_MS, A_DAY = 86_400_000, 900_000, 96
DIRECTIONS = ("received", "sent")
KINDS = tuple(str(kind) for kind in Kind)
ASIDES = tuple(str(aside) for aside in Aside)
RECEIVED_KINDS = (0.45, 0.25, 0.27, 0.02, 0.01)  # in the order of `Kind`
SENT_KINDS = (0.97, 0.0, 0.03, 0.0, 0.0)
RECEIVED_ASIDES = (0.9, 0.0, 0.04, 0.06)  # in the order of `Aside`
SENT_ASIDES = (0.97, 0.01, 0.02, 0.0)
SENT, ANSWERED = 0.3, 0.62
WEEK = (1.0, 1.05, 1.05, 1.0, 0.85, 0.15, 0.08)  # from Monday on
HOURS = (
    1,
    1,
    1,
    1,
    1,
    2,
    4,
    9,
    30,
    42,
    40,
    34,
    16,
    26,
    40,
    42,
    38,
    28,
    12,
    7,
    5,
    4,
    3,
    2,
)
COLLEAGUES, SHARED, OWN = 40, 40, 120  # correspondents of a mailbox
KNOWN_TO_MANY, DOMAINS = 2_000, 12_000
HALF_S, SPREAD = 7_200.0, 1.7  # how long an answer takes: its median, lognormal


@dataclass(frozen=True, slots=True)
class Mail:
    """Messages of one mailbox, in the order of time.

    `direction`, `kind`, `aside`: by number in the tuples above. `whom`: a number of
    `World.addresses`. `asks`: may be answered; `answered_ms` 0: it was not.
    """

    at_ms: Numbers
    month: Numbers
    day_of_month: Numbers
    weekday: Numbers  # 1 is Monday
    direction: Numbers
    kind: Numbers
    aside: Numbers
    internal: Yes
    size_bytes: Numbers
    whom: Numbers
    asks: Yes
    answered_ms: Numbers

    def __len__(self) -> int:
        return len(self.at_ms)


class World:
    """Who writes to whom, and when; `hosts` of mailboxes, one after the other."""

    def __init__(
        self, messages: int, mailboxes: list[str], last: date, calendar: Calendar
    ) -> None:
        """Deal out messages to mailboxes by their addresses; `last`: the last day."""
        self.seed = 14
        drawn = np.random.default_rng(self.seed)
        size = drawn.lognormal(0, 1, len(mailboxes))
        self.counts = drawn.multinomial(messages, size / size.sum())
        self.first = last - timedelta(days=DAYS - 1)
        self.mailboxes = mailboxes
        self._days(calendar)
        self._people(drawn)
        self._work(calendar)

    @property
    def end_ms(self) -> int:
        """Give the instant at which the last day ends."""
        return int(self._start_ms[-1]) + DAY_MS

    @property
    def first_month(self) -> int:
        """Give the month of the first day, by number."""
        return month_number(self.first)

    def mail(self, number: int) -> Mail:
        """Make the mail of a mailbox by its number, from 0 on."""
        drawn = np.random.default_rng((self.seed, number))
        n = int(self.counts[number])
        day = drawn.choice(DAYS, n, p=self._day_weights)
        slot = drawn.choice(A_DAY, n, p=self._hour_weights)
        at_ms = self._start_ms[day] + slot * SLOT_MS + drawn.integers(0, SLOT_MS, n)
        order = np.argsort(at_ms)
        at_ms, day = at_ms[order], day[order]
        sent = drawn.random(n) < SENT
        kind = _either(drawn, sent, SENT_KINDS, RECEIVED_KINDS)
        aside = _either(drawn, sent, SENT_ASIDES, RECEIVED_ASIDES)
        month = self._months[day]
        whom, internal = self._whom(drawn, number, month - self.first_month)
        asks = (kind == 0) & (aside == 0)
        took = drawn.lognormal(np.log(HALF_S), SPREAD, n) * 1000
        answered_ms = at_ms + np.maximum(took, 1000).astype(np.int64)
        known = asks & (drawn.random(n) < ANSWERED) & (answered_ms < self.end_ms)
        return Mail(
            at_ms,
            month,
            self._days_of_month[day],
            self._weekdays[day],
            sent.astype(np.int64),
            kind,
            aside,
            internal,
            drawn.lognormal(9.6, 1.2, n).astype(np.int64) + 400,
            whom,
            asks,
            np.where(known, answered_ms, 0),
        )

    def buckets(self, mail: Mail, asked: Numbers) -> tuple[Numbers, Numbers]:
        """Give the buckets of answered messages: of the calendar, of working time."""
        start, end = mail.at_ms[asked], mail.answered_ms[asked]
        worked = np.interp(end, self._grid, self._worked)
        worked -= np.interp(start, self._grid, self._worked)
        took = ((end - start) // 1000).astype(float)
        return buckets_of(took), buckets_of(worked // 1000)

    def _days(self, calendar: Calendar) -> None:
        days = [self.first + timedelta(days=n) for n in range(DAYS)]
        self._start_ms = np.array([calendar.start_of(day) for day in days])
        self._months = np.array([month_number(day) for day in days])
        self._days_of_month = np.array([day.day for day in days])
        self._weekdays = np.array([day.isoweekday() for day in days])
        growing = np.linspace(1, 1.4, DAYS)
        self._day_weights = _shares(np.array(WEEK)[self._weekdays - 1] * growing)
        self._hour_weights = _shares(np.repeat(np.array(HOURS, float), 4))

    def _people(self, drawn: np.random.Generator) -> None:
        """Name all: mailboxes themselves, those known to many, and each one's own."""
        many = len(self.mailboxes)
        others = KNOWN_TO_MANY + many * OWN
        rank = 1 / (np.arange(DOMAINS) + 3.0)
        of = drawn.choice(DOMAINS, others, p=_shares(rank))
        hosts = sorted({one.partition("@")[2] for one in self.mailboxes})
        self.addresses = self.mailboxes + [
            f"pessoa{n}@empresa{d}.example" for n, d in enumerate(of.tolist())
        ]
        self.domains = hosts + [f"empresa{n}.example" for n in range(DOMAINS)]
        mine = [hosts.index(one.partition("@")[2]) for one in self.mailboxes]
        self.domain_of = np.concatenate([np.array(mine), of + len(hosts)])
        self._ranks = _shares(1 / (np.arange(COLLEAGUES + SHARED + OWN) + 2.0))

    def _work(self, calendar: Calendar) -> None:
        """Sum working time up to each quarter of an hour: between two it is a line."""
        begin, end = int(self._start_ms[0]), self.end_ms
        self._grid = np.arange(begin, end + 1, SLOT_MS)
        worked = [calendar.business_ms(begin, int(at)) for at in self._grid]
        self._worked = np.array(worked, float)

    def _whom(
        self, drawn: np.random.Generator, number: int, month: Numbers
    ) -> tuple[Numbers, Yes]:
        """Choose a correspondent of each message; some come later, some fall silent."""
        many = len(self.mailboxes)
        host = self.domain_of[number]
        near = np.flatnonzero(self.domain_of[:many] == host)
        near = near[near != number]
        colleagues = drawn.permutation(near)[:COLLEAGUES]
        shared = many + drawn.choice(KNOWN_TO_MANY, SHARED, replace=False)
        own = many + KNOWN_TO_MANY + number * OWN + np.arange(OWN)
        people = drawn.permutation(np.concatenate([colleagues, shared, own]))
        n, months = len(people), DAYS // 30
        comes = np.where(drawn.random(n) < 0.25, drawn.integers(0, months, n), 0)
        goes = np.where(drawn.random(n) < 0.2, drawn.integers(2, months, n), months + 9)
        comes[0], goes[0] = 0, months + 9  # somebody is always there
        chosen = drawn.choice(n, len(month), p=_shares(self._ranks[:n]))
        there = (comes[chosen] <= month) & (month <= goes[chosen])
        whom = people[np.where(there, chosen, 0)]
        return whom, self.domain_of[whom] == host


def _either(
    drawn: np.random.Generator, sent: Yes, of_sent: Any, of_received: Any
) -> Numbers:
    both = [drawn.choice(len(p), len(sent), p=p) for p in (of_sent, of_received)]
    return np.where(sent, *both)


def _shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares
