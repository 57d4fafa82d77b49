"""What the receiving server states of a sender, and what does not count."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from core.mime import fields
from core.mime.authentication import Authentication, Result, stated

OWN = ("gmail.com", "imap.gmail.com")
GMAIL = """\
Delivered-To: ana@gmail.com
Received: by 2002:a05:6402:2682 with SMTP id w2; Mon, 2 Nov 2026 10:00:00 -0800 (PST)
ARC-Authentication-Results: i=1; mx.google.com; dkim=fail header.d=arc.example
Received: from mail.example.com (mail.example.com. [192.0.2.1])
        by mx.google.com with ESMTPS id x1 for <ana@gmail.com>
Authentication-Results: mx.google.com;
       dkim=pass (good; \\) "really" (nested)) header.i=@example.com header.s=s1;
       spf=pass (google.com: domain of b@example.com) smtp.mailfrom=b@example.com;
       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.com
Received: from somebody
Authentication-Results: mx.google.com; dkim=pass header.d=forged.example
Subject: x
"""
MICROSOFT = """\
Received: from A.namprd01.prod.outlook.com by B.namprd02.prod.outlook.com with HTTPS
Authentication-Results: spf=softfail (sender IP is 192.0.2.9)
 smtp.mailfrom=example.com; dkim=none (message not signed)
 header.d=none;dmarc=fail action=quarantine header.from=example.com;compauth=fail
"""


def read(header: str, own: tuple[str, ...] = OWN) -> Authentication:
    block = header.replace("\n", "\r\n").encode()
    return stated(fields.read(block), own)


def test_what_gmail_states() -> None:
    found = read(GMAIL)
    assert found.server == "mx.google.com"
    assert found.results == (
        Result("dkim", "pass", "example.com"),
        Result("spf", "pass", "example.com"),
        Result("dmarc", "pass", "example.com"),
    )
    assert found.others == ()


def test_microsoft_names_no_server() -> None:
    found = read(MICROSOFT, ("example.org", "outlook.office365.com"))
    assert found.server == "b.namprd02.prod.outlook.com"
    assert found.of("spf") == (Result("spf", "softfail", "example.com"),)
    assert found.of("dkim") == (Result("dkim", "none", "none"),)
    assert found.of("dmarc")[0].result == "fail"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Subject: x\n",
        "Authentication-Results: evil.example; spf=pass; dkim=pass; dmarc=pass\n",
        "Authentication-Results: gmail.com.evil.example; dmarc=pass\n",
        "Authentication-Results: spf=pass smtp.mailfrom=bank.example\n",
        "X-Authentication-Results: mx.gmail.com; spf=pass\n",
        "Authentication-Results: com; spf=pass\n",
    ],
)
def test_anybodys_statement_does_not_count(header: str) -> None:
    found = read(header)
    assert (found.server, found.results) == ("", ())


def test_whose_statements_did_not_count_is_said() -> None:
    header = "Authentication-Results: evil.example; spf=pass\n"
    assert read(header).others == ("evil.example",)


@pytest.mark.parametrize(
    ("value", "results"),
    [
        ("mx.gmail.com; none", []),
        ("mx.gmail.com 1; spf=pass", [("spf", "pass", "")]),
        (
            "mx.gmail.com; spf/1 = pass smtp . mailfrom = a@b.example",
            [("spf", "pass", "b.example")],
        ),
        (
            'mx.gmail.com; dkim=fail reason="a;b" header.d=x.example',
            [("dkim", "fail", "x.example")],
        ),
        ("mx.gmail.com; SPF=PASS smtp.helo=h.example", [("spf", "pass", "h.example")]),
        ("mx.gmail.com; spf=wonderful", [("spf", "unknown", "")]),
        ("mx.gmail.com; iprev=pass; auth=pass; spf=none", [("spf", "none", "")]),
        ("mx.gmail.com; dkim=pass header.d=a.example; dkim=fail header.d=b.example",
         [("dkim", "pass", "a.example"), ("dkim", "fail", "b.example")]),
        ("(c) mx.gmail.com (d); (e) spf=pass (f", [("spf", "pass", "")]),
        (
            "mx.gmail.com; spf=pass smtp.mailfrom=\u202eevil.example",
            [("spf", "pass", "\ufffdevil.example")],
        ),
    ],
)  # fmt: skip
def test_how_it_is_read(value: str, results: list[tuple[str, str, str]]) -> None:
    found = read(f"Authentication-Results: {value}\n")
    assert found.results == tuple(Result(*one) for one in results)


def test_second_level_names_are_nobodys_own() -> None:
    header = "Authentication-Results: mx.evil.com.br; spf=pass\n"
    assert read(header, ("bank.com.br",)).results == ()
    header = "Authentication-Results: mx.bank.com.br; spf=pass\n"
    assert read(header, ("bank.com.br",)).of("spf")


@given(st.binary(max_size=2_000))
def test_any_header_is_read(block: bytes) -> None:
    stated(fields.read(b"Authentication-Results: mx.gmail.com;" + block), OWN)


def test_very_many_are_bounded() -> None:
    header = "Authentication-Results: mx.gmail.com; dkim=pass\n" * 5_000
    found = read(header)
    assert len(found.results) == 20
    names = "".join(f"Authentication-Results: m{n}.example; x=y\n" for n in range(500))
    assert len(read(names).others) == 10
