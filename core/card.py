"""What a server shows of itself, and what in that is to be doubted. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

CERTIFICATE_DAYS = (30, 7, 1)
NEARLY_FULL, NOT_NEARLY_FULL = 0.90, 0.85  # a warning that comes does not flicker
CLOCK_S = 300  # mail servers need not be more exact than that
ISSUER_TOLD_FOR = timedelta(days=7)

CERTIFICATE = tuple(f"certificate_{days}" for days in CERTIFICATE_DAYS)
QUOTA = ("quota_full", "quota_nearly_full")
CODES = (*CERTIFICATE, *QUOTA, "clock_skewed", "issuer_changed")


@dataclass(frozen=True, slots=True)
class Tls:
    """A connection's protection; `fingerprint` is SHA-256 of the certificate, in hex.

    `issuer` is the organisation that signed it, or its name where it names none: one
    organisation signs by several names in turn. Dates None: they could not be read.
    """

    version: str
    cipher: str
    issuer: str
    fingerprint: str
    begins_at: datetime | None = None
    expires_at: datetime | None = None


class Quota(NamedTuple):
    """Storage in use and its limit, in units of 1,024 octets (RFC 9208 §5.1)."""

    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Card:
    """What a server showed of itself at one time.

    `capabilities`: their names, upper case. `tls` None: none. `offers_quota` without
    `quota`: it was asked for and not told. `over_quota`: the server said so in words
    (RFC 9208 §4.3.1). `ahead_s`: by how much the date that the server gave the newest
    message lies in our future, or at most 0 for one in the past; None: no message.
    """

    noted_at: datetime
    software: str = ""
    capabilities: tuple[str, ...] = ()
    tls: Tls | None = None
    offers_quota: bool = False
    quota: Quota | None = None
    over_quota: bool = False
    ahead_s: int | None = None
    issuer_before: str = ""
    issuer_changed_at: datetime | None = None

    @property
    def clock_ahead_s(self) -> int | None:
        """Give by how much the server's clock is ahead, where that shows."""
        ahead = self.ahead_s
        return ahead if ahead is not None and ahead > CLOCK_S else None


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is so, with the facts for its texts, and what is not; of the rest, neither.

    What the server did not tell this time is neither: it stays as it was.
    """

    there: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    over: frozenset[str] = frozenset()


def doubts(card: Card, host: str, known: Collection[str] = ()) -> Doubts:
    """Tell what a card gives reason to doubt; `known`: codes that are so already."""
    there = {
        **dict(_certificate(card, host)),
        **dict(_quota(card, known)),
        **dict(_clock(card)),
        **dict(_issuer(card, host)),
    }
    open_questions = QUOTA if card.offers_quota and card.quota is None else ()
    return Doubts(there, frozenset(CODES) - there.keys() - set(open_questions))


def succeeding(new: Card, before: Card | None) -> Card:
    """Give a new card with what is remembered of another issuer before."""
    if before is None:
        return new
    was, now = before.tls, new.tls
    known = (before.issuer_before, before.issuer_changed_at)
    if was and now and was.issuer and now.issuer and was.issuer != now.issuer:
        known = (was.issuer, new.noted_at)
    return replace(new, issuer_before=known[0], issuer_changed_at=known[1])


Found = Iterator[tuple[str, dict[str, str]]]


def _certificate(card: Card, host: str) -> Found:
    """Each limit that is reached.

    A certificate that lives for a week is always about to expire: a limit counts for
    those that live for more than twice as long.
    """
    if card.tls is None or card.tls.expires_at is None:
        return
    begins, expires = card.tls.begins_at, card.tls.expires_at
    facts = {"host": host, "expires_at": expires.isoformat()}
    for days in CERTIFICATE_DAYS:
        limit = timedelta(days=days)
        lives = begins is None or expires - begins > 2 * limit
        if lives and expires - card.noted_at <= limit:
            yield f"certificate_{days}", facts


def _quota(card: Card, known: Collection[str]) -> Found:
    if card.quota is None:
        return
    used, limit = card.quota
    facts = {"used_kib": str(used), "limit_kib": str(limit)}
    full = used >= limit or card.over_quota
    enough = NOT_NEARLY_FULL if "quota_nearly_full" in known else NEARLY_FULL
    if full:
        yield "quota_full", facts
    if full or used >= enough * limit:
        yield "quota_nearly_full", facts


def _clock(card: Card) -> Found:
    if card.clock_ahead_s is not None:
        yield "clock_skewed", {"ahead_s": str(card.clock_ahead_s)}


def _issuer(card: Card, host: str) -> Found:
    changed_at = card.issuer_changed_at
    if changed_at is None or card.tls is None:
        return
    if card.noted_at - changed_at < ISSUER_TOLD_FOR:
        issuer = card.tls.issuer
        yield (
            "issuer_changed",
            {"host": host, "issuer": issuer, "before": card.issuer_before},
        )
