"""Everything that can go wrong, and when to try again.

    MailError
    ├── Unreachable                 LATER   no answer, or cut off
    │   ├── HostUnknown, PortClosed, NoAnswer
    │   ├── ConnectionLost          NOW     it ended in mid-sentence
    │   └── Throttled               LATER   the server asked for patience
    │       └── ServerUnavailable   LATER   "not now" ([UNAVAILABLE], [INUSE], …)
    │           └── SessionRefused  LATER   login accepted, mailbox not opened
    ├── ProtocolBroken              LATER   an answer that IMAP or SMTP does not allow
    │   ├── NotAMailServer          NEVER   something else listens there
    │   ├── LimitExceeded           LATER   larger than we are willing to read
    │   └── ServerContradicts       LATER   two connections do not tell the same
    ├── Refused                     NEVER   the server knows us and says no
    │   ├── WrongPassword, AppPasswordNeeded, ImapDisabled
    │   ├── PasswordsNotAccepted    NEVER   the provider has ended basic authentication
    │   └── LoginNotPossible        NEVER   LOGINDISABLED, [CONTACTADMIN]
    ├── FolderRefused               LATER   one folder; the others go on
    │   └── FolderForbidden         LATER   [NOPERM]
    ├── NotTrusted                  NEVER   TLS worked, trust did not
    │   └── CertificateExpired, CertificateOfAnother, CertificateUnknown
    ├── NoTls, AddressNotAllowed    NEVER   not encrypted; loopback or private
    ├── Rule                        NEVER   a rule of Malote
    │   ├── AlreadyIntegrated, NotAcknowledged, NotFound
    │   └── BadInput                        one field cannot be used
    ├── Overtaken                   NOW     another worker has the integration
    ├── Ended                       NEVER   paused or disconnected in mid-sync
    └── Local                       LATER   our own machine
        ├── KeyMissing, KeyWrong    NEVER
        └── StoreUnavailable        LATER   disk full, database locked or away

`code` names the texts (core/i18n/locales/*/errors.toml: `what`, `do`); `retry`
tells the scheduler what to do; `facts` fill the texts; `detail` is for logs and may
hold the server's own words.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Retry(StrEnum):
    """When the same attempt may be worth making again."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"  # until somebody changes something


class MailError(Exception):
    """Base of every error that Malote raises on purpose."""

    code: ClassVar[str] = "mail_error"
    retry: ClassVar[Retry] = Retry.LATER

    def __init__(self, detail: str = "", **facts: object) -> None:
        """Keep the words for the log (`detail`) and for the person (`facts`)."""
        super().__init__(detail or self.code)
        self.detail = detail
        self.facts = {name: str(value) for name, value in facts.items()}


class Unreachable(MailError):
    """No answer, or cut off."""

    code = "unreachable"


class HostUnknown(Unreachable):
    """DNS has no address for the name."""

    code = "host_unknown"


class PortClosed(Unreachable):
    """Nothing listens on the port, or a firewall refuses."""

    code = "port_closed"


class NoAnswer(Unreachable):
    """A time limit passed."""

    code = "no_answer"


class ConnectionLost(Unreachable):
    """The connection ended in the middle of a conversation."""

    code = "connection_lost"
    retry = Retry.NOW


class Throttled(Unreachable):
    """The server asked us to slow down; `wait_s` when it said for how long."""

    code = "throttled"


class ServerUnavailable(Throttled):
    """The server cannot serve this mailbox now (RFC 5530 §3)."""

    code = "server_unavailable"


class SessionRefused(ServerUnavailable):
    """The password was accepted, and the mailbox is still not opened."""

    code = "session_refused"


class ProtocolBroken(MailError):
    """The server said something that its protocol does not allow."""

    code = "protocol_broken"


class NotAMailServer(ProtocolBroken):
    """Something listens there, and it is not a mail server of that kind."""

    code = "not_a_mail_server"
    retry = Retry.NEVER


class LimitExceeded(ProtocolBroken):
    """An answer larger, longer or slower than we are willing to read."""

    code = "limit_exceeded"


class ServerContradicts(ProtocolBroken):
    """Two connections tell different things of one folder; nothing was removed."""

    code = "server_contradicts"


class Refused(MailError):
    """The server knows us and says no."""

    code = "refused"
    retry = Retry.NEVER


class WrongPassword(Refused):
    """The user name or the password was refused."""

    code = "wrong_password"


class AppPasswordNeeded(Refused):
    """The provider wants an app password instead of the account's own."""

    code = "app_password_needed"


class ImapDisabled(Refused):
    """IMAP must first be switched on at the provider."""

    code = "imap_disabled"


class PasswordsNotAccepted(Refused):
    """The provider no longer takes any password over IMAP."""

    code = "passwords_not_accepted"


class LoginNotPossible(Refused):
    """Login is switched off, or the provider wants to be contacted."""

    code = "login_not_possible"


class FolderRefused(MailError):
    """The server would not open one folder."""

    code = "folder_refused"


class FolderForbidden(FolderRefused):
    """The account may not read one folder."""

    code = "folder_forbidden"


class NotTrusted(MailError):
    """The TLS certificate was refused."""

    code = "certificate_rejected"
    retry = Retry.NEVER


class CertificateExpired(NotTrusted):
    """The certificate is out of its dates."""

    code = "certificate_expired"


class CertificateOfAnother(NotTrusted):
    """The certificate names another host."""

    code = "certificate_of_another"


class CertificateUnknown(NotTrusted):
    """Nobody we trust has signed the certificate."""

    code = "certificate_unknown"


class NoTls(MailError):
    """The server would not start TLS, and nothing is sent in clear."""

    code = "no_tls"
    retry = Retry.NEVER


class AddressNotAllowed(MailError):
    """The host leads to an address that Malote does not connect to."""

    code = "address_not_allowed"
    retry = Retry.NEVER


class Rule(MailError):
    """A rule of Malote says no."""

    code = "rule"
    retry = Retry.NEVER


class AlreadyIntegrated(Rule):
    """The owner has a live integration; one provider at a time."""

    code = "already_integrated"


class NotAcknowledged(Rule):
    """The limitations of IMAP were not confirmed."""

    code = "not_acknowledged"


class NotFound(Rule):
    """There is no such integration, folder, message or activity."""

    code = "not_found"


class BadInput(Rule):
    """A field holds something that cannot be used; `field` and `problem` say what."""

    code = "bad_input"

    def __init__(self, field: str, problem: str, **facts: object) -> None:
        """Name the field and the key of the problem (`problem.<name>` in the texts)."""
        super().__init__(f"{field}: {problem}", **facts)
        self.field = field
        self.problem = problem


class Overtaken(MailError):
    """Another worker syncs this integration."""

    code = "overtaken"
    retry = Retry.NOW


class Ended(MailError):
    """The integration was paused or disconnected while it was being synced."""

    code = "ended"
    retry = Retry.NEVER


class Local(MailError):
    """Our own machine is in the way."""

    code = "local"


class KeyMissing(Local):
    """Passwords are stored, and the key that opens them is not there."""

    code = "key_missing"
    retry = Retry.NEVER


class KeyWrong(Local):
    """The key does not open what is stored."""

    code = "key_wrong"
    retry = Retry.NEVER


class StoreUnavailable(Local):
    """The database is full, locked or away."""

    code = "store_unavailable"
