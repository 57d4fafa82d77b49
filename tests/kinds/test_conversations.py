"""Mails are joined to conversations as docs/reference/kinds.md says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.runtime import Runtime, open_runtime
from core.settings import Settings
from tests.kinds.conversations import Conversation, Groups, conversations, told
from tests.kinds.table import lines

DOC = Path(__file__).parents[2] / "docs/reference/kinds.md"
CONVERSATIONS = conversations()
Told = list[tuple[Conversation, Groups]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Give each conversation with what the store joins of it."""
    runtime: Runtime = open_runtime(Settings(data=tmp_path_factory.mktemp("joined")))
    yield list(zip(CONVERSATIONS, told(runtime, CONVERSATIONS), strict=True))
    runtime.engine.dispose()


def test_each_is_told_or_it_is_said_why_not(seen: Told):
    wrong = {one.name for one, groups in seen if groups != one.together}
    assert wrong == {one.name for one in CONVERSATIONS if one.why}


def test_nothing_is_joined_that_is_apart_but_by_an_equal_id(seen: Told):
    """Wrong the other way would show one person's mail among another's."""
    joined = {
        one.name
        for one, groups in seen
        if not all(any(set(g) <= set(t) for t in one.together) for g in groups)
    }
    assert joined == {"one id for all mail of a program"}


def test_the_page_is_as_it_is_told(seen: Told):
    right = sum(groups == one.together for one, groups in seen)
    text = DOC.read_text("utf-8")
    assert f"{len(seen)} conversations, {right} are joined" in text.replace("\n", " ")
    rows = (
        (one.name, _text(one.together), _text(groups), one.why)
        for one, groups in seen
        if groups != one.together
    )
    made = "\n".join(lines(("conversation", "is", "told", "why"), rows))
    assert made in text, made


def _text(groups: Groups) -> str:
    return " · ".join(" ".join(map(str, group)) for group in groups)
