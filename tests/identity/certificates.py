"""Certificates that say until when they are valid. Their signature is worth nothing."""

from __future__ import annotations

import ssl
from datetime import datetime

_ED25519 = bytes.fromhex("06032b6570")  # 1.3.101.112
_COMMON_NAME = bytes.fromhex("0603550403")


def key_and_certificate(domain: str, begins: datetime, ends: datetime) -> tuple[str, str]:
    """PEM of both; the certificate ends with the whole second of `ends` (UTC)."""
    name = _der(0x30, _der(0x31, _der(0x30, _COMMON_NAME + _der(0x0C, domain.encode()))))
    algorithm = _der(0x30, _ED25519)
    body = b"".join(
        (
            _der(0xA0, _der(0x02, b"\x02")),
            _der(0x02, b"\x01" * 18),
            algorithm,
            name,
            _der(0x30, _time(begins) + _time(ends)),
            name,
            _der(0x30, algorithm + _der(0x03, bytes(33))),
        )
    )
    certificate = _der(0x30, _der(0x30, body) + algorithm + _der(0x03, bytes(65)))
    key = _der(0x30, _der(0x02, b"\x00") + algorithm + _der(0x04, _der(0x04, bytes(32))))
    return _pem(key).replace("CERTIFICATE", "PRIVATE KEY"), _pem(certificate)


def _pem(der: bytes) -> str:
    return ssl.DER_cert_to_PEM_cert(der)


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def _time(moment: datetime) -> bytes:
    """RFC 5280, 4.1.2.5: years from 2050 on are written with four digits."""
    if moment.year < 2050:
        return _der(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())
    return _der(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())
