"""What goes over the wire of a submission, and what its replies mean."""

import re

import pytest
from hypothesis import given, strategies as st

from core.outgoing import Verdict
from core.submitting.envelope import (
    Envelope,
    mail_command,
    recipient_command,
    size_limit,
    xtext,
)
from core.submitting.replies import Reply, joined, verdict
from core.submitting.transaction import PIECE, check_lines, pieces

ANA, BRUNO = "ana@example.org", "bruno@example.net"
PLAIN = Envelope(ANA, (BRUNO,), "m+1=2")
LINES = st.lists(
    st.sampled_from([b".", b"..", b"", b"a.b", b".a", b"x" * 9]), min_size=1
)


@pytest.mark.parametrize(
    ("offered", "command"),
    [
        ("", f"MAIL FROM:<{ANA}>"),
        ("size", f"MAIL FROM:<{ANA}> SIZE=4"),
        ("8bitmime smtputf8", f"MAIL FROM:<{ANA}>"),
        ("size dsn", f"MAIL FROM:<{ANA}> SIZE=4 RET=HDRS ENVID=m+2B1+3D2"),
    ],
)
def test_only_what_is_offered_is_used(offered: str, command: str) -> None:
    assert mail_command(PLAIN, b"a.\r\n", offered.split()) == command


def test_letters_beyond_ascii() -> None:
    envelope = Envelope("josé@example.org", (BRUNO,))
    assert envelope.needs_smtputf8
    said = mail_command(envelope, "é".encode(), ["smtputf8", "8bitmime"])
    assert said == "MAIL FROM:<josé@example.org> SMTPUTF8 BODY=8BITMIME"


@pytest.mark.parametrize(
    ("recipient", "notify", "command"),
    [
        (
            "a+b=c@example.net",
            True,
            "NOTIFY=FAILURE,DELAY ORCPT=rfc822;a+2Bb+3Dc@example.net",
        ),
        (BRUNO, False, f"ORCPT=rfc822;{BRUNO}"),
        ("joão@example.net", True, "NOTIFY=FAILURE,DELAY"),
        (f"{'b' * 490}@example.net", True, "NOTIFY=FAILURE,DELAY"),
    ],
)
def test_reports_are_asked_for(recipient: str, notify: bool, command: str) -> None:
    envelope = Envelope(ANA, (recipient,), notify=notify)
    said = recipient_command(envelope, recipient, ["dsn"])
    assert said == f"RCPT TO:<{recipient}> {command}"
    assert recipient_command(envelope, recipient, []) == f"RCPT TO:<{recipient}>"


def test_an_id_that_is_too_long_is_left_out() -> None:
    envelope = Envelope(ANA, (BRUNO,), "=" * 34)  # 102 characters as xtext
    assert mail_command(envelope, b"", ["dsn"]).endswith("RET=HDRS")


@pytest.mark.parametrize("bad", ["a\r\nRSET", "a> SIZE=1 <b", "a\0", "a\tb"])
def test_no_address_ends_the_command(bad: str) -> None:
    with pytest.raises(ValueError, match="end the command"):
        Envelope(ANA, (BRUNO, bad))
    with pytest.raises(ValueError, match="end the command"):
        Envelope(bad, (BRUNO,))


def test_a_mail_is_for_somebody() -> None:
    with pytest.raises(ValueError, match="nobody"):
        Envelope(ANA, ())


@given(st.text(st.characters(max_codepoint=127)))
def test_xtext_can_be_read_back(text: str) -> None:
    coded = xtext(text)
    assert re.fullmatch(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*", coded)  # RFC 3461 section 4
    assert re.sub(r"\+(..)", lambda f: chr(int(f[1], 16)), coded) == text


@pytest.mark.parametrize(
    ("stated", "limit"),
    [("1000", 1000), ("0", 0), ("", 0), (None, 0), ("x", 0), ("-1", 0), ("9" * 99, 0)],
)
def test_the_size_that_is_stated(stated: str | None, limit: int) -> None:
    assert size_limit(stated) == limit


@pytest.mark.parametrize("bad", [b"a\nb", b"a\rb", b"a\r", b"\n", b"\r\r\n", b"\n.\n"])
def test_an_end_of_line_alone_never_goes_out(bad: bytes) -> None:
    for content in (bad, b"x\r\n" + bad, bad + b"\r\n.\r\n"):
        with pytest.raises(ValueError, match="alone"):
            check_lines(content)


@given(LINES)
def test_there_is_no_final_dot_before_the_end(lines: list[bytes]) -> None:
    content = b"\r\n".join(lines)
    check_lines(content)
    wire = b"".join(pieces(content))
    assert b"\r\n.\r\n" not in b"\r\n" + wire
    assert wire.endswith(b"\r\n")
    back = [line.removeprefix(b".") for line in wire.split(b"\r\n")]
    assert b"\r\n".join(back) in {content, content + b"\r\n"}


def test_dots_between_pieces_are_stuffed_too() -> None:
    content = b"x" * (PIECE - 2) + b"\r\n.y\r\n"
    assert b"".join(pieces(content)) == content.replace(b".y", b"..y")
    assert max(map(len, pieces(content * 3))) == PIECE


@pytest.mark.parametrize(
    ("code", "words", "others", "told"),
    [
        (250, "", False, Verdict.ACCEPTED),
        (299, "", False, Verdict.ACCEPTED),
        (450, "", True, Verdict.DEFERRED),
        (452, "4.5.3 many", True, Verdict.DEFERRED),
        (550, "5.1.1 who?", True, Verdict.REFUSED),
        (552, "too many recipients", True, Verdict.DEFERRED),
        (552, "5.5.3 too many recipients", True, Verdict.DEFERRED),
        (552, "5.2.2 full", True, Verdict.REFUSED),
        (552, "full", False, Verdict.REFUSED),
        (421, "closing", True, None),
        (530, "5.7.0 log in", False, None),
        (354, "", False, None),
        (-1, "<html>", False, None),
    ],
)
def test_what_a_reply_says_of_a_recipient(
    code: int, words: str, others: bool, told: Verdict | None
) -> None:
    assert verdict(Reply(code, words), others) is told


@pytest.mark.parametrize(
    ("code", "words", "large"),
    [
        (552, "too much", True),
        (552, "5.3.4 too much", True),
        (554, "5.3.4 too much", True),
        (550, "5.2.3 too much", True),
        (552, "5.7.0 forbidden content", False),
        (552, "5.2.2 full", False),
        (554, "too much", False),
    ],
)
def test_what_says_that_a_mail_is_too_large(code: int, words: str, large: bool) -> None:
    assert Reply(code, words).is_too_large is large


def test_a_status_that_each_line_repeats_stands_once() -> None:
    assert joined(b"5.1.1 Nobody\n5.1.1 here") == "5.1.1 Nobody here"
    assert joined(b"5.1.1 Nobody\n5.1.2 here") == "5.1.1 Nobody 5.1.2 here"
    assert joined(b"one\ntwo\xff") == "one two\N{REPLACEMENT CHARACTER}"
