"""What people and files could smuggle into a header is refused, or arrives as text.

Refused where a person types it; of values, which files and contacts bring, what is odd
is made visible. Either way the fields are those that we set (RFC 5322 §2.2).
"""

from __future__ import annotations

import email
from dataclasses import replace

import pytest

from core.errors import BadInput
from core.letters import Attachment, Letter, compose, people, render
from core.outgoing import Field, Recipient
from tests.unit.test_composing import (
    ALWAYS,
    LETTER,
    fields,
    file_name_of,
    people_of,
    read,
)

# ---- refused where it is typed

ODD = {
    "CR LF": "\r\nBcc: evil@example.net",
    "LF": "\nBcc: evil@example.net",
    "CR": "\rBcc: evil@example.net",
    "folded": "\r\n Bcc: evil@example.net",
    "an end of the header": "\r\n\r\n<script>",
    "LF twice": "\n\nbody",
    "NUL": "\0",
    "escape": "\x1b[2J",
    "tab": "\tx",
    "vertical tab": "\x0bBcc: evil@example.net",
    "form feed": "\x0cBcc: evil@example.net",
    "file separator": "\x1cBcc: evil@example.net",
    "next line": "\x85Bcc: evil@example.net",
    "delete": "\x7f",
    "line separator": "\u2028Bcc: evil@example.net",
    "paragraph separator": "\u2029Bcc: evil@example.net",
    "right-to-left override": "\u202egpj.exe",
    "left-to-right override": "\u202dx",
    "right-to-left embedding": "\u202bx",
    "right-to-left isolate": "\u2067x",
    "right-to-left mark": "\u200fx",
    "Arabic letter mark": "\u061cx",
    "zero-width space": "\u200bx",
    "zero-width joiner": "\u200dx",
    "byte order mark": "\ufeffx",
    "soft hyphen": "\u00adx",
    "word joiner": "\u2060x",
    "Mongolian vowel separator": "\u180ex",
    "Hangul filler": "\u3164x",
    "a tag": "\U000e0041x",
    "half a character": "\ud800x",
}


def subject(odd: str) -> Letter:
    return replace(LETTER, subject=f"Proposal{odd}")


def sender_name(odd: str) -> Letter:
    return replace(LETTER, sender_name=f"Rui{odd}")


def sender_address(odd: str) -> Letter:
    return replace(LETTER, sender_address=f"rui@example.org{odd}")


def local_part(odd: str) -> Letter:
    one = Recipient(f"an{odd}a@example.org")
    return replace(LETTER, recipients=(one,))


def recipient_name(odd: str) -> Letter:
    return replace(LETTER, recipients=(Recipient("a@example.org", f"Ana{odd}"),))


def hidden_recipient(odd: str) -> Letter:
    one = Recipient(f"a@example.org{odd}", field=Field.BCC)
    return replace(LETTER, recipients=(one,))


def name_of_file(odd: str) -> Letter:
    return replace(LETTER, attachments=(Attachment(f"a{odd}.pdf", "", b"x"),))


def unsubscribe(odd: str) -> Letter:
    return replace(LETTER, unsubscribe=f"a@example.org{odd}")


PLACES = {
    subject: "subject",
    sender_name: "sender",
    sender_address: "sender",
    local_part: "to",
    recipient_name: "to",
    hidden_recipient: "bcc",
    name_of_file: "attachments",
    unsubscribe: "sender",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_refused_where_it_is_typed(place, name: str) -> None:
    with pytest.raises(BadInput) as refused:
        compose(place(ODD[name]))
    assert refused.value.field == PLACES[place]
    assert refused.value.problem in {"control", "invisible"}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_refused_in_a_list_of_recipients(name: str) -> None:
    for typed in (f"Ana{ODD[name]} <a@example.org>", f"a@example.org{ODD[name]}"):
        with pytest.raises(BadInput) as refused:
            people(typed, Field.CC)
        assert refused.value.field == "cc"
        assert refused.value.problem in {"control", "invisible"}


# ---- text that looks like something else arrives as that text

LOOKALIKES = [
    "=?utf-8?b?SGVsbG8=?=",
    "=?utf-8?q?=0D=0ABcc:_evil@example.net?=",
    "=?UTF-8?B?DQpCY2M6IGV2aWxAZXhhbXBsZS5uZXQ=?= x",
    "x =?iso-8859-1?q?a?= =?iso-8859-1?q?b?=",
    "=?utf-8*en?q?x?=",
    "=?unknown-8bit?b?gICA?=",
    "=?utf-8?b?not base64?=",
    "=?",
    "?=",
    "=?utf-8?q?" + "x" * 200 + "?=",
    "Bcc: evil@example.net",
    "%0D%0ABcc: evil@example.net",
    "\\r\\nBcc: evil@example.net",
    '"',
    '"; x="y',
    "\\",
    "a\\",
    "a@b, c@d",
    "<evil@example.net>",
    "Ana <evil@example.net>, x",
    "(a comment)",
    "undisclosed-recipients:;",
    "é" * 300,
    "日本語" * 60,
    "👍" * 60,
    "x" * 199,
    "a  b   c",
    "a\N{NO-BREAK SPACE}b",
    "utf-8''a%0Db",
    "..\\..\\a.exe",
]


@pytest.mark.parametrize("text", LOOKALIKES, ids=range(len(LOOKALIKES)))
def test_what_looks_like_something_else_arrives_as_text(text: str) -> None:
    one_line = " ".join(text.split())  # of a name: its blanks are put in order
    name_fits = text[:200]
    letter = replace(
        LETTER,
        subject=text,
        sender_name=one_line[:200],
        recipients=(Recipient("a@example.org", one_line[:200]),),
        attachments=(Attachment(name_fits, "text/plain", b"x"),),
    )
    message = read(letter)
    assert fields(message) == ALWAYS
    assert message["Subject"] == text
    for field, address in (("From", "rui@example.org"), ("To", "a@example.org")):
        assert people_of(letter, field) == [(one_line[:200], address)]
        assert len(message[field].addresses) == 1
    (part,) = message.iter_attachments()
    assert file_name_of(part) == name_fits
    other = email.message_from_bytes(compose(letter).content)  # another reader
    assert other.keys() == ALWAYS


# ---- values of variables

VALUES = [*ODD.values(), *LOOKALIKES]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_makes_neither_fields_nor_lines(value: str) -> None:
    values = {"contact": {"name": f"Ana{value}"}}
    subject = render("Hello {{contact.name}}!", values, markdown=False)
    text = render("Hello {{contact.name}}!", values)
    assert "\n" not in text
    message = read(replace(LETTER, subject=subject, text=text))
    assert fields(message) == ALWAYS
    assert message["Subject"] == subject
    assert message["Subject"].startswith("Hello Ana")
    assert message["Subject"].endswith("!")


@pytest.mark.parametrize("value", ODD.values(), ids=list(ODD))
def test_what_is_odd_in_a_value_is_seen(value: str) -> None:
    values = {"contact": {"name": f"Ana{value}x"}}
    subject = render("{{contact.name}}", values, markdown=False)
    assert subject.isprintable()
    assert subject != "Anax"


def test_the_cases_are_many() -> None:
    assert len(ODD) * (len(PLACES) + 1) + len(LOOKALIKES) + len(VALUES) > 300
