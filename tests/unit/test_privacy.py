"""What each level of privacy allows, and what is asked of a server."""

from __future__ import annotations

import pytest

from console.privacy_banner import subject_words
from core.errors import FolderRefused, PrivacyForbids, ProtocolBroken
from core.i18n import LANGUAGES, Texts
from core.model import Fetched, Integration, Method, Privacy, Server
from core.store.messages import without_subjects
from core.sync.syncer import as_kept
from tests.store.building import made


@pytest.mark.parametrize(
    ("level", "subject", "body"),
    [
        (Privacy.METADATA, False, False),
        (Privacy.SUBJECT, True, False),
        (Privacy.BODY, True, True),
    ],
)
def test_each_level_has_all_of_the_one_before(
    level: Privacy, *, subject: bool, body: bool
) -> None:
    assert (level.allows_subject, level.allows_body) == (subject, body)


@pytest.mark.parametrize("level", list(Privacy))
def test_a_body_is_refused_in_words(level: Privacy) -> None:
    if level.allows_body:
        level.check_body()
        return
    with pytest.raises(PrivacyForbids) as refused:
        level.check_body()
    assert refused.value.facts == {"level": str(level)}


def test_a_message_without_its_subject_is_the_same_in_all_else() -> None:
    one = made(identity="x", subject="Salário\u00a0de Ana", copied="c@example.org")
    (kept,) = without_subjects([Fetched(7, 3, one)])
    assert (kept.uid, kept.flags) == (7, 3)
    assert kept.message.subject == ""
    assert kept.message.folded.split("\n")[1:] == one.folded.split("\n")[1:]
    assert kept.message.folded[0] == "\n"
    assert "salario" not in kept.message.folded
    changed = {"subject", "folded"}
    for name in one._fields:
        assert (getattr(kept.message, name) != getattr(one, name)) == (name in changed)


@pytest.mark.parametrize("folded", ["", "nothing but a subject"])
def test_what_has_one_line_only_is_a_subject(folded: str) -> None:
    one = made(identity="x")._replace(folded=folded)
    (kept,) = without_subjects([Fetched(1, 0, one)])
    assert kept.message.folded == ""


@pytest.mark.parametrize("level", list(Privacy))
def test_a_line_that_broke_the_protocol_may_hold_a_subject(level: Privacy) -> None:
    where = Server("imap.example.org", 993)
    one = Integration(
        1, "Ana", "a@b.c", "a@b.c", Method.IMAP, where, where, privacy=level
    )
    line = "Subject: Salary"
    error = as_kept(ProtocolBroken(line, host="h", server_says=line), one)
    said = f"{error!r} {error} {error.detail} {error.facts}"
    assert ("Salary" in said) is level.allows_subject
    assert error.facts["host"] == "h"
    other = as_kept(FolderRefused(line, server_says=line), one)
    assert other.detail == line  # the server's own words


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_stored_is_said_and_an_empty_subject_stays_empty(
    language: str,
) -> None:
    t = Texts(language)
    assert subject_words(t, Privacy.METADATA, "") == t("privacy.not_stored")
    assert subject_words(t, Privacy.SUBJECT, "") == ""
    assert subject_words(t, Privacy.BODY, "Olá") == "Olá"
