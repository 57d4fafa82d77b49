"""Tricks with letters: names and addresses that look like others. Pure.

Each finding is a code with words (`lookalike.<code>`), for a person to judge: nothing
is refused. Scripts are told apart by the names of characters in Unicode, and letters
that look like Latin ones by the confusables of Unicode Technical Standard 39.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import idna

CHARS_MOST = 1_000
WARNINGS_MOST = 30
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
WORDS = re.compile(r"[^\W\d_]+")
# Scripts whose letters are taken for one another; others meet within words of Japanese.
ALIKE = frozenset("LATIN CYRILLIC GREEK COPTIC ARMENIAN CHEROKEE LISU".split())
# Of Cyrillic and Greek, those that look like Latin small letters (UTS 39, confusables).
LIKE_LATIN = {
    "CYRILLIC": frozenset("асԁеһіјӏорԛѕԝхуѵгпкмтвнь"),
    "GREEK": frozenset("αιονρυγκτωηχ"),
}
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
DIRECTION = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
# These join letters and pictures of many languages: alone they are no trick.
JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
HIDDEN = re.compile(f"(?![\u200c\u200d\ufe0e\ufe0f]){INVISIBLE.pattern}")
TURNING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
PUNYCODE = "xn--"


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something to look at twice: `lookalike.<code>` in the texts, and its facts."""

    code: str
    facts: dict[str, str] = field(default_factory=dict)


def of_person(name: str, address: str) -> list[Oddity]:
    """Look at a display name and its address, both decoded and as they came."""
    found = [*_of_name(name, address), *of_address(address)]
    return found[:WARNINGS_MOST]


def of_address(address: str) -> list[Oddity]:
    """Look at an address."""
    local, _, domain = address[:CHARS_MOST].rpartition("@")
    return [*_of_text(local), *of_host(domain)]


def of_host(host: str) -> list[Oddity]:
    """Look at the name of a host, in either form."""
    host = host[:CHARS_MOST].strip().lower()
    told, raw = decoded_host(host), _encoded_host(host)
    found = []
    if told != host:
        found.append(Oddity("punycode", {"raw": visible(host), "told": visible(told)}))
    elif raw != host:
        found.append(Oddity("not_ascii", {"told": visible(host), "raw": visible(raw)}))
    return [*found, *_of_labels(told)]


def of_text(text: str) -> list[Oddity]:
    """Look at a subject or a file name: what cannot be seen, and mixed words."""
    return _of_text(text)[:WARNINGS_MOST]


def visible(text: str) -> str:
    """Show what is invisible or turns the direction of text: ⟨U+202E⟩."""
    return HIDDEN.sub(_named, _encodable(text[:CHARS_MOST]))


def visible_lines(text: str) -> str:
    """Show in a text of any length what turns its direction, and controls."""
    return TURNING.sub(_named, _encodable(text))


def _named(found: re.Match[str]) -> str:
    return f"⟨U+{ord(found.group()):04X}⟩"


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates


@lru_cache(2_000)
def decoded_host(host: str) -> str:
    """Give a host with its punycode decoded; what cannot be decoded stays."""
    return ".".join(_decoded_label(label) for label in host.split("."))


def differs(one: str, other: str) -> bool:
    """Tell whether two hosts are of different names, however they are written."""
    return _plain_host(one) != _plain_host(other)


def _of_name(name: str, address: str) -> Iterator[Oddity]:
    """Find another address in a name: `"potus@x" <evil@y>` (THREATS T15)."""
    text = unicodedata.normalize("NFKC", name[:CHARS_MOST])
    text = INVISIBLE.sub("", text)
    for other in ADDRESS.findall(text)[:3]:
        if other.lower().rstrip(".") != address.lower():
            yield Oddity(
                "name_has_address", {"told": other, "address": visible(address)}
            )
    yield from _of_text(name)


def _of_text(text: str) -> list[Oddity]:
    text = text[:CHARS_MOST]
    found = [_of_invisible(text), *(_of_mixture(word) for word in _words(text))]
    return [one for one in found if one]


def _of_invisible(text: str) -> Oddity | None:
    chars = set(INVISIBLE.findall(text)) - JOINERS
    if not chars:
        return None
    code = "direction" if chars & DIRECTION else "invisible"
    return Oddity(code, {"text": visible(text)})


def _of_labels(host: str) -> Iterator[Oddity]:
    if (hidden := _of_invisible(host)) is not None:
        yield hidden
    for label in host.split(".")[:20]:
        mixed = _of_mixture(label)
        if mixed is not None:
            yield mixed
        elif imitated := _imitates_latin(label):
            yield Oddity("like_latin", {"text": label, "script": imitated})


def _of_mixture(word: str) -> Oddity | None:
    """Find letters of several scripts in one word, as of Latin and Cyrillic."""
    found = _scripts(word) & ALIKE
    if len(found) < 2:  # noqa: PLR2004 - a mixture is of two
        return None
    names = " + ".join(sorted(s.capitalize() for s in found))
    return Oddity("mixed", {"text": visible(word), "scripts": names})


def _imitates_latin(label: str) -> str:
    """Tell the script of a label of which every letter looks like a Latin one."""
    letters = {c for c in label.lower() if c.isalpha()}
    for script, alike in LIKE_LATIN.items():
        if letters and letters <= alike:
            return script.capitalize()
    return ""


def _words(text: str) -> Iterable[str]:
    return (w for w in WORDS.findall(text)[:200] if not w.isascii())


def _scripts(word: str) -> set[str]:
    return {_script(c) for c in word if c.isalpha()}


@lru_cache(4_000)
def _script(char: str) -> str:
    first, _, rest = unicodedata.name(char, "").partition(" ")
    if first in {"FULLWIDTH", "MATHEMATICAL"}:
        return "LATIN" if "LETTER" in rest or first == "MATHEMATICAL" else first
    return first


def _decoded_label(label: str) -> str:
    if not label.startswith(PUNYCODE):
        return label
    try:
        return label[len(PUNYCODE) :].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label


@lru_cache(2_000)
def _encoded_host(host: str) -> str:
    """Give a host as DNS has it."""
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError, ValueError, IndexError):
        return ".".join(_encoded_label(label) for label in host.split("."))


def _encoded_label(label: str) -> str:
    if label.isascii():
        return label
    return PUNYCODE + label.encode("punycode", "replace").decode("ascii", "replace")


def _plain_host(host: str) -> str:
    plain = _encoded_host(host.lower().strip().strip("."))
    return plain.removeprefix("www.")
