"""A piece of a message, however a server writes it."""

import pytest

from core.imap.peek import _piece
from core.imap.responses import Part
from core.imap.values import fetched


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([(b"* 1 FETCH (UID 7 BODY[]<0> {3}", b"abc"), b")"], (b"abc", False)),
        ([(b"* 1 FETCH (BODY[]<0> {3}", b"abc"), b" UID 7)"], (b"abc", False)),
        ([(b"* 1 fetch (uid 7 body[]<0> {3+}", b"abc"), b")"], (b"abc", False)),
        ([b'* 1 FETCH (UID 7 BODY[]<0> "a\\"b\\\\c")'], (b'a"b\\c', False)),
        ([b'* 1 FETCH (UID 7 BODY[]<0> "")'], (b"", False)),
        ([b"* 1 FETCH (UID 7 BODY[]<0> NIL)"], (b"", True)),
        ([b"* 1 FETCH (UID 7 BODY[] NIL)"], (b"", True)),
        # Without where it begins: all of it, whatever was asked for.
        ([(b"* 1 FETCH (UID 7 BODY[] {3}", b"abc"), b")"], (b"bc", True)),
        # RFC 9586 §3.3
        ([(b"* 7 UIDFETCH (BODY[]<0> {3}", b"abc"), b")"], (b"abc", False)),
        # Not ours
        ([(b"* 7 FETCH (UID 8 BODY[]<0> {3}", b"abc"), b")"], None),
        ([(b"* 8 UIDFETCH (BODY[]<0> {3}", b"abc"), b")"], None),
        ([b"* 1 FETCH (UID 7 FLAGS (\\Seen))"], (b"", True)),
        ([b"* 1 FETCH (FLAGS ())"], None),
        ([b"* 3 EXISTS"], None),
        ([b"* OK [ALERT] BODY[]<0> NIL UID 7"], None),
        # What a message says is no answer: only the texts around it are read.
        ([(b"* 1 FETCH (UID 8 BODY[]<0> {5}", b"UID 7"), b")"], None),
    ],
)
def test_pieces(parts: list[Part], found: tuple[bytes, bool] | None) -> None:
    items = fetched(parts) or {}
    ours = items if items.get(b"UID") == b"7" else None
    at = 1 if found is not None and found[1] else 0
    assert (ours and _piece(ours, at, 1 << 20)) == found
