"""Where doctor takes servers and user names from, before anybody is asked."""

import pytest

from core import providers, watch
from core.cli.diagnose import filled
from core.errors import BadInput
from core.model import Security, Server
from core.runtime import Runtime
from core.secret import Secret
from core.store.credentials import put_credential
from core.store.engine import writing
from tests.store.building import connected

NONE = (None, None)


def test_the_catalogue_tells_servers_and_user_name(runtime: Runtime) -> None:
    form, source = filled(runtime, " Ana@UOL.com.br ", NONE, discover=False)
    assert source == "from_catalogue"
    assert (form.address, form.login) == ("Ana@uol.com.br", "Ana")
    assert form.imap == Server("imap.uol.com.br", 993)
    assert not form.password


def test_what_is_named_goes_before_what_is_known(runtime: Runtime) -> None:
    mine = Server("mail.example.com", 143, Security.STARTTLS)
    form, _ = filled(runtime, "ana@uol.com.br", (mine, None), discover=False)
    assert (form.imap, form.smtp.host.endswith("uol.com.br")) == (mine, True)
    both, source = filled(runtime, "ana@nowhere.example", (mine, mine), discover=False)
    assert (both.imap, both.smtp, source) == (mine, mine, "from_options")


def test_a_live_integration_goes_before_the_catalogue(runtime: Runtime) -> None:
    one, address = connected(runtime), "me@example.org"
    sealed = runtime.vault.seal(Secret("stored"), one, "password")
    with writing(runtime.engine) as conn:
        put_credential(conn, one, "password", runtime.vault.key_id, sealed)
    form, source = filled(runtime, "ME@example.org", NONE, discover=False)
    assert (source, form.password.reveal()) == ("from_integration", "stored")
    assert form.imap == watch.integration(runtime, one).imap
    other, _ = filled(
        runtime, address, (Server("mail.example", 993), None), discover=False
    )
    assert not other.password  # it is stored for other servers


@pytest.mark.parametrize(
    ("address", "problem"),
    [("ana@nobody-knows.example", "servers_unknown"), ("ana@", "address_form")],
)
def test_what_nobody_knows(runtime: Runtime, address: str, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        filled(runtime, address, NONE, discover=False)
    assert refused.value.problem == problem


def test_a_provider_without_imap_is_named(runtime: Runtime) -> None:
    known = providers.catalogue().providers
    without = next(one for one in known if one.imap is None)
    domain = next(name for name in without.domains if "*" not in name)
    with pytest.raises(BadInput) as refused:
        filled(runtime, f"ana@{domain}", NONE, discover=False)
    assert refused.value.problem == "no_imap"
    assert refused.value.facts == {"provider": without.name}
