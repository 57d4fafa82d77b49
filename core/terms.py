"""What a search looks for, and how a message is told to have it. Pure.

A word is a run of letters and digits without case and accents, of at most 64
characters. A word is found in a subject where one of its words begins with it, in names
and addresses where it stands anywhere in one of theirs ("areci" in "Aparecida"), but a
word of one or two characters where one begins with it. Words that belong together
("quoted", or joined by a sign, as in ana@example.com) are found one after the other;
the last may be a beginning unless it was quoted.

What is found is the same in SQLite and PostgreSQL, and by `matches` alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from core.text import fold

WORD = re.compile(r"[^\W_]+")
WORD_CHARS = 64
ANYWHERE_LEAST = 3  # characters of a word that is looked for in the middle, too
DOMAIN = re.compile(r"@(\[[^\]\s]*\]|[^\s<>,;:\"'()@]+)")


class Where(StrEnum):
    """In which part of a message a term is looked for."""

    ANY = "any"
    SUBJECT = "subject"
    SENDER = "sender"
    RECIPIENTS = "recipients"
    DOMAIN = "domain"  # of anybody's address, or above it


class Term(NamedTuple):
    """Words, folded, that stand together; `whole`: the last is no mere beginning."""

    where: Where
    words: tuple[str, ...]
    whole: bool = False
    wanted: bool = True  # False: messages that do not have it


class Texts(NamedTuple):
    """The words of a message, by the part in which they stand, and its domains."""

    subject: tuple[str, ...]
    sender: tuple[str, ...]
    recipients: tuple[str, ...]
    domains: frozenset[str]


def words(text: str) -> tuple[str, ...]:
    """Cut a folded text into words."""
    return tuple([found[:WORD_CHARS] for found in WORD.findall(text)])


def texts_of(search: str) -> Texts:
    """Read `message.search`: subject, From, To and Cc, folded, a line each."""
    lines = (*search.split("\n", 3), "", "", "")[:4]
    subject, sender, to, copied = lines
    people = f"{sender}\n{to}\n{copied}"
    domains = {
        ".".join(labels[at:])
        for labels in (found.strip(".").split(".") for found in DOMAIN.findall(people))
        for at in range(max(1, len(labels) - 1))
    }
    recipients = words(f"{to} {copied}")
    return Texts(words(subject), words(sender), recipients, frozenset(domains))


def term(where: Where, text: str, *, quoted: bool = False, wanted: bool = True) -> Term:
    """Make a term of what somebody typed; without any word in it, it finds nothing."""
    folded = fold(text).strip()
    if where is Where.DOMAIN:
        return Term(where, (folded.lstrip("@").strip("."),), whole=True, wanted=wanted)
    return Term(where, words(folded), whole=quoted, wanted=wanted)


def matches(one: Term, texts: Texts) -> bool:
    """Tell whether a message is among those that a term asks for."""
    return _has(one, texts) is one.wanted


def is_certain(one: Term, search: str) -> bool:
    """Tell, where that is quick, that a message has a word in a name or an address."""
    if one.where is not Where.ANY or len(one.words) != 1:
        return False
    if one.whole or not one.wanted or len(one.words[0]) < ANYWHERE_LEAST:
        return False
    (word,) = one.words
    subject_ends = search.find("\n")
    at = search.find(word, subject_ends)
    # Not beyond the end of what is kept of a long word.
    before = search[max(0, at + len(word) - WORD_CHARS) : at]
    return 0 <= subject_ends < at and not before.isalnum()


def _has(one: Term, texts: Texts) -> bool:
    if one.where is Where.DOMAIN:
        return one.words[0] in texts.domains
    where = one.where
    return any(
        _stands_in(one, held, people=people)
        for held, people, parts in (
            (texts.subject, False, {Where.ANY, Where.SUBJECT}),
            (texts.sender, True, {Where.ANY, Where.SENDER}),
            (texts.recipients, True, {Where.ANY, Where.RECIPIENTS}),
        )
        if where in parts
    )


def _stands_in(one: Term, held: tuple[str, ...], *, people: bool) -> bool:
    if not one.words:
        return False
    if len(one.words) == 1:
        return any(map(_like(one.words[0], people=people, whole=one.whole), held))
    *first, last = one.words
    size, begin = len(first), tuple(first)
    return any(
        held[at : at + size] == begin
        and (held[at + size] == last if one.whole else held[at + size].startswith(last))
        for at in range(len(held) - size)
    )


def _like(word: str, *, people: bool, whole: bool) -> Callable[[str], bool]:
    if whole:
        return lambda held: held == word
    if people and len(word) >= ANYWHERE_LEAST:
        return lambda held: word in held
    return lambda held: held.startswith(word)
