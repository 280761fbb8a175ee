"""The control plane's end of Noise_IK_25519_ChaChaPoly_BLAKE2s, and its records on the wire."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from dataclasses import dataclass

from nacl.bindings import (
    crypto_aead_chacha20poly1305_ietf_decrypt as open_sealed,
)
from nacl.bindings import (
    crypto_aead_chacha20poly1305_ietf_encrypt as seal,
)
from nacl.bindings import crypto_scalarmult, crypto_scalarmult_base

_NAME = b"Noise_IK_25519_ChaChaPoly_BLAKE2s"
_INITIATION, _RESPONSE, _RECORD = 1, 2, 4
_TAG = 16
_LONGEST = 4096 - 3 - _TAG  # bytes of plaintext in one record


@dataclass(frozen=True)
class Key:
    """A Curve25519 pair of 32 raw bytes each."""

    private: bytes
    public: bytes

    @classmethod
    def new(cls) -> Key:
        private = os.urandom(32)
        return cls(private, crypto_scalarmult_base(private))


class _Handshake:
    """The symmetric state of the Noise framework: a chaining key and a hash of what was said."""

    def __init__(self, prologue: bytes, responder: bytes) -> None:
        self._hash = self._chain = hashlib.blake2s(_NAME).digest()
        self._key = b""
        self.mix(prologue)
        self.mix(responder)

    def mix(self, data: bytes) -> None:
        self._hash = hashlib.blake2s(self._hash + data).digest()

    def agree(self, private: bytes, public: bytes) -> None:
        self._chain, self._key = _two_keys(self._chain, crypto_scalarmult(private, public))

    def open(self, sealed: bytes) -> bytes:
        plain: bytes = open_sealed(sealed, self._hash, bytes(12), self._key)
        self.mix(sealed)
        return plain

    def seal(self, plain: bytes) -> bytes:
        sealed: bytes = seal(plain, self._hash, bytes(12), self._key)
        self.mix(sealed)
        return sealed

    def split(self) -> tuple[bytes, bytes]:
        """Keys for records: the initiator's, ours."""
        return _two_keys(self._chain, b"")


def _two_keys(chain: bytes, secret: bytes) -> tuple[bytes, bytes]:
    # HKDF (RFC 5869) with BLAKE2s
    pseudorandom = hmac.digest(chain, secret, "blake2s")
    first = hmac.digest(pseudorandom, b"\x01", "blake2s")
    return first, hmac.digest(pseudorandom, first + b"\x02", "blake2s")


class Stream:
    """A byte stream in sealed records: kind (1 byte), length (2, big-endian), ciphertext."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        keys: tuple[bytes, bytes],
        machine: bytes,
    ) -> None:
        self.machine = machine  # the peer's public key, proven by the handshake
        self._reader, self._writer = reader, writer
        self._theirs, self._ours = keys
        self._read = self._written = 0

    async def read(self) -> bytes:
        """The next record's plaintext; raises asyncio.IncompleteReadError at the end."""
        header = await self._reader.readexactly(3)
        if header[0] != _RECORD:
            raise ConnectionError(f"a frame of kind {header[0]} where a record was due")
        sealed = await self._reader.readexactly(int.from_bytes(header[1:], "big"))
        plain: bytes = open_sealed(sealed, None, _nonce(self._read), self._theirs)
        self._read += 1
        return plain

    async def write(self, data: bytes) -> None:
        for start in range(0, len(data), _LONGEST):
            plain = data[start : start + _LONGEST]
            sealed = seal(plain, None, _nonce(self._written), self._ours)
            self._written += 1
            self._writer.write(bytes([_RECORD]) + len(sealed).to_bytes(2, "big") + sealed)
        await self._writer.drain()


def _nonce(count: int) -> bytes:
    return bytes(4) + count.to_bytes(8, "big")


async def accept(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, initiation: bytes, own: Key
) -> Stream:
    """Answer a handshake (`-> e, es, s, ss`  `<- e, ee, se`), whose first message is `initiation`.

    Its layout: version (2 bytes, big-endian), kind, length (2), then the payload. Raises
    nacl.exceptions.CryptoError when the initiator does not mean our key.
    """
    version, kind = int.from_bytes(initiation[:2], "big"), initiation[2]
    payload = initiation[5:]
    if kind != _INITIATION or len(payload) != 32 + 32 + _TAG + _TAG:
        raise ConnectionError("not a handshake")
    ephemeral, sealed_machine, tag = payload[:32], payload[32:80], payload[80:]
    state = _Handshake(f"Tailscale Control Protocol v{version}".encode(), own.public)
    state.mix(ephemeral)
    state.agree(own.private, ephemeral)
    machine = state.open(sealed_machine)
    state.agree(own.private, machine)
    state.open(tag)

    answer = Key.new()
    state.mix(answer.public)
    state.agree(answer.private, ephemeral)
    state.agree(answer.private, machine)
    said = answer.public + state.seal(b"")
    writer.write(bytes([_RESPONSE]) + len(said).to_bytes(2, "big") + said)
    await writer.drain()
    return Stream(reader, writer, state.split(), machine)
