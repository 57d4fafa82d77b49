"""What a CAPABILITY response means for us."""

import pytest

from core.imap.features import Features


def of(words: str) -> Features:
    return Features.of(words.encode().split())


def test_a_bare_server_has_nothing() -> None:
    assert of("IMAP4rev1") == Features()


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("condstore", ["condstore"]),
        ("QRESYNC", ["condstore", "qresync", "enable"]),
        ("UIDONLY", ["uidonly", "enable"]),
        ("LIST-STATUS", ["list_extended", "list_status"]),
        ("COMPRESS=DEFLATE", ["compress"]),
        ("MOVE", ["move"]),
        ("UIDPLUS", ["uidplus"]),
        (
            "IMAP4rev2",
            (
                "enable idle esearch list_extended list_status special_use sasl_ir "
                "uidplus move"
            ).split(),
        ),
    ],
)
def test_fields(words: str, fields: list[str]) -> None:
    assert of(words) == Features(**dict.fromkeys(fields, True))


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ("MESSAGELIMIT=1000", 1000),
        ("MESSAGELIMIT=1000 messagelimit=500", 500),
        ("MESSAGELIMIT=", 0),
        ("MESSAGELIMIT=99999999999999", 0),
        ("MESSAGELIMIT", 0),
    ],
)
def test_the_limit_of_messages(words: str, limit: int) -> None:
    assert of(words).message_limit == limit


def test_the_limit_of_what_is_stored() -> None:
    assert of("APPENDLIMIT=35651584").append_limit == 35_651_584
    assert of("APPENDLIMIT").append_limit == 0  # each folder has its own
    assert of("APPENDLIMIT=9").without(["APPENDLIMIT"]).append_limit == 0


@pytest.mark.parametrize(
    ("words", "denied", "left"),
    [
        ("CONDSTORE QRESYNC", "QRESYNC", "CONDSTORE ENABLE"),
        ("CONDSTORE QRESYNC", "CONDSTORE", "ENABLE"),
        ("QRESYNC UIDONLY", "ENABLE", "CONDSTORE"),
        ("LIST-STATUS", "LIST-STATUS", "LIST-EXTENDED"),
        ("LIST-STATUS", "LIST-EXTENDED", ""),
        ("COMPRESS=DEFLATE", "COMPRESS=DEFLATE", ""),
        ("MESSAGELIMIT=10 ID", "MESSAGELIMIT", "ID"),
        ("IDLE", "SOMETHING-ELSE", "IDLE"),
    ],
)
def test_what_is_taken_away(words: str, denied: str, left: str) -> None:
    assert of(words).without([denied]) == of(left)
