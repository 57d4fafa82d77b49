"""A Dovecot that takes access tokens: IMAP and submission, by its own oauth2 passdb.

Each login asks the authorization server about the token (introspection), so what is
expired or withdrawn there is refused here at once.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.certificates import Certificates
from tests.servers import dovecot
from tests.servers.authority import Authority
from tests.servers.consent import CLIENT_ID, CLIENT_SECRET
from tests.servers.dovecot import PASSWORD, Dovecot, free_ports
from tests.servers.serving import HOST

CONFIG = Path(__file__).with_name("dovecot_oauth.conf")
PASSDB = """\
introspection_mode = post
introspection_url = http://{client}:{secret}@{host}:{port}/introspect
force_introspection = yes
active_attribute = active
active_value = true
username_attribute = username
"""


@contextmanager
def running(
    folder: Path, certificates: Certificates, authority: Authority, relay_port: int
) -> Iterator[Dovecot]:
    """Start it; mailboxes are made by `mailbox`, and let in by password, too."""
    passdb = folder / "dovecot-oauth2.conf.ext"
    passdb.write_text(
        PASSDB.format(
            client=CLIENT_ID, secret=CLIENT_SECRET, host=HOST, port=authority.port
        )
    )
    tls, starttls = free_ports(2)
    words = {
        "PASSDB": passdb,
        "PASSWORD": PASSWORD,
        "RELAY_PORT": relay_port,
        "SUBMISSION_PORT": starttls,
        "SUBMISSIONS_PORT": tls,
    }
    more = string.Template(CONFIG.read_text()).substitute(words)
    with dovecot.running(certificates, (tls, starttls), more) as server:
        yield server
