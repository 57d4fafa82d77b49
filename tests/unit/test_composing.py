"""A composed letter, read again by the standard library: what was said, and no more."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses

import pytest
from hypothesis import given, strategies as st

from core.errors import BadInput
from core.letters import Attachment, Letter, compose
from core.letters.characters import is_odd
from core.letters.composing import ATTACHED_MOST
from core.outgoing import Field, Recipient

ZONE = timezone(timedelta(hours=-3))
TO = Recipient("ana@example.org", "Ana")
LETTER = Letter(
    sender_name="Rui",
    sender_address="rui@example.org",
    recipients=(TO,),
    subject="Proposal",
    text="Hello **Ana**",
    message_id="<one@example.org>",
    written_at=datetime(2026, 5, 4, 13, 30, tzinfo=ZONE),
)
# What a person may type into a line, and what they may type into a text.
LINE = st.text(max_size=120).filter(
    lambda text: bool(text.strip()) and not any(is_odd(c) for c in text)
)
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"),
    max_size=400,
)


def read(letter: Letter) -> EmailMessage:
    content = compose(letter).content
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def people_of(letter: Letter, field: str) -> list[tuple[str, str]]:
    """Read names and addresses by RFC 2047 §6.2: blanks between encoded words go.

    email.policy.default (Python 3.11) leaves one between those of a display name.
    """
    raw = email.message_from_bytes(compose(letter).content)[field]
    found = getaddresses([re.sub(r"\r\n(?=[ \t])", "", raw)])
    return [(str(make_header(decode_header(name))), one) for name, one in found]


def file_name_of(part: EmailMessage) -> str:
    """Read a file's name; `get_filename` takes a pair of <> or of quotes away."""
    return str(part["Content-Disposition"].params["filename"])


def fields(message: EmailMessage) -> list[str]:
    return [name for name, _ in message.items()]


ALWAYS = ["Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type"]


def test_the_fields_are_those_that_we_set_and_each_is_there_once() -> None:
    assert fields(read(LETTER)) == ALWAYS
    whole = replace(
        LETTER,
        recipients=(
            TO,
            Recipient("bia@example.org", "Bia", Field.CC),
            Recipient("hidden@example.org", "Hidden", Field.BCC),
        ),
        in_reply_to="<a@example.org>",
        references=("<0@example.org>", "<a@example.org>"),
        unsubscribe="rui@example.org",
    )
    message = read(whole)
    assert fields(message) == [
        "Date", "From", "To", "Cc", "Subject", "Message-ID", "In-Reply-To",
        "References", "List-Unsubscribe", "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert message["To"] == "Ana <ana@example.org>"
    assert message["Cc"] == "Bia <bia@example.org>"
    assert message["In-Reply-To"] == "<a@example.org>"
    assert message["References"] == "<0@example.org> <a@example.org>"
    unsubscribe = "<mailto:rui@example.org?subject=unsubscribe>"
    assert message["List-Unsubscribe"] == unsubscribe
    assert b"hidden" not in compose(whole).content.lower()


def test_the_date_has_the_zone_of_who_writes() -> None:
    assert read(LETTER)["Date"] == "Mon, 04 May 2026 13:30:00 -0300"
    later = replace(LETTER, written_at=LETTER.written_at.astimezone(UTC))
    assert read(later)["Date"] == "Mon, 04 May 2026 16:30:00 +0000"


def test_a_letter_to_hidden_recipients_only_has_a_group_of_nobody() -> None:
    hidden = (Recipient("bia@example.org", field=Field.BCC),)
    message = read(replace(LETTER, recipients=hidden))
    assert message["To"] == "undisclosed-recipients:;"
    assert message["To"].addresses == ()


def test_equal_letters_are_equal_bytes() -> None:
    assert compose(LETTER) == compose(replace(LETTER))


@given(LINE)
def test_a_subject_arrives_as_it_was_typed(subject: str) -> None:
    message = read(replace(LETTER, subject=subject))
    assert fields(message) == ALWAYS
    assert message["Subject"] == subject.strip()
    assert plain(message) == LETTER.text


@given(LINE, LINE)
def test_names_arrive_as_they_were_typed(sender: str, recipient: str) -> None:
    people = (replace(TO, name=recipient), Recipient("bia@example.org", sender))
    letter = replace(LETTER, sender_name=sender, recipients=people)
    assert fields(read(letter)) == ALWAYS
    sender, recipient = " ".join(sender.split()), " ".join(recipient.split())
    assert people_of(letter, "From") == [(sender, "rui@example.org")]
    assert people_of(letter, "To") == [
        (recipient, "ana@example.org"),
        (sender, "bia@example.org"),
    ]


@given(TEXT)
def test_a_text_arrives_as_it_was_typed(text: str) -> None:
    text = text.replace("\\", "/")  # which Markdown takes away, before some marks
    message = read(replace(LETTER, text=text))
    assert fields(message) == ALWAYS
    assert plain(message) == text


@given(st.lists(st.tuples(LINE, st.binary(max_size=300)), min_size=1, max_size=4))
def test_files_arrive_as_they_were(files: list[tuple[str, bytes]]) -> None:
    attached = tuple(Attachment(name, "image/png", data) for name, data in files)
    message = read(replace(LETTER, attachments=attached))
    assert fields(message) == ALWAYS
    parts = list(message.iter_attachments())
    assert [file_name_of(part) for part in parts] == [n.strip() for n, _ in files]
    assert [part.get_content() for part in parts] == [data for _, data in files]
    assert plain(message) == LETTER.text


def test_lines_have_at_most_78_characters_where_they_can_be_folded() -> None:
    long = "quite a long subject of words " * 12
    people = tuple(Recipient(f"ana{n}@example.org", "Ana Maria") for n in range(40))
    names = "a name of a file, which is quite long " * 5
    letter = replace(
        LETTER,
        subject=long,
        recipients=people,
        references=tuple(f"<{n}.{'x' * 30}@example.org>" for n in range(20)),
        attachments=(Attachment(names, "text/plain", b"x"),),
        text="word " * 300,
    )
    lines = compose(letter).content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 78
    message = read(letter)
    assert message["Subject"] == long.strip()
    assert len(message["To"].addresses) == 40


def test_very_many_references_are_cut_in_the_middle() -> None:
    ids = tuple(f"<{n}@example.org>" for n in range(500))
    kept = read(replace(LETTER, references=ids))["References"].split()
    assert kept == [ids[0], *ids[-29:]]


def test_an_id_that_cannot_be_written_is_left_out() -> None:
    odd = ("<a b@x>", "x", "<a@x>\r\nBcc: b@x", "<é@x>", "<" + "a" * 999 + "@x>", "<>")
    for one in odd:
        message = read(replace(LETTER, in_reply_to=one, references=(one, "<a@x>")))
        assert "In-Reply-To" not in message
        assert message["References"] == "<a@x>"
        with pytest.raises(ValueError, match="Message-ID"):
            compose(replace(LETTER, message_id=one))


@pytest.mark.parametrize(
    "kind", ["", "x", "text/html\r\nX: y", "message/rfc822", "multipart/mixed", "á/b"]
)
def test_a_kind_of_file_that_cannot_be_believed_is_just_octets(kind: str) -> None:
    letter = replace(LETTER, attachments=(Attachment("a.eml", kind, b"To: x\r\n"),))
    (part,) = read(letter).iter_attachments()
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_content() == b"To: x\r\n"
    assert part.keys() == [
        "Content-Type",
        "Content-Disposition",
        "Content-Transfer-Encoding",
    ]


def test_the_html_is_made_of_the_markdown_and_both_say_the_same() -> None:
    text = "Hi,\n\n- **one**\n- [two](https://example.org/?a=1&b=2)\n\n-- \nRui <x>"
    message = read(replace(LETTER, text=text))
    assert plain(message) == text
    assert message.get_content_type() == "multipart/alternative"
    made = message.get_body(("html",))
    assert made is not None
    html = made.get_content()
    assert "<li><strong>one</strong></li>" in html
    assert 'href="https://example.org/?a=1&amp;b=2"' in html
    assert "<p>--<br>\r\nRui &lt;x&gt;</p>" in html


def test_bodies_are_seven_bit_whatever_is_written() -> None:
    letter = replace(LETTER, text="Olá, açaí\n" * 30 + "日本語" * 200 + "\n.\n..\n")
    content = compose(letter).content
    assert content.isascii()
    assert not compose(letter).smtputf8
    encodings = set(re.findall(rb"Transfer-Encoding: (\S+)", content))
    assert encodings <= {b"base64", b"quoted-printable"}


def test_letters_beyond_ascii_in_an_address_take_smtputf8() -> None:
    cyrillic = Recipient("пётр@почта.рф", "Пётр")
    made = compose(replace(LETTER, recipients=(cyrillic,)))
    assert made.smtputf8
    assert "<пётр@xn--80a1acny.xn--p1ai>".encode() in made.content
    hidden = replace(cyrillic, field=Field.BCC)
    assert compose(replace(LETTER, recipients=(TO, hidden))).smtputf8
    domain = Recipient("ana@münchen.de")
    made = compose(replace(LETTER, recipients=(domain,)))
    assert not made.smtputf8
    assert b"ana@xn--mnchen-3ya.de" in made.content


def test_who_is_named_twice_is_written_to_once() -> None:
    again = (TO, replace(TO, address="ANA@Example.ORG", field=Field.CC))
    message = read(replace(LETTER, recipients=again))
    assert fields(message) == ALWAYS
    assert len(message["To"].addresses) == 1


def test_files_have_a_limit_together() -> None:
    half = Attachment("a", "image/png", bytes(ATTACHED_MOST // 2))
    assert compose(replace(LETTER, attachments=(half, half))).size_bytes > ATTACHED_MOST
    with pytest.raises(BadInput) as refused:
        compose(replace(LETTER, attachments=(half, replace(half, content=b"x"), half)))
    assert refused.value.problem == "attachments_most"


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"subject": " "}, "subject", "empty"),
        ({"subject": "x" * 901}, "subject", "too_long"),
        ({"text": "x" * 100_001}, "text", "too_long"),
        ({"recipients": ()}, "to", "empty"),
        ({"sender_address": "rui"}, "sender", "recipient_form"),
        ({"sender_name": "x" * 201}, "sender", "too_long"),
        (
            {"attachments": (Attachment(" ", "", b""),)},
            "attachments",
            "file_name_empty",
        ),
        (
            {"attachments": (Attachment("x" * 201, "", b""),)},
            "attachments",
            "file_name_long",
        ),
        (
            {"recipients": tuple(Recipient(f"{n}@x.org") for n in range(101))},
            "to",
            "recipients_most",
        ),
    ],
)
def test_what_cannot_go_out_is_refused_by_field(
    changes: dict[str, object], field: str, problem: str
) -> None:
    with pytest.raises(BadInput) as refused:
        compose(replace(LETTER, **changes))  # type: ignore[arg-type]  # any field
    assert (refused.value.field, refused.value.problem) == (field, problem)
