"""Find what a report returns of the message that it is about. Pure; never raises."""

from __future__ import annotations

import re

from core.mime import fields
from core.mime.fields import Field
from core.reports import plain
from core.reports.parts import Part, Whole, cut

# RFC 6522 §3, RFC 6533 §5; message/rfc822-headers is how some misname the second.
HEADERS_ALONE = ("text/rfc822-headers", "message/global-headers")
KINDS = (
    *("message/rfc822", "message/global", "message/rfc822-headers"),
    *HEADERS_ALONE,
)
FIELD = re.compile(r"\s{0,8}[A-Za-z][\w-]{1,60}\s?:")
IDENTITY = re.compile(
    r"^[ \t]{0,8}message-id[ \t]?:[ \t]*\n?[ \t]*<[^<>\s]{3,250}>",
    re.IGNORECASE | re.MULTILINE,
)


def read(whole: Whole) -> list[Field]:
    """Give the header of the returned message; empty where nothing is returned."""
    for part in whole.of_kind(*KINDS):
        if found := _header(part):
            return found
    for part in whole.texts:
        if found := in_text(part.text if part.kind != "text/html" else ""):
            return found
    return []


def in_text(text: str) -> list[Field]:
    """Find a header that is written into a text, indented or not."""
    kept = plain.lines(text)
    found = IDENTITY.search("\n".join(kept))
    if found is None:
        return []
    at = "\n".join(kept)[: found.start()].count("\n")
    start, end = at, at + 1
    while start and _is_field(kept[start - 1]):
        start -= 1
    while end < len(kept) and _is_field(kept[end]):
        end += 1
    return fields.read(_dedented(kept[start:end]))


def _header(part: Part) -> list[Field]:
    data = part.data.lstrip(b"\n")
    found = fields.read(cut(data)[0])
    if not found and data.startswith(b"From "):  # mbox's line above a header
        found = fields.read(cut(data.partition(b"\n")[2])[0])
    return found


def _is_field(line: str) -> bool:
    return bool(FIELD.match(line)) or (line[:1] in " \t" and bool(line.strip()))


def _dedented(kept: list[str]) -> bytes:
    """Take the indent of its first line off a header."""
    indent = len(kept[0]) - len(kept[0].lstrip())
    cut_off = [line[indent:] if not line[:indent].strip() else line for line in kept]
    return "\n".join(cut_off).encode("utf-8", "replace")
