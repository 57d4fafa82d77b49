"""Trim HTML before it is parsed, so that parsing takes time in proportion. Pure.

Parsers of HTML, nh3's and the browser's, need a time that grows with the square of how
deep elements nest. What is taken out here is lost, never changed: comments, what only
programs read, tags of no clear shape, and tags below a depth that no mail needs.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import NamedTuple

DEPTH, TAGS_MOST, NAMES_CHARS = 200, 30_000, 2_000
SIGNS_MOST = 40_000  # of "&" and lone "<": a text is put together anew after each
# Without backtracking: every piece is taken once, or the whole is no tag.
TAG = re.compile(
    r"<(/?)([a-z][a-z0-9:-]{0,40})((?>[\s/]++|[^\s\"'<>/=]++(?>\s*+=\s*+"
    r"(?>\"[^\"]*+\"|'[^']*+'|[^\s\"'=<>`]++))?+)*+)>",
    re.IGNORECASE,
)
BROKEN = re.compile(r"</?[a-z!?/][^<>]{0,2000}>?", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# What stands in these is no HTML (WHATWG HTML §13.1.2: raw text), but for plaintext,
# which never ends.
RAW = re.compile(
    r"<(script|style|title|textarea|xmp|iframe|noembed|noframes|noscript|plaintext)"
    r"(?=[\s/>])",
    re.IGNORECASE,
)
REFERENCE = re.compile(
    r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,31}\d{0,2});", re.IGNORECASE
)
SIGNS = frozenset("<>&\"'\0\r")
VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()
)
# The next of these ends the one before: that they nest shows in what is around them.
ENDED_BY_THE_NEXT = frozenset("p li dd dt tr td th tbody thead tfoot colgroup".split())


class Trimmed(NamedTuple):
    """HTML of bounded depth; `deep`: tags were left out because there were too many."""

    html: str
    deep: bool


def trim(source: str) -> Trimmed:
    """Give HTML in which nothing nests deeper than `DEPTH`."""
    text = _with_fewer_signs(_without_raw(_without_comments(source)))
    out: list[str] = []
    at = tags = 0
    deep = text.count("&") > SIGNS_MOST or text.count("<") > TAGS_MOST + SIGNS_MOST
    if deep:
        text = text.replace("&", " ")
    nested: Counter[str] = Counter()
    depth = 0
    while (start := text.find("<", at)) >= 0:
        out.append(text[at:start])
        found = TAG.match(text, start)
        if found is None:
            broken = BROKEN.match(text, start)
            out.append(" " if broken or deep else "&lt;")
            at = broken.end() if broken else start + 1
            continue
        at, tags = found.end(), tags + 1
        step = _step(found, nested)
        too_many = tags > TAGS_MOST or (step > 0 and depth >= DEPTH)
        if too_many or _is_crowded(found[3]):
            deep = deep or too_many
            out.append(" ")
            continue
        nested[found[2].lower()] += step
        depth += step
        out.append(found.group())
    return Trimmed("".join([*out, text[at:]]), deep)


def _with_fewer_signs(text: str) -> str:
    """Write characters for references to them, but for those that HTML is made of."""

    def written(found: re.Match[str]) -> str:
        chars = html.unescape(found.group())
        return found.group() if SIGNS & set(chars) else chars

    return REFERENCE.sub(written, text)


def _step(found: re.Match[str], nested: Counter[str]) -> int:
    """Tell whether a tag goes deeper (1), back (-1), or neither (0)."""
    name = found[2].lower()
    if name in VOID or name in ENDED_BY_THE_NEXT:
        return 0
    if found[1]:
        return -1 if nested[name] else 0
    return 1


def _is_crowded(attributes: str) -> bool:
    """Tell whether a tag has more attributes than any of use."""
    if len(attributes) <= NAMES_CHARS:
        return False
    return len(QUOTED.sub("", attributes)) > NAMES_CHARS


def _without_comments(text: str) -> str:
    out: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        out.append(text[at:start])
        end = text.find("-->", start + 2)
        at = len(text) if end < 0 else end + 3
    return " ".join([*out, text[at:]])


def _without_raw(text: str) -> str:
    out: list[str] = []
    at = 0
    while found := RAW.search(text, at):
        out.append(text[at : found.start()])
        ending = re.compile(rf"</{found[1]}[^>]*>?", re.IGNORECASE)
        end = ending.search(text, found.end())
        at = end.end() if end else len(text)
    return " ".join([*out, text[at:]])
