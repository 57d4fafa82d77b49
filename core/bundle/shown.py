"""What a text may show to somebody outside the organisation. Pure.

Server words, facts and protocol lines leave through `Screen.text`, and nothing else.
It errs on the side of hiding: a word too many that is hidden costs a question, one too
few cannot be taken back. What is hidden is a keyed hash where it helps to see that two
things are the same, else an ellipsis.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import quote

from core.text import fold, harmless

MOST = 500
HIDDEN = "…"
SHORTEST = 3  # of a known word; shorter ones are in every other word
ENCODED = 6  # octets whose base64 says something
DIGEST = 10  # hexadecimal digits

QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"?|«[^»]*»?|“[^”]*”?')
AT = r"(?:@|%40|=40|\(at\)|\[at\]|&#64;)"
ADDRESS = re.compile(rf"[^\s<>()\[\]\"',;:@]+{AT}[^\s<>()\[\]\"',;]+", re.IGNORECASE)
HOST = re.compile(r"(?<![\w.-])(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}\.?", re.UNICODE)
IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
IPV6 = re.compile(r"(?<![\w:])[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*(?:%\w+)?")
PATH = re.compile(r"(?<!\w)(?:/[\w.@~+-]+){2,}/?|[A-Za-z]:\\\S+")
CODE = re.compile(r"[A-Za-z0-9+/_=-]{12,}")
WORD = re.compile(r"|[A-Z]+\d?|[A-Z]?[a-z]+\d?|\d{1,3}|IMAP4rev[12]")
CAPABILITY = re.compile(r"[A-Za-z][A-Za-z0-9_=+/.:-]{0,60}")
DIGITS = re.compile(r"\d[\d .()/-]{5,}\d")
INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
)


@dataclass(frozen=True, slots=True)
class Screen:
    """Decides what is shown: of one integration, whose own words are `known`.

    `key` makes the hashes; `is_public` tells whether a host is a provider's, which
    anybody may know.
    """

    key: bytes = field(repr=False)
    is_public: Callable[[str], bool] = lambda _host: False
    known: tuple[str, ...] = field(default=(), repr=False)

    def hashed(self, kind: str, value: str) -> str:
        """Give a stand-in: equal for equal values, useless without the key."""
        plain = f"{kind}|{fold(value.strip())}".encode("utf-8", "replace")
        return f"{kind}-{hmac.new(self.key, plain, sha256).hexdigest()[:DIGEST]}"

    def host(self, name: str) -> str:
        """Give a host of a provider as it is, another one hashed."""
        if not name or self.is_public(name):
            return name
        return self.hashed("host", name.rstrip("."))

    def of(self, words: Iterable[str]) -> Screen:
        """Give one that also hides these words, in every form they are sent in."""
        forms = {form for word in words for form in _forms(word)}
        longest = tuple(sorted(forms, key=len, reverse=True))
        return Screen(self.key, self.is_public, longest)

    def capability(self, name: str) -> str:
        """Give a capability as the server wrote it, if that is what it looks like."""
        if CAPABILITY.fullmatch(name) and not self._holds_known(name):
            return name
        return HIDDEN

    def text(self, text: str) -> str:
        """Give a text without addresses, names, private hosts, tokens, quotations."""
        text = harmless(unicodedata.normalize("NFKC", text))
        text = STAND_IN.sub(HIDDEN, text)  # none of ours yet
        text = QUOTED.sub(lambda m: _usual(m.group()) or HIDDEN, text)
        text = ADDRESS.sub(lambda m: self.hashed("address", m.group()), text)
        text = _each(text, self._without_known)
        text = PATH.sub(HIDDEN, text)
        text = HOST.sub(lambda m: _usual(m.group()) or self.host(m.group()), text)
        text = IPV4.sub(self._ip, text)
        text = _each(text, lambda part: IPV6.sub(self._ip, part))
        text = _each(text, lambda part: CODE.sub(self._code, part))
        text = _each(text, lambda part: DIGITS.sub(HIDDEN, part))
        return text[:MOST]

    def _holds_known(self, text: str) -> bool:
        lower, folded = text.lower(), fold(text)
        return any(form in lower or form in folded for form in self.known)

    def _without_known(self, text: str) -> str:
        """Hide what is known; where only accents differ, all of it goes."""
        if not self._holds_known(text):
            return text
        some = "|".join(map(_pattern, self.known))
        text = re.sub(some, HIDDEN, text, flags=re.IGNORECASE)
        return HIDDEN if re.search(some, fold(text)) else text

    def _ip(self, found: re.Match[str]) -> str:
        try:
            known = ip_address(found.group().partition("%")[0])
        except ValueError:  # a time of day, or something else with colons
            return found.group()
        return found.group() if known.is_loopback else self.hashed("ip", str(known))

    def _code(self, found: re.Match[str]) -> str:
        """Hide what may be a token, an id or base64; keep words and names like them."""
        pieces = re.split(r"[-_=/+]+", found.group())
        return found.group() if all(map(WORD.fullmatch, pieces)) else HIDDEN


# What we put in, and times: both are left alone by what comes after.
STAND_IN = re.compile(rf"(?:address|host|ip)-[0-9a-f]{{{DIGEST}}}")
LOOPBACK = r"(?<![\d.])127\.0\.0\.\d{1,3}(?![\d.])"
OURS = re.compile(f"{STAND_IN.pattern}|{INSTANT.pattern}|{LOOPBACK}")
# Words of the protocol that look like hosts or quotations.
USUAL = {
    "BODY.PEEK", "HEADER.FIELDS", "RFC822.SIZE", '"INBOX"', '"/"', '"."', '""', '"*"',
}  # fmt: skip


def _usual(text: str) -> str:
    return text if text.upper() in USUAL else ""


def _pattern(form: str) -> str:
    """Find a short word only where it stands alone: "ana" is in "analysis"."""
    plain = re.escape(form)
    return plain if len(form) >= ENCODED else rf"(?<![^\W_]){plain}(?![^\W_])"


def _each(text: str, change: Callable[[str], str]) -> str:
    """Change what lies between our own stand-ins."""
    out, at = [], 0
    for found in OURS.finditer(text):
        out += [change(text[at : found.start()]), found.group()]
        at = found.end()
    return "".join([*out, change(text[at:])])


def _forms(word: str) -> set[str]:
    """Give a word and how it is written in URLs and in base64, wherever it begins."""
    word = unicodedata.normalize("NFKC", word).strip()
    if len(word) < SHORTEST:
        return set()
    plain = word.encode("utf-8", "replace")
    found = {word.lower(), fold(word), quote(word, safe=""), plain.hex()}
    if len(plain) >= ENCODED:
        found |= {_core(plain, shift) for shift in range(3)}
        found |= {
            _core(word.encode("utf-16-le", "replace"), shift) for shift in range(3)
        }
    return {form.lower() for form in found if len(form) >= SHORTEST}


def _core(plain: bytes, shift: int) -> str:
    """Give what base64 makes of some octets, whatever stands before and after them."""
    coded = b64encode(b"\0" * shift + plain).decode().rstrip("=")
    first = (shift * 8 + 5) // 6
    last = (shift + len(plain)) * 8 // 6
    return coded[first:last]
