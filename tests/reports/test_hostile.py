"""Whatever arrives, reading it ends, takes bounded work, and gives harmless texts."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from core import reports
from core.reports import parts
from core.reports.report import DIAGNOSTIC_CHARS, OUTCOMES_MOST
from core.text import harmless
from tests.reports import made
from tests.reports.made import Piece
from tests.reports.samples import OTHERS, SAMPLES

ALL = [*SAMPLES, *OTHERS]
HEAD = (
    "From: MAILER-DAEMON@x.example\nReturn-Path: <>\nIn-Reply-To: <1@malote.example>\n"
)
REPORT = "multipart/report; report-type=delivery-status"
GROUP = "\nFinal-Recipient: rfc822; {n}@x.example\nAction: failed\nStatus: 5.1.1\n"
SIZE = 96 << 10
HIDDEN = (b"\x07", "\u202e".encode(), "\u200b".encode(), b"\xff", b"\0", b"\x1b[2J")
# Calls of functions, ours and Python's, that reading the longest message may take.
CALLS_MOST = 200_000


def _status(block: str) -> str:
    pieces = [Piece("text/plain", "x\n"), Piece("message/delivery-status", block)]
    return made.multipart(HEAD, REPORT, pieces)


def _prose(text: str) -> str:
    heading = "The following address(es) failed:\n\n"
    return f"{HEAD}Content-Type: text/plain\n\n{heading}{text}"


def _html(text: str) -> str:
    return f"{HEAD}Content-Type: text/html\n\n{text}"


def _nested(size: int) -> str:
    text = HEAD
    for depth in range(size // 60):
        text += f"Content-Type: multipart/report; boundary=b{depth}\n\n--b{depth}\n"
    return text


SHAPES: dict[str, Callable[[int], str]] = {
    "groups": lambda n: _status("".join(GROUP.format(n=i) for i in range(n // 70))),
    "one group": lambda n: _status(
        "Final-Recipient: rfc822; a@x.example\n" * (n // 38)
    ),
    "folds": lambda n: _status("Status: 5\n" + " .1\n" * (n // 4)),
    "comments": lambda n: _status("Final-Recipient: " + "(" * n),
    "blank lines": lambda n: _status("\n \t\n" * (n // 4)),
    "parts": lambda n: made.multipart(
        HEAD, REPORT, [Piece("text/plain", "")] * (n // 45)
    ),
    "nested": _nested,
    "parameters": lambda n: f"{HEAD}Content-Type: a/b" + ';a="\\"' * (n // 6) + "\n\n",
    "header": lambda n: HEAD + "A: b\n" * (n // 5) + "\n",
    "addresses": lambda n: _prose("<a@x.example>:\n" * (n // 15)),
    "other addresses": lambda n: _prose(
        "".join(f"<{i}@x.example>\n" for i in range(n // 16))
    ),
    "headings": lambda n: _prose(
        "Delivery to the following recipients failed\n" * (n // 44)
    ),
    "one line": lambda n: _prose("a" * n),
    "at signs": lambda n: _prose("a@" * (n // 2)),
    "message ids": lambda n: _prose("Message-ID: <" * (n // 13)),
    "transcript": lambda n: _prose(
        "<a@x.example>\n--- transcript of session\n" + "x\n" * (n // 2)
    ),
    "references": lambda n: "References: " + "<1@x> " * (n // 6) + f"\n{HEAD}\n",
    "tags": lambda n: _html("<" * n),
    "styles": lambda n: _html("<style" * (n // 6)),
    "line breaks": lambda n: _html("<br>" * (n // 4)),
    "entities": lambda n: _html("&amp" * (n // 4)),
    "base64": lambda n: (
        f"{HEAD}Content-Transfer-Encoding: base64\n\n" + "=A" * (n // 2)
    ),
    "x-failed": lambda n: (
        HEAD + "X-Failed-Recipients: a@x.example,\n" * (n // 36) + "\n"
    ),
}


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_damaged_reports_are_read_or_not_and_never_raise(data: st.DataObject):
    sample = data.draw(st.sampled_from(ALL))
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    _is_harmless(_damaged(sample.raw, chance))


@given(st.binary(max_size=2_000))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_not_and_never_raise(raw: bytes):
    _is_harmless(raw)
    _is_harmless(_status("").encode().replace(b"x\n", raw))


def test_each_sample_may_end_anywhere():
    chance = random.Random(7)
    for sample in ALL:
        _is_harmless(sample.raw[: chance.randrange(len(sample.raw))])


@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_with_the_size_at_most(shape: str):
    small, large = (_work(SHAPES[shape](n).encode()) for n in (SIZE // 4, SIZE))
    assert large <= 5 * small + 2_000
    assert large <= CALLS_MOST


@pytest.mark.parametrize("shape", SHAPES)
def test_work_has_an_end(shape: str):
    raw = SHAPES[shape](4 * parts.READ_BYTES).encode()
    assert _work(raw) <= CALLS_MOST
    _is_harmless(raw)


def test_what_stands_behind_the_limit_is_not_looked_at():
    sample = SAMPLES[0]
    padded = b"X-A: b\r\n" * (parts.READ_BYTES // 8) + sample.raw
    assert reports.read(padded) is None
    assert _work(padded + bytes(1 << 20)) == _work(padded)


def test_half_an_address_is_none():
    head = b"From: mx\nContent-Type: multipart/report; boundary=b\nX-A: "
    body = b"\n\n--b\nContent-Type: message/delivery-status\n\nAction: failed\n"
    body += b"Status: 5.1.1\nFinal-Recipient: rfc822; a@x."
    filling = b"a" * (parts.READ_BYTES - len(head + body))
    assert reports.read(head + filling + body + b"example\n") is None
    report = reports.read(head + filling[8:] + body + b"example\n")
    assert report is not None
    assert report.outcomes[0].recipient == "a@x.example"


def _is_harmless(raw: bytes) -> None:
    report = reports.read(raw)
    if report is None:
        return
    assert len(report.outcomes) <= OUTCOMES_MOST
    texts = [report.original_message_id, report.envelope_id]
    texts += report.original_headers.values()
    for one in report.outcomes:
        assert len(one.diagnostic) <= DIAGNOSTIC_CHARS
        assert len(one.recipient) <= 320
        assert len(one.status) <= 9
        texts += [one.diagnostic, one.recipient]
    assert [harmless(text) for text in texts] == texts


def _damaged(raw: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 6)):
        at, to = sorted(chance.randrange(len(raw) + 1) for _ in range(2))
        match chance.randrange(7):
            case 6:
                raw = raw.replace(
                    b"@", chance.choice(HIDDEN) + b"@", chance.randint(1, 9)
                )
            case 0:
                raw = raw[:at] or raw
            case 1:
                raw = raw[:at] + chance.randbytes(to - at & 15) + raw[to:] or raw
            case 2:
                raw = raw[:to] + raw[at:]
            case 3:
                raw = raw[:at] + raw[at:to].swapcase() + raw[to:]
            case 4:
                raw = raw[:at] + raw[at:to].replace(b"\r\n", b"\n\r") + raw[to:]
            case _:
                raw = raw[at:] + raw[:at]
    return raw


def _work(raw: bytes) -> int:
    """Count the calls that reading takes."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        reports.read(raw)
    finally:
        sys.setprofile(before)
    return calls
