"""The button of the support bundle, and the link beside it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from console import bundle_button
from core import bundle
from core.errors import BadInput
from core.i18n import Texts
from core.runtime import Runtime
from core.settings import read_settings

LINK = "https://help.example.org/new?product=malote"


def page() -> None:
    from console import bundle_button  # noqa: PLC0415 - AppTest runs the text of this
    from core.i18n import Texts  # noqa: PLC0415

    bundle_button.show(Texts("en"))


def protos(at: AppTest, kind: str) -> list[Any]:
    return [one.proto for one in at.get(kind)]


@pytest.mark.usefixtures("runtime")
def test_it_offers_a_bundle_and_no_link_unless_set() -> None:
    at = AppTest.from_function(page).run()
    assert not at.exception
    [button] = protos(at, "download_button")
    assert button.label == Texts("en")("bundle.button")
    assert button.deferred_file_id
    assert protos(at, "link_button") == []


def test_the_link_leads_where_a_setting_says(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = runtime.settings.model_copy(update={"help_url": LINK})
    asked = replace(runtime, settings=settings)
    monkeypatch.setattr(bundle_button, "runtime", lambda: asked)
    at = AppTest.from_function(page).run()
    [link] = protos(at, "link_button")
    assert link.url == LINK


def test_what_is_downloaded_is_a_bundle(runtime: Runtime) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle.make(runtime))) as made:
        assert set(bundle.MEMBERS) < set(made.namelist())
    assert bundle.file_name(runtime.clock()).startswith("malote-support-20")


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://help.example.org", "https://", "help", "mailto:"],
)
def test_a_link_that_is_no_page_and_no_address_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALOTE_HELP_URL", url)
    with pytest.raises(BadInput) as refused:
        read_settings()
    assert refused.value.field == "MALOTE_HELP_URL"


@pytest.mark.parametrize("url", ["", LINK, "mailto:help@example.org"])
def test_a_link_to_a_page_or_an_address_is_taken(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALOTE_HELP_URL", url)
    assert read_settings().help_url == url
