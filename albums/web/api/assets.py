"""One asset: what is known of it, its bytes, its pictures, and what a person does with it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from albums.assembly import Albums
from albums.curate import assets as curate
from albums.curate import trash
from albums.errors import NotFound
from albums.library.assets import Asset, asset_by_sha
from albums.library.detail import detail
from albums.library.looks import LookName
from albums.web.errors import errors
from albums.web.files import disposition, file_response
from albums.web.request import Opened, PersonsRooms

router = APIRouter(prefix="/assets", tags=["assets"])
Sha = Annotated[
    str,
    Path(
        pattern="^[0-9a-f]{6,64}$",
        description="SHA-256 of the original, or how it begins (6 digits or more)",
        examples=["9c4a83e2f7"],
    ),
]
_PICTURE_TYPES = {".webp": "image/webp", ".jpg": "image/jpeg"}
_SOON = 5  # seconds until a pending picture is worth another look


class CaptionDetails(BaseModel):
    """Who described it, and with what."""

    title: str
    description: str
    author: Literal["person", "model"]
    model: str = Field(description="empty where a person wrote it")
    engine: str
    version: str
    written_at: str


class Place(BaseModel):
    """Where it was taken, looked up offline."""

    city: str | None
    region: str | None
    country: str | None
    country_code: str | None
    distance_km: float | None = Field(description="from that city's centre")


class Location(BaseModel):
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


class Tag(BaseModel):
    """A lowercase word, how sure its surest source is, and who says so."""

    tag: str
    score: float
    sources: list[str]


class Look(BaseModel):
    """What the asset is recognised as, beside an ordinary photo."""

    look: LookName = Field(examples=["screenshot"])
    sure: float = Field(description="0..1", examples=[0.97])
    by: Literal["look", "person"] = Field(description="look: the box found it out")
    why: str = Field(examples=["its name says so, and no camera took it"])


class Fact(BaseModel):
    """One claim. Within a field the believed one comes first."""

    field: str
    value: Any
    source: str = Field(
        description="person; sidecar, takeout, apple, flickr, sidecars: by another service; "
        "exif, xmp, iptc, container: by the file; neighbours: with the zone of what was taken "
        "around it; name, instant, file, arrival: times; look: by what it looks like"
    )
    confidence: float
    detail: str = Field(description="which tag, which rule")
    believed: bool


class Work(BaseModel):
    """What one step of the pipeline did for this asset."""

    step: str
    version: str
    state: Literal["open", "waiting", "done", "skipped", "failed"]
    attempts: int
    due: float = Field(description="seconds since 1970; later than now after a failure")
    error: str = Field(description="why it was skipped or failed, or what it warns of")
    at: str | None


class NearDuplicate(BaseModel):
    """Another asset that looks almost the same."""

    sha: str
    name: str
    bits: int = Field(description="how many of 64 bits of the perceptual hash differ")


class Companion(BaseModel):
    """Another asset that was taken together with this one."""

    sha: str
    name: str
    role: Literal["moving part", "still photo", "raw file"] = Field(
        description="moving part: the film of a live photo"
    )


class MovingPart(BaseModel):
    """The film of a live photo, or inside a motion photo."""

    kind: Literal["live", "motion"] = Field(description="live: a film of its own")
    mime: str
    duration: float | None = Field(description="seconds")


class Play(BaseModel):
    """Whether a film, or the moving part of a photo, plays in every browser."""

    state: Literal["as it is", "made", "being made", "not"] = Field(
        description="as it is: the original plays; made: a version of it does"
    )
    why: str = Field(
        description="what no browser plays of the original, or why there is no version of it"
    )
    width: int | None = Field(description="pixels, of the version that was made")
    height: int | None
    size: int | None = Field(description="bytes")


class Version(BaseModel):
    """Another asset: an edited copy of this one, or what this one is an edited copy of."""

    sha: str
    name: str


class FilmDetails(BaseModel):
    """How a film is coded. What is not known is null."""

    duration: float | None = Field(description="seconds", examples=[42.5])
    frame_rate: float | None = Field(description="frames a second, on average", examples=[29.97])
    video_codec: str | None = Field(examples=["hevc"])
    profile: str | None = Field(examples=["Main 10"])
    pixel_format: str | None = Field(examples=["yuv420p10le"])
    bit_depth: int | None = Field(examples=[10])
    audio_codec: str | None = Field(examples=["aac"])
    rotation: int = Field(description="degrees clockwise, to be upright", examples=[90])
    mirrored: bool
    hdr: str = Field(description='"", "hlg", "pq" or "dolby vision"', examples=["hlg"])
    interlaced: bool
    bit_rate: int | None = Field(description="bits a second", examples=[14_000_000])
    width: int | None = Field(description="pixels, as coded", examples=[3840])
    height: int | None = Field(examples=[2160])


class Document(BaseModel):
    """How much of a document there is."""

    pages: int = Field(examples=[12])
    read: int = Field(description="the first so many are found by their words", examples=[12])


class StackMember(BaseModel):
    """One asset of a stack."""

    sha: str
    name: str
    kind: str
    role: Literal[
        "still photo", "moving part", "raw file", "original", "edited version", "burst", "joined"
    ] = Field(description="joined: a person put it there", examples=["burst"])
    top: bool = Field(description="it stands for all of them in lists")
    hidden: bool
    thumbhash: str | None = Field(description="placeholder, base64")


class Stack(BaseModel):
    """Assets that lists show as one."""

    top: str = Field(description="SHA-256 of the one that is shown", examples=["9c" * 32])
    members: list[StackMember] = Field(description="the top first")


class Panorama(BaseModel):
    """What part of the sphere an equirectangular photo shows, and where to look first."""

    left: float = Field(description="fraction of the sphere's width, from its left edge")
    top: float = Field(description="fraction of the sphere's height, from above")
    width: float
    height: float
    heading: float = Field(description="degrees from the middle of the sphere to the right")
    pitch: float = Field(description="degrees upwards")
    view: float = Field(description="degrees that are seen at once, horizontally")


class Still(BaseModel):
    """What a photo is beyond one flat picture."""

    animation: Literal["original", "animation"] | None = Field(
        description="where it is seen moving; null where it does not, or nothing here plays it"
    )
    pages: int = Field(description="pictures in the file, such as the pages of a TIFF")
    gain_map: Literal["ultra hdr", "iso 21496-1", "apple"] | None = Field(
        description="it is brighter on screens that can show it; kept in the original"
    )
    panorama: Panorama | None
    shown: bool = Field(description="every browser shows the original as it is")


class AssetDetail(BaseModel):
    """An asset with all that is known of it, and how that is known."""

    model_config = ConfigDict(populate_by_name=True)

    sha: str
    name: str
    folder: str
    kind: str = Field(description="photo, video, document, audio, other")
    mime: str
    size: int = Field(description="bytes")
    width: int | None = Field(description="pixels, upright")
    height: int | None
    duration: float | None = Field(description="seconds")
    captured_at: str | None = Field(
        description="local time with offset where known", examples=["2026-04-26T18:42:11-07:00"]
    )
    exif: dict[str, Any] = Field(
        description="tags as written in the file",
        examples=[{"Make": "samsung", "Model": "SM-S921U", "GPSLatitude": 45.7341}],
    )
    caption: str | None = Field(
        examples=["Two children running on a wet beach at golden hour, evergreen forest behind."]
    )
    clip_dims: int = Field(description="length of its vector; 0 until it has one", examples=[512])
    bm25_terms: int = Field(description="words it is found by", examples=[23])
    indexed_at: str | None = Field(description="when its words were last indexed")
    origin: str = Field(
        alias="_origin", description="where it came from", examples=["tailscale://galaxy-s24"]
    )
    received_at: str
    trashed_at: str | None
    caption_details: CaptionDetails | None
    camera: str | None
    lens: str | None
    place: str | None = Field(examples=["Lisbon, Portugal"])
    place_details: Place | None
    location: Location | None
    rating: int | None
    favourite: bool
    hidden: bool
    aspect: float | None = Field(description="width / height, upright")
    thumbhash: str | None = Field(description="placeholder, base64")
    truncated: bool = Field(description="the original ends too early")
    tags: list[Tag]
    looks: list[Look]
    collections: list[str]
    metadata: dict[str, Any] = Field(description="EXIF, XMP and IPTC, whole")
    people: list[str] = Field(description="who is on it, as anybody says", examples=[["Ana"]])
    facts: list[Fact]
    work: list[Work]
    moving: MovingPart | None = Field(description="what moves in a live or motion photo")
    play: Play | None = Field(description="how its film plays; null where nothing moves")
    companions: list[Companion] = Field(description="taken together with it")
    original: Version | None = Field(description="what it is an edited copy of")
    versions: list[Version] = Field(description="its edited copies")
    stack: Stack | None = Field(description="in which it is shown with others as one")
    near_duplicates: list[NearDuplicate] = Field(description="nearest first")
    film: FilmDetails | None = Field(description="null where it is none, or cannot be opened")
    document: Document | None = Field(description="null where it is none, or is still unread")
    still: Still | None = Field(
        description="null where it is no picture, or is still unread",
        examples=[
            {
                "animation": None,
                "pages": 1,
                "gain_map": "ultra hdr",
                "panorama": None,
                "shown": True,
            }
        ],
    )


class Edit(BaseModel):
    """What a person says. Leave out what stays; null takes back what the person said before."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"title": "Ana's first swim", "favourite": True, "add_tags": ["ana"]}]
        },
    )

    title: str | None = None
    description: str | None = None
    captured_at: str | None = Field(None, description="ISO 8601")
    location: Location | None = None
    favourite: bool | None = None
    rating: int | None = Field(None, ge=0, le=5)
    hidden: bool | None = Field(None, description="kept out of the timeline")
    add_tags: list[str] = []
    remove_tags: list[str] = []


class Changed(BaseModel):
    """Which asset was changed."""

    sha: str

    model_config = {
        "json_schema_extra": {
            "examples": [
                {"sha": "9c4a83e2f7b1d05c6e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d"}
            ]
        }
    }


class Reopened(BaseModel):
    """How many pieces of work were opened again."""

    pieces: int = Field(examples=[2])


@router.get("/{sha}", response_model=AssetDetail, responses=errors(404))
def read_asset(sha: Sha, albums: Opened) -> dict[str, Any]:
    """Everything known of one asset, with the provenance of each fact and the state of its work."""
    with albums.library.read() as db:
        return detail(db, albums.ledger, asset_by_sha(db, sha), albums.shelf.space())


@router.patch("/{sha}", response_model=AssetDetail, responses=errors(404))
def edit_asset(sha: Sha, edit: Edit, albums: Opened, rooms: PersonsRooms) -> dict[str, Any]:
    """Correct or add what is known. It wins over every model and every tag in the file."""
    facts = {
        field: getattr(edit, field) for field in edit.model_fields_set - {"add_tags", "remove_tags"}
    }
    if edit.location:
        facts["location"] = [edit.location.latitude, edit.location.longitude]
    asset = curate.edit(rooms, sha, facts, add=edit.add_tags, remove=edit.remove_tags)
    albums.runner.nudge()
    return read_asset(asset.sha, albums)


@router.delete("/{sha}", response_model=Changed, responses=errors(404))
def trash_asset(sha: Sha, rooms: PersonsRooms) -> dict[str, str]:
    """Put it into the trash. Its bytes stay until the trash is emptied."""
    return {"sha": trash.trash(rooms, [sha])[0].sha}


@router.post("/{sha}/restore", response_model=Changed, responses=errors(404))
def restore_asset(sha: Sha, rooms: PersonsRooms) -> dict[str, str]:
    """Take it out of the trash."""
    return {"sha": trash.restore(rooms, [sha])[0].sha}


@router.post("/{sha}/retry", response_model=Reopened, responses=errors(404))
def retry_asset(sha: Sha, albums: Opened, rooms: PersonsRooms) -> dict[str, int]:
    """Try again what failed for this asset, or was done with a warning."""
    pieces = curate.retry(rooms, sha)
    albums.runner.nudge()
    return {"pieces": pieces}


_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes", "content": {"application/octet-stream": {}}},
    206: {"description": "The ranges asked for", "content": {"application/octet-stream": {}}},
    304: {"description": "The caller has it already"},
}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", "content": {"image/webp": {}, "image/jpeg": {}}},
    304: {"description": "The caller has it already"},
}


@router.get("/{sha}/original", response_class=Response, responses=_BYTES | errors(404, 416))
@router.head("/{sha}/original", include_in_schema=False)
def read_original(sha: Sha, request: Request, albums: Opened) -> Response:
    """The original, byte for byte. Ranges, ETag (its SHA-256) and caching are supported."""
    with albums.library.read() as db:
        asset = asset_by_sha(db, sha)
    path = albums.vault.originals.path(asset.sha, asset.extension)
    headers = disposition(asset.name, asset.mime)
    return file_response(request, path, asset.mime, asset.sha, headers)


@router.get("/{sha}/pictures/{size}", response_class=Response, responses=_PICTURE | errors(404))
@router.head("/{sha}/pictures/{size}", include_in_schema=False)
def read_picture(
    sha: Sha,
    size: Annotated[
        Literal["300", "800", "1600", "frames"],
        Path(
            description="longest edge in pixels; frames: an animated preview of what moves",
            examples=["800"],
        ),
    ],
    request: Request,
    albums: Opened,
) -> Response:
    """A picture of the asset, upright. 404 says whether it is still to be made or cannot be."""
    with albums.library.read() as db:
        asset = asset_by_sha(db, sha)
    pictures = albums.vault.pictures
    moving = size == "frames"
    path = pictures.frames_path(asset.sha) if moving else pictures.path(asset.sha, int(size))
    if not path.is_file():
        raise _no_picture(albums, asset, moving)
    return file_response(request, path, _PICTURE_TYPES[path.suffix], f"{asset.sha}-{size}")


def _no_picture(albums: Albums, asset: Asset, moving: bool) -> NotFound:
    with albums.library.read() as db:
        rows = {row["step"]: row for row in albums.ledger.of(db, asset.id)}
    work = rows.get("pictures", {"state": "open", "error": ""})
    if work["state"] in ("open", "waiting"):
        why = f"It is being made. {work['error']}".strip()
        return NotFound(f"{asset.name} has no picture yet", why=why, retry_after=_SOON)
    if moving and work["state"] == "done":
        return NotFound(f"{asset.name} has no moving preview", why="It does not move")
    return NotFound(
        f"{asset.name} has no picture",
        why=str(work["error"]) or "The picture is missing from the disk",
        hint=f"The original is kept; POST /api/v1/assets/{asset.sha}/retry tries again",
        state=work["state"],
    )
