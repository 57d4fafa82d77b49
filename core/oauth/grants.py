"""What is asked of whom: endpoints and scopes of each method, and who we are there.

The built-in values are those of the public clouds; a file (`MALOTE_OAUTH_FILE`, TOML,
one table per method) replaces any of them, for national and private clouds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import BadInput, SignInNotSetUp
from core.model import Method, Security, Server
from core.secret import Secret
from core.settings import Settings

SETTING = "MALOTE_OAUTH_FILE"
CALLBACK = "/oauth/callback"


@dataclass(frozen=True, slots=True)
class Grant:
    """What is asked for, and where. `revoke_url` is empty where there is none.

    `issuer` is who signs the id_token; `{tid}` in it stands for the tenant's id.
    `authorize` are parameters of the provider's own.
    """

    method: Method
    authorize_url: str
    token_url: str
    issuer: str
    scopes: tuple[str, ...]
    imap: Server
    smtp: Server
    revoke_url: str = ""
    authorize: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Application:
    """Who we are at the provider; a public client has no secret."""

    client_id: str
    client_secret: Secret
    redirect_uri: str


# Least scopes: Google has one for IMAP and SMTP together and no smaller one
# (developers.google.com/gmail/xoauth2_protocol); openid and email tell whose mailbox it
# is. Without access_type=offline there is no refresh token, and without prompt=consent
# only the first consent of an account gives one.
GOOGLE = Grant(
    method=Method.GOOGLE,
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    revoke_url="https://oauth2.googleapis.com/revoke",
    issuer="https://accounts.google.com",
    scopes=("openid", "email", "https://mail.google.com/"),
    authorize={"access_type": "offline", "prompt": "consent"},
    imap=Server("imap.gmail.com", 993, Security.TLS),
    smtp=Server("smtp.gmail.com", 465, Security.TLS),
)
# Least scopes: one for IMAP, one for sending, nothing of Graph; offline_access gives
# the refresh token. There is no endpoint to revoke one (RFC 7009): people do so in
# their account. `common`: accounts of work and school, and outlook.com.
MICROSOFT = Grant(
    method=Method.MICROSOFT,
    authorize_url="https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    token_url="https://login.microsoftonline.com/common/oauth2/v2.0/token",  # noqa: S106 - an address
    issuer="https://login.microsoftonline.com/{tid}/v2.0",
    scopes=(
        "offline_access",
        "openid",
        "email",
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send",
    ),
    imap=Server("outlook.office365.com", 993, Security.TLS),
    smtp=Server("smtp.office365.com", 587, Security.STARTTLS),
)
BUILT_IN = {grant.method: grant for grant in (GOOGLE, MICROSOFT)}
URLS = ("authorize_url", "token_url", "revoke_url")
TEXTS = (*URLS, "issuer")


def grant_of(settings: Settings, method: Method) -> Grant:
    """Give what is asked for by a method.

    Raises:
        BadInput: the file of the setting cannot be used.

    """
    grant = BUILT_IN[method]
    if settings.oauth_file is not None:
        grant = _changed(grant, _table(settings.oauth_file, method))
        for name in URLS:
            _check_url(name, getattr(grant, name), settings)
    return grant


def application_of(settings: Settings, method: Method) -> Application:
    """Give who we are at a method's provider.

    Raises:
        SignInNotSetUp: no client id; names the settings.

    """
    name = str(method)
    client_id = str(getattr(settings, f"{name}_client_id")).strip()
    if not client_id:
        names = (f"MALOTE_{name.upper()}_CLIENT_{end}" for end in ("ID", "SECRET"))
        raise SignInNotSetUp(settings=", ".join(names))
    secret = getattr(settings, f"{name}_client_secret").get_secret_value().strip()
    return Application(client_id, Secret(secret), redirect_uri(settings))


def redirect_uri(settings: Settings) -> str:
    """Give where a provider sends browsers back to, as it must be registered there."""
    return settings.public_url.rstrip("/") + CALLBACK


def _table(path: Path, method: Method) -> dict[str, Any]:
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(SETTING, "setting", reason=error) from error
    table = tables.get(str(method), {})
    if not isinstance(table, dict):
        raise BadInput(SETTING, "setting", reason=f"{method} is not a table")
    return table


def _changed(grant: Grant, table: dict[str, Any]) -> Grant:
    try:
        return replace(grant, **{name: _value(name, v) for name, v in table.items()})
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        reason = f"{grant.method}: {error}"
        raise BadInput(SETTING, "setting", reason=reason) from error


def _value(name: str, value: Any) -> Any:
    """Read one field; raises ValueError and the like where it cannot be used."""
    if name in TEXTS:
        return str(value)
    if name == "scopes":
        return (
            tuple(value.split()) if isinstance(value, str) else tuple(map(str, value))
        )
    if name == "authorize":
        return {str(key): str(text) for key, text in value.items()}
    if name in {"imap", "smtp"}:
        security = Security(value.get("security", Security.TLS))
        return Server(str(value["host"]).lower(), int(value["port"]), security)
    msg = f"there is no field {name}"
    raise ValueError(msg)


def _check_url(name: str, url: str, settings: Settings) -> None:
    """Refuse an endpoint without TLS, but on a host that a setting names."""
    parts = urlsplit(url)
    if not url and name == "revoke_url":
        return
    plain = parts.scheme == "http" and parts.hostname in settings.plaintext_hosts
    if not (parts.hostname and (parts.scheme == "https" or plain)):
        raise BadInput(SETTING, "setting", reason=f"{name} is not https")
