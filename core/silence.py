"""How improbable it is that a mailbox brings no mail for so long. Pure.

Hours are numbers of whole hours since 1970, UTC; an hour of the week counts from Monday
0 h UTC. A zone is not needed: a mailbox's own day begins where it is quietest, and a
change of summer time moves it by one hour of many.

A mean count would cry wolf: mail comes in bursts, and a holiday is a whole day without.
So it is counted which *blocks* of time brought nothing: days, or six hours where mail
comes round the clock. Shares are smoothed as Jeffreys does, (silent + ½) / (all + 1):
twelve weeks cannot tell that a day without mail is rarer than that. And silent blocks
follow each other (a week of holidays): after the first, another one counts only as far
as this mailbox has shown that they stand alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import floor, log, log10

from core.clock import EPOCH

IMPROBABLE = 0.001
WEEKS_LEAST, WEEKS_MOST = 4, 12
LEAST_WRITTEN = 1e-6
HORIZON = timedelta(days=30)  # nothing is foretold beyond
HOUR = timedelta(hours=1)
DAY_H, WEEK_H = 24, 168
SHORT_H = 6  # a block where mail comes round the clock
SINCE_MONDAY_H = 72  # 1970 began on a Thursday
OFTEN = 0.25  # a block of the week is one of mail if it was silent no more often
GO_ON, STAND_ALONE = 0.5, 1.5  # silent blocks, before any was seen: one in four goes on


@dataclass(frozen=True, slots=True)
class Habit:
    """When mail usually comes.

    `days` of history it was learnt from. The week is cut into blocks of `block_h` hours
    from its hour `starts` on. `empty`: of each hour of the week, how probable it is
    that it brings none when its block brought none before. Of each block: `of_mail`,
    whether it brings some as a rule; `again`, the power that `empty` is taken to when
    the last block of that sort was silent, too. `expected`: mean count of each hour.
    """

    days: int
    starts: int
    block_h: int
    empty: tuple[float, ...]
    of_mail: tuple[bool, ...]
    again: tuple[float, ...]
    expected: tuple[float, ...]

    @property
    def weeks(self) -> int:
        """Give the whole weeks of history."""
        return self.days // 7

    @property
    def enough(self) -> bool:
        """Tell whether silence can be told at all."""
        return self.weeks >= WEEKS_LEAST

    def block(self, hour: int) -> int:
        """Give the number of the block in which an hour lies."""
        return (hour + SINCE_MONDAY_H - self.starts) // self.block_h


def hour_of(at: datetime) -> int:
    """Give the hour in which an instant lies, counted from 1970."""
    return (at - EPOCH) // HOUR


def of_week(hour: int) -> int:
    """Give the hour of the week, Monday 0 h UTC being 0."""
    return (hour + SINCE_MONDAY_H) % WEEK_H


def learn(
    arrivals: Mapping[int, int], begin: int, end: int, unknown: Collection[int] = ()
) -> Habit:
    """Learn from counts by hour, of [begin, end); an hour without a count brought none.

    At most twelve weeks are used, the newest. Days with an `unknown` hour are left out.
    `end` is the hour of the last arrival: the silence after it must not teach itself.
    """
    begin = max(begin, end - (WEEKS_MOST * WEEK_H + DAY_H))
    seen = {h: n for h, n in arrivals.items() if begin <= h < end and n > 0}
    starts = _quietest(seen)
    days = _days(starts, begin, end, unknown)
    for block_h in (SHORT_H, DAY_H):
        firsts = _firsts(seen, starts, days, block_h)
        of_mail = _of_mail(firsts, block_h)
        if all(of_mail):
            break
    empty, again = _rates(firsts, block_h, of_mail)
    return Habit(
        days=len(days),
        starts=starts,
        block_h=block_h,
        empty=tuple(empty[(hour - starts) % WEEK_H] for hour in range(WEEK_H)),
        of_mail=tuple(of_mail),
        again=tuple(again),
        expected=_means(seen, starts, days),
    )


def probability(habit: Habit, since: datetime, until: datetime) -> float:
    """Give how probable it is that no mail came between an arrival and an instant.

    The block of the arrival itself says nothing, nor does an hour that is not whole.
    """
    p = 1.0
    for _, down_to in _falling(habit, since, hour_of(until)):
        p = down_to
    return p


def silent_from(last_arrival_at: datetime, habit: Habit) -> datetime | None:
    """Give the first instant at which no mail since the last is improbable.

    None: not within 30 days, or there is too little history.
    """
    end = hour_of(last_arrival_at + HORIZON)
    if habit.enough:
        for hour, p in _falling(habit, last_arrival_at, end):
            if p < IMPROBABLE:
                return EPOCH + (hour + 1) * HOUR
    return None


def expected(habit: Habit, since: datetime, until: datetime) -> float:
    """Give how many messages usually come in the whole hours between two instants."""
    first, end = hour_of(since) + 1, hour_of(until)
    weeks, rest = divmod(max(0, end - first), WEEK_H)
    hours = range(first, first + rest)
    return weeks * sum(habit.expected) + sum(habit.expected[of_week(h)] for h in hours)


def written(p: float) -> str:
    """Write a small probability with two digits that count: 0.00042."""
    if p < LEAST_WRITTEN:
        return f"< {LEAST_WRITTEN:.6f}"
    digits = max(1, 1 - floor(log10(p)))
    return f"{p:.{digits}f}".rstrip("0").rstrip(".")


# ---- along a silence


def _falling(habit: Habit, since: datetime, end: int) -> Iterator[tuple[int, float]]:
    """Go along the whole hours of a silence; give how probable it is to their ends."""
    arrival = habit.block(hour_of(since))
    silent: dict[bool, int] = {}  # of each sort: the first block that was silent
    p = 1.0
    for hour in range(hour_of(since) + 1, end):
        block = habit.block(hour)
        if block > arrival:
            place = block % len(habit.again)
            sort = habit.of_mail[place]
            again = silent.setdefault(sort, block) < block
            p *= habit.empty[of_week(hour)] ** (habit.again[place] if again else 1.0)
        yield hour, p


# ---- out of a history


def _quietest(seen: Iterable[int]) -> int:
    """Give the hour of the day around which mail is rarest."""
    often = [0] * DAY_H
    for hour in seen:
        often[hour % DAY_H] += 1
    near = range(-6, 7)
    around = [
        sum((7 - abs(k)) * often[(hour + k) % DAY_H] for k in near)
        for hour in range(DAY_H)
    ]
    return min(range(DAY_H), key=around.__getitem__)


def _days(starts: int, begin: int, end: int, unknown: Collection[int]) -> list[int]:
    """List the whole days of a history, the newest of them, but for unknown ones."""
    shift = SINCE_MONDAY_H - starts
    first, after = -(-(begin + shift) // DAY_H), (end + shift) // DAY_H
    dark = {(hour + shift) // DAY_H for hour in unknown}
    newest = range(max(first, after - WEEKS_MOST * 7), after)
    return [day for day in newest if day not in dark]


def _firsts(
    seen: Iterable[int], starts: int, days: Iterable[int], block_h: int
) -> dict[int, int]:
    """Give of each block in which of its hours mail came first; `block_h`: in none."""
    a_day = DAY_H // block_h
    firsts = {day * a_day + k: block_h for day in days for k in range(a_day)}
    for hour in seen:
        block, at = divmod(hour + SINCE_MONDAY_H - starts, block_h)
        if block in firsts:
            firsts[block] = min(firsts[block], at)
    return firsts


def _of_mail(firsts: Mapping[int, int], block_h: int) -> list[bool]:
    """Tell of each block of the week whether it brings mail as a rule."""
    places = WEEK_H // block_h
    held, silent = [0] * places, [0] * places
    for block, first in firsts.items():
        held[block % places] += 1
        silent[block % places] += first == block_h
    return [n > 0 and s <= OFTEN * n for n, s in zip(held, silent, strict=True)]


def _rates(
    firsts: Mapping[int, int], block_h: int, of_mail: Sequence[bool]
) -> tuple[list[float], list[float]]:
    """Give `empty`, from the first block of the week on, and `again`.

    Blocks of mail are taken together, others each with those of its hour of the week.
    """
    places = len(of_mail)
    by_place: list[list[int]] = [[] for _ in range(places)]
    for block, first in firsts.items():
        by_place[block % places].append(first)
    pooled = [f for place, of in enumerate(by_place) if of_mail[place] for f in of]
    of_all = _along(pooled, block_h)
    same = {sort: _in_order(firsts, of_mail, sort) for sort in (True, False)}
    go_on = {s: _go_on([firsts[b] == block_h for b in same[s]]) for s in same}
    empty: list[float] = []
    again: list[float] = []
    for place, sort in enumerate(of_mail):
        factors, silent = of_all if sort else _along(by_place[place], block_h)
        empty += factors
        again.append(min(1.0, log(max(go_on[sort], silent)) / log(silent)))
    return empty, again


def _in_order(blocks: Iterable[int], of_mail: Sequence[bool], sort: bool) -> list[int]:
    """List the blocks of one sort, the oldest first."""
    return sorted(b for b in blocks if of_mail[b % len(of_mail)] is sort)


def _along(firsts: Sequence[int], block_h: int) -> tuple[list[float], float]:
    """Give of each hour of a block how probable it stays silent; and of all of it."""
    shares = [
        (sum(first > hour for first in firsts) + 0.5) / (len(firsts) + 1)
        for hour in range(block_h)
    ]
    return [b / a for a, b in pairwise([1.0, *shares])], shares[-1]


def _go_on(silent: Sequence[bool]) -> float:
    """Give how probable it is that a silent block is followed by another."""
    followed = [then for now, then in pairwise(silent) if now]
    return (sum(followed) + GO_ON) / (len(followed) + GO_ON + STAND_ALONE)


def _means(
    seen: Mapping[int, int], starts: int, days: Iterable[int]
) -> tuple[float, ...]:
    """Give the mean count of each hour of the week."""
    held, sums = [0] * WEEK_H, [0] * WEEK_H
    for day in days:
        first = day * DAY_H + starts - SINCE_MONDAY_H
        for hour in range(first, first + DAY_H):
            held[of_week(hour)] += 1
            sums[of_week(hour)] += seen.get(hour, 0)
    return tuple(s / n if n else 0.0 for s, n in zip(sums, held, strict=True))
