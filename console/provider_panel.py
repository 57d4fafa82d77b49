"""What the provider of an address needs, and where its servers are: said as one types.

Nothing is asked of anybody before a button is pressed, and each button says who will
be asked, and what they learn by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from console import fields
from console.fields import PREFIX, key, value
from console.runtime import runtime
from console.widgets import escaped
from core import connect, discovery, providers
from core.discovery import Asked, Candidate, Found
from core.errors import BadInput
from core.i18n import Texts
from core.model import Method, Server
from core.providers import Provider

PORTS = {"imap": 993, "smtp": 465}
MARKS = {"found": "check", "nothing": "remove"}


@dataclass(slots=True)
class Search:
    """What is known of the servers of a domain, and how far was looked."""

    domain: str
    found: Found | None = None
    stage: str = "new"  # new, catalogue, dns, wide


@dataclass(slots=True)
class Filled:
    """What was filled in so far, by side: nobody typed it, so it may be replaced."""

    hosts: dict[str, set[str]] = field(
        default_factory=lambda: {side: set() for side in PORTS}
    )
    logins: set[str] = field(default_factory=set)


def search_for(address: str) -> Search:
    """Give what is known of an address; a new domain begins anew with the catalogue."""
    try:
        domain = connect.clean_address(address).rpartition("@")[2]
    except BadInput:  # half of it is typed
        domain = ""
    kept: Search | None = st.session_state.get(PREFIX + "search")
    if kept is not None and kept.domain == domain:
        return kept
    search = Search(domain)
    search.found = discovery.at_once(address) if domain else None
    search.stage = "catalogue" if search.found else "new"
    st.session_state[PREFIX + "search"] = search
    return search


def fill_in(search: Search, address: str) -> bool:
    """Fill in the servers that were found, before the fields are drawn.

    What a person typed stays. What was filled in for another domain goes, whatever the
    browser has sent of it meanwhile. Tells whether anything was changed: then nobody
    has seen it yet.
    """
    candidates = search.found.candidates if search.found else ()
    one = candidates[0] if candidates else None
    filled: Filled = st.session_state.setdefault(PREFIX + "filled", Filled())
    changed = False
    for side, usual in PORTS.items():
        host, known = value(f"{side}_host"), {_server(c, side).host for c in candidates}
        if host and (host in known or host not in filled.hosts[side]):
            continue
        server = _server(one, side) if one else Server("", usual)
        if host != server.host:
            _set(side, server, filled)
            changed = True
    if one is not None and changed:
        _set_login(one, address, filled)
    elif one is None and value("login") in filled.logins:
        key("login", "")
    return changed


def choose(one: Candidate, address: str) -> None:
    """Fill in the servers that a person has chosen."""
    filled: Filled = st.session_state.setdefault(PREFIX + "filled", Filled())
    for side in PORTS:
        _set(side, _server(one, side), filled)
    _set_login(one, address, filled)


def _set(side: str, server: Server, filled: Filled) -> None:
    fields.server(side, server)
    filled.hosts[side].add(server.host)


def _set_login(one: Candidate, address: str, filled: Filled) -> None:
    login = discovery.login_for(one, address)
    if value("login") in {"", *filled.logins}:
        key("login", "" if login == address else login)
        filled.logins.add(login)


def _server(one: Candidate, side: str) -> Server:
    return one.imap if side == "imap" else one.smtp


def leads_to(search: Search) -> Method | None:
    """Give the method whose button an address is led to, unless a person objected."""
    if search.found is None or value("by_password") == search.domain:
        return None
    method = search.found.method
    return method if method in {Method.GOOGLE, Method.MICROSOFT} else None


def has_no_imap(search: Search) -> bool:
    """Tell whether the provider is known to have no IMAP at all."""
    one = _provider_of(search)
    return one is not None and one.imap is None


def show(t: Texts, search: Search, address: str) -> None:
    """Show what is known of the provider, or offer to look for it."""
    found, provider = search.found, _provider_of(search)
    if not search.domain:
        return
    with st.container(border=True, key=PREFIX + "provider"):
        if provider is not None:
            _provider(t, provider, address)
        elif found is not None and not found.takes_mail:
            st.warning(_of_domain(t, "find.no_mail", search), icon=":material/block:")
        if found is not None and found.candidates and search.stage != "catalogue":
            _candidates(t, search, found, address)
        if provider is None:
            _look(t, search, address)
        if found is not None and found.asked:
            _asked(t, found)


def _provider_of(search: Search) -> Provider | None:
    named = search.found.provider if search.found else ""
    return providers.catalogue().by_id(named) if named else None


def _provider(t: Texts, provider: Provider, address: str) -> None:
    st.markdown(f":material/dns: **{t('find.provider', name=escaped(provider.name))}**")
    for hint in providers.hints(provider, address):
        text = escaped(t(f"hint.{hint.key}", **hint.facts))
        link = f" [{t('find.page')}]({hint.url})" if hint.url else ""
        st.markdown(f"- {text}{link}")


def _choose(found: Found, chosen: int | None, address: str) -> None:
    """Fill in the servers that were chosen; the choice may be gone when it is told."""
    if chosen is not None:
        choose(found.candidates[chosen], address)


def _candidates(t: Texts, search: Search, found: Found, address: str) -> None:
    name = f"{PREFIX}candidate_{search.stage}_{found.domain}"  # new for each search
    chosen = st.radio(
        t("find.choose"),
        range(len(found.candidates)),
        format_func=lambda n: _label(t, found.candidates[n]),
        key=name,
        on_change=lambda: _choose(found, st.session_state.get(name), address),
    )
    st.caption(t("find.confirm"))
    if found.candidates[chosen].elsewhere:
        st.caption(t("find.elsewhere"))


def _label(t: Texts, one: Candidate) -> str:
    where = f"IMAP {_where(one.imap)} · SMTP {_where(one.smtp)}"
    return escaped(f"{where} ({t(f'find.source.{one.source}')})")


def _where(server: Server) -> str:
    return f"{server.host}:{server.port}" if server.host else "?"


def _look(t: Texts, search: Search, address: str) -> None:
    """Offer the next step of the search: DNS, then everybody who may know."""
    found = search.found
    if search.stage in {"dns", "wide"} and not (found and found.candidates):
        key_ = "find.nothing" if search.stage == "wide" else "find.nothing_dns"
        st.markdown(_of_domain(t, key_, search))
    if search.stage == "wide":
        return
    step = "further" if search.stage == "dns" else "ask"
    pressed = st.button(
        t(f"find.{step}"), key=f"{PREFIX}find_{step}", icon=":material/search:"
    )
    st.caption(_of_domain(t, f"find.{step}_help", search))
    if pressed:
        _search(t, search, address, step)
        st.rerun(scope="fragment")  # the fields are filled in before they are drawn


def _search(t: Texts, search: Search, address: str, step: str) -> None:
    policy = runtime().policy()
    with st.status(_of_domain(t, "find.searching", search)) as status:
        if step == "ask":
            search.found, search.stage = discovery.by_dns(address, policy), "dns"
            return

        def told(one: Asked) -> None:
            status.markdown(_asked_line(t, one))

        search.found = discovery.widely(address, policy, told)
        search.stage = "wide"


def _asked(t: Texts, found: Found) -> None:
    with st.expander(t("find.asked")):
        for one in found.asked:
            st.markdown(_asked_line(t, one))


def _asked_line(t: Texts, one: Asked) -> str:
    text = f"find.outcome.{one.outcome}"
    said = t(text if t.has(text) else "find.outcome.failed")
    mark = MARKS.get(one.outcome, "close")
    took = t.duration(one.seconds)
    # Without its scheme a URL is no link: nobody vouches for what lies there.
    what = escaped(one.what.removeprefix("https://"))
    return f":material/{mark}: {what}: {escaped(said)} :gray[{took}]"


def _of_domain(t: Texts, text: str, search: Search) -> str:
    return escaped(t(text, domain=search.domain))
