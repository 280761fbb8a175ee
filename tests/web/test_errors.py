"""Every error has one shape, and none shows the inside of the program."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums


def said(answer: Any) -> dict[str, Any]:
    """The error, after checking its shape."""
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "what", "why", "hint", "facts"}
    assert body["error"]["what"]
    return dict(body["error"])


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/api/v1/nothing", 404, "not-found"),
        ("GET", f"/api/v1/assets/{'0' * 64}", 404, "not-found"),
        ("GET", "/api/v1/assets/XYZ", 422, "bad-input"),
        ("GET", "/api/v1/assets/abc", 422, "bad-input"),
        ("GET", "/api/v1/assets?limit=0", 422, "bad-input"),
        ("GET", "/api/v1/assets?after=nonsense", 422, "bad-input"),
        ("GET", "/api/v1/search?q=camra:x", 422, "bad-input"),
        ("GET", "/api/v1/timeline/2024-13", 422, "bad-input"),
        ("GET", "/api/v1/timeline/nonsense", 422, "bad-input"),
        ("POST", "/api/v1/have", 422, "bad-input"),
        ("PUT", "/api/v1/audit", 405, "method-not-allowed"),
        ("DELETE", "/ingest", 405, "method-not-allowed"),
        ("POST", "/api/v1/work/retry?step=nothing", 404, "not-found"),
        ("DELETE", "/api/v1/collections/nothing", 404, "not-found"),
        ("GET", "/api/v1/imports", 403, "refused"),
        ("GET", "/static/nothing.css", 404, "not-found"),
    ],
)
def test_every_error_has_one_shape(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert said(answer)["code"] == code


def test_a_bug_is_500_without_a_stack_trace(
    client: TestClient, albums: Albums, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("secret detail at line 17")

    monkeypatch.setattr(albums.audit, "entries", broken)
    answer = client.get("/api/v1/audit")
    assert answer.status_code == 500
    assert said(answer)["code"] == "error"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "default-src" in answer.headers["content-security-policy"]


def test_a_wrong_parameter_is_named(client: TestClient) -> None:
    error = said(client.get("/api/v1/assets?limit=many"))
    assert "limit" in error["what"]
    assert error["facts"]["wrong"][0]["where"] == "query.limit"


def test_a_method_that_is_not_there_says_which_are(client: TestClient) -> None:
    assert client.put("/api/v1/audit").headers["allow"] == "GET"


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/audit?before={10**30}",
        f"/api/v1/search?q=year:{10**30}",
        f"/api/v1/search?q=rating:{10**30}",
        f"/api/v1/search?offset={10**30}",
        f"/api/v1/assets?offset={10**30}",
    ],
)
def test_numbers_beyond_all_bounds_are_bad_input(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (200, 422)
