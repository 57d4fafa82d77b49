"""The sentence beside numbers, in both languages, and where it leads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.data_quality import words
from core.coverage import Quality
from core.i18n import LANGUAGES, Texts
from core.runtime import Runtime
from tests.console.conftest import visit
from tests.store.building import connected

AT = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)


def said(quality: Quality, language: str = "en") -> str:
    return words(Texts(language, "America/Sao_Paulo"), quality)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_fact_is_missing_from_any_sentence(language: str) -> None:
    for live in (0, 1, 40):
        for behind, partial, since in ((0, 0, None), (1, 0, AT), (0, 1, None)):
            for first, to_count in ((None, 0), (AT, 1), (AT, 2_000_000)):
                found = Quality(live, behind, partial, since, first, to_count)
                told = said(found, language)
                assert "{" not in told
                assert "data_quality" not in told


def test_which_are_incomplete_since_when_and_by_which_days() -> None:
    found = Quality(40, 2, 1, AT, AT, 5000)
    assert said(found) == (
        "3 of 40 mailboxes are incomplete, the first of them since 2026-02-28 22:30."
        " The first message held is of 2026-02-28."
        " Up to 5,000 older messages are still to be counted: the numbers are too low"
        " until then. Days are those of the zone America/Sao_Paulo."
    )
    assert said(Quality(1, 0, 1, None, None, 0)).startswith("The mailbox is followed,")


def test_it_leads_to_the_fleet_and_of_one_mailbox_to_its_page(
    runtime: Runtime,
) -> None:
    one = connected(runtime)
    connected(runtime, "Bia", "bia@example.org")
    assert links(of="all") == [("fleet", "sort=lag")]
    assert links(of=str(one)) == [("sync", f"integration={one}")]


def links(of: str) -> list[tuple[str, str]]:
    """Give where "see which and why" leads."""
    page = visit("delivery", of=of)
    assert not page.exception
    found = [one.proto for one in page.get("page_link")]
    return [
        (one.page, one.query_string)
        for one in found
        if one.label == "Ver quais e por quê"
    ]
