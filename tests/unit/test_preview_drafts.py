"""A mail that is being written is looked at like mail from others: harmless, framed."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest
import requests
from starlette.applications import Starlette

from console import preview_routes
from core import preview
from core.errors import LinkExpired
from tests.servers.serving import HOST, serving

TEXT = "Olá João,\n\n\u202eatenção"
HTML = "<p>Olá <b>João</b><script>alert(1)</script><img src='http://x.example/t'></p>"


def composed() -> bytes:
    message = EmailMessage(SMTP)
    message["Subject"] = "Proposta"
    message["From"] = "Ana <ana@example.org>"
    message.set_content(TEXT)
    message.add_alternative(HTML, subtype="html")
    return message.as_bytes()


def test_a_composed_message_is_taken_apart() -> None:
    found = preview.look_at_draft(composed())
    assert "Subject: Proposta" in found.headers.splitlines()
    assert found.text.splitlines()[0] == "Olá João,"
    assert "\u202e" not in found.text
    assert "<b>João</b>" in found.html
    assert "script" not in found.html
    assert "x.example" not in found.html


def test_the_same_html_has_the_same_name_and_others_have_none() -> None:
    one, other = preview.draft_address("<p>a</p>"), preview.draft_address("<p>b</p>")
    assert one == preview.draft_address("<p>a</p>") != other
    name = one.removeprefix(preview.DRAFT_PATH)
    assert "<p>a</p>" in preview.draft_document(name, "x", "en")
    with pytest.raises(LinkExpired):
        preview.draft_document("0" * len(name), "x", "en")


@pytest.mark.server
def test_the_frame_gets_a_page_that_can_do_nothing() -> None:
    path = preview.draft_address("<p>Olá</p>")
    with serving(Starlette(routes=preview_routes.routes())) as port:
        url, wait = f"http://{HOST}:{port}", 10
        found = requests.get(f"{url}{path}", timeout=wait)
        assert found.status_code == 200
        assert "<p>Olá</p>" in found.text
        assert found.headers["content-security-policy"] == preview.HEADER_POLICY
        gone = requests.get(
            f"{url}{preview.DRAFT_PATH}nothing",
            headers={"accept-language": "en"},
            timeout=wait,
        )
        assert gone.status_code == 410
        assert "no longer good" in gone.text
        assert requests.post(f"{url}{path}", timeout=wait).status_code == 405
