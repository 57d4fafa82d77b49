"""Submit one mail to its server, with the secret of its mailbox."""

from __future__ import annotations

from core import log
from core.errors import (
    MailError,
    Overtaken,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUncertain,
)
from core.model import Integration
from core.outbox.outcome import Try
from core.outgoing import Mail
from core.runtime import Runtime
from core.secret import Secret
from core.store import integrations, outbox
from core.store.engine import durable, reading
from core.submitting import Envelope, Submitted, submit
from core.sync.access import Access

ENVELOPE_ID_MOST = 100  # RFC 3461 §4.4


class Sending:
    """Tries mails, each once. May be used from many threads."""

    def __init__(self, runtime: Runtime, holder: str, access: Access) -> None:
        """Take what it needs, and the name under which mails were taken."""
        self._runtime, self._holder, self._access = runtime, holder, access

    def tried(self, mail: Mail) -> Try:
        """Submit a mail that was taken, and tell what came of it; nothing is raised."""
        at_brink = False

        def on_brink() -> None:
            nonlocal at_brink
            self._brink(mail)
            at_brink = True

        host = ""
        try:
            with reading(self._runtime.engine) as conn:
                integration = integrations.get(conn, mail.integration_id)
                content = outbox.content(conn, mail.id)
            host = integration.smtp.host

            def attempt(secret: Secret) -> Submitted:
                self._check_same(integration)
                return submit(
                    integration.smtp,
                    integration.login,
                    secret,
                    self._access.policy(),
                    _envelope(mail),
                    content,
                    on_brink,
                )

            done = self._access.let_in(integration, attempt)
        except MailError as error:
            return self._failed(mail, error, host, at_brink=at_brink)
        except Exception as error:  # noqa: BLE001 - a bug in one mail must not end all
            log.logger().exception("sending broke")
            unknown = MailError(type(error).__name__)
            return self._failed(mail, unknown, host, at_brink=at_brink)
        return Try(host, done.told, done.said)

    def _brink(self, mail: Mail) -> None:
        """Write, for good, that the mail may be sent from now on.

        Raises:
            Overtaken: it was taken from us: the final dot must not go out.

        """
        with durable(self._runtime.engine) as conn:
            if not outbox.brink(conn, mail.id, self._holder):
                raise Overtaken(f"mail {mail.id}")

    def _failed(
        self, mail: Mail, error: MailError, host: str, *, at_brink: bool
    ) -> Try:
        """Tell what an error means; past the brink only an answer is certain."""
        answered = isinstance(error, SubmissionDeferred | SubmissionRefused)
        if at_brink and not answered and not isinstance(error, SubmissionUncertain):
            log.logger().warning("mail uncertain", mail=mail.id, code=error.code)
            error = SubmissionUncertain(error.detail, host=host)
        said = error.facts.get("server_says", "")
        return Try(host, getattr(error, "told", ()), said, error)

    def _check_same(self, integration: Integration) -> None:
        """See, once a secret was read, that it belongs to these servers.

        Raises:
            Overtaken: reconnected meanwhile: the secret may be of other servers.

        """
        with reading(self._runtime.engine) as conn:
            if integrations.get(conn, integration.id) != integration:
                raise Overtaken(f"integration {integration.id}")


def _envelope(mail: Mail) -> Envelope:
    bare = mail.message_id.strip("<>")
    return Envelope(
        sender=mail.sender_address,
        recipients=mail.envelope,
        envelope_id=bare if len(bare) <= ENVELOPE_ID_MOST else "",
        smtputf8=mail.smtputf8,
        notify=True,
    )
