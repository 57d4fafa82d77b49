"""Fold texts for comparing, and make foreign texts harmless. Pure."""

from __future__ import annotations

import re
import unicodedata

# Controls, invisible characters and those that change the direction of text.
CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
ACCENTS = re.compile("[\u0300-\u036f]+")  # the usual ones; the rest is slower


def fold(text: str) -> str:
    """Give a text without case and accents: "Reunião" and "REUNIAO" are equal."""
    if text.isascii():
        return text.lower()
    plain = ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    if plain.isascii():
        return plain.lower()  # U+210C has no small letter; the H within it has
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    again = plain.casefold()
    return plain if again == plain else fold(again)


def harmless(text: str) -> str:
    """Make controls, invisible and direction-changing characters visible."""
    if text.isprintable():  # then there are no controls and no lone surrogates
        return text
    text = text.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates
    return CONTROL.sub(_replace, text)


def _replace(found: re.Match[str]) -> str:
    return " " if found.group() in "\r\n\t" else "\N{REPLACEMENT CHARACTER}"
