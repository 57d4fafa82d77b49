"""What goes wrong between us and a server."""

from __future__ import annotations

from typing import Any

from core.errors.retry import MailError, Retry


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


class DnsSilent(NoAnswer):
    """DNS did not answer, or said that it cannot: the name may well exist."""

    code = "dns_silent"


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


class NeedsPermission(Refused):
    """The consent to read this mailbox was refused, has ended or was revoked."""

    code = "needs_permission"


class SignInRefused(NeedsPermission):
    """The sign-in at the provider did not end well; `server_says` tells more."""

    code = "sign_in_refused"


class LoginNotPossible(Refused):
    """Login is switched off, or the provider wants to be contacted."""

    code = "login_not_possible"


class FolderRefused(MailError):
    """The server would not open one folder."""

    code = "folder_refused"


class FolderForbidden(FolderRefused):
    """The account may not read one folder."""

    code = "folder_forbidden"


class FolderReadOnly(FolderRefused):
    """The account may look into a folder, and may change nothing there."""

    code = "folder_read_only"


class FolderRenumbered(FolderRefused):
    """A folder has other UIDs than when an act was asked for; nothing was done."""

    code = "folder_renumbered"


class ActRefused(FolderRefused):
    """The server would not do to messages what a person wanted."""

    code = "act_refused"


class MessagesGone(FolderRefused):
    """The messages lie no more where they were."""

    code = "messages_gone"


class CopyRefused(FolderRefused):
    """The server would not store the copy of a sent mail."""

    code = "copy_refused"


class CopyTooLarge(CopyRefused):
    """The copy of a sent mail is larger than the server stores (RFC 7889)."""

    code = "copy_too_large"


class NoSentFolder(FolderRefused):
    """A mailbox has no folder for the copies of sent mail."""

    code = "no_sent_folder"


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


class SubmissionDeferred(MailError):
    """The submission server does not take the mail now (4xx, RFC 5321 §4.2.1).

    `told`: of each recipient (core.outgoing.Recipient) that it would not take, now or
    ever, what it said; those that it would have taken are not told: nothing is sent.
    """

    code = "submission_deferred"
    told: tuple[Any, ...] = ()


class SubmissionRefused(MailError):
    """The submission server does not take the mail, or any of its recipients (5xx).

    `told` as of SubmissionDeferred.
    """

    code = "submission_refused"
    retry = Retry.NEVER
    told: tuple[Any, ...] = ()


class MailTooLarge(SubmissionRefused):
    """The mail is larger than the server takes (RFC 1870).

    `size_bytes`, `limit_bytes`; `limit` is "?" where the server does not say.
    """

    code = "mail_too_large"


class AddressNotSupported(SubmissionRefused):
    """An address has letters beyond ASCII, and the server lacks SMTPUTF8 (RFC 6531)."""

    code = "address_not_supported"


class SubmissionUncertain(MailError):
    """The connection ended between the final dot and its answer.

    `told` as of SubmissionDeferred: the others may have it, or not.
    """

    code = "submission_uncertain"
    retry = Retry.NEVER
    told: tuple[Any, ...] = ()
