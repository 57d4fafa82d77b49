"""A look inside of messages that lie on a real server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core import browse, preview
from core.browse import Question
from core.errors import (
    BadInput,
    LimitExceeded,
    MessageGone,
    NotFound,
    PartTooLarge,
    PortClosed,
    PrivacyForbids,
    WrongPassword,
)
from core.imap import peek
from core.preview import fetching
from core.store import integrations, previews
from core.store.engine import reading, writing
from tests.servers import letters
from tests.servers.conftest import Place
from tests.servers.device import Device, snapshot
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import Installation

pytestmark = pytest.mark.server


@pytest.fixture
def opened(installation: Installation, account: Account) -> Callable[..., int]:
    """Deliver mails, connect and sync; give the integration's id."""

    def open_up(*mails: bytes, privacy: str = "body") -> int:
        with Device(account) as phone:
            for raw in mails:
                phone.deliver("INBOX", raw=raw)
        one = installation.connect(account)
        installation.sync(one)
        set_privacy(installation, one, privacy)
        return one

    return open_up


def set_privacy(installation: Installation, one: int, level: str) -> None:
    with writing(installation.runtime.engine) as conn:
        integrations.change(conn, one, privacy=level)


def newest(installation: Installation, one: int) -> int:
    rows = browse.page(installation.runtime, Question((one,))).rows
    return int(rows["message_id"].iloc[0])


def look(installation: Installation, one: int) -> preview.Preview:
    return preview.look(installation.runtime, one, newest(installation, one))


@pytest.mark.parametrize("place", ["full", "bare", "cyrus"], indirect=True)
def test_a_look_changes_nothing(
    installation: Installation, place: Place, box: Account
) -> None:
    raw = letters.of_html("<p>Olá <b>Ana</b></p>", text="Olá Ana")
    if place.server.__class__ is Dovecot:
        with Device(box) as phone:
            phone.deliver("INBOX", raw=raw)
    else:
        place.server.fill(box, {"INBOX": 1})
    one = installation.connect(box)
    installation.sync(one)
    set_privacy(installation, one, "body")
    before = snapshot(box) if place.server.__class__ is Dovecot else None
    found = look(installation, one)
    assert found.body.html or found.body.text
    assert preview.source(installation.runtime, one, newest(installation, one)).text
    if before is not None:
        assert r"\Seen" not in before["INBOX"][1].flags
        assert snapshot(box) == before


def test_html_is_shown_and_the_text_only_when_asked_for(
    installation: Installation, opened: Callable[..., int]
) -> None:
    html = "<p onclick='x()'>Reunião</p><img src='http://tracker.example/p.png'>"
    one = opened(letters.of_html(html, "Reunião", text="Reunião às 10"))
    found = look(installation, one)
    assert found.subject == "Reunião"
    assert "<p>Reunião</p>" in found.body.html
    assert "tracker" not in found.body.html
    assert [(n.code, n.count) for n in found.body.notes] == [("remote", 1)]
    assert found.body.text == ""
    told = preview.text(installation.runtime, one, newest(installation, one))
    assert told.text.strip() == "Reunião às 10"
    (sender,) = (p for p in found.people if p.role == "from")
    assert sender.people[0].text == "Bruno <bruno@example.net>"


def test_an_image_that_came_along_is_shown_as_data(
    installation: Installation, opened: Callable[..., int]
) -> None:
    source = '<img src="cid:logo@example.net"><img src="cid:other@example.net">'
    found = look(installation, opened(letters.with_image(source)))
    assert found.body.html.count("data:image/png;base64,") == 1
    assert [(n.code, n.count) for n in found.body.notes] == [("lost", 1)]
    assert found.attachments == ()


HOSTILE = {
    "..\\..\\x.exe": "x.exe",
    "../../etc/passwd": "passwd",
    "a.pdf\u202eexe": "a.pdfexe",
    "CON.txt": "_CON.txt",
    "x" * 300 + ".pdf": "x" * 116 + ".pdf",
    "relatório.pdf": "relatório.pdf",
    ".htaccess": "htaccess",
    "a:b|c?.txt": "a_b_c_.txt",
}


def test_attachments_are_listed_and_downloaded_by_safe_names(
    installation: Installation, opened: Callable[..., int]
) -> None:
    files = [(name, f"data of {n}".encode()) for n, name in enumerate(HOSTILE)]
    one = opened(letters.with_files(*files))
    found = look(installation, one)
    assert [a.name for a in found.attachments] == list(HOSTILE.values())
    odd = {a.name: a.odd for a in found.attachments}
    assert odd["a.pdfexe"] == ("hidden",)
    assert odd["x.exe"] == ("runs",)
    message = newest(installation, one)
    for (name, data), listed in zip(files, found.attachments, strict=True):
        got = preview.attachment(installation.runtime, one, message, listed.section)
        assert (got.name, got.data) == (HOSTILE[name], data)
    with pytest.raises(NotFound):
        preview.attachment(installation.runtime, one, message, "99")
    with pytest.raises(NotFound):
        preview.attachment(installation.runtime, one, message, "1] BODY[2")


def test_a_large_part_comes_piece_by_piece_and_up_to_a_limit(
    installation: Installation, opened: Callable[..., int]
) -> None:
    data = bytes(range(256)) * 14_000  # 3.6 MB
    one = opened(letters.with_files(("big.bin", data)))
    message = newest(installation, one)
    seen: list[tuple[int, int]] = []
    got = preview.attachment(
        installation.runtime,
        one,
        message,
        "2",
        lambda come, of: seen.append((come, of)),
    )
    assert got.data == data
    assert len(seen) > 3
    assert [come for come, _ in seen] == sorted({come for come, _ in seen})
    assert seen[-1][0] == seen[-1][1]
    small = installation.runtime.settings.model_copy(update={"attachment_mib": 1})
    object.__setattr__(installation.runtime, "settings", small)
    with pytest.raises(PartTooLarge) as told:
        preview.attachment(installation.runtime, one, message, "2")
    assert told.value.facts == {"limit_kib": "1024"}


def test_what_a_server_understates_is_stopped_where_the_limit_is(
    installation: Installation, opened: Callable[..., int]
) -> None:
    one = opened(letters.with_files(("big.bin", b"x" * 3_000_000)))
    piece = look(installation, one).pieces["2"]
    with reading(installation.runtime.engine) as conn:
        sought = previews.sought(conn, one, newest(installation, one))
    with fetching.opened(installation.runtime, sought) as there:
        with pytest.raises(LimitExceeded):
            fetching.file(there, piece, 1_000_000, lambda _: None)
        with pytest.raises(BadInput):
            peek.beginning(there.session, there.uid, "1]<0.1> FLAGS", 10)


def test_a_message_that_moved_or_went_is_said_so(
    installation: Installation, opened: Callable[..., int], account: Account
) -> None:
    mails = [letters.of_html(f"<p>{n}</p>", f"Mail {n}") for n in range(3)]
    one = opened(*mails)
    rows = browse.page(installation.runtime, Question((one,))).rows
    ids = {r["subject"]: int(r["message_id"]) for r in rows.to_dict("records")}
    with Device(account) as phone:
        phone.create("Feitos")
        phone.move("INBOX", 1, "Feitos")
        phone.delete("INBOX", 2)
    for name in ("Mail 0", "Mail 1"):
        with pytest.raises(MessageGone):
            preview.look(installation.runtime, one, ids[name])
    assert (
        "<p>2</p>" in preview.look(installation.runtime, one, ids["Mail 2"]).body.html
    )
    installation.sync(one)
    assert (
        "<p>0</p>" in preview.look(installation.runtime, one, ids["Mail 0"]).body.html
    )


def test_another_uidvalidity_is_another_message(
    installation: Installation,
    opened: Callable[..., int],
    account: Account,
    dovecot: Dovecot,
) -> None:
    one = opened(letters.of_html("<p>secret of the old</p>"))
    dovecot.set_uidvalidity(account, "INBOX", 4_000_000_000)
    with pytest.raises(MessageGone):
        look(installation, one)


@pytest.mark.parametrize("level", ["metadata", "subject"])
def test_the_privacy_level_decides(
    installation: Installation, opened: Callable[..., int], level: str
) -> None:
    one = opened(letters.of_html("<p>x</p>"), privacy=level)
    runtime, message = installation.runtime, newest(installation, one)
    token = preview.address(runtime, one, message).removeprefix(preview.PATH)
    asks = [
        lambda: preview.look(runtime, one, message),
        lambda: preview.text(runtime, one, message),
        lambda: preview.source(runtime, one, message),
        lambda: preview.attachment(runtime, one, message, "1"),
        lambda: preview.document(runtime, token, "x", "en"),
    ]
    for ask in asks:
        with pytest.raises(PrivacyForbids):
            ask()
    set_privacy(installation, one, "body")
    assert "<p>x</p>" in preview.look(runtime, one, message).body.html
    set_privacy(installation, one, level)  # what was kept is not shown any more
    for ask in asks:
        with pytest.raises(PrivacyForbids):
            ask()


def test_a_message_of_another_mailbox_is_not_found(
    installation: Installation, opened: Callable[..., int]
) -> None:
    one = opened(letters.of_html("<p>x</p>"))
    message = newest(installation, one)
    for integration_id, message_id in ((one, message + 99), (one + 99, message)):
        with pytest.raises(NotFound):
            preview.look(installation.runtime, integration_id, message_id)


def test_what_was_fetched_is_at_hand_without_the_server(
    installation: Installation, opened: Callable[..., int]
) -> None:
    one = opened(letters.of_html("<p>x</p>"), letters.of_html("<p>y</p>", "Other"))
    first = look(installation, one)
    installation.use_port(one, 1)
    assert look(installation, one) is first
    ids = browse.page(installation.runtime, Question((one,))).rows["message_id"]
    with pytest.raises(PortClosed):
        preview.look(installation.runtime, one, int(ids.iloc[-1]))


def test_a_refused_password_is_told_as_such(
    installation: Installation, opened: Callable[..., int]
) -> None:
    one = opened(letters.of_html("<p>x</p>"))
    with writing(installation.runtime.engine) as conn:
        integrations.change(conn, one, login="deny@example.org")
    with pytest.raises(WrongPassword):
        look(installation, one)


def test_a_thousand_parts_and_fifty_thousand_people(
    installation: Installation, opened: Callable[..., int]
) -> None:
    one = opened(letters.nested(1_000), letters.beside(1_000), letters.to_many(50_000))
    rows = browse.page(installation.runtime, Question((one,))).rows
    ids = sorted(int(i) for i in rows["message_id"])
    deep, wide, many = (preview.look(installation.runtime, one, i) for i in ids)
    assert {n.code for n in deep.notes} == {"left_out"}
    (left,) = (n.count for n in wide.notes if n.code == "left_out")
    assert left > 600
    assert wide.body.text.strip() == "a part"
    assert many.subject == "Below"
    (to,) = (p for p in many.people if p.role == "to")
    assert to.more
    assert len(to.people) == 100
    (sender,) = (p for p in many.people if p.role == "from")
    assert sender.people[0].address == "bruno@example.net"
    assert {n.code for n in many.notes} == {"header_cut"}
