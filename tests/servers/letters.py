"""Mails of every make, for whoever looks into them."""

from __future__ import annotations

from email.message import EmailMessage
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360f8cfc0f01f0005000201a5f645400000000049454e44ae426082"
)
HEAD = (
    "From: Bruno <bruno@example.net>\r\nTo: ana@example.org\r\nSubject: {subject}\r\n"
)


def of_html(source: str, subject: str = "Hello", text: str = "") -> bytes:
    """Write a mail of HTML, with a text beside it if there is one."""
    made = EmailMessage()
    made["From"], made["To"] = "Bruno <bruno@example.net>", "ana@example.org"
    made["Subject"] = subject
    if text:
        made.set_content(text)
        made.add_alternative(source, subtype="html")
    else:
        made.set_content(source, subtype="html")
    return made.as_bytes()


def with_image(source: str) -> bytes:
    """Write a mail whose HTML shows an image that came with it (RFC 2387)."""
    related = MIMEMultipart("related")
    related["From"], related["To"] = "bruno@example.net", "ana@example.org"
    related["Subject"] = "Com imagem"
    related.attach(MIMEText(source, "html", "utf-8"))
    image = MIMEImage(PNG, "png")
    image["Content-ID"] = "<logo@example.net>"
    related.attach(image)
    return related.as_bytes()


def with_files(*files: tuple[str, bytes], text: str = "Segue anexo.") -> bytes:
    """Write a mail with attachments, named as told."""
    made = EmailMessage()
    made["From"], made["To"] = "bruno@example.net", "ana@example.org"
    made["Subject"] = "Com anexos"
    made.set_content(text)
    for name, data in files:
        made.add_attachment(
            data, maintype="application", subtype="octet-stream", filename=name
        )
    return made.as_bytes()


def nested(depth: int) -> bytes:
    """Write a mail whose parts lie one inside the other."""
    head = HEAD.format(subject="Nested") + "MIME-Version: 1.0\r\n"
    lines = [head + 'Content-Type: multipart/mixed; boundary="b0"\r\n']
    for level in range(1, depth):
        inner = f'Content-Type: multipart/mixed; boundary="b{level}"\r\n'
        lines.append(f"--b{level - 1}\r\n{inner}")
    lines.append(f"--b{depth - 1}\r\nContent-Type: text/plain\r\n\r\nthe innermost\r\n")
    lines.extend(f"--b{level}--\r\n" for level in reversed(range(depth)))
    return "\r\n".join(lines).encode()


def beside(count: int) -> bytes:
    """Write a mail of so many parts, one after the other."""
    head = HEAD.format(subject="Beside") + "MIME-Version: 1.0\r\n"
    part = "--b\r\nContent-Type: text/plain; name=p.txt\r\n\r\na part\r\n"
    kind = 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    return (head + kind + part * count + "--b--\r\n").encode()


def to_many(count: int) -> bytes:
    """Write a mail to so many people; the subject stands below them."""
    people = ",\r\n ".join(f"Person {n} <p{n}@example.org>" for n in range(count))
    below = "From: Bruno <bruno@example.net>\r\nSubject: Below\r\n\r\nHi\r\n"
    return f"To: {people}\r\n{below}".encode()
