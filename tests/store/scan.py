"""A plain scan: what a search must find, told from its meaning and nothing else.

Written from what `core.terms` promises, with code of its own: no index, no vocabulary,
nothing of `core`. It looks at every message, and takes its time.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from tests.store.mail_drawn import Known, Person

LONGEST = 64  # characters of a word
SEEN, ANSWERED, FLAGGED = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Sought:
    """One thing that was typed: `part` is any, subject, sender, recipients, domain."""

    part: str
    text: str
    quoted: bool = False
    unwanted: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that is asked for at once; None and empty: it is all the same."""

    boxes: tuple[int, ...]
    sought: tuple[Sought, ...] = ()
    folder: int | None = None
    since: date | None = None
    until: date | None = None
    zone: str = "UTC"
    direction: str = ""
    kinds: tuple[str, ...] = ()
    from_address: str = ""
    unread: bool | None = None
    flagged: bool | None = None
    answered: bool | None = None
    attachment: bool | None = None
    replied: bool | None = None
    threaded: bool | None = None
    larger: int = 0
    smaller: int = 0


def scan(everything: Sequence[Known], asked: Asked) -> list[int]:
    """Give the ids of what is asked for, newest first."""
    answered = answered_ids(everything)
    found = [one for one in everything if _is_asked(one, asked, answered)]
    return [one.id for one in sorted(found, key=lambda one: one.key, reverse=True)]


def answered_ids(everything: Iterable[Known]) -> set[tuple[int, str]]:
    """Give the Message-IDs, by mailbox, that some message in the index answered."""
    return {
        (one.integration_id, named)
        for one in everything
        if one.seen
        for named in one.named
    }


def conversations(everything: Sequence[Known]) -> list[set[int]]:
    """Give the messages in the index, by the conversation that they are of."""
    heaps: list[tuple[set[tuple[int, str]], set[int]]] = []
    for one in everything:
        if not one.seen:
            continue
        names = {(one.integration_id, n) for n in {one.own, *one.named} if n}
        met = [heap for heap in heaps if heap[0] & names]
        heaps = [heap for heap in heaps if not heap[0] & names]
        ids = {one.id} if one.taken else set()
        heaps.append(
            (names.union(*(h[0] for h in met)), ids.union(*(h[1] for h in met)))
        )
    return [ids for _, ids in heaps if ids]


@cache
def plain(text: str) -> str:
    """Take case and accents off, as often as there are any."""
    while True:
        apart = unicodedata.normalize("NFKD", text.casefold())
        bare = "".join(c for c in apart if not unicodedata.combining(c))
        if bare == text:
            return text
        text = bare


@cache
def words(text: str) -> list[str]:
    """Cut into runs of letters and digits."""
    shown = "".join(c if c.isalnum() else " " for c in plain(text))
    return [one[:LONGEST] for one in shown.split()]


def _is_asked(one: Known, asked: Asked, answered: set[tuple[int, str]]) -> bool:
    if one.integration_id not in asked.boxes:
        return False
    if not _is_there(one, asked) or not _is_of_the_time(one, asked):
        return False
    replied = one.taken and (one.integration_id, one.own) in answered
    threaded = one.taken and (replied or bool(one.named))
    return (
        asked.direction in {"", one.direction}
        and (not asked.kinds or one.kind in asked.kinds)
        and asked.from_address in {"", one.sender.address}
        and asked.attachment in {None, one.attachment}
        and asked.replied in {None, replied}
        and asked.threaded in {None, threaded}
        and one.size_bytes >= asked.larger
        and (not asked.smaller or one.size_bytes <= asked.smaller)
        and all(_has(one, s) is not s.unwanted for s in asked.sought if _says(s))
    )


def _is_there(one: Known, asked: Asked) -> bool:
    """Look at its copies: in one of them, all flags that are asked for stand."""
    copies = [
        bits
        for folder, lying in one.places.items()
        if asked.folder in {None, folder}
        for bits in lying
    ]
    wanted = ((SEEN, asked.unread, 0), (FLAGGED, asked.flagged, FLAGGED),
              (ANSWERED, asked.answered, ANSWERED))  # fmt: skip
    together = [(bit, state) for bit, yes, state in wanted if yes is True]
    never = [(bit, state) for bit, yes, state in wanted if yes is False]
    return any(
        all(bits & bit == state for bit, state in together) for bits in copies
    ) and not any(bits & bit == state for bits in copies for bit, state in never)


def _is_of_the_time(one: Known, asked: Asked) -> bool:
    at = datetime.fromtimestamp(one.at_ms / 1000, UTC)
    day = at.astimezone(ZoneInfo(asked.zone)).date()
    return (asked.since is None or asked.since <= day) and (
        asked.until is None or day <= asked.until
    )


def _says(sought: Sought) -> bool:
    """Leave out what is not wanted and says nothing."""
    return not sought.unwanted or bool(
        plain(sought.text).strip().strip("@.")
        if sought.part == "domain"
        else words(sought.text)
    )


def _has(one: Known, sought: Sought) -> bool:
    everybody = (one.sender, *one.to, *one.copied)
    if sought.part == "domain":
        return plain(sought.text).strip().lstrip("@").strip(".") in _domains(everybody)
    part, asked = sought.part, words(sought.text)
    if not asked:
        return False
    subject, sender = words(one.subject), _words_of([one.sender])
    recipients = _words_of([*one.to, *one.copied])
    return (
        (part in {"any", "subject"} and _stand(asked, subject, sought.quoted, 99))
        or (part in {"any", "sender"} and _stand(asked, sender, sought.quoted, 3))
        or (
            part in {"any", "recipients"}
            and _stand(asked, recipients, sought.quoted, 3)
        )
    )


def _words_of(people: Iterable[Person]) -> list[str]:
    return [word for one in people for word in words(f"{one.name} {one.address}")]


def _domains(people: Iterable[Person]) -> set[str]:
    out = set()
    for one in people:
        labels = plain(one.domain).split(".")
        out |= {".".join(labels[at:]) for at in range(max(1, len(labels) - 1))}
    return out


def _stand(asked: list[str], held: list[str], quoted: bool, inside: int) -> bool:
    """Tell whether words stand so; `inside`: from so many letters on, in the middle."""
    for at in range(len(held) - len(asked) + 1):
        there = held[at : at + len(asked)]
        if there[:-1] != asked[:-1]:
            continue
        last, wanted = there[-1], asked[-1]
        if last == wanted or (not quoted and last.startswith(wanted)):
            return True
        alone = len(asked) == 1 and not quoted
        if alone and len(wanted) >= inside and wanted in last:
            return True
    return False
