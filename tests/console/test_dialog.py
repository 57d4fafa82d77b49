"""The dialog keeps no password, and connects nothing that is not confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from console import server
from console.nav import path
from core import watch
from core.runtime import Runtime
from tests.console.conftest import visit, words

pytestmark = pytest.mark.usefixtures("runtime")
CANARY = "Zq7-CANARY-9f3e"


def opened() -> AppTest:
    at = visit("integrations")
    return at.button(key="connect_imap").click().run()


def test_the_limitations_are_in_words_and_connect_waits_for_them(
    runtime: Runtime,
) -> None:
    at = opened()
    assert "não garante a rastreabilidade" in words(at)
    assert at.button(key="connect_submit").disabled
    assert watch.overview(runtime).empty


def test_the_dialog_offers_no_plaintext() -> None:
    at = opened()
    for side in ("imap", "smtp"):
        offered = at.selectbox(key=f"connect_{side}_security").options
        assert len(offered) == 2
        assert not [name for name in offered if "Nenhuma" in name]


def test_no_password_stays_when_the_dialog_is_left() -> None:
    at = opened()
    typed = next(t for t in at.text_input if t.key and "password" in t.key)
    typed.set_value(CANARY).run()
    at.switch_page(str(path("sync"))).run()
    held = str(at.session_state._state.filtered_state)
    assert CANARY not in held
    assert CANARY not in str(at.query_params)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server.address", "127.0.0.1"),
        ("runner.postScriptGC", False),
        ("client.showErrorDetails", "none"),
        ("browser.gatherUsageStats", False),
        ("server.fileWatcherType", "none"),
    ],
)
def test_the_launcher_is_tuned_and_closed(name: str, value: object) -> None:
    assert server.config(8501)[name] == value


def test_no_pages_folder_stands_beside_the_entry_script() -> None:
    entry = Path(server.__file__).parent / "entry"
    assert (entry / "app.py").is_file()
    assert not (entry / "pages").exists()


def test_the_policy_lets_no_foreign_script_in() -> None:
    policy = server.policy()
    assert "script-src 'self' 'sha256-" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy
