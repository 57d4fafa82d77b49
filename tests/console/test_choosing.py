"""Which mailbox, and which part of its page: chosen by a person, kept in the link."""

from __future__ import annotations

import pytest

from core import watch
from core.runtime import Runtime
from tests.console.conftest import visit
from tests.store.building import connected

LANGUAGES = ("pt_BR", "en")


@pytest.fixture
def one(runtime: Runtime) -> int:
    return connected(runtime, "Ana")


def test_one_of_very_many_is_found_by_typing(runtime: Runtime) -> None:
    for n in range(120):
        connected(runtime, f"Owner {n:03}", f"o{n:03}@example.org")
    last = connected(runtime, "Zoé Último", "zoe@example.org")
    at = visit("sync", integration=str(last))
    pick = at.selectbox(key="integration_pick")
    assert pick.value == last
    assert len(pick.options) == 101
    assert pick.options[0].startswith("Zoé")
    at.text_input(key="integration_find").set_value("owner 11").run()
    options = at.selectbox(key="integration_pick").options
    assert len(options) == 11  # ten, and the one that is shown


def test_the_part_that_was_chosen_stays_in_the_link(one: int) -> None:
    at = visit("sync", integration=str(one))
    at.button_group(key="sync_view").set_value("runs").run()
    assert at.query_params["view"] == "runs"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", ["habit", "recording", "errors", "nothing"])
def test_each_part_is_drawn(one: int, language: str, view: str) -> None:
    at = visit("sync", language, integration=str(one), view=view)
    assert not at.exception
    assert not at.error
    buttons = [b for b in at.get("download_button") if "bundle" in str(b.proto.id)]
    assert bool(buttons) == (view in {"recording", "errors"})


def test_the_page_of_one_does_not_read_all(
    one: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_runtime: Runtime) -> None:
        raise AssertionError

    monkeypatch.setattr(watch, "overview", refuse)
    assert (
        "Ana"
        in visit("sync", integration=str(one))
        .selectbox(key="integration_pick")
        .options[0]
    )
