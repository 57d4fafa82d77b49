"""What a submission server offers is used, and nothing else is."""

from __future__ import annotations

import pytest

from core.errors import AddressNotSupported, MailTooLarge, SubmissionRefused
from core.submitting import Envelope
from tests.certificates import Certificates
from tests.servers.steps import Expect
from tests.servers.submitted import ANN, BEN, LOGIN, MAIL, sent

pytestmark = pytest.mark.server

AUTH = b"AUTH PLAIN"
JOAO = Envelope(LOGIN, ("joão@example.net",))
UTF8 = "Subject: Olá\r\n\r\nOi\r\n".encode()


@pytest.mark.parametrize(
    ("offers", "mail", "rcpt"),
    [
        ([], "", ""),
        ([b"SIZE"], f" SIZE={len(MAIL)}", ""),
        ([b"PIPELINING", b"CHUNKING", b"8BITMIME", b"SMTPUTF8"], "", ""),
        (
            [b"SIZE 9999", b"DSN"],
            f" SIZE={len(MAIL)} RET=HDRS ENVID=malote-1",
            " NOTIFY=FAILURE,DELAY ORCPT=rfc822;",
        ),
    ],
)
def test_commands(
    certificates: Certificates, offers: list[bytes], mail: str, rcpt: str
) -> None:
    seen = sent(certificates, {"offers": [*offers, AUTH]})
    assert seen.submitted
    said = [one.decode() for one in seen.server.said(rb"\A(MAIL|RCPT)")]
    assert said == [
        f"MAIL FROM:<{LOGIN}>{mail}",
        *(f"RCPT TO:<{who}>{rcpt}{who if rcpt else ''}" for who in (ANN, BEN)),
    ]


@pytest.mark.parametrize(("limit", "fits"), [(len(MAIL), True), (len(MAIL) - 1, False)])
def test_the_size_that_is_stated(
    certificates: Certificates, limit: int, fits: bool
) -> None:
    seen = sent(certificates, {"offers": [b"SIZE %d" % limit, AUTH]})
    assert bool(seen.submitted) is fits
    if not fits:
        assert type(seen.error) is MailTooLarge
        assert seen.error.facts["size_bytes"] == str(len(MAIL))
        assert seen.error.facts["limit_bytes"] == str(limit)
        assert not seen.server.said(b"MAIL")


def test_what_is_offered_after_the_login_counts(certificates: Certificates) -> None:
    after = [b"250-mail.example.org", b"250-DSN", b"250 SIZE 20"]
    behaviour = {"offers": [b"SIZE 9999", AUTH], "ehlo_after": after}
    seen = sent(certificates, behaviour)
    assert type(seen.error) is MailTooLarge
    seen = sent(certificates, {**behaviour, "ehlo_after": [*after[:-1], b"250 X"]})
    assert seen.server.said(rb"MAIL FROM:\S+ RET=")
    assert not seen.server.said(b"SIZE=")


@pytest.mark.parametrize("stated", [b"SIZE 0", b"SIZE", b"SIZE x", b"SIZE -1"])
def test_no_limit_is_stated(certificates: Certificates, stated: bytes) -> None:
    assert sent(certificates, {"offers": [stated, AUTH]}).submitted


def test_letters_beyond_ascii_need_a_server_that_takes_them(
    certificates: Certificates,
) -> None:
    offers = [b"8BITMIME", b"SMTPUTF8", b"DSN", AUTH]
    seen = sent(certificates, {"offers": offers}, envelope=JOAO, content=UTF8)
    assert seen.submitted
    (mail,) = seen.server.said(b"MAIL")
    assert mail == f"MAIL FROM:<{LOGIN}> SMTPUTF8 BODY=8BITMIME RET=HDRS".encode()
    (rcpt,) = seen.server.said(b"RCPT")
    assert rcpt == "RCPT TO:<joão@example.net> NOTIFY=FAILURE,DELAY".encode()
    assert seen.server.contents == [UTF8]


@pytest.mark.parametrize(
    "envelope",
    [
        JOAO,
        Envelope("joão@example.org", (ANN,)),
        Envelope(LOGIN, (ANN,), smtputf8=True),
    ],
)
def test_a_server_that_does_not_take_them_gets_nothing(
    certificates: Certificates, envelope: Envelope
) -> None:
    seen = sent(certificates, {}, envelope=envelope)
    assert type(seen.error) is AddressNotSupported
    assert not seen.server.said(b"MAIL|RCPT")


def test_eight_bits_need_a_server_that_takes_them(certificates: Certificates) -> None:
    seen = sent(certificates, {"offers": [AUTH]}, content=UTF8)
    assert type(seen.error) is SubmissionRefused
    assert not seen.server.said(b"MAIL")
    assert sent(certificates, {}, content=UTF8).server.said(b"BODY=8BITMIME")


def test_by_auth_login_where_that_is_all_there_is(certificates: Certificates) -> None:
    behaviour = {
        "offers": [b"AUTH LOGIN"],
        "auth": [b"334 UGFzc3dvcmQ6", Expect(rb"\AWnE3LUNBTkFSWS05ZjNl\Z"), b"235 ok"],
    }
    assert sent(certificates, behaviour).submitted
