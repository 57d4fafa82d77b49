"""Pages by key: every message once, in order, whatever the size of a page."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from core import browse
from core.browse import Question
from core.clock import to_ms
from core.errors import NotFound
from core.model import Fetched
from core.runtime import Runtime
from tests.store.building import PLAIN, START, connected, listed, put, some


def walk(runtime: Runtime, query: Question, size: int) -> list[int]:
    """Go through all pages, newest first; give the message ids."""
    found: list[int] = []
    before = ""
    while True:
        page = browse.page(runtime, query, before=before, size=size)
        found += [int(i) for i in page.rows["message_id"]]
        if not page.older:
            return found
        before = page.older


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(size=st.integers(1, 30), same=st.integers(1, 10))
def test_every_message_once_and_in_order(
    runtime: Runtime, size: int, same: int
) -> None:
    one = connected(runtime, f"Owner {size} {same} {runtime.clock()}")
    ids = listed(runtime, one, "Inbox")
    rows = [  # several at the very same moment
        Fetched(
            u,
            0,
            f.message._replace(received_ms=to_ms(START.replace(minute=u // same % 60))),
        )
        for u, f in enumerate(some(40), 1)
    ]
    put(runtime, one, ids["Inbox"], rows)
    found = walk(runtime, Question((one,)), size)
    assert len(found) == len(set(found)) == 40
    assert walk(runtime, Question((one,), ids["Inbox"]), size) == found


def test_back_and_forth_gives_the_same_page(runtime: Runtime) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox")
    put(runtime, one, ids["Inbox"], some(25))
    first = browse.page(runtime, Question((one,)), size=10)
    second = browse.page(runtime, Question((one,)), before=first.older, size=10)
    back = browse.page(runtime, Question((one,)), after=second.newer, size=10)
    assert list(back.rows["message_id"]) == list(first.rows["message_id"])
    assert not back.newer
    assert back.older
    assert browse.count(runtime, Question((one,))).found == 25


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("reuniao", 25),
        ("REUNIÃO 7", 1),
        ("conceicao", 25),
        ("ana@example.net", 25),
        ("100%", 0),
        ("_", 0),
        ("nothing", 0),
    ],
)
def test_search_in_subject_and_addresses(
    runtime: Runtime, search: str, found: int
) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox")
    put(runtime, one, ids["Inbox"], some(25))
    assert browse.count(runtime, Question((one,), search=search)).found == found


def test_a_missing_folder_hides_what_lies_in_it(runtime: Runtime) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox", "Old")
    put(runtime, one, ids["Old"], some(3))
    listed(runtime, one, "Inbox")
    assert browse.page(runtime, Question((one,))).rows.empty
    listed(runtime, one, "Inbox", "Old")
    assert len(browse.page(runtime, Question((one,))).rows) == 3


@pytest.mark.parametrize(
    "key", ["x", "1", "-", "99999999999999999999", "99999999999999999-1", "1-2-3"]
)
def test_a_key_that_makes_no_sense_gives_the_first_page(
    runtime: Runtime, key: str
) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox")
    put(runtime, one, ids["Inbox"], some(3))
    assert len(browse.page(runtime, Question((one,)), before=key).rows) == 3


def test_a_message_of_another_integration_is_not_found(runtime: Runtime) -> None:
    one, other = connected(runtime, "A"), connected(runtime, "B")
    ids = listed(runtime, one, "Inbox")
    put(runtime, one, ids["Inbox"], some(1))
    wanted = int(browse.page(runtime, Question((one,))).rows["message_id"].iloc[0])
    assert browse.message(runtime, one, wanted)["subject"] == "Reunião 1"
    with pytest.raises(NotFound):
        browse.message(runtime, other, wanted)


@pytest.mark.parametrize(
    "cell",
    [
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\uff1d1",
        '"=1',
        "'=1",
        " =1",
    ],
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert browse.formula_safe(cell) == "'" + cell


def test_ordinary_cells_are_left_alone() -> None:
    assert browse.formula_safe(PLAIN.subject) == PLAIN.subject
