"""Until when a certificate is valid: as OpenSSL reads it."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from albums.identity.certificate import not_after
from tests.identity.certificates import key_and_certificate

BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
_, PEM = key_and_certificate("box.tail1234.ts.net", BEGINS, datetime(2026, 12, 1, tzinfo=UTC))


def as_openssl_reads_it(pem: str, folder: Path) -> datetime:
    (folder / "certificate.pem").write_text(pem)
    decode: Any = ssl._ssl._test_decode_cert  # type: ignore[attr-defined]
    text = decode(str(folder / "certificate.pem"))["notAfter"]
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)


@pytest.mark.parametrize(
    "ends",
    [
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 12, 24, 18, 0, 1, tzinfo=UTC),
        datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2050, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_the_end_is_read_as_openssl_reads_it(ends: datetime, tmp_path: Path) -> None:
    key, certificate = key_and_certificate("box", BEGINS, ends)
    assert not_after(certificate) == as_openssl_reads_it(certificate, tmp_path) == ends
    assert not_after(key + certificate) == ends


def test_every_authority_of_this_system_is_read_as_openssl_reads_it(tmp_path: Path) -> None:
    context = ssl.create_default_context()
    found = context.get_ca_certs(binary_form=True)
    if not found:
        pytest.skip("this system has no certificates of authorities")
    for der in found:
        pem = ssl.DER_cert_to_PEM_cert(der)
        assert not_after(pem) == as_openssl_reads_it(pem, tmp_path)


def test_of_a_chain_the_first_counts() -> None:
    _, other = key_and_certificate("authority", BEGINS, datetime(2040, 1, 1, tzinfo=UTC))
    assert not_after(PEM + other) == datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "<html>", PEM[:200], PEM.replace("BEGIN", "END")])
def test_what_is_no_certificate_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="certificate"):
        not_after(text)


@settings(max_examples=120)
@given(st.data())
def test_no_damage_does_more_than_a_value_error(data: st.DataObject) -> None:
    der = bytearray(ssl.PEM_cert_to_DER_cert(PEM))
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(der)))
    try:
        not_after(ssl.DER_cert_to_PEM_cert(bytes(der[:cut])))
    except ValueError:
        return
