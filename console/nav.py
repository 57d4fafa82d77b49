"""The table of pages: one row a page, in the order of the menu."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.i18n import Texts

PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: its file and its place in the menu (keys of texts `nav.*`)."""

    name: str
    section: str
    icon: str

    @property
    def path(self) -> Path:
        """Give the file of the page."""
        return PAGES / f"{self.name}.py"


TABLE = (
    Entry("start", "", ":material/home:"),
    Entry("activities", "execution", ":material/task_alt:"),
    Entry("compose", "execution", ":material/edit_square:"),
    Entry("outbox", "execution", ":material/outbox:"),
    Entry("fleet", "monitoring", ":material/dns:"),
    Entry("sync", "monitoring", ":material/sync:"),
    Entry("alerts", "monitoring", ":material/notifications:"),
    Entry("messages", "monitoring", ":material/mail:"),
    Entry("volume", "analysis", ":material/bar_chart:"),
    Entry("correspondents", "analysis", ":material/contacts:"),
    Entry("integrations", "settings", ":material/extension:"),
    Entry("templates", "settings", ":material/drafts:"),
)


def menu(t: Texts) -> dict[str, list[st.Page]]:
    """Build the menu in the reader's language: sections with their pages."""
    sections: dict[str, list[st.Page]] = {}
    for entry in TABLE:
        head = t(f"nav.section.{entry.section}") if entry.section else ""
        sections.setdefault(head, []).append(_page(entry, t))
    return sections


def path(name: str) -> Path:
    """Give what `st.switch_page` and `st.page_link` want for a page by name."""
    return next(entry.path for entry in TABLE if entry.name == name)


def _page(entry: Entry, t: Texts) -> st.Page:
    return st.Page(
        entry.path,
        title=t(f"nav.{entry.name}"),
        icon=entry.icon,
        url_path=entry.name,
        default=entry.name == "start",
    )
