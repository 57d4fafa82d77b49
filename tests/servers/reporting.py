"""Reports of what became of a mail, as others' servers and programs write them."""

from __future__ import annotations

from collections.abc import Sequence

FAILED = ("failed", "5.1.1", "smtp; 550 5.1.1 no such user here")
DELAYED = ("delayed", "4.4.1", "smtp; 451 4.4.1 no answer from host")
BOUNDARY = "=_report_1"


def dsn(
    original: str,
    recipients: Sequence[str],
    told: tuple[str, str, str] = FAILED,
    *,
    envelope_id: str = "",
    returned: str = "",
    sender: str = "Mail Delivery System <MAILER-DAEMON@mx.example.net>",
) -> bytes:
    """Write a delivery status notification (RFC 3464), as Postfix does."""
    action, status, words = told
    each = "".join(
        f"\r\nFinal-Recipient: rfc822; {one}\r\nOriginal-Recipient: rfc822;{one}\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: {words}\r\n"
        for one in recipients
    )
    named = f"Original-Envelope-Id: {envelope_id}\r\n" if envelope_id else ""
    header = f"Message-ID: {original}\r\n" if original else ""
    return _report(
        sender,
        "delivery-status",
        f"Reporting-MTA: dns; mx.example.net\r\n{named}{each}",
        f"{header}Subject: Number\r\n{returned}",
    )


def mdn(original: str, recipient: str, mode: str = "manual-action") -> bytes:
    """Write a read receipt (RFC 8098)."""
    sent = "automatically" if mode.startswith("automatic") else "manually"
    return _report(
        recipient,
        "disposition-notification",
        f"Final-Recipient: rfc822; {recipient}\r\nOriginal-Message-ID: {original}\r\n"
        f"Disposition: {mode}/MDN-sent-{sent}; displayed\r\n",
        f"Message-ID: {original}\r\n",
    )


def _report(sender: str, kind: str, fields: str, header: str) -> bytes:
    parts = (
        ("text/plain; charset=us-ascii", "What became of your message:\r\n"),
        (f"message/{kind}", fields),
        ("text/rfc822-headers", header),
    )
    body = "".join(
        f"--{BOUNDARY}\r\nContent-Type: {name}\r\n\r\n{text}\r\n"
        for name, text in parts
    )
    return (
        f"From: {sender}\r\nTo: ana@example.org\r\nSubject: Report\r\n"
        f"Date: Sun, 29 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        f"Message-ID: <report.{abs(hash((fields, header)))}@mx.example.net>\r\n"
        f"Auto-Submitted: auto-replied\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="{BOUNDARY}"\r\n'
        f"\r\n{body}--{BOUNDARY}--\r\n"
    ).encode()
