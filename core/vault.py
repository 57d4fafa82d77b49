"""Keep passwords sealed: AES-256-GCM under a key that lives outside the database.

Each value is sealed with a nonce of its own and bound to its integration, its field
and the key, so that a value moved to another row does not open (THREATS T1). The
key is a file of mode 0600, made at the first start and never again while anything
sealed is stored.
"""

from __future__ import annotations

import hmac
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import KeyMissing, KeyWrong
from core.secret import Secret

KEY_BYTES = 32
NONCE_BYTES = 12
CHECK_TEXT = "malote key check"


@dataclass(frozen=True, slots=True)
class Vault:
    """Seal and open values under one key."""

    _key: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """Name the key without telling it."""
        return blake2b(self._key, digest_size=6, person=b"malote-key-id").hexdigest()

    def seal(self, value: Secret, integration_id: int, name: str) -> bytes:
        """Encrypt a value for one field of one integration."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        bound = self._bound(integration_id, name)
        return nonce + AESGCM(self._key).encrypt(nonce, value.reveal().encode(), bound)

    def open(self, sealed: bytes, integration_id: int, name: str) -> Secret:
        """Decrypt a value.

        Raises:
            KeyWrong: another key sealed it, or it was changed or moved.

        """
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        bound = self._bound(integration_id, name)
        try:
            return Secret(AESGCM(self._key).decrypt(nonce, rest, bound).decode())
        except InvalidTag:
            raise KeyWrong(f"field {name} of integration {integration_id}") from None

    def derived(self, purpose: str) -> bytes:
        """Give a key for one other purpose; it tells nothing of this one."""
        return hmac.digest(self._key, f"malote/1|derived|{purpose}".encode(), "sha256")

    def _bound(self, integration_id: int, name: str) -> bytes:
        return f"malote/1|{self.key_id}|{integration_id}|{name}".encode()


def read_key(path: Path) -> Vault:
    """Open the vault with the key in a file.

    Raises:
        KeyMissing: there is no such file.
        KeyWrong: the file does not hold a key.

    """
    try:
        key = urlsafe_b64decode(path.read_bytes().strip())
    except FileNotFoundError:
        raise KeyMissing(str(path), path=path) from None
    except ValueError:
        raise KeyWrong(str(path), path=path) from None
    if len(key) != KEY_BYTES:
        raise KeyWrong(str(path), path=path)
    return Vault(key)


def make_key(path: Path) -> Vault:
    """Make a new key in a new file of mode 0600; an existing file is used as it is."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return read_key(path)
    with os.fdopen(handle, "wb") as file:
        file.write(urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return read_key(path)
