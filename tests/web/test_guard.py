"""Another site's page can neither read nor change anything here."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8300", "[::1]:8300", "LOCALHOST", "localhost."]
)
def test_the_box_answers_to_its_own_names(client: TestClient, host: str) -> None:
    assert client.get("/api/v1/audit", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "", "[::1", "a b"]
)
def test_a_foreign_name_that_leads_here_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/api/v1/audit", headers={"host": host})
    assert answer.status_code == 421
    assert answer.json()["error"]["code"] == "refused"
    assert "entries" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://localhost", "sec-fetch-site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/ingest", "/api/v1/work/pause"])
def test_another_sites_page_may_not_change_anything(
    client: TestClient, albums: Albums, path: str, headers: dict[str, str]
) -> None:
    assert client.post(path, headers=headers).status_code == 403
    assert not albums.runner.paused


@pytest.mark.parametrize(
    "headers",
    [
        {},  # curl, the phone's app
        {"origin": "http://localhost", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ],
)
def test_our_own_pages_and_programs_may(
    client: TestClient, albums: Albums, headers: dict[str, str]
) -> None:
    assert client.post("/api/v1/work/pause", headers=headers).status_code == 200
    assert albums.runner.paused


@pytest.mark.parametrize("path", ["/", "/api/v1/audit", "/nothing", "/static/app.css"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
