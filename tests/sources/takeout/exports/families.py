"""All that is odd in an export, as small families of photos whose truth is known."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.sources.takeout.exports.cameras import (
    burst,
    films,
    live,
    numbers,
    pixel,
    raw,
    wrong_types,
)
from tests.sources.takeout.exports.contents import Content
from tests.sources.takeout.exports.naming import as_file_name
from tests.sources.takeout.exports.photos import Photo, World

_LONG = (
    "Screenshot_2024-{n:06}-123303_Samsung Internet Browser with a long name",
    "Urlaub {n} auf dem Bauernhof in der schönen Südsteiermark im Herbst",
    "😀😃😄{n:06}😁😆😅😂🤣🥲😊😇🙂🙃😉😌😍🥰😘😗😙😚😋😛😝",
    "a😀😃😄{n:06}😁😆😅😂🤣🥲😊😇🙂🙃😉😌😍🥰😘😗😙😚😋😛😝",
    "été {n} à la plage, l'année dernière, près de Saint-Malo en août",
    "{n:06} " + "x" * 93,
)


def plain(world: World) -> list[Photo]:
    """What nearly everything is. Some was dated anew by hand, which only Google's JSON knows."""
    n = world.next()
    name = world.chance.choice(
        ["IMG_2024_{n:06}.jpg", "PXL_2021{n:06}_220651.jpg", "DSC{n:06}.JPG", "{n}_8639.jpg",
         "IMG-2020-WA{n:06}.jpeg", "Bild ({n}).jpg", "i{n}.png", "{n}.heic", "été {n}.jpg"]
    ).format(n=n)  # fmt: skip
    photo = world.photo(name)
    if world.chance.random() < 0.03 and photo.taken:
        return [replace(photo, taken=photo.taken + timedelta(days=2, seconds=77))]
    return [_perhaps_edited(world, photo)]


def _perhaps_edited(world: World, photo: Photo, share: float = 0.06) -> Photo:
    if world.chance.random() > share:
        return photo
    return replace(photo, edited=(world.edit(photo),))


def edited(world: World) -> list[Photo]:
    """Another extension, Google's creations with sidecars and edited again, and "~2"."""
    n = world.next()
    photo = world.photo(f"PXL_E{n:06}.heic")
    creation = world.photo(f"IMG_E{n:06}-{world.chance.choice(['EFFECTS', 'COLLAGE', 'MIX'])}.jpg")
    animation = world.photo(f"MVIMG_E{n:06}-ANIMATION.gif")
    first = world.photo(f"X_E{n:06}.jpg")
    second = world.photo(f"X_E{n:06}~2.jpg", first.taken)
    chained = world.photo(f"IMG_C{n:06}.jpg")
    return [
        replace(photo, edited=(world.edit(photo, extension=".jpg"),)),
        replace(creation, edited=(world.edit(creation),)),
        animation,
        first,
        replace(second, edited=(world.edit(second),)),
        replace(chained, edited=(world.edit(chained, suffix="-EFFECTS-edited"),)),
    ]


def roll(world: World) -> list[Photo]:
    """One name again and again, as cameras give it: Takeout adds counters, which move."""
    n, moment, style = world.next(), world.moment(), world.style()
    name = world.chance.choice(["IMG_R{n}.HEIC", "DSC_R{n}.JPG", "R{n} (1).jpeg"]).format(n=n)
    photos = [
        world.photo(name, world.after(moment, k), style=style)
        for k in range(world.chance.choice([2, 2, 3, 5]))
    ]
    return [_perhaps_edited(world, photo, 0.15) for photo in photos]


def uploaded_counters(world: World) -> list[Photo]:
    """Counters of the uploaded name stay, with and without a space."""
    n = world.next()
    names = (f"IMG_U{n} (1).jpeg", f"img_({n}).(vacation stuff).jpg", f"IMG_V{n}(1)74722.jpg")
    doubled = world.photo(f"FullSizeRender_{n}(1).heic")
    return [*(world.photo(name) for name in names), doubled]


def clashing_counters(world: World) -> list[Photo]:
    """A name that was uploaded with the counter that Takeout gives to another one."""
    n, moment, style = world.next(), world.moment(), world.style()
    names = (f"K{n}.jpg", f"K{n}.jpg", f"K{n}(1).jpg")
    return [
        world.photo(name, world.after(moment, k), style=style, open=True, delicate=True)
        for k, name in enumerate(names)
    ]


def long_names(world: World) -> list[Photo]:
    n, moment, style = world.next(), world.moment(), world.style()
    stem = world.chance.choice(_LONG).format(n=n)
    name = stem + world.chance.choice([".jpg", ".heic", ".JPG", ".jpeg", ".png"])
    count = world.chance.choice([1, 1, 1, 2])
    photos = [
        world.photo(name, world.after(moment, k), style=style, delicate=True) for k in range(count)
    ]
    return [_perhaps_edited(world, photo, 0.2) for photo in photos]


def shorter_cuts(world: World) -> list[Photo]:
    """Every length of name, so that every cut of the suffix occurs, also one shorter."""
    n = world.next()
    name = f"L{n:06}" + "m" * world.chance.randint(0, 34) + ".jpg"
    return [world.photo(name, style="new" if len(name) > 44 else "shorter")]


def twins(world: World) -> list[Photo]:
    """Other titles with the same first 46 units, numbered in their natural order."""
    n, moment, style = world.next(), world.moment(), world.style()
    stem = f"T{n:06} the very same beginning of a rather long title"
    endings = world.chance.choice([("2.jpg", "10.jpg"), ("a.jpg", "b.jpg", "c.jpg"),
                                   ("a.jpg", "a.heic"), ("x.jpg", "x.jpg", "y.jpg")])  # fmt: skip
    return [
        world.photo(f"{stem} {end}", world.after(moment, k), style=style, delicate=True)
        for k, end in enumerate(endings)
    ]


_TITLES = (
    "27/06/12 - {n}",
    "John Doe's party {n}",
    'a "quoted" {n}',
    "50% & more: {n}",
    "why {n}?",
)


def other_titles(world: World) -> list[Photo]:
    """Titles without extension, with what file names cannot hold, and of another name."""
    n, moment = world.next(), world.moment()
    bare = f"Peanut Butter {n}"
    dated = f"20030{n:06}"
    odd = world.chance.choice(_TITLES).format(n=n)
    telegram = f"{n}_A_8639.jpg"
    return [
        world.photo(f"{bare}.jpg", title=bare, described=bare, style="new"),
        *(
            world.photo(f"{dated}.jpg", world.after(moment, k), title=dated, described=dated,
                        style="new")
            for k in range(2)
        ),
        world.photo(as_file_name(f"{odd}.jpg"), title=f"{odd}.jpg"),
        world.photo(telegram, title="photo_from_a_messenger.jpg"),
    ]  # fmt: skip


def extensions(world: World) -> list[Photo]:
    """Two extensions, another case, and a suffix that is seldom seen."""
    n = world.next()
    return [
        world.photo(f"IMG_X{n}.JPG.jpeg", described=f"IMG_X{n}.JPG", title=f"IMG_X{n}.JPG"),
        world.photo(f"IMG_Y{n}.MOV.mp4", described=f"IMG_Y{n}.MOV", title=f"IMG_Y{n}.MOV"),
        world.photo(f"IMG_Z{n}.jpg", described=f"IMG_Z{n}.JPG", title=f"IMG_Z{n}.JPG"),
        world.photo(f"LIVE_O{n}.MP4", style="odd"),
    ]


def odd_moments(world: World) -> list[Photo]:
    """Before 1970, of 1904, and never."""
    n = world.next()
    old = world.photo(f"scan_{n}.jpg", datetime(1904, 5, 1, 12, tzinfo=UTC))
    war = world.photo(f"scan_W{n}.jpg", datetime(1944, 6, 6, 4, 30, 1, tzinfo=UTC))
    never = replace(world.photo(f"never_{n}.jpg"), taken=None)
    return [old, war, never]


def specials(world: World) -> list[Photo]:
    """Trash, archive and the locked folder."""
    n = world.next()
    some = []
    for folder, flag in (("archive", "archived"), ("trash", "trashed"), ("locked", "locked")):
        photo = world.photo(f"IMG_{folder}_{n}.jpg", folder=folder)
        some.append(replace(photo, said=replace(photo.said, flags=frozenset({flag}))))
    return some


def missing(world: World) -> list[Photo]:
    """Announced and not delivered; delivered without a word; and empty."""
    n = world.next()
    nothing = Content("empty", world.next(), 0)
    return [
        world.photo(f"IMG_A{n}.jpg", delivered=False),
        world.photo(f"IMG_B{n}.jpg", has_sidecar=False),
        world.photo(f"IMG_0{n}.jpg", content=nothing),
    ]


def forgotten(world: World) -> list[Photo]:
    """A copy with a counter, and no sidecar with that counter."""
    n, style = world.next(), world.style()
    own = f"original_{uuid.UUID(int=world.chance.getrandbits(128))}_P{n}.jpg"
    photo = world.photo(own, style="new" if style == "uncut" else style, delicate=True)
    return [
        photo,
        replace(photo, content=replace(photo.content, seed=world.next()), has_sidecar=False,
                open=True),
    ]  # fmt: skip


def same_bytes(world: World) -> list[Photo]:
    """One file under two names, and one name for two files in two years."""
    n, moment, style = world.next(), world.moment(), world.style()
    first = world.photo(f"IMG_S{n}.jpg", moment)
    return [
        first,
        world.photo(f"Alice_{n}.jpg", moment, content=first.content),
        world.photo(f"Same_{n}.jpg", datetime(2013, 3, 3, tzinfo=UTC), style=style),
        world.photo(f"Same_{n}.jpg", datetime(2014, 4, 4, tzinfo=UTC), style=style),
    ]


def taken_apart(world: World) -> list[Photo]:
    """Accents as a Mac writes them, in the medium's name alone."""
    n = world.next()
    return [world.photo(f"Málaga été {n}.jpg", composed=False)]


Family = Callable[[World], list[Photo]]
FAMILIES: tuple[tuple[Family, float], ...] = (
    (plain, 70), (roll, 4), (live, 4), (long_names, 4), (shorter_cuts, 3), (films, 2),
    (edited, 0.5), (burst, 1), (pixel, 0.7), (raw, 0.5), (twins, 0.7), (other_titles, 0.5),
    (uploaded_counters, 0.5), (clashing_counters, 0.2), (extensions, 0.4), (wrong_types, 0.4),
    (numbers, 0.5), (odd_moments, 0.3), (specials, 0.4), (missing, 0.3), (forgotten, 0.2),
    (same_bytes, 0.3), (taken_apart, 0.4),
)  # fmt: skip


def some_family(world: World) -> list[Photo]:
    makers, weights = zip(*FAMILIES, strict=True)
    return list(world.chance.choices(makers, weights)[0](world))
