"""Many accounts in which nothing changed: how quickly all of them are known to be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tests.bench import sweepers
from tests.bench.bars import MBSYNC, PRODUCT, RAW
from tests.bench.imapflow import Imapflow
from tests.bench.mbsync import Mbsync
from tests.bench.product import Product
from tests.bench.rounds import Measured, Result, Side, interleaved, say, timed
from tests.bench.site import SMALL, Link, Site

AT_ONCE = 8
IMAPCLIENT = "imapclient in threads"


def sweep(site: Site) -> Iterator[Result]:
    """Sweep every account over both links, eight at a time."""
    say(f"Making {site.accounts} accounts of {SMALL} messages ...")
    accounts = site.mailboxes()
    whose = (site, accounts, Link.PLAIN, AT_ONCE)
    product, mbsync, imapflow = Product(*whose), Mbsync(*whose), Imapflow(*whose)
    say("A first sync of each, not measured ...")
    product.first()
    mbsync.first()
    for link in Link:
        for one in (product, mbsync, imapflow):
            one.use(link)
        by_hand = (site, accounts, link, AT_ONCE)
        sides: dict[str, Side] = {
            PRODUCT: product.again,
            RAW: partial(timed, partial(sweepers.raw, *by_hand)),
            IMAPCLIENT: partial(timed, partial(sweepers.with_imapclient, *by_hand)),
            "imapflow": imapflow.sweep,
            MBSYNC: mbsync.again,
        }
        taken = interleaved(sides, site.rounds)
        notes = (
            f"{AT_ONCE} at a time, six folders each; login and logout included; the "
            "product and mbsync sync (nothing to do), the others only ask"
        )
        yield Measured(f"sweep, {link}", site.accounts, "accounts", taken, notes)
    product.check()
    product.close()
    mbsync.close()
