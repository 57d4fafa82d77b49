"""What the provider of an address needs, and where its servers are: said as one types.

Nothing is asked of anybody before a button is pressed, and each button says who will
be asked, and what they learn by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from console import fields
from console.fields import PREFIX, key, value
from console.runtime import runtime
from console.widgets import escaped
from core import discovery, providers
from core.discovery import Asked, Candidate, Found
from core.i18n import Texts
from core.model import Method, Security, Server
from core.providers import Provider, UserName
from core.words import explain_code

MARKS = {"found": "check", "nothing": "remove"}


@dataclass(slots=True)
class Search:
    """What is known of the servers of an address, and how far was looked."""

    address: str
    found: Found | None = None
    stage: str = "new"  # new, catalogue, dns, wide


def search_for(address: str) -> Search:
    """Give what is known of an address; a new one begins anew with the catalogue."""
    kept: Search | None = st.session_state.get(PREFIX + "search")
    if kept is not None and kept.address == address:
        return kept
    search = Search(address)
    search.found = discovery.at_once(address) if address else None
    search.stage = "catalogue" if search.found else "new"
    st.session_state[PREFIX + "search"] = search
    return search


def typed() -> None:
    """Fill in the servers of an address that was just typed, if they are known."""
    fill_in(search_for(value("address").strip()))


def fill_in(search: Search) -> None:
    """Fill in the best servers that were found, over none that a person typed."""
    found = search.found
    mine = st.session_state.get(PREFIX + "filled")
    if (value("imap_host"), value("smtp_host")) not in {("", ""), mine}:
        return
    if found is not None and found.candidates:
        fill(found.candidates[0], search.address)
    elif mine is not None:  # of another address: nobody chose them for this one
        clear()


def fill(one: Candidate, address: str) -> None:
    """Fill in servers, ports and user name."""
    fields.servers(one.imap, one.smtp)
    local = address.rpartition("@")[0]
    key("login", local if one.user_name is UserName.LOCAL else "")
    st.session_state[PREFIX + "filled"] = (one.imap.host, one.smtp.host)


def clear() -> None:
    """Take back what was filled in."""
    for side, port in (("imap", 993), ("smtp", 465)):
        key(f"{side}_host", "")
        key(f"{side}_port", port)
        key(f"{side}_security", Security.TLS)
    key("login", "")
    st.session_state.pop(PREFIX + "filled", None)


def leads_to(search: Search) -> Method | None:
    """Give the method whose button an address is led to, unless a person objected."""
    objected = value("by_password") == search.address
    if search.found is None or objected:
        return None
    method = search.found.method
    return method if method in {Method.GOOGLE, Method.MICROSOFT} else None


def show(t: Texts, search: Search) -> None:
    """Show what is known of the provider, or offer to look for it."""
    found = search.found
    if not search.address or "@" not in search.address:
        return
    provider = providers.catalogue().by_id(found.provider) if found else None
    with st.container(border=True, key=PREFIX + "provider"):
        if provider is not None:
            _provider(t, provider, search.address)
        elif found is not None and not found.takes_mail:
            st.warning(_of_domain(t, "find.no_mail", search), icon=":material/block:")
        if found is not None and found.candidates and search.stage != "catalogue":
            _candidates(t, search, found)
        if provider is None:
            _look(t, search)
        if found is not None and found.asked:
            _asked(t, found)


def _provider(t: Texts, provider: Provider, address: str) -> None:
    st.markdown(f":material/dns: **{t('find.provider', name=escaped(provider.name))}**")
    for hint in providers.hints(provider, address):
        text = escaped(t(f"hint.{hint.key}", **hint.facts))
        link = f" [{t('find.page')}]({hint.url})" if hint.url else ""
        st.markdown(f"- {text}{link}")


def _candidates(t: Texts, search: Search, found: Found) -> None:
    name = f"{PREFIX}candidate_{search.stage}_{found.domain}"  # new for each search
    chosen = st.radio(
        t("find.choose"),
        range(len(found.candidates)),
        format_func=lambda n: _label(t, found.candidates[n]),
        key=name,
        on_change=lambda: fill(
            found.candidates[st.session_state[name]], search.address
        ),
    )
    st.caption(t("find.confirm"))
    if found.candidates[chosen].elsewhere:
        st.caption(t("find.elsewhere"))


def _label(t: Texts, one: Candidate) -> str:
    where = f"IMAP {_where(one.imap)} · SMTP {_where(one.smtp)}"
    return escaped(f"{where} ({t(f'find.source.{one.source}')})")


def _where(server: Server) -> str:
    return f"{server.host}:{server.port}"


def _look(t: Texts, search: Search) -> None:
    """Offer the next step of the search: DNS, then everybody who may know."""
    if search.stage in {"dns", "wide"} and not (search.found or _NOTHING).candidates:
        key_ = "find.nothing" if search.stage == "wide" else "find.nothing_dns"
        st.markdown(_of_domain(t, key_, search))
    if search.stage == "wide":
        return
    step = "further" if search.stage == "dns" else "ask"
    if st.button(
        t(f"find.{step}"), key=f"{PREFIX}find_{step}", icon=":material/search:"
    ):
        _search(t, search, step)
    st.caption(_of_domain(t, f"find.{step}_help", search))


def _search(t: Texts, search: Search, step: str) -> None:
    policy = runtime().policy()
    with st.status(_of_domain(t, "find.searching", search)) as status:
        if step == "ask":
            search.found, search.stage = discovery.by_dns(search.address, policy), "dns"
        else:

            def told(one: Asked) -> None:
                status.markdown(_asked_line(t, one))

            found = discovery.widely(search.address, policy, told)
            search.found, search.stage = found, "wide"
    fill_in(search)
    st.rerun(scope="fragment")


def _asked(t: Texts, found: Found) -> None:
    with st.expander(t("find.asked")):
        for one in found.asked:
            st.markdown(_asked_line(t, one))


def _asked_line(t: Texts, one: Asked) -> str:
    if one.outcome in MARKS:
        said = t(f"find.outcome.{one.outcome}")
    else:
        said = explain_code(t, one.outcome, {"host": one.what, "port": ""}).what
    mark = MARKS.get(one.outcome, "close")
    took = t.duration(one.seconds)
    return f":material/{mark}: {escaped(one.what)}: {escaped(said)} :gray[{took}]"


def _of_domain(t: Texts, text: str, search: Search) -> str:
    return escaped(t(text, domain=search.address.rpartition("@")[2]))


_NOTHING = Found("")
