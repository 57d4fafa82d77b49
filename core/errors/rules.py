"""What a rule of ours refuses, and what goes wrong on our own side."""

from __future__ import annotations

from core.errors.retry import MailError, Retry


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


class AnotherMailbox(Rule):
    """The mailbox is not the one that the integration follows."""

    code = "another_mailbox"


class SignedInAsAnother(Rule):
    """A person typed one address and signed in as another, for a new integration."""

    code = "signed_in_as_another"


class TooManyAttempts(Rule):
    """Too many wrong passwords for a host and an owner; `minutes` to wait."""

    code = "too_many_attempts"


class SignInNotSetUp(Rule):
    """The organisation's client id is not set; `settings` names what to set."""

    code = "sign_in_not_set_up"


class SignInExpired(Rule):
    """A sign-in was begun too long ago, was used, or began in another browser."""

    code = "sign_in_expired"


class PrivacyForbids(Rule):
    """The level of privacy of a mailbox, `level`, does not allow it."""

    code = "privacy_forbids"


class NotFound(Rule):
    """There is no such integration, folder, message or activity."""

    code = "not_found"


class MessageGone(NotFound):
    """The message lies no more where it was seen: moved, or deleted."""

    code = "message_gone"


class PartTooLarge(Rule):
    """A part of a message is larger than may be downloaded; `limit_kib`."""

    code = "part_too_large"


class LinkExpired(Rule):
    """The address of what was shown is no longer good, or never was."""

    code = "link_expired"


class ExportsBusy(Rule):
    """As many exports run already as may run at once."""

    code = "exports_busy"


class NoIntegration(Rule):
    """The owner has no live integration: nothing can be sent."""

    code = "no_integration"


class RecipientBlocked(Rule):
    """The organisation does not write to a recipient; `recipient`, `reason`."""

    code = "recipient_blocked"


class NotThatStage(Rule):
    """A mail is not in the stage in which this can be done any more."""

    code = "not_that_stage"


class VariablesMissing(Rule):
    """A template names variables that have no value here; `names`."""

    code = "variables_missing"


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


class ExportBroke(Local):
    """An export came to no end: no room on the disk, or its process is gone."""

    code = "export_broke"


class CatalogueBroken(Local):
    """A block of the catalogue cannot be used; `block`, `key` and `problem` say why."""

    code = "catalogue_broken"
    retry = Retry.NEVER
