"""The library's whole content as text, to be kept or compared."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from albums.upkeep.rebuild import canonical_export
from albums.web.request import Opened

router = APIRouter(prefix="/canonical", tags=["canonical"])
_JSON_LINES = "application/x-ndjson"


@router.get(
    "",
    response_class=StreamingResponse,
    responses={200: {"content": {_JSON_LINES: {"schema": {"type": "string"}}}}},
)
def read_canonical(albums: Opened) -> StreamingResponse:
    """Everything that cannot be computed again, one JSON object a line, always in the same order.

    The same content gives the same bytes; all of it is of one moment.
    """

    def lines() -> Iterator[bytes]:
        for line in canonical_export(albums.library):
            yield line.encode("utf-8", "surrogateescape") + b"\n"

    return StreamingResponse(lines(), media_type=_JSON_LINES)
