"""Recipients as people type them."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, strategies as st

from core.errors import BadInput
from core.letters import people
from core.outgoing import Field, Recipient, Verdict


def pairs(typed: str) -> list[tuple[str, str]]:
    return [(one.name, one.address) for one in people(typed, Field.TO)]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", []),
        (" , ; ", []),
        ("ana@example.org", [("", "ana@example.org")]),
        ("<ana@example.org>", [("", "ana@example.org")]),
        ("Ana <ana@example.org>", [("Ana", "ana@example.org")]),
        ("Ana<ana@example.org>", [("Ana", "ana@example.org")]),
        (" Ana   Maria  < ana@example.org > ", [("Ana Maria", "ana@example.org")]),
        (
            "ana@example.org, Rui <rui@example.org>; bia@example.org,",
            [
                ("", "ana@example.org"),
                ("Rui", "rui@example.org"),
                ("", "bia@example.org"),
            ],
        ),
        ('"Silva, Ana" <ana@example.org>', [("Silva, Ana", "ana@example.org")]),
        (r'"Ana \"A\" \\ S" <ana@example.org>', [('Ana "A" \\ S', "ana@example.org")]),
        ("José da Silva <jose@example.org>", [("José da Silva", "jose@example.org")]),
        ("ANA@Example.ORG, ana@example.org", [("", "ANA@example.org")]),
        ("ana@MÜNCHEN.de", [("", "ana@xn--mnchen-3ya.de")]),
        ("josé@example.org", [("", "josé@example.org")]),
        ("o'neil+x=y@mail.example.org.", [("", "o'neil+x=y@mail.example.org")]),
    ],
)
def test_lists_as_people_type_them(typed: str, found: list[tuple[str, str]]) -> None:
    assert pairs(typed) == found


def test_a_recipient_was_not_asked_about_yet() -> None:
    (one,) = people("Ana <ana@example.org>", Field.BCC)
    assert one == Recipient("ana@example.org", "Ana", Field.BCC, Verdict.WAITING)


NO_ADDRESSES = [
    "ana", "ana@", "@example.org", "ana@example", "ana@@example.org", "a b@example.org",
    "ana@exa mple.org", "ana@example..org", ".ana@example.org", "ana.@example.org",
    "a..b@example.org", "ana@-example.org", "ana@example-.org", "ana@[192.0.2.1]",
    "ana@192.0.2.1", '"a b"@example.org', "ana@example.org (Ana)",
    "Ana ana@example.org",
    "Ana <ana@example.org", "Ana ana@example.org>", "<Ana <ana@example.org>>",
    '"Ana <ana@example.org>', "Team: ana@example.org", "mailto:ana@example.org",
    "ana@exam_ple.org", "ana(x)@example.org", "a\\b@example.org", "<>", "Ana <>",
    "x" * 65 + "@example.org", "é" * 33 + "@example.org",
    "ana@" + ".".join(["x" * 60] * 5) + ".org", "ana@" + "x" * 64 + ".org",
    "ana@" + "ü" * 300 + ".de", "ana\N{NO-BREAK SPACE}x@example.org", "ana@.org",
    "a@b.",
]  # fmt: skip


@pytest.mark.parametrize("typed", NO_ADDRESSES)
def test_what_is_no_address_is_named(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        people(f"rui@example.org, {typed}", Field.CC)
    assert (refused.value.field, refused.value.problem) == ("cc", "recipient_form")
    assert refused.value.facts["what"][:5] in typed


def test_there_are_at_most_a_hundred() -> None:
    hundred = ", ".join(f"a{n}@example.org" for n in range(100))
    assert len(people(hundred + ", A7@example.org", Field.TO)) == 100
    with pytest.raises(BadInput) as refused:
        people(hundred + ", b@example.org", Field.TO)
    assert refused.value.problem == "recipients_most"
    with pytest.raises(BadInput) as refused:
        people("a@example.org," * 5_000, Field.TO)
    assert refused.value.problem == "too_long"
    with pytest.raises(BadInput) as refused:
        people("x" * 201 + " <a@example.org>", Field.TO)
    assert refused.value.problem == "too_long"


@pytest.mark.parametrize(
    "typed", [" " * 49_999, '"' * 49_999, "a" + " " * 49_990 + "b", "<" * 49_999,
              '"' + "\\" * 49_990, "ü" * 49_000, "a@" + "ü." * 24_000, "a." * 24_000]
)  # fmt: skip
def test_a_list_is_read_in_little_time(typed: str) -> None:
    began = time.process_time()
    with contextlib.suppress(BadInput):
        people(typed, Field.TO)
    assert time.process_time() - began < 2


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(typed: str) -> None:
    with contextlib.suppress(BadInput):
        for one in people(typed, Field.TO):
            assert one.address.count("@") == 1
