"""The tables of docs/reference/kinds.md, made of what is told of every format.

python -m tests.kinds.table          prints them
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable

from core.model import Kind
from core.outgoing import Source
from tests.kinds.formats import as_synced, formats
from tests.reports.samples import OTHERS, SAMPLES

KINDS = [str(kind) for kind in Kind]
OF = {Source.DSN: "bounce", Source.MDN: "receipt", None: "no report"}
Made = Callable[[], list[str]]
Told = tuple[str, str]  # what it is, and what it is told


def of_formats() -> list[str]:
    """Count formats by what they are and what they are told."""
    return matrix((str(one.kind), as_synced(one.raw).kind) for one in formats())


def of_reports() -> list[str]:
    """Count the samples of tests/reports likewise."""
    return matrix(
        (OF[one.kind], as_synced(one.raw).kind) for one in [*SAMPLES, *OTHERS]
    )


def wrong_formats() -> list[str]:
    """Name each format that is told wrongly, and say why."""
    rows = (
        (one.name, one.kind, told, one.why)
        for one in formats()
        if (told := as_synced(one.raw).kind) != one.kind
    )
    return lines(("format", "is", "told", "why"), rows)


def wrong_reports() -> list[str]:
    """Count the samples of reports that are told wrongly, by format."""
    wrong: Counter[tuple[str, str, str]] = Counter()
    for one in SAMPLES:
        told = as_synced(one.raw).kind
        if told != OF[one.kind]:
            wrong[one.name.partition(":")[0], OF[one.kind], told] += 1
    rows = ((*which, number) for which, number in wrong.items())
    return lines(("format", "is", "told", "samples"), rows)


def matrix(told: Iterable[Told]) -> list[str]:
    """Count pairs; what is told rightly stands in bold."""
    counts = Counter(told)
    rows = [*KINDS, *sorted({one for one, _ in counts} - set(KINDS))]
    return lines(
        ("is, told", *KINDS, "all"),
        (
            (row, *(_cell(row, kind, counts) for kind in KINDS), _all(row, counts))
            for row in rows
            if _all(row, counts)
        ),
    )


def _cell(row: str, kind: str, counts: Counter[Told]) -> str:
    number = counts[row, kind]
    if row == kind:
        return f"**{number}**"
    return str(number or "")


def _all(row: str, counts: Counter[Told]) -> int:
    return sum(number for (one, _), number in counts.items() if one == row)


def lines(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """Write a table of Markdown."""
    head = list(head)
    cells = [head, ["---"] * len(head), *([str(c) for c in row] for row in rows)]
    return [f"| {' | '.join(row)} |" for row in cells]


TABLES: tuple[Made, ...] = (of_formats, wrong_formats, of_reports, wrong_reports)

if __name__ == "__main__":
    sys.stdout.write("\n\n".join("\n".join(made()) for made in TABLES) + "\n")
