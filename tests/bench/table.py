"""Write what was measured: Markdown for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.bars import PRODUCT, Verdict, judged
from tests.bench.rounds import Figure, Measured, Result

TITLE = """\
# Speed

Written by `make bench`; every side was measured in the same run, one after the other in
each round, against one Dovecot on loopback that shares the processor with them. Times
are medians; only their ratios say something about other machines. The messages are of
2.4 KB on average, the server's caches are warm, stores and Maildirs are on disk.
Starting a peer's process (mbsync, node) is taken off.

Pages of analysis are measured over two installations of 1,000 mailboxes and two years,
made directly in the store: what counting would have written is there (totals by day,
correspondents and response times by month, questions, rollups, mails of the outbox),
and agrees with itself, which a test proves by summing it again. Messages themselves are
not, but for those that a list of who waits can begin with; nor are placements: what
unread mail of one mailbox by age takes, and volume of one folder, is not known from
here. A page is all that it asks for one visitor, one query after the other, frames
included; its memory is the most that Python and numpy hold meanwhile (not SQLite's own
cache, which is 16 MB at most).
"""
AT = "; at commit "
WORDS = {True: "yes", False: "**no**", None: ""}


def markdown(results: Sequence[Result], machine: Mapping[str, str], rounds: int) -> str:
    """Write the page: bars first, then each work, then the machine."""
    parts = [TITLE, "## Bars\n", _bars(judged(results)), "## Times\n"]
    parts += [_work(one, rounds) for one in results if isinstance(one, Measured)]
    figures = [one for one in results if isinstance(one, Figure)]
    if figures:
        parts += ["## Figures\n", _figures(figures)]
    parts += ["## Machine and versions\n", _table(("", ""), machine.items())]
    return "\n".join(parts)


def as_json(results: Sequence[Result], machine: Mapping[str, str], rounds: int) -> str:
    """Write the same for programs."""
    told = {
        "machine": dict(machine),
        "rounds": rounds,
        "bars": [
            {
                "work": v.work,
                "must": v.bar.text,
                "aim": v.bar.aim,
                "value": v.value,
                "reached": v.reached,
            }
            for v in judged(results)
        ],
        "works": [_told(one) for one in results],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def kept(folder: Path, new: Sequence[Result]) -> list[Result]:
    """Read the works that were written before and are not among the new ones."""
    path = folder / "speed.json"
    if not path.exists():
        return []
    told = json.loads(path.read_text("utf-8"))
    replaced, commit = {one.work for one in new}, told["machine"]["commit"]
    return [
        _read(work, commit) for work in told["works"] if work["work"] not in replaced
    ]


def _read(told: dict[str, Any], commit: str) -> Result:
    known = AT in told["notes"]
    notes = told["notes"] if known else f"{told['notes']}{AT}{commit}"
    if "seconds" not in told:
        return Figure(told["work"], told["value"], told["unit"], notes)
    return Measured(told["work"], told["amount"], told["unit"], told["seconds"], notes)


def write(
    folder: Path, results: Sequence[Result], machine: Mapping[str, str], rounds: int
) -> None:
    """Write speed.md and speed.json."""
    (folder / "speed.md").write_text(markdown(results, machine, rounds), "utf-8")
    (folder / "speed.json").write_text(as_json(results, machine, rounds), "utf-8")


def _told(one: Result) -> dict[str, object]:
    if isinstance(one, Figure):
        return asdict(one)
    return asdict(one) | {"median": {side: one.median(side) for side in one.seconds}}


def _bars(verdicts: Sequence[Verdict]) -> str:
    rows = (
        (v.work, v.bar.text, _value(v), WORDS[v.reached] or "not measured", _aim(v))
        for v in verdicts
    )
    return _table(("work", "must", "measured", "reached", "aim"), rows)


def _value(verdict: Verdict) -> str:
    if verdict.value is None:
        return ""
    return f"{verdict.value:.2f} {verdict.bar.unit}"


def _aim(verdict: Verdict) -> str:
    if verdict.bar.aim is None:
        return ""
    return f"{verdict.bar.aim:g}: {WORDS[verdict.aimed] or 'not measured'}"


def _work(one: Measured, rounds: int) -> str:
    title = f"### {one.work[0].upper()}{one.work[1:]}\n"
    said = f"{one.amount:,} {one.unit}, {rounds} rounds: {one.notes}.\n"
    than = "the product's" if PRODUCT in one.seconds else "the first"
    head = ("", "median s", "from, to", f"{one.unit}/s", f"times {than}")
    return "\n".join((title, said, _table(head, _sides(one))))


def _sides(one: Measured) -> Iterator[Sequence[str]]:
    first = PRODUCT if PRODUCT in one.seconds else next(iter(one.seconds))
    for side, seconds in one.seconds.items():
        median = one.median(side)
        ratio = median / one.median(first)
        spread = f"{min(seconds):.3f}, {max(seconds):.3f}"
        rate = f"{one.amount / median:,.0f}"
        yield side, f"{median:.3f}", spread, rate, f"{ratio:.2f}"


def _figures(figures: Sequence[Figure]) -> str:
    rows = ((f.work, f"{f.value:.1f} {f.unit}", f.notes) for f in figures)
    return _table(("", "", ""), rows)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]] | object) -> str:
    lines = [head, ["---"] * len(head), *rows]  # type: ignore[misc]  # pairs of items()
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
