"""What cameras make beside plain photos: films, live and motion photos, raw files, bursts."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from tests.sources.takeout.exports.contents import Content
from tests.sources.takeout.exports.photos import Made, Photo, World

_BURSTS = (
    "{k:05}IMG_{k:05}_BURST{n:017}{c}.jpg", "IMG_{n:08}_183246_BURST{k:03}{c}.jpg",
    "PXL_{n:08}_070605.BURST-{k:02}{c}.jpg", "2023{n:06}_101605_{k:03}.jpg",
)  # fmt: skip


def wrong_types(world: World) -> list[Photo]:
    """Storage saver: HEIC and PNG by name, JPEG by content; a film without extension."""
    n = world.next()
    film = world.photo(f"IMG_W{n}", kind="mov")
    return [
        world.photo(f"IMG_W{n:06}.HEIC", kind="jpeg"),
        world.photo(f"shot{n:06}.png", kind="jpeg"),
        film,
    ]


def live(world: World) -> list[Photo]:
    """iPhone: one JSON for two files; most tell by Apple's identifier that they are one."""
    n, moment, style = world.next(), world.moment(), world.style()
    count = world.chance.choice([1, 1, 2, 3])
    stem = world.chance.choice(["IMG_L{n}", "IMG_L{n}", "2023{n:04}_152817", "lp_{n}"]).format(n=n)
    return [_live(world, stem, world.after(moment, k), style) for k in range(count)]


def _live(world: World, stem: str, taken: datetime, style: str, still: str = "") -> Photo:
    chance = world.chance
    own = str(uuid.UUID(int=chance.getrandbits(128))).upper() if chance.random() < 0.7 else ""
    ending = still or chance.choice([".HEIC", ".HEIC", ".JPG"])
    photo = world.photo(stem + ending, taken, style=style, content_id=own)
    extension = chance.choice([".MP4", ".MOV"])
    film = world.content("mov", taken - timedelta(seconds=1), own)
    return replace(photo, clip=Made(replace(film, film=False), extension))


def numbers(world: World) -> list[Photo]:
    """One number as HEIC, as JPG and as film, and clips with counters of their own."""
    n, moment, style = world.next(), world.moment(), world.style()
    stem = f"IMG_N{n}"
    photos = [
        _live(world, stem, moment, style, ".HEIC"),
        _live(world, stem, world.after(moment, 1), style, ".JPG"),
    ]
    film = world.photo(f"{stem}.MP4", world.after(moment, 2), style=style)
    return [*photos, film] if world.chance.random() < 0.6 else photos


def pixel(world: World) -> list[Photo]:
    """X.MP.jpg with the film inside, and the same film beside it as X.MP."""
    n = world.next()
    photo = world.photo(f"PXL_P{n:06}.MP.jpg")
    content = replace(photo.content, film=True)
    clip = Made(Content("mp4", world.next(), photo.content.size // 2, content.taken), ".MP")
    moving = world.photo(f"MVIMG_P{n:06}.jpg", content=replace(content, seed=world.next()))
    split = Content("mp4", world.next(), photo.content.size // 2, content.taken)
    return [
        replace(photo, content=content, clip=clip),
        world.photo(f"PXL_P{n:06}.MP~2.jpg", photo.taken),
        world.photo(f"PXL_P{n:06}.LONG_EXPOSURE-01.COVER.jpg"),
        world.photo(f"PXL_Q{n:06}._exported_{n}.jpg"),
        replace(moving, clip=Made(split, world.chance.choice(["", ".MP4"]))),
    ]


def raw(world: World) -> list[Photo]:
    n, moment = world.next(), world.moment()
    return [
        world.photo(f"PXL_W{n:06}.RAW-01.MP.COVER.jpg", moment),
        world.photo(f"PXL_W{n:06}.RAW-02.ORIGINAL.dng", moment),
    ]


def burst(world: World) -> list[Photo]:
    n, moment, style = world.next(), world.moment(), world.style()
    name = world.chance.choice(_BURSTS)
    return [
        world.photo(
            name.format(n=n, k=k, c="_COVER" if k == 1 else ""),
            moment + timedelta(seconds=k),
            style=style,
        )
        for k in range(1, 4)
    ]


def films(world: World) -> list[Photo]:
    n = world.next()
    name = world.chance.choice(["VID_{n}.mp4", "MOV{n}.MOV", "clip {n}.mp4"]).format(n=n)
    failed = world.chance.random() < 0.2
    return [world.photo(name, folder="failed" if failed else "")]
