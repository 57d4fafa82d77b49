"""Settings in Thunderbird's format: plain facts out of hostile documents."""

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from core.discovery import Candidate, Source
from core.discovery.autoconfig import read
from core.discovery.found import NOWHERE
from core.errors import ProtocolBroken
from core.model import Security, Server
from core.network import Policy
from core.providers import UserName

DOMAIN = "a.example"
IMAP = ("imap", "imap.a.example", 993, "SSL", "%EMAILADDRESS%")
SMTP = ("smtp", "smtp.a.example", 465, "SSL", "%EMAILADDRESS%")
Entry = tuple[str, str, object, str, str]


def document(*entries: Entry, before: str = "") -> bytes:
    servers = "".join(_server(*entry) for entry in entries)
    provider = f'<emailProvider id="x"><domain>x</domain>{servers}</emailProvider>'
    config = f'<clientConfig version="1.1">{provider}</clientConfig>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}{config}'.encode()


def _server(kind: str, host: str, port: object, security: str, user: str) -> str:
    tag = "outgoingServer" if kind == "smtp" else "incomingServer"
    return (
        f'<{tag} type="{kind}"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{security}</socketType><username>{user}</username></{tag}>"
    )


def found(*entries: Entry, policy: Policy | None = None) -> Candidate | None:
    return read(document(*entries), DOMAIN, Source.AUTOCONFIG, policy or Policy())


def test_servers_and_the_form_of_the_user_name() -> None:
    assert found(IMAP, SMTP) == Candidate(
        Source.AUTOCONFIG,
        Server("imap.a.example", 993),
        Server("smtp.a.example", 465),
        UserName.ADDRESS,
    )


@pytest.mark.parametrize(
    ("user", "form"),
    [
        ("%EMAILADDRESS%", UserName.ADDRESS),
        (" %emaillocalpart% ", UserName.LOCAL),
        ("%EMAILLOCALPART%@%EMAILDOMAIN%", UserName.ADDRESS),
        ("customer-%EMAILLOCALPART%", UserName.UNKNOWN),
        ("", UserName.UNKNOWN),
    ],
)
def test_forms_of_the_user_name(user: str, form: UserName) -> None:
    candidate = found((*IMAP[:4], user), SMTP)
    assert candidate
    assert candidate.user_name is form


def test_tls_is_preferred_and_other_protocols_left() -> None:
    pop = ("pop3", "pop.a.example", 995, "SSL", "%EMAILADDRESS%")
    slow = ("imap", "imap.a.example", 143, "STARTTLS", "%EMAILADDRESS%")
    submission = ("smtp", "smtp.a.example", 587, "STARTTLS", "%EMAILADDRESS%")
    candidate = found(pop, slow, IMAP, submission)
    assert candidate
    assert candidate.imap == Server("imap.a.example", 993)
    assert candidate.smtp == Server("smtp.a.example", 587, Security.STARTTLS)


@pytest.mark.parametrize(
    "entry",
    [
        ("imap", "imap.a.example", 143, "plain", "%EMAILADDRESS%"),
        ("imap", "imap.a.example", 993, "", "%EMAILADDRESS%"),
        ("imap", "", 993, "SSL", ""),
        ("imap", "https://imap.a.example/", 993, "SSL", ""),
        ("imap", "user:pw@imap.a.example", 993, "SSL", ""),
        ("imap", "127.1", 993, "SSL", ""),
        ("imap", "a\nb.example", 993, "SSL", ""),
        ("imap", "imap.a.example", 22, "SSL", ""),
        ("imap", "imap.a.example", 0, "SSL", ""),
        ("imap", "imap.a.example", 65536 + 993, "SSL", ""),
        ("imap", "imap.a.example", "٩٩٣", "SSL", ""),
        ("imap", "imap.a.example", -993, "SSL", ""),
        ("imap", "imap.a.example", "9" * 5000, "SSL", ""),
        ("pop3", "imap.a.example", 993, "SSL", ""),
    ],
)
def test_entries_that_are_not_taken(entry: Entry) -> None:
    assert found(entry, SMTP) is None
    good = found(entry, IMAP, SMTP)
    assert good
    assert good.imap == Server("imap.a.example", 993)


def test_another_port_only_where_a_setting_names_the_host() -> None:
    odd = ("imap", "imap.a.example", 4143, "SSL", "%EMAILADDRESS%")
    assert found(odd) is None
    allowed = Policy(allow_hosts=frozenset({"imap.a.example"}))
    candidate = found(odd, policy=allowed)
    assert candidate
    assert (candidate.imap.port, candidate.smtp) == (4143, NOWHERE)


def test_the_domain_may_be_left_open() -> None:
    candidate = found(("imap", "imap.%EMAILDOMAIN%", 993, "SSL", ""))
    assert candidate
    assert candidate.imap.host == "imap.a.example"


LAUGHS = "<!DOCTYPE x [" + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12)
)


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<html><body>It works!</body></html>",
        b"not xml at all",
        b"\xff\xfe\x00",
        b"<clientConfig/>",
        b'<?xml version="1.0" encoding="no-such"?><clientConfig/>',
        b"<clientConfig><emailProvider>",
        document(IMAP, before=LAUGHS + "]>"),
        document(IMAP, before='<!DOCTYPE x SYSTEM "file:///etc/passwd">'),
        document(IMAP, before='<!DOCTYPE x [<!ENTITY e SYSTEM "https://b.example">]>'),
        b"<a>" * 60_000,
        b"<a>" * 30_000 + b"</a>" * 30_000,
    ],
)
def test_what_is_no_such_document(page: bytes) -> None:
    with pytest.raises(ProtocolBroken) as broken:
        read(page, DOMAIN, Source.DATABASE, Policy())
    assert "passwd" not in str(broken.value)


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_document_does_worse_than_being_refused(junk: bytes, at: int) -> None:
    good = document(IMAP, SMTP)
    with suppress(ProtocolBroken):
        read(good[:at] + junk + good[at:], DOMAIN, Source.AUTOCONFIG, Policy())
