"""What a recording shows: neither secrets nor mail, whatever is said."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given, strategies as st

from core import hiding
from core.imap.recording import CHARS_MOST, Recorder, Way, redact
from core.model import Server
from core.secret import Secret

LOGIN, PASSWORD = "ana@example.org", "Zq7-CANARY-9f3e"
HIDDEN = hiding.thoroughly(LOGIN, Secret(PASSWORD), Server("imap.example.org", 993))
PLAIN = b64encode(f"\0{LOGIN}\0{PASSWORD}".encode()).decode()
WIDE = PASSWORD.encode("utf-16-le")


def recorded(*pieces: tuple[Way, bytes]) -> list[str]:
    """Record a connection, and give its lines with the way that each went."""
    lines: list[str] = []
    recorder = Recorder(lambda way, line: lines.append(f"{way} {line}"))
    recorder.hide(HIDDEN, LOGIN)
    for way, data in pieces:
        recorder.sent(data) if way is Way.OUT else recorder.heard(data)
    recorder.close()
    return lines


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("M1 CAPABILITY", "M1 CAPABILITY"),
        (f'M2 LOGIN "{LOGIN}" "{PASSWORD}"', "M2 LOGIN …"),
        ("M2 LOGIN {5+}", "M2 LOGIN …"),
        (f"M2 AUTHENTICATE PLAIN {PLAIN}", "M2 AUTHENTICATE PLAIN …"),
        ("M2 AUTHENTICATE PLAIN", "M2 AUTHENTICATE PLAIN …"),
        (f"M2 AUTHENTICATE {PLAIN}", "M2 AUTHENTICATE …"),
        (PLAIN, "…"),
        (PASSWORD, "…"),
        ("DONE", "DONE"),
        ("M3 UID FETCH 1:9 (UID FLAGS)", "M3 UID FETCH 1:9 (UID FLAGS)"),
        ('M4 STATUS "Shared/bob@example.net" (X)', 'M4 STATUS "Shared/…@…" (X)'),
        ("M5 APPEND INBOX {12}", "M5 APPEND INBOX {12}"),
        ("M5 XAPPEND INBOX {12}", "…"),
        (f"M6 LIST {PASSWORD}", "M6 LIST …"),
    ],
)
def test_what_goes_out(line: str, shown: str) -> None:
    assert redact(line.encode(), Way.OUT, HIDDEN) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("* OK [ALERT] Hello ana@example.org", "* OK [ALERT] Hello …@…"),
        ("* CAPABILITY IMAP4rev1 IDLE", "* CAPABILITY IMAP4rev1 IDLE"),
        ('* LIST (\\Sent) "/" Sent', '* LIST (\\Sent) "/" Sent'),
        ("* STATUS {5 bytes} (MESSAGES 3)", "* STATUS {5 bytes} (MESSAGES 3)"),
        ("* 23 EXISTS", "* 23 EXISTS"),
        ("* 23 EXISTS and more", "* 23 EXISTS"),
        (
            '* 5 FETCH (UID 9 FLAGS (\\Seen $Junk Divorce) ENVELOPE ("d" "UID 7") X)',
            "* 5 FETCH (UID 9 FLAGS (\\Seen $Junk …) …)",
        ),
        (
            '* 5 FETCH (ENVELOPE ("a \\" UID 8" RFC822.SIZE 3',
            "* 5 FETCH (RFC822.SIZE 3 …)",
        ),
        ('* 5 FETCH (ENVELOPE ("cut UID 8 FLAGS (\\Seen)', "* 5 FETCH (…)"),
        ("* 7 UIDFETCH (FLAGS ())", "* 7 UIDFETCH (FLAGS () …)"),
        ("* FOO Subject: secret", "* …"),
        ("* 5 FOO secret", "* …"),
        ("Subject: secret", "…"),
        ("", "…"),
        ("+ idling", "+ idling"),
        ("M1 OK [READ-ONLY] done", "M1 OK [READ-ONLY] done"),
        (f"M1 NO {PASSWORD} is wrong", "M1 NO … is wrong"),
        (f"M1 NO {PLAIN}", "M1 NO …"),
        (f"M1 NO x{b64encode(b'xy' + PASSWORD.encode()).decode()}", "M1 NO …"),
        (f"M1 NO {b64encode(WIDE).decode()}", "M1 NO …"),
        (f"M1 NO {PASSWORD[::-1]}", "M1 NO …"),
        (f"M1 NO {' '.join(PASSWORD)}", "M1 NO …"),
        (f"M1 NO {PASSWORD.encode().hex(':')}", "M1 NO …"),
        ("M1 NO \x1b[31mred\u202e", "M1 NO \\x1b[31mred\\u202e"),
    ],
)
def test_what_comes_in(line: str, shown: str) -> None:
    assert redact(line.encode(), Way.IN, HIDDEN) == shown


def test_utf_16_in_the_raw() -> None:
    assert redact(b"* BYE " + WIDE, Way.IN, HIDDEN) == "* BYE …"
    assert redact(b"* BYE \xff\xfe\x00", Way.IN, HIDDEN) == "* BYE \\xff\\xfe\\x00"


def test_a_long_line_is_cut_and_half_a_secret_is_none() -> None:
    assert len(redact(b"* SEARCH" + b" 1" * 9_000, Way.IN, HIDDEN)) == CHARS_MOST
    data = b"* OK " + b"-" * (16_384 - 12) + PASSWORD.encode() + b"\r\n"
    (line,) = recorded((Way.IN, data * 1))
    assert "Zq7" not in line
    data = b"* OK " + (PASSWORD.encode() + b" ") * 1_200 + b"\r\n"
    assert recorded((Way.IN, data)) == ["in * OK …"]


def test_a_login_in_several_lines() -> None:
    lines = recorded(
        (Way.IN, b"* OK ready\r\n"),
        (Way.OUT, b"M1 AUTHENTICATE PLAIN\r\n"),
        (Way.IN, b"+ c2FsdA==\r\n"),
        (Way.OUT, PLAIN.encode() + b"\r\n"),
        (Way.IN, b"* CAPABILITY IMAP4rev1\r\nM1 OK Logged in\r\n"),
        (Way.OUT, b"M2 IDLE\r\n"),
        (Way.IN, b"+ idling\r\n"),
        (Way.OUT, b"DONE\r\nM3 NOOP\r\n"),
    )
    assert lines == [
        "in * OK ready",
        "out M1 AUTHENTICATE PLAIN …",
        "in + …",
        "out …",
        "in * CAPABILITY IMAP4rev1",
        "in M1 OK Logged in",
        "out M2 IDLE",
        "in + idling",
        "out DONE",
        "out M3 NOOP",
    ]


@pytest.mark.parametrize("secret", ["M2 NOOP", "DONE", "x DONE"])
def test_a_login_by_literals_hides_what_looks_like_a_command(secret: str) -> None:
    lines = recorded(
        (Way.OUT, b"M1 LOGIN {3}\r\n"),
        (Way.IN, b"+ go on\r\n"),
        (Way.OUT, b"ana {7}\r\n"),
        (Way.IN, b"+ \r\n"),
        (Way.OUT, secret.encode() + b"\r\n"),
        (Way.IN, b"M1 NO no\r\n"),
    )
    assert lines == [
        "out M1 LOGIN …",
        "in + …",
        "out …",
        "in + ",
        "out …",
        "in M1 NO no",
    ]


def test_literals_are_sizes_and_great_numbers_are_counted() -> None:
    mail = b"Subject: Salary\r\nM9 OK no\r\n"
    one = b"* 1 FETCH (UID 1 BODY[HEADER] {%d}\r\n%b)\r\n" % (len(mail), mail)
    lines = recorded((Way.IN, one * 1_000 + b'* LIST () "/" {4}\r\nWork\r\nM9 OK\r\n'))
    assert lines[:5] == ["in * 1 FETCH (UID 1 …)"] * 5
    assert lines[5:] == [
        "in * … FETCH (995 more)",
        'in * LIST () "/" {4 bytes}',
        "in M9 OK",
    ]


def test_what_was_said_when_the_connection_broke() -> None:
    assert recorded((Way.IN, b"* BYE over")) == ["in * BYE over"]
    assert recorded((Way.IN, b"* 1 FETCH (X {99}\r\nSubject: Sal")) == [
        "in * 1 FETCH (…)"
    ]


@given(st.binary(max_size=300), st.integers(1, 40))
def test_pieces_make_no_difference(data: bytes, size: int) -> None:
    pieces = [(Way.IN, data[at : at + size]) for at in range(0, len(data), size)]
    assert recorded(*pieces) == recorded((Way.IN, data))


SAYS = st.sampled_from(
    [
        b"* OK ", b"M1 NO ", b"+ ", b"* 1 FETCH (UID 1 ", b'"', b"{9}\r\n", b"\r\n",
        b"M1 OK\r\n", b"* LIST () / ", b" ", b"\\", PASSWORD.encode(), PLAIN.encode(),
        b64encode(PASSWORD.encode()), WIDE, b64encode(WIDE), b"\0", b"x" * 3_000,
    ]
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(Way), SAYS), max_size=30))
def test_whatever_is_said_the_secret_is_in_no_line(
    said: list[tuple[Way, bytes]],
) -> None:
    for line in recorded((Way.OUT, b"M1 LOGIN {9}\r\n"), *said):
        assert len(line) <= CHARS_MOST + len("out ")
        assert line.isprintable()
        bare = line.replace("\\x00", "").lower()
        for secret in (PASSWORD, PLAIN, b64encode(PASSWORD.encode()).decode()[:-2]):
            assert secret.lower() not in bare
