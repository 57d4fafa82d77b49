"""Kinds of published formats are told as docs/reference/kinds.md says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from core.imap import headers
from core.model import Kind
from tests.kinds import table
from tests.kinds.formats import Format, as_synced, formats

DOC = Path(__file__).parents[2] / "docs/reference/kinds.md"
FORMATS = formats()


@pytest.mark.parametrize("made", table.TABLES, ids=lambda made: made.__name__)
def test_the_page_is_as_it_is_told(made: table.Made):
    assert "\n".join(made()) in DOC.read_text("utf-8")


def test_the_page_counts_the_formats():
    assert f"{len(FORMATS)} formats" in DOC.read_text("utf-8")


def test_the_formats_are_many_and_each_is_another():
    assert len({one.name for one in FORMATS}) == len(FORMATS) >= 120
    assert len({_head(one) for one in FORMATS}) == len(FORMATS)
    assert all(number >= 5 for number in Counter(one.kind for one in FORMATS).values())


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_each_format_is_told_or_it_is_said_why_not(one: Format):
    told = as_synced(one.raw).kind
    assert (told != one.kind) == bool(one.why)


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_a_person_is_told_another_only_by_what_a_machine_wrote(one: Format):
    """Wrong the other way would leave people's mail out of every number."""
    told = as_synced(one.raw).kind
    if one.kind == Kind.PERSON and told != Kind.PERSON:
        assert b"Auto-Submitted: auto-" in one.raw or b"Precedence: bulk" in one.raw


def _head(one: Format) -> bytes:
    """Give what is told of a format, without what is of its own in any case."""
    lines = one.raw.split(b"\r\n")
    return b"".join(line for line in lines if not line.startswith(b"Message-Id"))


@pytest.mark.parametrize(
    ("address", "machine"),
    [
        ("MAILER-DAEMON@mx.example", True),
        ("no-reply@loja.example", True),
        ("no_reply@loja.example", True),
        ("Pedidos.NoReply@loja.example", True),
        ("noreply+7f2@loja.example", True),
        ("drive-shares-dm-noreply@google.example", True),
        ("nao-responda@banco.example", True),
        ("postmaster@mx.example", False),
        ("mailer-daemon.silva@mx.example", False),
        ("noreplya@mx.example", False),
        ("ana@noreply.example", False),
        ("ana.donoreplysa@mx.example", False),
        ("", False),
    ],
)
def test_which_addresses_no_person_writes_from(address: str, machine: bool):
    assert headers.sender(f"X <{address}>").machine is machine


def test_an_address_without_end_costs_little():
    """Else it would take minutes, and the test its time."""
    assert not headers.sender(f"<{'noreply.' * 200_000}@x.example>").machine
