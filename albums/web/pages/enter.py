"""The way in by the address that the box printed: a page that posts its token, and what it opens.

GET changes nothing: a browser that fetches ahead or a preview of the address uses up no link.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from albums.errors import TooLarge
from albums.identity.access import Refusal
from albums.identity.local import COOKIE, Sessions, same_user
from albums.web.errors import error_response
from albums.web.pages.render import refused_page, render

router = APIRouter()

_LONGEST = 4096  # bytes of the form
_COOKIE_LASTS = 400 * 86400  # the longest that browsers allow; the box ends unused sessions sooner
# Printable ASCII without a backslash, which browsers read as a slash; "//" would be another host.
_LOCAL_PATH = re.compile(r"/(?!/)[!-\[\]-~]*")
_CLOSED = Refusal(
    401,
    "This address does not open the box any more",
    "Each works once, within a day, and only for the user of this machine who started the box",
    "Run `albums open` on this machine for a new one",
)


@router.get("/enter")
def enter_page(request: Request, token: str = "", next: str = "/") -> Response:
    """A form that posts the token; a script submits it at once."""
    if not token:
        return _closed(request)
    return _unkept(render(request, "enter.html", token=token, next=local_path(next)))


@router.post("/enter")
async def enter(request: Request) -> Response:
    """Trade a one-time token for a session: a cookie, or JSON for programs that ask for it."""
    form = await _form(request)
    sessions: Sessions = request.app.state.sessions
    session = None
    if _may_be_ours(request):
        session = await run_in_threadpool(sessions.redeem, form.get("token", ""))
    if session is None:
        # Who follows the address a second time, in the browser that has entered, is simply there.
        if sessions.knows(request.cookies.get(COOKIE)) and _wants_page(request):
            return _on(form)
        return _closed(request)
    if not _wants_page(request):
        return _unkept(JSONResponse({"session": session}))
    answer = _on(form)
    answer.set_cookie(COOKIE, session, max_age=_COOKIE_LASTS, httponly=True, samesite="strict")
    return answer


def local_path(asked: str) -> str:
    """Where to go on to: a path of this box, whatever was asked for."""
    return asked if _LOCAL_PATH.fullmatch(asked) and not asked.startswith("/enter") else "/"


async def _form(request: Request) -> dict[str, str]:
    """Raises TooLarge before the memory is full: anybody on this machine may post here."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST:
            raise TooLarge("This is no one-time link", longest=_LONGEST)
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _may_be_ours(request: Request) -> bool:
    """Another user of this machine may have read the link; they cannot even use it up."""
    server = request.scope.get("server")
    if request.client is None or server is None or server[1] is None:
        return True
    return same_user((request.client.host, request.client.port), server) is not False


def _on(form: dict[str, str]) -> Response:
    return _unkept(RedirectResponse(local_path(form.get("next", "/")), 303))


def _closed(request: Request) -> Response:
    if _wants_page(request):
        return _unkept(refused_page(request.scope, _CLOSED))
    said = _CLOSED.what, _CLOSED.why, _CLOSED.hint
    return _unkept(error_response(_CLOSED.status, "refused", *said))


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _unkept(answer: Response) -> Response:
    """The token stands in the page or the answer."""
    answer.headers["cache-control"] = "no-store"
    return answer
