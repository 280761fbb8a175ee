"""Which sidecar a medium has, by which rule, and what stays undecided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from albums.sources.takeout.matching import match
from albums.sources.takeout.pairing import Leftover, Medium, Pairing, Sidecar

NOON = datetime(2022, 7, 3, 12, tzinfo=UTC)


def pair(*names: str) -> dict[str, Pairing]:
    """Pairings by name; all files in one folder, those in .json are sidecars."""
    sidecars = [Sidecar(n, "f", n) for n in names if n.lower().endswith(".json")]
    media = [Medium(n, "f", n) for n in names if not n.lower().endswith(".json")]
    return {p.medium.name: p for p in match(media, sidecars).pairings}


def said(pairing: Pairing) -> tuple[str, str, str | None]:
    return pairing.kind, pairing.rule, pairing.sidecar.name if pairing.sidecar else None


@pytest.mark.parametrize(
    ("medium", "sidecar", "rule"),
    [
        ("sea.jpg", "sea.jpg.json", "exact"),
        ("sea.jpg", "sea.jpg.supplemental-met.json", "exact"),
        ("sea.jpg", "sea.jpg..json", "exact"),
        ("sea.jpg", "sea.jpg.metadata.json", "exact"),
        ("sea (2).jpg", "sea (2).jpg.supplemental-metadata.json", "exact"),
        ("sea(2).jpg", "sea.jpg(2).json", "counter moved"),
        ("sea(2).jpg", "sea.jpg.supple(2).json", "counter moved"),
        ("sea(1)(2).jpg", "sea(1).jpg(2).json", "counter moved"),
        ("sea.jpg", "sea.supplemental-metadata.json", "no extension"),
        ("sea(2).jpg", "sea.supplemental-metadata(2).json", "no extension"),
        ("sea.MOV.mp4", "sea.MOV.json", "second extension"),
        ("sea(1).JPG.jpeg", "sea.JPG(1).json", "second extension"),
        (f"{'a' * 47}.jpg", f"{'a' * 46}.json", "cut"),
        (f"{'a' * 60}.jpg", f"{'a' * 46}.json", "cut"),
        (f"{'a' * 47}(3).jpg", f"{'a' * 46}(3).json", "cut"),
        (f"{'🌊' * 23}🏖.jpg", f"{'🌊' * 23}.json", "cut"),
        (f"a{'🌊' * 23}.jpg", f"a{'🌊' * 22}.json", "cut"),
        (f"{'a' * 43}.jpeg", f"{'a' * 43}.jp.json", "cut"),
    ],
)
def test_a_sidecar_is_owned_by_the_medium_it_is_named_after(
    medium: str, sidecar: str, rule: str
) -> None:
    assert said(pair(medium, sidecar)[medium]) == ("owned", rule, sidecar)


@pytest.mark.parametrize(
    ("medium", "sidecar"),
    [
        ("SEA.JPG", "sea.jpg.json"),
        ("Cafe\u0301.jpg", "Café.jpg.json"),
        ("a(1).jpg", "a.JPG(1).json"),
    ],
)
def test_case_and_composition_are_a_second_chance(medium: str, sidecar: str) -> None:
    found = pair(medium, sidecar)[medium]
    assert (found.kind, found.folded) == ("owned", True)


@pytest.mark.parametrize(
    ("medium", "sidecar"),
    [
        ("sea.jpg", "sea.jpg(1).json"),
        ("sea(1).jpg", "sea.jpg(2).json"),
        ("IMG_10.jpg", "IMG_1.jpg.json"),
        ("sea(1).jpg", "sea.jpg.json"),
        ("sea.MP4", "sea.MP4(1).json"),
    ],
)
def test_another_number_is_another_photo(medium: str, sidecar: str) -> None:
    assert pair(medium, sidecar)[medium].kind == "none"


def test_an_uploaded_and_an_added_counter_are_ambiguous_unless_the_titles_tell() -> None:
    names = ("sea(1).jpg.json", "sea.jpg(1).json")
    found = pair("sea(1).jpg", *names)["sea(1).jpg"]
    assert [s.name for s in found.candidates] == sorted(names)
    titled = [
        Sidecar(names[0], "f", names[0], "lake.jpg"),
        Sidecar(names[1], "f", names[1], "sea.jpg"),
    ]
    told = match([Medium("m", "f", "sea(1).jpg")], titled).pairings[0]
    assert said(told) == ("owned", "counter moved", names[1])


def test_two_sidecars_of_one_name_are_kept_both_unless_they_contradict() -> None:
    names = ("sea.jpg.json", "sea.jpg.supplemental-metadata.json")
    found = pair("sea.jpg", *names)["sea.jpg"]
    assert (said(found)[2], [s.name for s in found.also]) == (names[1], [names[0]])
    other = [Sidecar(n, "f", n, taken=NOON + timedelta(days=d)) for d, n in enumerate(names)]
    assert match([Medium("m", "f", "sea.jpg")], other).pairings[0].kind == "ambiguous"


def test_twins_are_told_apart_by_their_titles_and_by_nothing_else() -> None:
    start = "b" * 46
    media = [Medium(e, "f", f"{start}{e}.jpg") for e in "xy"]
    sidecars = [Sidecar(n, "f", f"{start}{n}.json") for n in ("", "(1)")]
    assert {p.kind for p in match(media, sidecars).pairings} == {"ambiguous"}
    titled = [
        Sidecar("s0", "f", f"{start}.json", f"{start}ylophone.jpg"),
        Sidecar("s1", "f", f"{start}(1).json", f"{start}xylophone.jpg"),
    ]
    found = {p.medium.id: p.sidecar for p in match(media, titled).pairings}
    assert {m: s.id for m, s in found.items() if s} == {"x": "s1", "y": "s0"}


def test_an_edited_copy_inherits_and_is_linked_to_its_original() -> None:
    found = pair("sea.HEIC", "sea.HEIC.json", "sea-bearbeitet.jpg")["sea-bearbeitet.jpg"]
    assert said(found) == ("inherited", "edited", "sea.HEIC.json")
    assert found.original is not None
    assert found.original.name == "sea.HEIC"


@pytest.mark.parametrize(
    ("names", "rule"),
    [
        (("sea-EFFECTS-edited.jpg", "sea.jpg", "sea.jpg.json"), "edited"),
        (("sea-modifie\u0301.jpg", "sea.jpg.json"), "edited"),
        (("sea-edited(1).jpg", "sea(1).jpg", "sea.jpg", "sea.jpg(1).json"), "edited"),
        ((f"{'c' * 43}-edi.jpg", f"{'c' * 43}.jpg", f"{'c' * 43}.jp.json"), "edited, cut"),
        (("sea-retouchiert.jpg", "sea.jpg", "sea.jpg.json"), "variant"),
    ],
)
def test_the_ways_to_be_an_edited_copy(names: tuple[str, ...], rule: str) -> None:
    assert said(pair(*names)[names[0]]) == ("inherited", rule, names[-1])


@pytest.mark.parametrize(
    "names",
    [
        ("sea-edi.jpg", "sea.jpg.json"),
        ("sea-one.jpg", "sea-two.jpg", "sea.jpg", "sea.jpg.json"),
        ("sea-edited(1).jpg", "sea.jpg.json", "sea.jpg(2).json"),
    ],
)
def test_what_may_be_an_edited_copy_is_ambiguous(names: tuple[str, ...]) -> None:
    found = pair(*names)[names[0]]
    assert found.kind == "ambiguous"
    assert "sea.jpg.json" in {s.name for s in found.candidates}


@pytest.mark.parametrize(
    ("captured", "kind"),
    [(NOON, "inherited"), (None, "ambiguous"), (NOON.replace(day=9), "ambiguous")],
)
def test_a_copy_whose_suffix_was_cut_away_needs_the_moment_of_its_original(
    captured: datetime | None, kind: str
) -> None:
    media = [Medium("a", "f", f"{'c' * 47}.jpg"), Medium("b", "f", f"{'c' * 47}(1).jpg", captured)]
    found = match(media, [Sidecar("s", "f", f"{'c' * 46}.json", taken=NOON)]).pairings
    assert {p.medium.id: (p.kind, p.rule) for p in found}["b"] == (kind, "edited, cut away")


def test_an_edited_copy_of_another_moment_is_ambiguous() -> None:
    media = [
        Medium("a", "f", "sea.jpg", NOON),
        Medium("b", "f", "sea-edited.jpg", NOON.replace(day=9)),
    ]
    found = match(media, [Sidecar("s", "f", "sea.jpg.json")]).pairings
    assert {p.medium.id: p.kind for p in found} == {"a": "owned", "b": "ambiguous"}


def test_a_clip_inherits_from_its_only_still() -> None:
    found = pair("sea.HEIC", "sea.MOV", "sea.HEIC.json")["sea.MOV"]
    assert said(found) == ("inherited", "companion", "sea.HEIC.json")


def test_a_still_takes_nothing_from_another_still_that_is_there() -> None:
    assert pair("sea.HEIC", "sea.JPG", "sea.HEIC.json")["sea.JPG"].kind == "none"


def test_a_raw_file_takes_from_the_picture_beside_it() -> None:
    found = pair("sea.jpg", "sea.dng", "sea.jpg.json")["sea.dng"]
    assert said(found) == ("inherited", "companion", "sea.jpg.json")


def test_a_still_delivered_under_another_extension_takes_the_sidecar_that_waits() -> None:
    found = pair("sea(1).JPG", "sea.HEIC(1).json")["sea(1).JPG"]
    assert said(found) == ("inherited", "other extension", "sea.HEIC(1).json")


def test_a_motion_photo_lends_to_the_clip_beside_it() -> None:
    names = ("PXL_1.MP.jpg", "PXL_1.MP", "PXL_1.MP.jpg.supplemental-metadata.json")
    assert said(pair(*names)["PXL_1.MP"]) == ("inherited", "companion", names[2])


def clips(**moments: datetime) -> dict[str, Pairing]:
    """Two stills a minute apart, and the clips of these moments, all of one stem."""
    stills = [
        Medium("h", "f", "sea.HEIC", NOON, "A"),
        Medium("j", "f", "sea.JPG", NOON + timedelta(minutes=1), "B"),
    ]
    names = {"one": "sea.MP4", "two": "sea(1).MP4"}
    media = [Medium(k, "f", names[k], moment) for k, moment in moments.items()]
    sidecars = [Sidecar(n, "f", n) for n in ("sea.HEIC.json", "sea.JPG.json")]
    return {p.medium.id: p for p in match([*stills, *media], sidecars).pairings}


def test_clips_count_for_themselves_and_their_moments_tell_whose_they_are() -> None:
    found = clips(one=NOON + timedelta(seconds=61), two=NOON - timedelta(seconds=2))
    assert said(found["one"]) == ("inherited", "companion by time", "sea.JPG.json")
    assert said(found["two"]) == ("inherited", "companion by time", "sea.HEIC.json")


def test_a_clip_whose_moment_tells_nothing_is_ambiguous() -> None:
    found = clips(one=NOON + timedelta(hours=3))["one"]
    assert (found.kind, len(found.candidates)) == ("ambiguous", 2)


def test_a_content_identifier_decides_against_the_counters() -> None:
    media = [
        Medium("a", "f", "sea.HEIC", None, "A"),
        Medium("b", "f", "sea(1).HEIC", None, "B"),
        Medium("clip", "f", "sea(1).MOV", None, "A"),
    ]
    sidecars = [Sidecar(n, "f", n) for n in ("sea.HEIC.json", "sea.HEIC(1).json")]
    found = {p.medium.id: p for p in match(media, sidecars).pairings}
    assert said(found["clip"]) == ("inherited", "content identifier", "sea.HEIC.json")
    assert found["clip"].original == media[0]


def test_a_clip_of_another_identifier_is_no_companion() -> None:
    media = [Medium("a", "f", "sea.HEIC", None, "A"), Medium("clip", "f", "sea.MOV", None, "B")]
    found = match(media, [Sidecar("s", "f", "sea.HEIC.json")]).pairings
    assert {p.medium.id: p.kind for p in found} == {"a": "owned", "clip": "none"}


def test_a_clip_is_not_given_to_another_still_where_its_own_has_no_sidecar() -> None:
    """A live photo's own sidecar may be in a part that is not here."""
    found = pair("sea.HEIC", "sea.JPG", "sea.MOV", "sea.JPG.json")["sea.MOV"]
    assert (found.kind, [s.name for s in found.candidates]) == ("ambiguous", ["sea.JPG.json"])
    stills = [Medium("h", "f", "sea.HEIC", NOON), Medium("j", "f", "sea.JPG", NOON.replace(day=9))]
    clip = Medium("clip", "f", "sea.MOV", NOON - timedelta(seconds=1))
    known = {
        p.medium.id: p for p in match([*stills, clip], [Sidecar("s", "f", "sea.JPG.json")]).pairings
    }["clip"]
    assert (known.kind, known.original) == ("none", stills[0])


def test_a_clip_of_another_moment_than_the_only_still_says_is_ambiguous() -> None:
    media = [Medium("a", "f", "sea.HEIC"), Medium("clip", "f", "sea.MOV", NOON)]
    sidecar = Sidecar("s", "f", "sea.HEIC.json", "sea.HEIC", NOON.replace(day=9))
    assert [p.kind for p in match(media, [sidecar]).pairings] == ["owned", "ambiguous"]


def test_a_clip_and_its_still_are_one_also_without_a_sidecar() -> None:
    still, clip = (Medium(n, "f", n, None, "A") for n in ("sea.HEIC", "lake.MOV"))
    found = {p.medium.id: p for p in match([still, clip], []).pairings}["lake.MOV"]
    assert (found.kind, found.rule, found.original) == ("none", "content identifier", still)


def test_a_picture_beside_a_sidecar_of_another_moment_is_not_what_it_describes() -> None:
    other = Medium("m", "f", "sea.JPG", NOON.replace(day=9))
    sidecar = Sidecar("s", "f", "sea.HEIC.json", "sea.HEIC", NOON)
    assert [p.kind for p in match([other], [sidecar]).pairings] == ["ambiguous"]


def test_a_counter_that_may_have_been_uploaded_needs_its_moment_where_a_sidecar_is_missing() -> (
    None
):
    sidecars = [Sidecar("0", "f", "sea.jpg.json"), Sidecar("1", "f", "sea.jpg(1).json", None, NOON)]
    media = [Medium("a", "f", "sea.jpg"), Medium("b", "f", "sea(1).jpg", NOON.replace(day=9))]
    assert [p.kind for p in match(media, sidecars).pairings] == ["owned", "owned"]
    media.append(Medium("c", "f", "sea(2).jpg"))
    assert [p.kind for p in match(media, sidecars).pairings] == ["ambiguous", "none", "owned"]


def test_a_name_whose_cut_dropped_an_emoji_is_that_of_its_title() -> None:
    title = f"{'🌊' * 30}.png"
    media = [Medium("m", "f", f"{'🌊' * 23}.png")]
    sidecar = Sidecar("s", "f", f"{'🌊' * 23}.json", title)
    assert [said(p)[:2] for p in match(media, [sidecar]).pairings] == [("owned", "cut")]


def test_one_path_in_two_parts_is_one_photo_where_the_bytes_are_the_same() -> None:
    sidecars = [Sidecar("s", "f", "sea.jpg.json")]
    same = [Medium(part, "f", "sea.jpg", sha256="1") for part in ("part1", "part2")]
    assert [p.kind for p in match(same, sidecars).pairings] == ["owned", "inherited"]
    other = [Medium(part, "f", "sea.jpg", sha256=part) for part in ("part1", "part2")]
    assert [p.kind for p in match(other, sidecars).pairings] == ["ambiguous", "ambiguous"]


def leftovers(*sidecars: Sidecar, captured: datetime | None = None) -> list[Leftover]:
    """What becomes of album sidecars; the year has sea.jpg with a sidecar, and bare lake.jpg."""
    media = [Medium("sea", "2022", "sea.jpg"), Medium("lake", "2022", "lake.jpg", captured)]
    own = Sidecar("own", "2022", "sea.jpg.json", "sea.jpg", NOON, "https://p/1")
    return list(match(media, [own, *sidecars]).leftovers)


def album(title: str, taken: datetime = NOON, url: str | None = None) -> Sidecar:
    return Sidecar("s", "Trip", f"{title}.json", title, taken, url)


def test_a_sidecar_alone_in_an_album_is_a_membership() -> None:
    (by_url,) = leftovers(album("other.jpg", url="https://p/1"))
    assert (by_url.kind, by_url.rule, by_url.medium and by_url.medium.id) == (
        "elsewhere",
        "url",
        "sea",
    )
    (by_time,) = leftovers(album("sea.jpg"))
    assert (by_time.kind, by_time.rule) == ("elsewhere", "title and time")


def test_a_sidecar_of_the_same_title_at_another_time_was_not_delivered() -> None:
    (found,) = leftovers(album("sea.jpg", NOON + timedelta(days=1)))
    assert found.kind == "missing"


def test_a_membership_of_a_medium_without_sidecar_needs_its_moment() -> None:
    local = NOON.astimezone(timezone(timedelta(hours=2))).replace(tzinfo=None)
    (proven,) = leftovers(album("lake.jpg"), captured=local)
    assert (proven.kind, proven.rule) == ("elsewhere", "name and time")
    (other,) = leftovers(album("lake.jpg"), captured=local + timedelta(seconds=400))
    assert other.kind == "missing"
    (unproven,) = leftovers(album("lake.jpg"))
    assert (unproven.kind, [m.id for m in unproven.candidates]) == ("ambiguous", ["lake"])


def test_folders_never_share_sidecars() -> None:
    found = match([Medium("m", "2020", "sea.jpg")], [Sidecar("s", "2021", "sea.jpg.json")])
    assert [p.kind for p in found.pairings] == ["none"]
