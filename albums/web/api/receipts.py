"""Receipts: what a phone may rely on before it frees space. Each is checked again when asked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from albums.errors import NotFound
from albums.identity.access import Caller, Kind
from albums.library.receipts import KeptReceipt
from albums.web.errors import ErrorFacts, errors
from albums.web.request import Called, Opened

router = APIRouter(prefix="/receipts", tags=["receipts"])
_MOST = 1000
_SHA = "^[0-9a-f]{64}$"
_EXAMPLE = "9c4a83e2f7b1d05c6e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d"
ReceiptId = Annotated[
    str,
    InPath(pattern="^[0-9a-f]{16}$", description="a receipt's id", examples=["3f9a1c20b7de9c4a"]),
]


class GivenReceipt(BaseModel):
    """These bytes were whole on the disk when they were read back."""

    id: str = Field(examples=["3f9a1c20b7de9c4a"])
    number: int = Field(description="in which order receipts were given", examples=[17])
    sha: str = Field(description="SHA-256 of the file, hex", examples=[_EXAMPLE])
    size: int = Field(description="bytes", examples=[2411724])
    name: str = Field(description="of the file as it was sent", examples=["beach.jpg"])
    origin: str = Field(description="who asked for it", examples=["tailscale://galaxy-s24"])
    kept_at: str = Field(description="when it was acknowledged, UTC")
    reread_at: str = Field(description="when it was read back from the disk, UTC")


class Wanted(BaseModel):
    """Files that a receipt is wanted for."""

    hashes: list[Annotated[str, Field(pattern=_SHA)]] = Field(
        max_length=_MOST, description="SHA-256, hex", examples=[[_EXAMPLE]]
    )


class Given(BaseModel):
    """Receipts, and for which files there is none."""

    receipts: list[GivenReceipt]
    refused: dict[str, ErrorFacts] = Field(
        description="by SHA-256: why. Keep your copy of these", examples=[{}]
    )


class ReceiptPage(BaseModel):
    """Receipts, newest first."""

    receipts: list[GivenReceipt]
    next: int | None = Field(description="`before` of the next page", examples=[17])


class Check(BaseModel):
    """What the disk holds now of what a receipt speaks of."""

    receipt: GivenReceipt
    state: Literal["whole", "damaged", "missing", "deleted"] = Field(
        description="whole: read again just now, every byte is as it was sent; deleted: the owner "
        "deleted it since"
    )
    checked_at: str = Field(description="UTC")


@router.post("", response_model=Given)
def give_receipts(wanted: Wanted, albums: Opened, caller: Called) -> dict[str, Any]:
    """Read files back from the disk, past what memory holds of them, and give a receipt for each
    that is whole. Up to 1,000 files; the answer takes as long as the disk needs to read them."""
    given, refused = albums.proof.give_all(
        wanted.hashes, caller.origin, caller.device or "", named=_only_device(caller) is None
    )
    return {
        "receipts": [receipt.as_json() for receipt in given],
        "refused": {
            sha: {"code": e.code, "what": e.what, "why": e.why, "hint": e.hint, "facts": e.facts}
            for sha, e in refused.items()
        },
    }


@router.get("", response_model=ReceiptPage)
def list_receipts(
    albums: Opened,
    caller: Called,
    origin: Annotated[
        str | None, Query(description="only those given to it", examples=["tailscale://galaxy-s24"])
    ] = None,
    before: Annotated[int | None, Query(description="receipts older than this number")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """All receipts; to a device that may only upload, those that were given to it."""
    device = _only_device(caller)
    whose = None if device else origin
    receipts = albums.proof.receipts.given(origin=whose, device=device, before=before, limit=limit)
    return {
        "receipts": [receipt.as_json() for receipt in receipts],
        "next": receipts[-1].number if len(receipts) == limit else None,
    }


@router.get("/{receipt_id}", response_model=GivenReceipt, responses=errors(404))
def read_receipt(receipt_id: ReceiptId, albums: Opened, caller: Called) -> dict[str, Any]:
    """One receipt."""
    return receipt_for(caller, albums.proof.receipts.get(receipt_id)).as_json()


@router.post("/{receipt_id}/check", response_model=Check, responses=errors(404))
def check_receipt(receipt_id: ReceiptId, albums: Opened, caller: Called) -> dict[str, Any]:
    """Read the file of a receipt from the disk again."""
    receipt = receipt_for(caller, albums.proof.receipts.get(receipt_id))
    state, at = albums.proof.check(receipt)
    return {"receipt": receipt.as_json(), "state": state, "checked_at": at}


def receipt_for(caller: Caller, receipt: KeptReceipt) -> KeptReceipt:
    """Raises NotFound where it was given to another device than this one, which only uploads."""
    if _only_device(caller) not in (None, receipt.device):
        raise NotFound(f"There is no receipt {receipt.id!r}")
    return receipt


def _only_device(caller: Caller) -> str | None:
    """Whose receipts alone somebody sees, by its stable id; None where they see all."""
    if caller.kind is not Kind.UPLOADER:
        return None
    if not caller.device:
        raise NotFound("It is not known which device this is")
    return caller.device
