"""Answers to FETCH as servers write them, and as they should not. Strategies.

answers()            a whole answer: responses in any order, other lines by the way
broken(answers())    the same with bytes changed, lost, doubled or cut off
chunks(data)         where the network may cut
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

TAG = b"A1"
UIDS = range(1, 9)
FIELDS = b"BODY[HEADER.FIELDS (FROM TO CC SUBJECT DATE MESSAGE-ID LIST-ID)]"
FLAGS = [
    b"\\Seen", b"\\Answered", b"\\Flagged", b"\\Deleted", b"\\Draft", b"\\Recent",
    b"\\seen", b"$Junk", b"NonJunk", b"a[b]",
]  # fmt: skip
DATES = [
    b"01-Feb-2026 10:11:12 +0000", b" 1-Feb-2026 10:11:12 -0330",
    b"31-Dec-2024 23:59:59 +1400", b"29-Feb-2024 00:00:00 +0000",
    b"30-Feb-2024 00:00:00 +0000", b"01-Jan-1970 00:00:00 +0000",
    b"01-Jan-0001 00:00:00 +0100", b"31-Dec-9999 23:59:59 -0100",
    b"01-feb-2026 10:11:12 +0000", b"01-Feb-2026 10:11:60 +0000", b"",
]  # fmt: skip
VALUES = [
    b"Ana <ana@example.org>", b'"Silva, Ana" <a@b.example>, bob@c.example', b"Hello",
    b"=?utf-8?b?T2zDoQ==?=", b"=?utf-8?q?=5B?= =?x?q?y?=", b"a\r\n folded",
    b"Mon, 02 Feb 2026 10:00:00 -0300", b"<1@example.net>", b"\xe9t\xe9", b"", b"a\0b",
    b"* 1 FETCH (UID 1 FLAGS ())", b")\r\n\tA1 OK no", b"<l.example.org>", b"{5}",
]  # fmt: skip
NAMES = [b"From", b"To", b"Cc", b"SUBJECT", b"Date", b"Message-ID", b"List-Id", b"X"]
WORDS = [
    b"plain", b"attachment", b"application", b"a b", b"", b")(", b"{3}", b"inline",
    b'q"q', b"back\\slash", b"x BODY[HEADER] ", b"report", b"delivery-status", b"FLAGS",
    b'("attachment"',
]  # fmt: skip
OTHERS = [
    b"* 9 EXISTS", b"* 3 EXPUNGE", b"* VANISHED 4:5", b"* OK still here", b"* OK {x}",
    b"* 2 FETCH (FLAGS (\\Seen))", b"* 2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (7))",
    b"* 2 FETCH (UID 99 FLAGS ())", b"* 4294967296 FETCH (FLAGS ())", b"* FLAGS ()",
    b'* STATUS "a" (MESSAGES 3)',
]  # fmt: skip
ODD = [
    b"", b"(", b")", b'"', b"{", b"{9}\r\n", b"\r\n", b"\\", b"\0", b"\xff", b"9", b" ",
    b"UID 3", b"NIL", b"}", b"[", b"\r",
]  # fmt: skip
Text = SearchStrategy[bytes]


def quoted(text: bytes) -> bytes:
    """Write a quoted string (RFC 9051 §4.3)."""
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def literal(text: bytes) -> bytes:
    """Write a literal (RFC 9051 §4.3)."""
    return b"{%d}\r\n%s" % (len(text), text)


def strings(values: Sequence[bytes]) -> Text:
    """Give strings, quoted mostly, now and then as a literal or NIL."""
    some = st.sampled_from(values)
    return st.one_of(
        some.map(quoted), some.map(quoted), some.map(literal), st.just(b"NIL")
    )


def structures() -> Text:
    """Give BODYSTRUCTUREs: parts, parts in parts, messages in parts."""
    word = strings(WORDS)
    pairs = st.lists(word, min_size=2, max_size=2).map(_listed)
    params = st.one_of(st.just(b"NIL"), pairs)
    disposition = st.one_of(
        st.just(b"NIL"),
        st.tuples(strings([b"attachment", b"ATTACHMENT", b"inline"]), params).map(
            _listed
        ),
    )
    types = st.sampled_from(
        [(b"TEXT", b"plain"), (b"application", b"pdf"), (b"IMAGE", b"png"),
         (b"Application", b"PGP-signature"), (b"application", b"x-pkcs7-signature")]
    )  # fmt: skip
    leaf = st.builds(
        lambda kind, params, word, end: _listed(
            [quoted(kind[0]), quoted(kind[1]), params, word, b"NIL", b'"7bit"', b"12",
             b"1", b"NIL", end]
        ),
        types, params, word, disposition,
    )  # fmt: skip
    return st.recursive(
        leaf,
        lambda inner: st.builds(
            lambda parts, kind, params: (
                b"(" + b"".join(parts) + b" " + kind + b" " + params + b" NIL NIL)"
            ),
            st.lists(inner, min_size=1, max_size=3),
            st.sampled_from([b'"mixed"', b'"REPORT"', b'"signed"']),
            st.one_of(params, st.just(b'("REPORT-TYPE" "delivery-status")')),
        ),
        max_leaves=4,
    )


def blocks() -> Text:
    """Give header blocks."""
    line = st.builds(
        lambda name, value: name + b": " + value + b"\r\n",
        st.sampled_from(NAMES),
        st.sampled_from(VALUES),
    )
    ends = st.sampled_from([b"\r\n", b"", b"\n", b"\r\n\r\n"])
    return st.builds(
        lambda lines, end: b"".join(lines) + end, st.lists(line, max_size=6), ends
    )


def items() -> SearchStrategy[list[bytes]]:
    """Give the items of one response, without UID, in any order."""
    flags = st.lists(st.sampled_from(FLAGS), max_size=3, unique=True)
    usual = [
        flags.map(lambda some: b"FLAGS (" + b" ".join(some) + b")"),
        st.sampled_from(DATES).map(lambda date: b'INTERNALDATE "' + date + b'"'),
        st.sampled_from([0, 7, 1234, 2**32, 2**63 - 1, 2**63, 10**19]).map(
            lambda size: b"RFC822.SIZE %d" % size
        ),
        structures().map(lambda structure: b"BODYSTRUCTURE " + structure),
        st.one_of(
            blocks().map(lambda block: FIELDS + b" " + literal(block)),
            blocks().map(lambda block: FIELDS + b" " + literal(block)),
            strings(VALUES[:4]).map(lambda block: FIELDS + b" " + block),
        ),
    ]
    more = st.lists(
        st.sampled_from(
            [b"EMAILID (M6d99ac3275bb4e)", b"X-GM-MSGID 1278455344230334865",
             b"MODSEQ (7011231777)", b"EMAILID NIL", b"X-ODD (a (b))"]
        ),
        max_size=2, unique=True,
    )  # fmt: skip
    whole = st.tuples(*usual).map(list)
    some = st.lists(st.one_of(*usual), max_size=5)
    return st.builds(
        lambda first, then: [*first[:-1], *then, *first[-1:]],
        st.one_of(whole, whole, whole, some),
        more,
    )


@st.composite
def responses(draw: Callable[..., object]) -> bytes:
    """Give one response about a message, most of them of the usual shape."""
    uid, parts = draw(st.sampled_from(UIDS)), draw(items())
    assert isinstance(uid, int)
    assert isinstance(parts, list)
    if draw(st.integers(0, 3)) == 0:
        parts = draw(st.permutations(parts))
    assert isinstance(parts, list)
    if draw(st.integers(0, 5)) == 0:  # RFC 9586 §3.3
        head = b"* %d UIDFETCH (" % uid
    else:
        head = b"* %d FETCH (" % (uid + 100)
        where = draw(st.integers(0, len(parts))) if draw(st.booleans()) else 0
        assert isinstance(where, int)
        parts.insert(where, b"UID %d" % uid)
    return head + b" ".join(parts) + b")\r\n"


def answers() -> Text:
    """Give a whole answer, with its tagged line and what comes after it."""
    other = st.sampled_from(OTHERS).map(lambda line: line + b"\r\n")
    lines = st.lists(st.one_of(responses(), responses(), other), max_size=6)
    ends = st.sampled_from([b"A1 OK done\r\n", b"A1 NO why\r\n", b"A1 OK x\r\n* 1 EX"])
    return st.builds(lambda some, end: b"".join(some) + end, lines, ends)


@st.composite
def broken(draw: Callable[..., object], whole: Text) -> bytes:
    """Change, drop, double or put in a few bytes; perhaps cut the end off."""
    data = draw(whole)
    assert isinstance(data, bytes)
    for _ in range(3):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 4))
        put = draw(st.sampled_from(ODD))
        assert isinstance(at, int)
        assert isinstance(length, int)
        assert isinstance(put, bytes)
        data = data[:at] + put + data[at + length :]
    if draw(st.integers(0, 4)) == 0:
        end = draw(st.integers(0, len(data)))
        assert isinstance(end, int)
        data = data[:end]
    return data


@st.composite
def chunks(draw: Callable[..., object], data: bytes) -> list[bytes]:
    """Cut as a network may: anywhere."""
    cuts = draw(st.lists(st.integers(0, len(data)), max_size=12))
    assert isinstance(cuts, list)
    ends = [0, *sorted(cuts), len(data)]
    return [data[a:b] for a, b in pairwise(ends)]


def _listed(some: Sequence[bytes]) -> bytes:
    return b"(" + b" ".join(some) + b")"
