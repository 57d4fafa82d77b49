"""A letter as a message for the wire (RFC 5322, MIME). Pure: the same, the same bytes.

Bodies are quoted-printable or base64, whatever the server offers, so that nothing on
the way changes them. Nothing that a person typed comes into a header unless it was
checked (BadInput) or encoded; Bcc is written nowhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from email.utils import format_datetime
from urllib.parse import quote

from core.errors import BadInput
from core.letters.addresses import RECIPIENTS_MOST, address, name, once
from core.letters.characters import check, check_text
from core.letters.headers import file_name, folded, mailboxes, unstructured
from core.letters.letter import Attachment, Composed, Letter
from core.letters.markdown import html_of, plain_of
from core.outgoing import Field, Recipient

SUBJECT_MOST = 900
TEXT_MOST = 100_000
ATTACHED_MOST = 25 << 20  # octets, before they are encoded
FILE_NAME_MOST = 200
REFERENCES_MOST = 30  # the first, and the last ones
# What may stand in a field without being looked at: others' ids are odd at times.
UNSUBSCRIBE = "unsubscribe"  # the subject of who asks for no more bulk mail

MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
KIND = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
ANY_KIND = "application/octet-stream"
PAGE = (
    '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"></head>\n'
    "<body>\n{}</body>\n</html>\n"
)


def compose(letter: Letter) -> Composed:
    """Make the message of a letter.

    Raises:
        BadInput: a field that cannot go out: characters that cannot be seen, what is
            no address, nobody to write to, too much of something.

    """
    clean = _checked(letter)
    all_of_them = [clean.sender_address, *(one.address for one in clean.recipients)]
    smtputf8 = not all(one.isascii() for one in all_of_them)  # RFC 6531 §3.2
    content = _header(clean).encode() + _body(clean)
    return Composed(content, smtputf8)


def _checked(letter: Letter) -> Letter:
    """Give the letter as it goes out."""
    if not MESSAGE_ID.fullmatch(letter.message_id) or letter.written_at.tzinfo is None:
        raise ValueError("a letter needs a Message-ID and an aware time")
    subject = letter.subject.strip()
    if not subject:
        raise BadInput("subject", "empty")
    check(subject, "subject")
    text = letter.text.replace("\r\n", "\n").replace("\r", "\n")
    check_text(text, "text")
    if len(subject) > SUBJECT_MOST or len(text) > TEXT_MOST:
        too_long = "subject" if len(subject) > SUBJECT_MOST else "text"
        raise BadInput(too_long, "too_long")
    _check_attachments(letter.attachments)
    return replace(
        letter,
        subject=subject,
        text=text,
        sender_name=name(letter.sender_name, "sender"),
        sender_address=address(letter.sender_address, "sender"),
        recipients=_recipients(letter.recipients),
        unsubscribe=letter.unsubscribe and address(letter.unsubscribe, "sender"),
    )


def _recipients(people: Sequence[Recipient]) -> tuple[Recipient, ...]:
    found = once(
        replace(
            one,
            address=address(one.address, one.field),
            name=name(one.name, one.field),
        )
        for one in people
    )
    if not found:
        raise BadInput(Field.TO, "empty")
    if len(found) > RECIPIENTS_MOST:
        raise BadInput(Field.TO, "recipients_most", n=RECIPIENTS_MOST)
    return found


def _check_attachments(attachments: Sequence[Attachment]) -> None:
    for one in attachments:
        check(one.name, "attachments")
        if not one.name.strip():
            raise BadInput("attachments", "file_name_empty")
        if len(one.name) > FILE_NAME_MOST:
            raise BadInput("attachments", "file_name_long", n=FILE_NAME_MOST)
    if sum(len(one.content) for one in attachments) > ATTACHED_MOST:
        raise BadInput("attachments", "attachments_most", n=ATTACHED_MOST >> 20)


def _header(letter: Letter) -> str:
    """Write the fields, each of them once."""
    fields = [
        folded("Date", [format_datetime(letter.written_at)]),
        mailboxes("From", [Recipient(letter.sender_address, letter.sender_name)]),
        *_addressed(letter.recipients),
        unstructured("Subject", letter.subject),
        folded("Message-ID", [letter.message_id]),
    ]
    if MESSAGE_ID.fullmatch(letter.in_reply_to):
        fields.append(folded("In-Reply-To", [letter.in_reply_to]))
    if references := _references(letter.references):
        fields.append(folded("References", references))
    if letter.unsubscribe:  # RFC 2369 §3.2
        to = quote(letter.unsubscribe, safe="@")
        words = [f"<mailto:{to}?subject={UNSUBSCRIBE}>"]
        fields.append(folded("List-Unsubscribe", words))
    return "".join([*fields, folded("MIME-Version", ["1.0"])])


def _addressed(people: Sequence[Recipient]) -> list[str]:
    to, cc = ([p for p in people if p.field is f] for f in (Field.TO, Field.CC))
    fields = [mailboxes("To", to)] if to else []
    fields += [mailboxes("Cc", cc)] if cc else []
    # RFC 5322 §3.4: a group without members, for those who want to see a To.
    return fields or [folded("To", ["undisclosed-recipients:;"])]


def _references(ids: Sequence[str]) -> list[str]:
    """Give the ids that can be written; of very many the first and the last ones."""
    usable = [one for one in dict.fromkeys(ids) if MESSAGE_ID.fullmatch(one)]
    if len(usable) > REFERENCES_MOST:
        return [usable[0], *usable[1 - REFERENCES_MOST :]]
    return usable


def _body(letter: Letter) -> bytes:
    ways = [
        _text("plain", plain_of(letter.text)),
        _text("html", PAGE.format(html_of(letter.text))),
    ]
    seed = hashlib.sha256(letter.message_id.encode()).hexdigest()[:24]
    text = _multipart("alternative", f"=_text_{seed}", ways)
    if not letter.attachments:
        return text
    files = [_attached(one) for one in letter.attachments]
    return _multipart("mixed", f"=_mixed_{seed}", [text, *files])


def _multipart(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    """Put parts together. RFC 2045 §6.7: no encoded body has "=_" in it."""
    words = [f"multipart/{kind};", f'boundary="{boundary}"']
    head = folded("Content-Type", words).encode()
    pieces = [b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts]
    return head + b"\r\n" + b"".join(pieces) + b"--%b--\r\n" % boundary.encode()


def _text(kind: str, text: str) -> bytes:
    """Give a part of text; RFC 2046 §4.1.1: its lines end with CR LF."""
    octets = text.replace("\n", "\r\n").encode()
    odd = sum(octet > 0x7E for octet in octets)  # noqa: PLR2004 - the last of ASCII
    if odd * 3 > len(octets):
        return _part([f"text/{kind};", "charset=utf-8"], "base64", _base64(octets))
    quoted = binascii.b2a_qp(octets, istext=True).replace(b"\r\n", b"\n")
    body = quoted.replace(b"\n", b"\r\n")
    return _part([f"text/{kind};", "charset=utf-8"], "quoted-printable", body)


def _attached(one: Attachment) -> bytes:
    """Give a part that is a file; what the browser says of its kind is no promise."""
    kind = one.kind.lower()
    # RFC 2046 §5.2.1: a message may not be in base64; and a multipart has parts.
    if not KIND.fullmatch(kind) or kind.startswith(("message/", "multipart/")):
        kind = ANY_KIND
    parameters = file_name(one.name.strip())
    ended = [f"{parameter};" for parameter in parameters[:-1]] + parameters[-1:]
    placed = folded("Content-Disposition", ["attachment;", *ended])
    return _part([kind], "base64", _base64(one.content), placed)


def _part(kind: Sequence[str], encoding: str, body: bytes, more: str = "") -> bytes:
    head = folded("Content-Type", kind) + more
    head += folded("Content-Transfer-Encoding", [encoding])
    return head.encode() + b"\r\n" + body


def _base64(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")
