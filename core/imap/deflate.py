"""COMPRESS=DEFLATE: a socket through which everything goes compressed (RFC 4978)."""

from __future__ import annotations

import socket
import zlib

RAW = -zlib.MAX_WBITS  # RFC 4978 §4: raw deflate, without header and checksum


class DeflatedSocket:
    """What the reader and imaplib use of a socket, compressed both ways.

    Never more than was asked for is unpacked at a time, so that a few bytes from a
    hostile server cannot become a gigabyte; limits count what comes out.
    """

    def __init__(self, sock: socket.socket, early: bytes = b"") -> None:
        """Go on over a socket on which the server has agreed to compress.

        `early`: what came after its OK, and is packed already.
        """
        self._sock, self._early = sock, early
        self._packing = zlib.compressobj(wbits=RAW)
        self._unpacking = zlib.decompressobj(wbits=RAW)

    def recv(self, size: int) -> bytes:
        """Give up to `size` bytes, unpacked; empty at the end.

        Raises:
            ConnectionError: what came is not deflated: the stream is lost.

        """
        while True:
            packed = self._unpacking.unconsumed_tail or self._early
            self._early = b""
            if not packed and not (packed := self._sock.recv(size)):
                return b""
            try:
                if data := self._unpacking.decompress(packed, size):
                    return data
            except zlib.error as error:
                raise ConnectionError(str(error)) from error

    def sendall(self, data: bytes) -> None:
        """Send, packed, and so that the server can read all of it."""
        packed = self._packing.compress(data)
        self._sock.sendall(packed + self._packing.flush(zlib.Z_SYNC_FLUSH))

    def settimeout(self, seconds: float | None) -> None:
        """Set how long the socket waits."""
        self._sock.settimeout(seconds)

    def fileno(self) -> int:
        """Give the socket's own number."""
        return self._sock.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()
