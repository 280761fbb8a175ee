"""Files from a browser. With scripts they go in pieces over /uploads (static/upload.js); without,
as one form."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.errors import AlbumsError
from albums.ingest.arrival import Receipt
from albums.sources.upload import Sender
from albums.web.pages.render import render
from albums.web.request import Called

router = APIRouter()


@router.get("/upload/")
def upload_page(request: Request) -> Response:
    return render(request, "upload.html")


@router.post("/upload/")
async def upload_form(request: Request, caller: Called) -> Response:
    """Keeps file after file; what goes wrong ends it, and those before are kept and shown."""
    kept: list[Receipt] = []
    content_type = request.headers.get("content-type", "")
    receiving = request.app.state.uploads.receive_several(
        content_type, request.stream(), Sender(caller.origin)
    )
    try:
        async for receipt in receiving:
            kept.append(receipt)
    except AlbumsError as error:
        return render(request, "upload.html", error.status, kept=kept, sentence=str(error))
    sentence = "" if kept else "No file was chosen."
    return render(request, "upload.html", kept=kept, sentence=sentence)
