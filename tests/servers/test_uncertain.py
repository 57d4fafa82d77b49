"""Mail of which it is not known whether it was accepted: found, sent again, or left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.imap.profiles import USUAL, Profile
from core.outgoing import CopyStage, Mail, Source, Stage, Step, Verdict
from core.store import activities
from core.store.engine import reading
from tests.servers.appendable import AppendableMailbox
from tests.servers.following import USER, Followed, Follower
from tests.servers.sent import Sent

pytestmark = pytest.mark.server


@pytest.fixture
def box() -> AppendableMailbox:
    """Give a mailbox with a folder for sent mail."""
    return AppendableMailbox({"INBOX": 2, "Sent": 1})


@pytest.fixture
def followed(follower: Follower, box: AppendableMailbox) -> Iterator[Followed]:
    """Give it, integrated."""
    with follower.following(box) as one:
        yield one


@pytest.fixture
def sent(followed: Followed) -> Sent:
    """Give what is sent from it."""
    made = Sent.of(followed.installation, followed.id)
    made.sync_well()
    return made


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server be one that stores copies itself."""
    profile = Profile("storing", stores_sent=True)
    monkeypatch.setattr("core.imap.opening.choose", lambda *_: profile)
    assert not USUAL.stores_sent


def look_for_days(sent: Sent) -> None:
    for _ in range(12):
        sent.sync_well()
        sent.pass_time(hours=7)


def done_at(sent: Sent, activity_id: int) -> object:
    with reading(sent.runtime.engine) as conn:
        return activities.get(conn, activity_id).done_at


def is_as_it_was(mail: Mail) -> bool:
    return (mail.stage, mail.copy, mail.sent_at) == (
        Stage.UNCERTAIN,
        CopyStage.NONE,
        None,
    )


def test_what_lies_in_sent_was_sent(sent: Sent, box: AppendableMailbox) -> None:
    activity_id = sent.activity()
    mail_id = sent.mail(
        Stage.UNCERTAIN, ["bob@example.net", "eva@example.net"], activity_id=activity_id
    )
    box.put("Sent", sent.content(mail_id))
    sent.sync_well()
    mail = sent.got(mail_id)
    assert (mail.stage, mail.copy, mail.ended_why) == (
        Stage.SENT,
        CopyStage.FOUND,
        "found",
    )
    assert mail.sent_at is not None
    assert [r.verdict for r in mail.recipients] == [Verdict.ACCEPTED] * 2
    assert sorted(sent.steps(mail_id)) == ["accepted", "accepted", "in_sent"]
    assert {e.source for e in sent.evidence(mail_id)} == {Source.SENT_FOLDER}
    assert done_at(sent, activity_id) == mail.sent_at
    assert (sent.content(mail_id), box.appends) == (b"", 0)


def test_what_came_back_to_oneself_was_sent_and_is_copied(
    sent: Sent, box: AppendableMailbox
) -> None:
    mail_id = sent.mail(Stage.UNCERTAIN, [USER.upper()])
    box.put("INBOX", sent.content(mail_id))
    for _ in range(2):
        sent.sync_well()
        sent.pass_time(minutes=1)
    mail = sent.got(mail_id)
    assert (mail.stage, mail.copy) == (Stage.SENT, CopyStage.STORED)
    assert box.appends == 1


def test_what_is_not_found_waits_for_a_person(
    sent: Sent, box: AppendableMailbox
) -> None:
    mail_id = sent.mail(Stage.UNCERTAIN)
    look_for_days(sent)
    assert is_as_it_was(sent.got(mail_id))
    assert sent.content(mail_id)
    assert box.appends == 0


def test_it_is_looked_for_again_and_again_but_seldom(
    sent: Sent, followed: Followed
) -> None:
    sent.mail(Stage.UNCERTAIN)
    for _ in range(3):
        sent.sync_well()
    assert len(followed.server.said(rb"UID SEARCH .*HEADER")) == 1
    sent.pass_time(seconds=16)
    sent.sync_well()
    assert len(followed.server.said(rb"UID SEARCH .*HEADER")) == 2


@pytest.mark.usefixtures("provider")
def test_a_provider_that_was_never_seen_to_store_is_not_believed(
    sent: Sent, box: AppendableMailbox
) -> None:
    stored = sent.mail()
    look_for_days(sent)
    assert sent.got(stored).copy is CopyStage.STORED  # by us: it has not
    mail_id = sent.mail(Stage.UNCERTAIN)
    look_for_days(sent)
    assert is_as_it_was(sent.got(mail_id))
    assert box.appends == 1


@pytest.mark.usefixtures("provider")
def test_what_a_provider_that_stores_has_not_stored_is_sent_again(
    sent: Sent, box: AppendableMailbox
) -> None:
    first = sent.mail()
    box.put("Sent", sent.content(first))
    sent.sync_well()
    assert sent.got(first).copy is CopyStage.FOUND
    mail_id = sent.mail(Stage.UNCERTAIN)
    for seconds in (0, 20, 70, 310):  # more looks than are needed, and not the time
        sent.pass_time(seconds=seconds)
        sent.sync_well()
        assert is_as_it_was(sent.got(mail_id))
    sent.pass_time(minutes=16)
    sent.sync_well()
    mail = sent.got(mail_id)
    assert (mail.stage, mail.at_brink, mail.copy_tries) == (Stage.QUEUED, False, 0)
    assert mail.envelope == ("bob@example.net",)
    assert sent.content(mail_id)


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("refused", [rb'EXAMINE "Sent"', rb"UID SEARCH .*HEADER"])
def test_a_folder_that_was_not_looked_through_proves_nothing(
    sent: Sent, box: AppendableMailbox, refused: bytes
) -> None:
    first = sent.mail()
    box.put("Sent", sent.content(first))
    sent.sync_well()
    for _ in range(300):
        box.boxes["Sent"].add()
    box.answers[refused] = [b"{tag} NO not today"]
    mail_id = sent.mail(Stage.UNCERTAIN)
    for _ in range(12):
        sent.sync()
        sent.pass_time(hours=7)
    assert is_as_it_was(sent.got(mail_id))


@pytest.mark.usefixtures("provider")
def test_a_copy_of_the_first_time_proves_nothing_of_the_second(
    sent: Sent, box: AppendableMailbox
) -> None:
    """Some recipients have got it; of the others it is uncertain."""
    mail_id = sent.mail(Stage.UNCERTAIN, sent_at=sent.runtime.clock())
    box.put("Sent", sent.content(mail_id))
    look_for_days(sent)
    assert sent.got(mail_id).stage is Stage.UNCERTAIN


def test_a_failed_login_settles_nothing(sent: Sent, box: AppendableMailbox) -> None:
    mail_id = sent.mail(Stage.UNCERTAIN)
    box.answers[rb"LOGIN|AUTHENTICATE"] = [b"{tag} NO [UNAVAILABLE] later"]
    sent.sync()
    assert is_as_it_was(sent.got(mail_id))
    assert Step.ACCEPTED not in sent.steps(mail_id)
