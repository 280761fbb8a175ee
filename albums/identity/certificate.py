"""Until when a TLS certificate is valid. Reads one field; checks nothing else.

The standard library shows it only for certificates of connections that it verified itself.
"""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime

_PATIENCE = 3.0  # seconds
_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18


def not_after(pem: str) -> datetime:
    """The end of the first certificate in `pem` (the leaf). Raises ValueError.

    RFC 5280, 4.1: Certificate = { tbs = { [0] version?, serial, algorithm, issuer, validity ... } }
    """
    begin = pem.find("-----BEGIN CERTIFICATE-----")
    end_mark = "-----END CERTIFICATE-----"
    end = pem.find(end_mark, begin)
    if begin < 0 or end < 0:
        raise ValueError("there is no certificate in it")
    der = ssl.PEM_cert_to_DER_cert(pem[begin : end + len(end_mark)])
    certificate, _ = _content(der, _SEQUENCE)
    tbs, _ = _content(certificate, _SEQUENCE)
    rest = _after(tbs, _VERSION)
    for _ in ("serial", "algorithm", "issuer"):
        rest = _after(rest)
    validity, _ = _content(rest, _SEQUENCE)
    return _time(_after(validity))


async def shown_at(address: str, port: int, name: str) -> datetime | None:
    """The end of the certificate that is shown there to who asks for `name`; None: none is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # only its date is wanted, also of one that ended
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(_PATIENCE):
            _, line = await asyncio.open_connection(
                address, port, ssl=context, server_hostname=name
            )
            der = line.get_extra_info("ssl_object").getpeercert(binary_form=True)
            line.close()
        return not_after(ssl.DER_cert_to_PEM_cert(der)) if der else None
    except (OSError, ValueError):  # TimeoutError and SSLError are OSErrors
        return None


def _element(der: bytes) -> tuple[int, bytes, bytes]:
    """Tag, content and what follows of the first element."""
    if len(der) < 2:
        raise ValueError("the certificate is cut off")
    tag, length, start = der[0], der[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start])
    if len(der) < start + length:
        raise ValueError("the certificate is cut off")
    return tag, der[start : start + length], der[start + length :]


def _content(der: bytes, wanted: int) -> tuple[bytes, bytes]:
    tag, content, rest = _element(der)
    if tag != wanted:
        raise ValueError("that is no certificate")
    return content, rest


def _after(der: bytes, only: int | None = None) -> bytes:
    """What follows the first element (of the tag `only`, if given)."""
    tag, _, rest = _element(der)
    return der if only is not None and tag != only else rest


def _time(der: bytes) -> datetime:
    tag, content, _ = _element(der)
    text = content.decode("ascii")
    if tag == _UTC_TIME:  # two digits of a year: 50 and later are of the last century
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("the certificate has no end")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
