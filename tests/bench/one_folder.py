"""One folder of many messages: a first sync, nothing changed, a few hundred changes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from typing import Protocol

from tests.bench import memory, wire
from tests.bench.bars import (
    IMAPFLOW,
    MBSYNC,
    PRODUCT,
    PRODUCT_NO_CONDSTORE,
    WIRE,
)
from tests.bench.imapflow import Imapflow
from tests.bench.mbsync import Mbsync
from tests.bench.product import Product
from tests.bench.rounds import Measured, Result, interleaved, say, timed
from tests.bench.site import CHANGES, Link, Site, change, without_condstore
from tests.servers.dovecot import Account


class Contestant(Protocol):
    """Somebody who keeps a copy of a mailbox; each act gives the seconds it took."""

    @property
    def holds(self) -> bool:
        """Tell whether a first sync was done."""

    def first(self) -> float:
        """Copy everything anew."""

    def again(self) -> float:
        """Bring the copy up to date."""

    def check(self) -> None:
        """Fail unless the copy is complete."""

    def close(self) -> None:
        """Remove the copy."""


class OneFolder:
    """The works on one big folder; the copies are kept from one work to the next."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def first(self) -> Iterator[Result]:
        """First sync, over both links, beside the wire limit."""
        for link in reversed(Link):  # in clear at last: those copies are used again
            sides = self._copies if link is Link.PLAIN else self._contestants(link)
            yield self._first(link, sides)
            if link is not Link.PLAIN:
                _close(sides)

    def memory(self) -> Iterator[Result]:
        """Peak memory of a first sync; of a tenth too, as it must not grow."""
        for messages in (self._site.messages // 10, self._site.messages):
            whole = messages == self._site.messages
            account = self._account if whole else self._site.mailbox(messages)
            yield memory.of_a_first_sync(self._site, account, messages)

    def unchanged(self) -> Iterator[Result]:
        """Nothing changed since."""
        copies = self._all_copies()
        taken = interleaved(
            {name: one.again for name, one in copies.items()}, self._site.rounds
        )
        notes = "login included; mbsync uses no CONDSTORE anywhere"
        yield Measured("nothing changed", self._site.messages, "messages", taken, notes)

    def delta(self) -> Iterator[Result]:
        """Some new, some flagged, some deleted."""
        copies = self._all_copies()
        taken = interleaved(
            {name: one.again for name, one in copies.items()},
            self._site.rounds,
            before=lambda number: change(self._account, number),
        )
        for one in copies.values():
            one.check()
        notes = f"{CHANGES} new, {CHANGES} flagged, {CHANGES} deleted; login included"
        yield Measured("delta", 3 * CHANGES, "changes", taken, notes)

    @cached_property
    def _account(self) -> Account:
        """The mailbox, with the server's caches warm for whatever is asked."""
        say(f"Making {self._site.messages:,} messages ...")
        account = self._site.mailbox(self._site.messages)
        for link in Link:
            wire.drain(self._site, account, link)
        warming = Product(self._site, [account], Link.PLAIN)
        warming.first()
        warming.close()
        return account

    @cached_property
    def _copies(self) -> dict[str, Contestant]:
        return self._contestants(Link.PLAIN)

    @cached_property
    def _copy_without_condstore(self) -> Contestant:
        lesser = without_condstore(self._account)
        return Product(self._site, [lesser], Link.PLAIN)

    def _contestants(self, link: Link) -> dict[str, Contestant]:
        whose = (self._site, [self._account], link)
        return {
            PRODUCT: Product(*whose),
            IMAPFLOW: Imapflow(*whose),
            MBSYNC: Mbsync(*whose),
        }

    def _all_copies(self) -> dict[str, Contestant]:
        """Give every contestant with a complete copy, all of them up to date."""
        rest = dict(self._copies)
        copies = {
            PRODUCT: rest.pop(PRODUCT),
            PRODUCT_NO_CONDSTORE: self._copy_without_condstore,
            **rest,
        }
        for name, one in copies.items():
            if not one.holds:
                say(f"A first sync, not measured: {name} ...")
                one.first()
        return copies

    def _first(self, link: Link, sides: dict[str, Contestant]) -> Measured:
        drain = partial(wire.drain, self._site, self._account, link)
        size_mb = drain() / 1e6
        works = {WIRE: partial(timed, drain)} | {
            name: one.first for name, one in sides.items()
        }
        taken = interleaved(works, self._site.rounds)
        for one in sides.values():
            one.check()
        notes = (
            f"login included; the wire carries {size_mb:.0f} MB (eight header fields, "
            "BODYSTRUCTURE); the product builds every index, rollup and record it has; "
            "imapflow asks for ENVELOPE, BODYSTRUCTURE and References and stores the "
            "same columns; mbsync fetches full bodies"
        )
        work = f"first sync, {link}"
        return Measured(work, self._site.messages, "messages", taken, notes)


def _close(sides: dict[str, Contestant]) -> None:
    for one in sides.values():
        one.close()
