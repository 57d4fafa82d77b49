"""Certificates for servers on loopback: one that is right, and each way to be wrong."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DOMAIN = "example.test"  # names in it are told by tests/servers/names.py
HOSTS = (
    *("localhost", "127.0.0.1", "127.0.0.2", "127.0.0.3"),
    *(DOMAIN, f"*.{DOMAIN}"),
)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, as PEM files."""

    cert: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """Give the TLS settings of a server that shows this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


class Certificates:
    """A private CA in a folder, and what it has signed; made when first asked for."""

    def __init__(self, folder: Path, name: str = "Malote test CA") -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        ca = _unsigned(self._name, self._key, self._name).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        ca = ca.add_extension(_signs_certificates(), critical=True)
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(_pem(ca.sign(self._key, hashes.SHA256())))

    @cached_property
    def good(self) -> Pair:
        """For every loopback host of the tests, and all names in `DOMAIN`."""
        return self._issue("good", HOSTS)

    def of(self, *hosts: str) -> Pair:
        """Give one for other names, signed by the CA like the good one."""
        return self._issue(f"of_{hosts[0].replace('*', '_')}", hosts)

    def lasting(self, days: int) -> Pair:
        """Give one like the good one that expires in so many days."""
        until = datetime.now(UTC) + days * DAY
        return self._issue(f"lasting_{days}_days", HOSTS, until)

    @cached_property
    def wrong_host(self) -> Pair:
        """Signed by the CA, for another host."""
        return self._issue("wrong_host", ("mail.example.org",))

    @cached_property
    def expired(self) -> Pair:
        """Signed by the CA, out of date since yesterday."""
        return self._issue("expired", HOSTS, until=datetime.now(UTC) - DAY)

    @cached_property
    def self_signed(self) -> Pair:
        """Right host and dates, and nobody vouches for it."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _named("localhost")
        unsigned = _for_hosts(_unsigned(name, key, name), HOSTS)
        return self._write("self_signed", key, unsigned.sign(key, hashes.SHA256()))

    def client_context(self) -> ssl.SSLContext:
        """Give the TLS settings of a client that trusts this CA and no other."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def _issue(
        self, name: str, hosts: tuple[str, ...], until: datetime | None = None
    ) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        unsigned = _unsigned(_named(hosts[0]), key, self._name, until)
        unsigned = _for_hosts(unsigned, hosts).add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
            critical=False,
        )
        return self._write(name, key, unsigned.sign(self._key, hashes.SHA256()))

    def _write(
        self, name: str, key: ec.EllipticCurvePrivateKey, cert: x509.Certificate
    ) -> Pair:
        pair = Pair(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        pair.cert.write_bytes(_pem(cert))
        pair.key.touch(mode=0o600)
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return pair


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(cert: x509.Certificate) -> bytes:
    return cert.public_bytes(serialization.Encoding.PEM)


def _unsigned(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    until: datetime | None = None,
) -> x509.CertificateBuilder:
    """Begin a certificate that ends at `until`, or in ninety days."""
    until = until or datetime.now(UTC) + 90 * DAY
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer)
    return (
        builder.public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - 120 * DAY)
        .not_valid_after(until)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
    )


def _for_hosts(
    builder: x509.CertificateBuilder, hosts: tuple[str, ...]
) -> x509.CertificateBuilder:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    names = x509.SubjectAlternativeName([_host(host) for host in hosts])
    return builder.add_extension(names, critical=False).add_extension(
        usage, critical=False
    )


def _host(host: str) -> x509.GeneralName:
    if host.replace(".", "").isdigit():
        return x509.IPAddress(ipaddress.ip_address(host))
    return x509.DNSName(host)


def _signs_certificates() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
