"""A certificate authority of the demo's own, and a certificate for localhost."""

from __future__ import annotations

import ipaddress
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID = timedelta(days=397)
RENEW = timedelta(days=30)
CA, CERT, KEY = "ca.pem", "cert.pem", "key.pem"


def server_context(directory: Path) -> ssl.SSLContext:
    """Give a TLS context for the demo's servers; certificates are made as needed."""
    if not _is_fresh(directory / CERT) or not (directory / CA).is_file():
        _make(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(directory / CERT, directory / KEY)
    return context


def _is_fresh(path: Path) -> bool:
    try:
        cert = x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return cert.not_valid_after_utc - datetime.now(UTC) > RENEW


def _make(directory: Path) -> None:
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = _name("Malote demo authority")
    ca = _begun(ca_name, ca_name, ca_key.public_key())
    ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    cert = _begun(_name("localhost"), ca_name, key.public_key())
    hosts = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    cert = cert.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    pem = serialization.Encoding.PEM
    _write(directory / CA, ca.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    _write(directory / CERT, cert.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    form = serialization.PrivateFormat.PKCS8
    _write(directory / KEY, key.private_bytes(pem, form, serialization.NoEncryption()))


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
