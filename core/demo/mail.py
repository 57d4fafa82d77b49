"""Twelve months of made-up mail, the same each time for the same day and seed. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from core.demo.cast import CONTACTS, MACHINES, ME, NEWSLETTERS
from core.demo.conversations import PEOPLE, Conversation, converse, opening, topics
from core.demo.folders import (
    ANSWERED,
    ARCHIVE,
    DEALS,
    DRAFT,
    DRAFTS,
    FLAGGED,
    INBOX,
    JUNK,
    SEEN,
    SENT,
    TRASH,
    DemoMail,
)
from core.demo.letters import Desk, Letter
from core.demo.reports import FAILURES, away, bounce, displayed
from core.demo.rhythm import busyness, early_moment, how_many, office_moment

__all__ = ["SEED", "DemoMail", "arrival", "mailbox"]

DAYS = 365
SEED = 2026
CONVERSATIONS, ISSUES, NOTICES, SPAM = 2.25, 1.55, 0.68, 0.32  # on a usual day
BOUNCES, AWAY, RECEIPTS, COPIES, DRAFTED = 11, 16, 2, 12, 5
UNREAD, UNREAD_DAYS, UNREAD_SHARE = 25, 35, 0.6
DELAYED_AFTER = timedelta(hours=4)
ON_THE_WAY = timedelta(seconds=4)


def mailbox(today: date, seed: int = SEED) -> Iterator[DemoMail]:
    """Give about 2,000 messages of the twelve months before `today`, oldest first."""
    year = _Year(today, seed)
    mails = sorted(year.mails(), key=lambda m: (m.received_at, m.folder, m.raw))
    yield from year.with_unread(mails)


def arrival(number: int, at: datetime) -> DemoMail:
    """Give the message that arrives as the `number`th while the demo runs."""
    chance = random.Random(f"{SEED} arrival {number}")  # noqa: S311 - made-up mail
    desk = Desk(chance, f"a{number}.")
    at = at.replace(microsecond=0)
    match number % 5:
        case 2:
            raw = desk.notice(chance.choice(MACHINES), at)
        case 4:
            raw = desk.newsletter(chance.choice(NEWSLETTERS), at)
        case _:
            contact = PEOPLE[number * 7 % len(PEOPLE)]
            topic = chance.choice(topics(contact))
            raw = opening(desk, contact, topic, at, ours=False).raw
    return DemoMail(INBOX, frozenset(), at, raw)


class _Year:
    """One year of one person's mail."""

    def __init__(self, today: date, seed: int) -> None:
        self._chance = random.Random(f"{seed} {today}")  # noqa: S311 - made-up mail
        self._desk = Desk(self._chance)
        self._days = [today - timedelta(days=DAYS - n) for n in range(DAYS)]
        self._end = datetime.combine(today, time(), UTC)

    def mails(self) -> Iterator[DemoMail]:
        """Give everything, in no order, all of it read."""
        talks = list(self._conversations())
        letters = [mail for talk in talks for mail in self._filed(talk)]
        received = [mail for mail in letters if mail.folder == INBOX]
        yield from letters
        for copied in self._chance.sample(received, COPIES):
            yield replace(copied, folder=DEALS)
        for mail in (*self._reports(talks), *self._bulk(), *self._drafts()):
            if mail.received_at < self._end:
                yield mail

    def with_unread(self, mails: list[DemoMail]) -> list[DemoMail]:
        """Leave some of the newest in the inbox unread."""
        since = self._end - timedelta(days=UNREAD_DAYS)
        candidates = [
            place
            for place, mail in enumerate(mails)
            if mail.folder == INBOX
            and mail.received_at > since
            and ANSWERED not in mail.flags
            and self._chance.random() < UNREAD_SHARE
        ]
        unread = set(candidates[-UNREAD:])
        return [
            replace(mail, flags=mail.flags - {SEEN}) if place in unread else mail
            for place, mail in enumerate(mails)
        ]

    def _conversations(self) -> Iterator[Conversation]:
        for day in self._usual(CONVERSATIONS):
            begins = office_moment(self._chance, day)
            if begins < self._end:
                yield converse(self._desk, self._chance, begins, self._end)

    def _usual(self, mean: float) -> Iterator[date]:
        """Give each day as often as something happens on it."""
        for place, day in enumerate(self._days):
            busy = mean * busyness(day, place / DAYS)
            yield from [day] * how_many(self._chance, busy)

    def _filed(self, talk: Conversation) -> Iterator[DemoMail]:
        folder = self._folder(talk)
        for letter, answer in zip(talk.letters, (*talk.letters[1:], None), strict=True):
            if letter.sender == ME:
                yield _put(SENT, letter, SEEN)
                continue
            flags = {SEEN, *((ANSWERED,) if answer else ())}
            if self._chance.random() < 0.05:  # noqa: PLR2004 - some are flagged
                flags.add(FLAGGED)
            yield _put(folder, letter, *flags)

    def _folder(self, talk: Conversation) -> str:
        old = self._end - talk.letters[0].at > timedelta(days=60)
        places = (
            (DEALS, 0.3 if talk.topic.deal else 0.0),
            (ARCHIVE, 0.2 if old else 0.0),
            (TRASH, 0.05),
        )
        return next((f for f, odds in places if self._chance.random() < odds), INBOX)

    def _reports(self, talks: Iterable[Conversation]) -> Iterator[DemoMail]:
        began = [t for t in talks if t.ours and t.external]
        silent = [t.letters[0] for t in began if len(t.letters) == 1]
        yield from self._bounced(self._chance.sample(silent, BOUNCES))
        for talk in self._chance.sample(began, AWAY):
            at = talk.letters[0].at + timedelta(minutes=1)
            raw = away(self._desk, talk.letters[0], at)
            yield DemoMail(INBOX, frozenset({SEEN}), at, raw)
        asked = [t.letters for t in began if t.asks_receipt and len(t.letters) > 1]
        for letters in self._chance.sample(asked, min(RECEIPTS, len(asked))):
            at = letters[0].at + (letters[1].at - letters[0].at) // 2
            at = at.replace(microsecond=0)
            raw = displayed(self._desk, letters[0], at)
            yield DemoMail(INBOX, frozenset({SEEN}), at, raw)

    def _bounced(self, letters: Iterable[Letter]) -> Iterator[DemoMail]:
        for place, letter in enumerate(letters):
            failure = FAILURES[place % len(FAILURES)]
            later = timedelta(seconds=9) if failure.permanent else DELAYED_AFTER
            at = letter.at + later
            raw = bounce(self._desk, letter, failure, at)
            yield DemoMail(INBOX, frozenset({SEEN}), at, raw)

    def _bulk(self) -> Iterator[DemoMail]:
        for day in self._usual(ISSUES):
            at = early_moment(self._chance, day)
            raw = self._desk.newsletter(self._chance.choice(NEWSLETTERS), at)
            folder = self._chance.choices((INBOX, TRASH), (85, 15))[0]
            yield DemoMail(folder, frozenset({SEEN}), at, raw)
        for day in self._usual(NOTICES):
            at = early_moment(self._chance, day)
            raw = self._desk.notice(self._chance.choice(MACHINES), at)
            yield DemoMail(INBOX, frozenset({SEEN}), at, raw)
        for day in self._days:
            for _ in range(how_many(self._chance, SPAM)):
                at = office_moment(self._chance, day)
                flags = self._chance.choice((frozenset[str](), frozenset({SEEN})))
                yield DemoMail(JUNK, flags, at, self._desk.spam(at))

    def _drafts(self) -> Iterator[DemoMail]:
        for contact in self._chance.sample(CONTACTS, DRAFTED):
            day = self._chance.choice(self._days[-20:])
            at = office_moment(self._chance, day)
            topic = self._chance.choice(topics(contact))
            letter = opening(self._desk, contact, topic, at, ours=True)
            yield DemoMail(DRAFTS, frozenset({SEEN, DRAFT}), at, letter.raw)


def _put(folder: str, letter: Letter, *flags: str) -> DemoMail:
    return DemoMail(folder, frozenset(flags), letter.at + ON_THE_WAY, letter.raw)
