"""Names that mails give to files, and entries of an mbox."""

from datetime import UTC, datetime

import pytest

from core.exporting import safe_name
from core.exporting.mail import mbox_entry

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("Reunião de terça", "Reunião de terça.eml"),
        ("../../etc/passwd", "etc passwd.eml"),
        ("..", "message.eml"),
        ("", "message.eml"),
        (".bashrc", "bashrc.eml"),
        ("C:\\Windows\\x", "C Windows x.eml"),
        ("CON", "message CON.eml"),
        ("com1.txt", "message com1.txt.eml"),
        ("invoice\u202efdp.exe", "invoicefdp.exe.eml"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie x=1.eml"),
        ("a\x00b", "ab.eml"),
        ("\ud800x", "x.eml"),
        ("x" * 500, "x" * 80 + ".eml"),
        ("$(rm -rf) `x`; y|z", "(rm -rf) x y z.eml"),
        ("a.eml ", "a.eml.eml"),
        ("-rf", "rf.eml"),
        ("é" * 300, "é" * 80 + ".eml"),
    ],
)
def test_a_name_is_harmless_everywhere(subject: str, name: str) -> None:
    assert safe_name(subject, "eml") == name
    assert len(name.encode()) < 255


@pytest.mark.parametrize(
    "sender", ["", "x y@z", "a@b\nFrom c", "ação@x.example", "<>", "a@b c"]
)
def test_no_sender_breaks_the_first_line(sender: str) -> None:
    entry = mbox_entry(b"Subject: x\r\n\r\ny\r\n", sender, AT)
    assert entry.startswith(b"From MAILER-DAEMON Sun Mar  1 12:00:00 2026\nSubject")


@pytest.mark.parametrize("body", [b"", b"x", b"x\r\n", b"x\r\n\r\n"])
def test_an_empty_line_ends_each(body: bytes) -> None:
    entry = mbox_entry(b"Subject: x\r\n\r\n" + body, "a@b.example", AT)
    assert entry.endswith(b"\n\n")
    assert b"\r" not in entry
