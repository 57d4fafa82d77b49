"""A certificate authority of the demo's own, and a certificate for localhost."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core.demo.kept import write_private

VALID = timedelta(days=397)
RENEW = timedelta(days=30)
CA, SERVER = "ca.pem", "server.pem"
PEM = serialization.Encoding.PEM
Builder = x509.CertificateBuilder
Key = ec.EllipticCurvePrivateKey


def server_context(directory: Path) -> ssl.SSLContext:
    """Give a TLS context for the demo's servers; certificates are made as needed."""
    if not _usable(directory):
        _make(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(directory / SERVER)
    return context


def _usable(directory: Path) -> bool:
    """Tell whether both are there, belong together and are valid for long enough."""
    try:
        ca, cert = (
            x509.load_pem_x509_certificate((directory / name).read_bytes())
            for name in (CA, SERVER)
        )
        cert.verify_directly_issued_by(ca)
    except (FileNotFoundError, ValueError, TypeError, InvalidSignature):
        return False
    now = datetime.now(UTC)
    starts = max(ca.not_valid_before_utc, cert.not_valid_before_utc)
    ends = min(ca.not_valid_after_utc, cert.not_valid_after_utc)
    return starts <= now and ends - now > RENEW


def _make(directory: Path) -> None:
    """Make both; the authority's key is forgotten, so it signs nothing else."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = _name("Malote demo authority")
    ca = _authority(_begun(ca_name, ca_name, ca_key)).sign(ca_key, hashes.SHA256())
    cert = _for_localhost(_begun(_name("localhost"), ca_name, key), ca_key)
    signed = cert.sign(ca_key, hashes.SHA256()).public_bytes(PEM)
    write_private(directory / SERVER, _private(key) + signed)
    write_private(directory / CA, ca.public_bytes(PEM))


def _begun(subject: x509.Name, issuer: x509.Name, key: Key) -> Builder:
    now = datetime.now(UTC)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        Builder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(identifier, critical=False)
    )


def _authority(builder: Builder) -> Builder:
    # Python 3.13 and newer are strict: they want key usage and key identifiers.
    return builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    ).add_extension(_usage(signs_certificates=True), critical=True)


def _for_localhost(builder: Builder, ca_key: Key) -> Builder:
    hosts = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return (
        builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(above, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(purpose, critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: Key) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(PEM, form, serialization.NoEncryption())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
