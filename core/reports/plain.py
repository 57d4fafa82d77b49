"""Give the text of a bounce line by line, bounded. Pure; never raises."""

from __future__ import annotations

import html
import re

TEXT_CHARS, LINES_MOST, LINE_CHARS = 96 << 10, 1_500, 600
SPACES = re.compile(r"[ \t\n]+")
TAG = re.compile(r"<[^<>]*>")
LINE_END = re.compile(
    r"<(?:br|/p|/div|/tr|/li|/h\d|/pre|p|div|tr|li)\b[^<>]*> ?", re.IGNORECASE
)
UNREAD = ("style", "script", "head")


def lines(text: str) -> list[str]:
    """Give the lines that may be read: not too many, and none that is quoted."""
    found = text[:TEXT_CHARS].split("\n", LINES_MOST)[:LINES_MOST]
    return [line[:LINE_CHARS] for line in found if not line.startswith(">")]


def of_html(source: str) -> str:
    """Give the text of HTML, line by line, as far as a bounce needs it."""
    source = source[:TEXT_CHARS]
    for name in UNREAD:
        source = _without(source, name)
    if "<pre" not in source.lower():
        source = SPACES.sub(" ", source)
    text = TAG.sub("", LINE_END.sub("\n", source))
    return html.unescape(text).replace("\xa0", " ")


def _without(source: str, name: str) -> str:
    """Leave elements out, with what is in them; one without an end stays."""
    out: list[str] = []
    at = 0
    folded = source.lower()
    if len(folded) != len(source):  # a letter that becomes two in lower case
        return source
    while (start := folded.find(f"<{name}", at)) >= 0:
        end = folded.find(f"</{name}", start)
        if end < 0:
            break
        out.append(source[at:start])
        at = end
    return "".join([*out, source[at:]])
