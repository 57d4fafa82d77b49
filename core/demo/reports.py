"""Delivery reports of the demo, as a mail server writes them (RFC 3464). Pure."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr

from core.demo.cast import ADDRESS, OWNER

RETURNED = ("From", "To", "Subject", "Date", "Message-ID")


def bounce(
    sent: EmailMessage, to: str, number: int, at: datetime, *, permanent: bool
) -> MIMEMultipart:
    """Report that a message was not delivered, for good or not yet."""
    status, action = ("5.1.1", "failed") if permanent else ("4.2.2", "delayed")
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["Date"] = format_datetime(at.replace(microsecond=0))
    report["From"] = "Mail Delivery Subsystem <mailer-daemon@demo.malote.example>"
    report["To"] = formataddr((OWNER, ADDRESS))
    report["Subject"] = f"Undelivered: {sent['Subject']}"
    report["Message-ID"] = f"<dsn.{number}@demo.malote.example>"
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText(f"{to}: {status}", "plain", "utf-8"))
    report.attach(_delivery(to, action, status))
    report.attach(_returned(sent))
    return report


def _delivery(to: str, action: str, status: str) -> Message:
    per_message, per_recipient = Message(), Message()
    per_message["Reporting-MTA"] = "dns; mx.demo.malote.example"
    per_recipient["Final-Recipient"] = f"rfc822; {to}"
    per_recipient["Action"] = action
    per_recipient["Status"] = status
    delivery = Message()
    delivery["Content-Type"] = "message/delivery-status"
    delivery.set_payload([per_message, per_recipient])
    return delivery


def _returned(sent: EmailMessage) -> Message:
    headers = Message()
    for name in RETURNED:
        headers[name] = str(sent[name])
    return MIMEMessage(headers, "rfc822-headers")
