"""Measure the product beside the wire limit and its peers: `make bench`.

    python -m tests.bench --messages 20000 --accounts 100 --only first,unchanged

The full size writes docs/reference/speed.md and speed.json, and fails when a bar was
not reached; a smaller one only prints. Some parts in full size replace theirs: a ratio
is of one part, whose sides are measured together; what stays says its commit.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from core import log
from tests.bench import (
    accounts,
    analysis,
    fleet,
    idling,
    imapflow,
    machine,
    messages,
    table,
)
from tests.bench.bars import judged
from tests.bench.one_folder import OneFolder
from tests.bench.rounds import Result, say
from tests.bench.site import Site, opened

DOCS = Path(__file__).parents[2] / "docs" / "reference"
MESSAGES, ACCOUNTS, CONNECTIONS, ROUNDS = 100_000, 500, 2000, 3
Part = Callable[[], Iterator[Result]]
PARTS = (
    "first",
    "memory",
    "unchanged",
    "delta",
    "accounts",
    "idle",
    "fleet",
    "messages",
    "served",
    "analysis",
    "analysis_served",
)
WITHOUT_PEERS = {*("memory", "idle", "fleet"), *PARTS[-4:]}


def main() -> int:
    """Measure what was asked for; 1 if a bar was not reached in full size."""
    asked = _arguments()
    log.set_up("console", "error")
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd, of its own past
    if set(asked.only) - WITHOUT_PEERS:
        imapflow.set_up()
    where = machine.described()  # before, so that nothing is missing at the end
    results: list[Result] = []
    told = (results, where, asked.rounds)
    try:
        measure(asked, results)
    finally:  # a part that breaks does not lose what others took
        sys.stdout.write(table.markdown(*told))
    if not _is_full(asked):
        return 0
    whole = [*results, *table.kept(DOCS, results)]
    table.write(DOCS, whole, where, asked.rounds)
    return int(any(verdict.reached is False for verdict in judged(whole)))


def measure(asked: argparse.Namespace, results: list[Result]) -> None:
    """Start the servers, and add what each part gives as it comes."""
    with opened(asked.messages, asked.accounts, asked.rounds) as site:
        works = parts(site, asked.connections)
        for name in asked.only:
            say(f"{name}:")
            results.extend(works[name]())


def parts(site: Site, connections: int) -> dict[str, Part]:
    """Name what can be measured; each may be left out."""
    folder = OneFolder(site)
    return {
        "first": folder.first,
        "memory": folder.memory,
        "unchanged": folder.unchanged,
        "delta": folder.delta,
        "accounts": lambda: accounts.sweep(site),
        "idle": lambda: idling.watched(connections),
        "fleet": lambda: fleet.measured(site),
        "messages": lambda: messages.embedded(site),
        "served": lambda: messages.served(site),
        "analysis": lambda: analysis.embedded(site),
        "analysis_served": lambda: analysis.served(site),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", type=_names, default=PARTS, metavar=",".join(PARTS))
    return parser.parse_args()


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(unknown)}")
    return names


def _is_full(asked: argparse.Namespace) -> bool:
    sizes = (asked.messages, asked.accounts, asked.connections)
    whole = sizes == (MESSAGES, ACCOUNTS, CONNECTIONS)
    return whole and asked.rounds >= ROUNDS


if __name__ == "__main__":
    sys.exit(main())
