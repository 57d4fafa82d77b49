"""The console without a browser: pages run by AppTest on a store of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from console import runtime as shared
from console.nav import path
from core.runtime import Runtime
from core.store import workers
from core.store.engine import writing
from tests.console.message_boxes import Boxes, fill_boxes

ENTRY = Path(shared.__file__).parent / "entry" / "app.py"
LOCALES = {"pt_BR": "pt-BR", "en": "en-US"}


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    """Open an empty installation, with a worker that says it lives."""
    monkeypatch.setenv("MALOTE_DATA", str(tmp_path / "data"))
    shared.runtime.cache_clear()
    opened = shared.runtime()
    with writing(opened.engine) as conn:
        workers.beat(conn, "test:0:0", opened.clock())
    yield opened
    opened.engine.dispose()
    shared.runtime.cache_clear()


@pytest.fixture
def boxes(runtime: Runtime) -> Boxes:
    """Fill two mailboxes with what the messages page shows."""
    return fill_boxes(runtime)


def visit(name: str, language: str = "pt_BR", **question: str) -> AppTest:
    """Open a page as a browser of that language would, by its deep link."""
    at = AppTest.from_file(str(ENTRY), default_timeout=20)
    at.context = {
        "locale": LOCALES[language],
        "timezone": "America/Sao_Paulo",
    }
    at.run()
    for key, value in question.items():
        at.query_params[key] = value
    if name != "start":
        at.switch_page(str(path(name)))
    return at.run()


def words(at: AppTest) -> str:
    """Give all that the page says, as one text."""
    kinds = (
        at.title, at.markdown, at.caption, at.text, at.info, at.warning, at.error,
        at.success, at.subheader, at.header,
    )  # fmt: skip
    said = [str(element.value) for kind in kinds for element in kind]
    said += [f"{m.label} {m.value}" for m in at.metric]
    said += [b.label for b in at.button]
    return "\n".join(said).replace("\\", "")
