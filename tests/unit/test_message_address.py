"""The address of the messages page: what is chosen, and what hostile links say."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from console.message_address import (
    COLUMNS,
    DIRECTIONS,
    EVERYWHERE,
    FILTERS,
    KINDS,
    PARTS,
    PERIODS,
    View,
    cleared,
    consistent,
    filtered,
    question,
    read,
    write,
)
from core.browse import FIRST_DAY, LAST_DAY, Question
from core.question import Filters, wanted

TODAY = date(2026, 11, 29)
IDS = st.integers(0, (1 << 31) - 1)
TEXTS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=60).map(
    lambda text: read({"subject": text})[0].subject
)
DAYS = st.none() | st.dates(FIRST_DAY, LAST_DAY)
KEYS = st.just("") | st.integers(0, 1 << 62).map(str)
BY_NAME: dict[str, Any] = {
    "integration": st.none() | IDS,
    "period": st.sampled_from(["", *PERIODS]),
    "since": DAYS,
    "until": DAYS,
    "direction": st.sampled_from(["", *DIRECTIONS]),
    "kinds": st.lists(st.sampled_from(KINDS), unique=True).map(tuple),
    "cols": st.lists(st.sampled_from(COLUMNS), unique=True).map(tuple),
    "larger": st.integers(0, 1 << 39),
    "smaller": st.integers(0, 1 << 39),
    "before": KEYS,
    "after": KEYS,
}


def values_of(name: str) -> Any:
    usual = getattr(View(), name)
    if name in BY_NAME:
        return BY_NAME[name]
    if usual is None or isinstance(usual, bool):
        return st.booleans() if usual is False else st.none() | st.booleans()
    return IDS if isinstance(usual, int) else TEXTS


VIEWS = st.fixed_dictionaries({f.name: values_of(f.name) for f in fields(View)}).map(
    lambda values: consistent(View(**values))
)


def test_every_choice_is_a_part_of_the_address() -> None:
    assert set(PARTS) == {f.name for f in fields(View)}


@given(VIEWS)
def test_what_is_written_is_read_again(view: View) -> None:
    assert read(write(view)) == (view, ())


@given(VIEWS)
def test_a_view_can_be_asked_of_the_store(view: View) -> None:
    for zone in ("America/Sao_Paulo", "Pacific/Kiritimati", "Etc/GMT+12"):
        asked = question(view, (1,), TODAY, zone)
        assert wanted(asked).span[0] >= 0
        assert filtered(cleared(view)) == ()


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from([*PARTS, "x", ""]), st.text(max_size=700)))
def test_whatever_a_link_says_is_read(said: dict[str, str]) -> None:
    view, refused = read(said)
    assert set(refused) <= set(said)
    again, still_refused = read(write(view))
    assert again == view
    assert not still_refused
    wanted(question(view, (1,), TODAY, "Asia/Tokyo"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("integration", "0"), ("integration", "-1"), ("integration", "everything"),
        ("integration", "9" * 30), ("integration", "٣"), ("folder", "1;drop"),
        ("folder", str(1 << 31)), ("thread", "2147483648"), ("message", "1e3"),
        ("since", "0000-00-00"), ("since", "2026-13-01"), ("since", "0001-01-01"),
        ("until", "9999-12-31"), ("until", "yesterday"), ("period", "8"),
        ("direction", "sideways"), ("unread", "maybe"), ("flagged", "true"),
        ("larger", "-5"), ("larger", "2M"), ("smaller", "9" * 19), ("flat", "yes"),
        ("before", "1-2"), ("after", "x" * 50), ("q", "a" * 501),
        ("sender", "a" * 201), ("kinds", "person,spam"), ("cols", "date,password"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_and_left_out(name: str, text: str) -> None:
    view, refused = read({name: text, "direction": "sent"} | {name: text})
    assert refused == (name,)
    left = replace(view, kinds=(), cols=(), direction="")
    assert left == View()


def test_the_known_words_of_a_list_stay_in_their_order() -> None:
    view, refused = read({"cols": "size,date,date,x,from", "kinds": "bounce,y,list"})
    assert view.cols == ("size", "date", "from")
    assert view.kinds == ("bounce", "list")
    assert refused == ("kinds", "cols")


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\u202eb", "a\ud800b"])
def test_what_cannot_be_seen_is_no_part_of_a_text(text: str) -> None:
    for name in ("q", "sender", "domain"):
        assert getattr(read({name: text})[0], name) == "a b"


def test_the_parts_of_a_period_agree() -> None:
    view = read({"since": "2026-03-02", "until": "2026-03-01", "period": "7"})[0]
    assert (view.since, view.until) == (date(2026, 3, 1), date(2026, 3, 2))
    assert view.period == "custom"
    assert read({"before": "5", "after": "6"})[0].before == ""
    assert filtered(read({"period": "custom"})[0]) == ()


@pytest.mark.parametrize(("period", "back"), [("1", 0), ("7", 6), ("365", 364)])
def test_a_period_ends_today(period: str, back: int) -> None:
    asked = question(View(period=period), (1,), TODAY, "UTC")
    assert asked.filters.since == TODAY - timedelta(days=back)
    assert asked.filters.until is None


def test_every_filter_reaches_the_store() -> None:
    view = View(
        integration=3, folder=4, q="words", since=TODAY, until=TODAY, direction="sent",
        kinds=("list",), sender="a", recipient="b", domain="c", subject="d",
        unread=True, flagged=False, answered=True, attachment=True, replied=False,
        threaded=True, larger=5, smaller=6, thread=7,
    )  # fmt: skip
    assert set(filtered(view)) == set(FILTERS) - {"period"}
    assert question(view, (3,), TODAY, "UTC") == Question(
        (3,), 4, "words",
        Filters(
            TODAY, TODAY, "sent", ("list",), "a", "b", "c", "d", "", unread=True,
            flagged=False, answered=True, attachment=True, replied=False,
            threaded=True, larger_bytes=5, smaller_bytes=6, thread=7,
        ),
        "UTC",
    )  # fmt: skip


def test_a_folder_is_of_one_mailbox() -> None:
    asked = question(View(integration=EVERYWHERE, folder=4), (1, 2), TODAY, "UTC")
    assert asked.whole
    assert asked.folder_id is None


def test_clearing_keeps_the_mailbox_and_the_columns() -> None:
    view = View(integration=3, cols=("date",), q="x", thread=2, flat=True, before="9")
    assert cleared(view) == View(integration=3, cols=("date",))
