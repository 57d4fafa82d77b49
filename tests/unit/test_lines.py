"""LIST and STATUS, as servers write them."""

import pytest
from hypothesis import given, strategies as st

from core.imap import lines
from core.imap.lines import key, listed, quote, status
from core.imap.responses import Part
from core.model import Role


@pytest.mark.parametrize(
    ("parts", "name", "title", "delimiter"),
    [
        ([rb'* LIST () "/" INBOX'], "INBOX", "INBOX", "/"),
        ([rb'* LIST (\HasNoChildren) "." "A.B"'], "A.B", "A.B", "."),
        ([rb'* list () NIL "a b"'], "a b", "a b", ""),
        ([rb'* LIST () "" flat'], "flat", "flat", ""),
        ([rb'* LIST () "\\" "a\\b"'], "a\\b", "a\\b", "\\"),
        ([rb'* LIST () "\" Domino'], "Domino", "Domino", "\\"),  # INTEROP 41
        ([rb'* LIST () "|" "say \"hi\""'], 'say "hi"', 'say "hi"', "|"),
        ([rb'* LIST () "/" 2026'], "2026", "2026", "/"),
        ([rb'* LIST () "/" 0012'], "0012", "0012", "/"),
        ([rb'* LIST () "/" NIL'], "NIL", "NIL", "/"),
        ([rb'* LIST () "/" "Negocia&AOcA4w-o"'], "Negocia&AOcA4w-o", "Negociação", "/"),
        ([rb'* LIST () "/" "R&D"'], "R&D", None, "/"),
        ([b'* LIST () "/" "\xc3\xa9t\xc3\xa9"'], "Ã©tÃ©", "été", "/"),
        ([(b'* LIST (\\X) "/" {7}', b'a"b(c\\d'), b""], 'a"b(c\\d', 'a"b(c\\d', "/"),
        ([rb'* LIST () "/" a ("CHILDINFO" ("SUBSCRIBED"))'], "a", "a", "/"),
        ([rb'* LIST () "/" "a" ("OLDNAME" ("b"))'], "a", "a", "/"),
    ],
)  # fmt: skip
def test_list(parts: list[Part], name: str, title: str | None, delimiter: str) -> None:
    found = listed(parts)
    assert found is not None
    assert (found.folder.name, found.folder.delimiter) == (name, delimiter)
    assert title in {None, found.folder.title}


@pytest.mark.parametrize(
    "parts",
    [
        [b"* 3 EXISTS"],
        [rb'* STATUS "INBOX" (MESSAGES 1)'],
        [rb'* LIST () "/" ""'],
        [rb'* LIST () "/" "never ends'],
        [rb'* LIST () "/"'],
        [b"* LIST (((((("],
        [b'* LIST () "/" "a\x07b"'],
        [(b'* LIST () "/" {3}', b"a\nb"), b""],
    ],
)
def test_what_names_no_folder(parts: list[Part]) -> None:
    assert listed(parts) is None


def test_attributes() -> None:
    found = listed([rb'* LIST (\Noselect \NOINFERIORS \Sent) "/" x'])
    assert found is not None
    assert (found.folder.selectable, found.childless) == (False, True)
    assert found.folder.role is Role.SENT
    inbox = listed([rb'* LIST (\Sent) "/" iNbOx'])
    assert inbox is not None
    assert inbox.folder.role is Role.INBOX
    assert key("iNbOx") == key("INBOX") != key("Inbox/Sent")


@pytest.mark.parametrize(
    ("parts", "name", "numbers"),
    [
        (
            [b"* STATUS INBOX (MESSAGES 3 UIDNEXT 9)"],
            "INBOX",
            {"MESSAGES": 3, "UIDNEXT": 9},
        ),
        ([b'* STATUS "a (b) c" (messages 1 )'], "a (b) c", {"MESSAGES": 1}),
        ([b'* STATUS "INBOX" ()'], "INBOX", {}),  # INTEROP 22
        ([(b"* STATUS {3}", b'a"b'), b" (MESSAGES 4)"], 'a"b', {"MESSAGES": 4}),
        ([b'* STATUS "MAILBOXID (y) (" (UNSEEN 5)'], "MAILBOXID (y) (", {"UNSEEN": 5}),
        ([b"* STATUS x (MESSAGES 1" + b"0" * 30 + b")"], "x", {}),
        ([b"* STATUS x (MESSAGES -1 UNSEEN 1x)"], "x", {}),
        ([b"* STATUS x (UIDNEXT 18446744073709551615)"], "x", {"UIDNEXT": 2**64 - 1}),
    ],
)
def test_status(parts: list[Part], name: str, numbers: dict[str, int]) -> None:
    said = status(parts)
    assert said is not None
    assert said.name == name
    assert said.numbers == {k.encode(): v for k, v in numbers.items()}
    assert not said.mailbox_id


def test_the_id_of_a_folder() -> None:
    said = status([b"* STATUS x (MAILBOXID (F2212ea87) MESSAGES 5)"])
    assert said == ("x", {b"MESSAGES": 5}, "F2212ea87")


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1))
def test_the_quick_way_and_the_parser_agree(name: str) -> None:
    line = f'* LIST (\\HasNoChildren) "/" {quote(name)}'.encode()
    found = listed([line])
    assert found is not None
    assert found.folder.name == name
    assert found == lines._parsed([line])


@given(st.binary(max_size=80))
def test_nothing_escapes(data: bytes) -> None:
    for start in (b"* LIST ", b'* LIST () "/" ', b"* STATUS ", b""):
        parts: list[Part] = [start + data]
        listed(parts)
        status(parts)
        listed([(start, data), data])
        status([(start, data), data])
