"""A certificate is a stranger's: whatever it holds, it is read or it is not."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from core.connect.certificates import parsed
from tests.certificates import Certificates

# RFC 5280: a version, and the object identifiers of two extensions, as DER has them.
VERSION_3, VERSION_10 = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09"
KEY_ID, ALT_NAME = b"\x06\x03\x55\x1d\x0e", b"\x06\x03\x55\x1d\x11"


def good(certificates: Certificates) -> bytes:
    pem = certificates.good.cert.read_bytes()
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def test_a_good_one(certificates: Certificates) -> None:
    found = parsed(good(certificates))
    assert found
    assert "localhost" in found.names


def test_an_extension_that_is_there_twice(certificates: Certificates) -> None:
    twice = good(certificates).replace(KEY_ID, ALT_NAME)
    assert twice.count(ALT_NAME) == 2
    assert parsed(twice) is None


def test_a_version_that_is_none(certificates: Certificates) -> None:
    odd = good(certificates).replace(VERSION_3, VERSION_10)
    assert odd != good(certificates)
    assert parsed(odd) is None


def test_what_is_no_certificate() -> None:
    assert parsed(b"") is parsed(b"\x30\x00") is parsed(None) is None
