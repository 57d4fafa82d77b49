"""Everything that can go wrong, and when to try again.

    MailError
    ├── Unreachable                 LATER   no answer, or cut off
    │   ├── HostUnknown, PortClosed, NoAnswer
    │   │   └── DnsSilent           LATER   DNS did not say whether the name exists
    │   ├── ConnectionLost          NOW     it ended in mid-sentence
    │   └── Throttled               LATER   the server asked for patience
    │       └── ServerUnavailable   LATER   "not now" ([UNAVAILABLE], [INUSE], …)
    │           └── SessionRefused  LATER   login accepted, mailbox not opened
    ├── ProtocolBroken              LATER   an answer that IMAP or SMTP does not allow
    │   ├── NotAMailServer          NEVER   something else listens there
    │   ├── LimitExceeded           LATER   larger than we are willing to read
    │   └── ServerContradicts       LATER   two connections do not tell the same
    ├── SubmissionDeferred          LATER   a mail is not taken now (4xx)
    ├── SubmissionRefused           NEVER   a mail is not taken (5xx)
    │   └── MailTooLarge, AddressNotSupported
    ├── SubmissionUncertain         NEVER   cut between the final dot and its answer
    ├── Refused                     NEVER   the server knows us and says no
    │   ├── WrongPassword, AppPasswordNeeded, ImapDisabled
    │   ├── PasswordsNotAccepted    NEVER   the provider has ended basic authentication
    │   ├── NeedsPermission         NEVER   consent was refused, ended or was revoked
    │   │   └── SignInRefused       NEVER   the provider's sign-in did not end well
    │   └── LoginNotPossible        NEVER   LOGINDISABLED, [CONTACTADMIN]
    ├── FolderRefused               LATER   one folder; the others go on
    │   ├── FolderForbidden         LATER   [NOPERM]
    │   ├── FolderReadOnly, FolderRenumbered, ActRefused, MessagesGone
    │   │                           LATER   an act on messages is not done
    │   ├── CopyRefused, NoSentFolder
    │   │   └── CopyTooLarge        LATER   the copy of a sent mail is not stored
    ├── NotTrusted                  NEVER   TLS worked, trust did not
    │   └── CertificateExpired, CertificateOfAnother, CertificateUnknown
    ├── NoTls, AddressNotAllowed    NEVER   not encrypted; loopback or private
    ├── Rule                        NEVER   a rule of Malote
    │   ├── AlreadyIntegrated, NotAcknowledged, NotFound
    │   │   └── MessageGone                 moved or deleted since it was seen
    │   ├── PartTooLarge                    of a message that is shown
    │   ├── AnotherMailbox                  another address than the integration's
    │   ├── SignedInAsAnother               another address than was typed
    │   ├── PrivacyForbids                  more than the mailbox's level allows
    │   ├── TooManyAttempts                 wrong passwords for a host: wait
    │   ├── SignInNotSetUp                  no client id: a setting is missing
    │   ├── SignInExpired                   begun too long ago, or in another browser
    │   ├── LinkExpired                     an address that was good for a while
    │   ├── ExportsBusy                     enough exports run at this moment
    │   ├── NoIntegration                   of an owner: nothing can be sent
    │   ├── RecipientBlocked                the organisation does not write to them
    │   ├── NotThatStage                    a mail was sent, or cancelled, meanwhile
    │   ├── VariablesMissing                a template's, in this place
    │   └── BadInput                        one field cannot be used
    ├── Overtaken                   NOW     another worker has the integration
    ├── Ended                       NEVER   paused or disconnected in mid-sync
    └── Local                       LATER   our own machine
        ├── KeyMissing, KeyWrong    NEVER
        ├── ExportBroke             LATER   no room for it, or its process is gone
        ├── CatalogueBroken         NEVER   data/providers.toml cannot be used
        └── StoreUnavailable        LATER   disk full, database locked or away

`code` names the texts (core/i18n/locales/*/errors.toml: `what`, `do`); `retry`
tells the scheduler what to do; `facts` fill the texts; `detail` is for logs and may
hold the server's own words.
"""

from __future__ import annotations

from core.errors.retry import (
    MailError,
    Retry,
)
from core.errors.rules import (
    AlreadyIntegrated,
    AnotherMailbox,
    BadInput,
    CatalogueBroken,
    Ended,
    ExportBroke,
    ExportsBusy,
    KeyMissing,
    KeyWrong,
    LinkExpired,
    Local,
    MessageGone,
    NoIntegration,
    NotAcknowledged,
    NotFound,
    NotThatStage,
    Overtaken,
    PartTooLarge,
    PrivacyForbids,
    RecipientBlocked,
    Rule,
    SignedInAsAnother,
    SignInExpired,
    SignInNotSetUp,
    StoreUnavailable,
    TooManyAttempts,
    VariablesMissing,
)
from core.errors.servers import (
    ActRefused,
    AddressNotAllowed,
    AddressNotSupported,
    AppPasswordNeeded,
    CertificateExpired,
    CertificateOfAnother,
    CertificateUnknown,
    ConnectionLost,
    CopyRefused,
    CopyTooLarge,
    DnsSilent,
    FolderForbidden,
    FolderReadOnly,
    FolderRefused,
    FolderRenumbered,
    HostUnknown,
    ImapDisabled,
    LimitExceeded,
    LoginNotPossible,
    MailTooLarge,
    MessagesGone,
    NeedsPermission,
    NoAnswer,
    NoSentFolder,
    NotAMailServer,
    NoTls,
    NotTrusted,
    PasswordsNotAccepted,
    PortClosed,
    ProtocolBroken,
    Refused,
    ServerContradicts,
    ServerUnavailable,
    SessionRefused,
    SignInRefused,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUncertain,
    Throttled,
    Unreachable,
    WrongPassword,
)

__all__ = [
    "ActRefused",
    "AddressNotAllowed",
    "AddressNotSupported",
    "AlreadyIntegrated",
    "AnotherMailbox",
    "AppPasswordNeeded",
    "BadInput",
    "CatalogueBroken",
    "CertificateExpired",
    "CertificateOfAnother",
    "CertificateUnknown",
    "ConnectionLost",
    "CopyRefused",
    "CopyTooLarge",
    "DnsSilent",
    "Ended",
    "ExportBroke",
    "ExportsBusy",
    "FolderForbidden",
    "FolderReadOnly",
    "FolderRefused",
    "FolderRenumbered",
    "HostUnknown",
    "ImapDisabled",
    "KeyMissing",
    "KeyWrong",
    "LimitExceeded",
    "LinkExpired",
    "Local",
    "LoginNotPossible",
    "MailError",
    "MailTooLarge",
    "MessageGone",
    "MessagesGone",
    "NeedsPermission",
    "NoAnswer",
    "NoIntegration",
    "NoSentFolder",
    "NoTls",
    "NotAMailServer",
    "NotAcknowledged",
    "NotFound",
    "NotThatStage",
    "NotTrusted",
    "Overtaken",
    "PartTooLarge",
    "PasswordsNotAccepted",
    "PortClosed",
    "PrivacyForbids",
    "ProtocolBroken",
    "RecipientBlocked",
    "Refused",
    "Retry",
    "Rule",
    "ServerContradicts",
    "ServerUnavailable",
    "SessionRefused",
    "SignInExpired",
    "SignInNotSetUp",
    "SignInRefused",
    "SignedInAsAnother",
    "StoreUnavailable",
    "SubmissionDeferred",
    "SubmissionRefused",
    "SubmissionUncertain",
    "Throttled",
    "TooManyAttempts",
    "Unreachable",
    "VariablesMissing",
    "WrongPassword",
]
