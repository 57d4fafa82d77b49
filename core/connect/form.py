"""What a person fills in to connect a mailbox, and every reason why it cannot be used.

Nothing here talks to anybody: what is refused here was never sent (THREATS 1, T19).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, replace

from core import network
from core.discovery.domains import IMAP_PORTS, SMTP_PORTS
from core.errors import BadInput, NoTls
from core.model import Method, Privacy, Security, Server
from core.network import Policy
from core.secret import Secret
from core.text import fold

PASSWORD_MAX = 1_000
LOCAL_MAX, ADDRESS_MAX = 64, 254  # RFC 5321 §4.5.3.1
NAME_MAX = 200
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
ODD_IN_ADDRESS = re.compile(r"[\s<>()\[\]\\,;:\x00-\x1f\x7f\"]")
# Names that never are a provider's, whatever a resolver makes of them.
PRIVATE_NAMES = re.compile(r"(^|\.)(localhost|local|internal|home\.arpa|lan)\Z")


@dataclass(frozen=True, slots=True)
class Form:
    """What a person fills in. `login` is empty where it is the address.

    `password` is empty where the method is a sign-in, and where only the servers are
    to be looked at. `privacy` counts for a new integration only.
    """

    owner: str
    address: str
    password: Secret = field(repr=False)
    imap: Server
    smtp: Server
    login: str = ""
    acknowledged: bool = False
    method: Method = Method.IMAP
    privacy: Privacy = Privacy.BODY


def problems(form: Form, policy: Policy) -> list[BadInput]:
    """Find everything that cannot be used, field by field; empty when all can."""
    found: list[BadInput] = []
    for look in (_owner, _address, _login, _password, _imap, _smtp):
        try:
            look(form, policy)
        except BadInput as problem:
            found.append(problem)
    return found


def cleaned(form: Form, policy: Policy) -> Form:
    """Give the form as it is used: trimmed, hosts as on the wire.

    Raises:
        BadInput: the first field that cannot be used.

    """
    return replace(servers_cleaned(form, policy), password=_password(form, policy))


def servers_cleaned(form: Form, policy: Policy) -> Form:
    """Give the form as it is used to look at servers: a password is not needed.

    Raises:
        BadInput: the first field that cannot be used.

    """
    if form.password:
        _password(form, policy)
    address = _address(form, policy)
    return replace(
        form,
        owner=_owner(form, policy),
        address=address,
        login=_login(form, policy) or address,
        imap=_imap(form, policy),
        smtp=_smtp(form, policy),
    )


def _owner(form: Form, _policy: Policy) -> str:
    name = " ".join(form.owner.split())
    if not name:
        raise BadInput("owner", "empty")
    if CONTROL.search(name) or not _is_text(name):
        raise BadInput("owner", "control")
    if max(len(name), len(fold(name))) > NAME_MAX:
        raise BadInput("owner", "too_long")
    return name


def _address(form: Form, _policy: Policy) -> str:
    return clean_address(form.address)


def clean_address(text: str) -> str:
    """Give an address as it is used: trimmed, its domain as on the wire.

    Raises:
        BadInput: it is none, or none that mail servers carry.

    """
    address = text.strip().removesuffix(".")
    if not address:
        raise BadInput("address", "empty")
    local, at, domain = address.rpartition("@")
    odd = ODD_IN_ADDRESS.search(address) or "@" in local
    if not at or not local or len(local) > LOCAL_MAX or odd:
        raise BadInput("address", "address_form")
    if not local.isascii():  # it takes SMTPUTF8 at every server on the way
        raise BadInput("address", "address_local")
    clean = f"{local}@{_domain(domain)}"
    if len(clean) > ADDRESS_MAX:
        raise BadInput("address", "address_form")
    return clean


def _domain(text: str) -> str:
    try:
        domain = network.clean_host(text, "address")
    except BadInput:  # its words are of servers
        raise BadInput("address", "address_form") from None
    if "." not in domain or _ip(domain) is not None:
        raise BadInput("address", "address_form")
    return domain


def _login(form: Form, _policy: Policy) -> str:
    login = form.login.strip()
    if CONTROL.search(login) or not _is_text(login):
        raise BadInput("login", "control")
    if max(len(login), len(fold(login))) > ADDRESS_MAX:
        raise BadInput("login", "too_long")
    return login


def _password(form: Form, _policy: Policy) -> Secret:
    if form.method is not Method.IMAP:
        return form.password
    text = form.password.reveal()
    if not text:
        raise BadInput("password", "empty")
    if CONTROL.search(text) or not _is_text(text):
        raise BadInput("password", "control")
    if len(text) > PASSWORD_MAX:
        raise BadInput("password", "too_long")
    return form.password


def _is_text(text: str) -> bool:
    """Tell whether a text can be sent: half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _imap(form: Form, policy: Policy) -> Server:
    return _server(form.imap, policy, "imap", IMAP_PORTS)


def _smtp(form: Form, policy: Policy) -> Server:
    return _server(form.smtp, policy, "smtp", SMTP_PORTS)


def _server(
    server: Server, policy: Policy, side: str, ports: dict[int, Security]
) -> Server:
    host = network.clean_host(server.host, f"{side}_host")
    allowed = policy.may_be_private(host, server.port)
    if not allowed and _is_private(host):
        raise BadInput(f"{side}_host", "host_private")
    if server.port not in ports and not (allowed and 0 < server.port < 1 << 16):
        listed = ", ".join(str(port) for port in ports)
        raise BadInput(f"{side}_port", "port", ports=listed)
    clean = Server(host, server.port, server.security)
    try:
        network.check_plain(clean, policy)
    except NoTls:
        raise BadInput(f"{side}_security", "plain") from None
    return clean


def _is_private(host: str) -> bool:
    """Tell what can be told without DNS; each address is checked again when it is."""
    if (address := _ip(host)) is not None:
        return not network.is_public(address)
    return PRIVATE_NAMES.search(host) is not None


def _ip(host: str) -> network.Ip | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
