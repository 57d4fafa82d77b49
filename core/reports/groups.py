"""The groups of fields of a delivery status (RFC 3464 §2.1). Pure; never raises.

First come fields about the message, then a group for each recipient, with blank lines
between; gateways lose some of these lines and add others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.mime import fields
from core.mime.fields import Field
from core.reports.report import OUTCOMES_MOST

BYTES = 256 << 10
GROUPS_MOST = 2 * OUTCOMES_MOST
BLANK_LINES = re.compile(rb"\n(?:[ \t]*\n)+")
RECIPIENT = ("final-recipient", "original-recipient")
ONCE = (*RECIPIENT, "action", "status")  # a second one begins another group

Group = dict[str, str]


def read(data: bytes) -> list[Group]:
    """Read a delivery status: fields by lower-case name, the first of each."""
    out: list[Group] = []
    blocks = BLANK_LINES.split(data[:BYTES].strip(b"\n"), GROUPS_MOST)
    for block in blocks[:GROUPS_MOST]:
        for group in _of_block(fields.read(block)):
            if out and _continues(out[-1], group):
                out[-1] = group | out[-1]
            elif group:
                out.append(group)
    return out


def _of_block(found: list[Field]) -> Iterator[Group]:
    """Cut where a blank line is missing; the order is free where none is."""
    several = sum(name == "final-recipient" for name, _ in found) > 1
    group: Group = {}
    for name, value in found:
        if several and _begins(name, group):
            yield group
            group = {}
        group.setdefault(name, value)
    yield group


def _begins(name: str, group: Group) -> bool:
    if name == "original-recipient":
        return name in group or "action" in group
    return name in ONCE and name in group


def _continues(before: Group, group: Group) -> bool:
    """Tell whether a blank line too many stands before a group."""
    if any(name in group for name in RECIPIENT) or "action" not in group:
        return False
    return "action" not in before and any(name in before for name in RECIPIENT)
