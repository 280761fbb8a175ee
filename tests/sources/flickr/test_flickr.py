"""What Flickr's data says of its files."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.library.facts import Claim
from albums.sources.flickr import Flickr
from albums.sources.importing.kind import Said, Thing, Understood
from tests.sources.things import ODD, claims_of, medium, paper, sentences

PAGE = "https://www.flickr.com/photos/someone/23425673160/"


def photo(number: str, **more: Any) -> dict[str, Any]:
    """As an export has it."""
    return {
        "id": number,
        "name": "A walk by the river",
        "description": "",
        "count_views": "53",
        "date_taken": "2015-12-12 13:11:14",
        "date_imported": "2015-12-13 05:57:41",
        "photopage": f"https://www.flickr.com/photos/someone/{number}/",
        "original": f"https://live.staticflickr.com/3008/{number}_6ab6f1017f_o.jpg",
        "license": "All Rights Reserved",
        "geo": [],
        "groups": [],
        "albums": [],
        "tags": [],
        "people": [],
        "privacy": "public",
        "comments": [],
    } | more


def understand(*things: Thing) -> Understood:
    return Flickr().understand(things)


def said_of(path: str, said: dict[str, Any], captured: str | None = None) -> Said:
    """What is said of the one file at `path`."""
    thing = medium(path, captured=captured)
    return understand(thing, paper(f"photo_{said['id']}.json", said)).said[thing.id]


def claim_of(said: Said, field: str) -> Claim:
    return next(claim for claim in said.claims if claim.field == field)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("a-walk-by-the-river_23425673160_o.jpg", "id before _o"),
        ("a-walk_23425673160_o(1).jpg", "id before _o"),
        ("23425673160_o.png", "id before _o"),
        ("23425673160_0123abcdef_o.jpg", "id first"),
        ("23425673160_6ab6f1017f_o.jpg", "original"),
        ("a-film_23425673160.mp4", "id last"),
        ("img-2012_23425673160_o.jpg", "id before _o"),
    ],
)
def test_a_file_is_the_photo_whose_number_its_name_holds(name: str, rule: str) -> None:
    said = said_of(f"data-download-1/{name}", photo("23425673160"))
    assert (said.pairing, said.rule, said.url) == ("owned", rule, PAGE)


def test_the_json_lies_in_another_zip() -> None:
    thing = medium("river_23425673160_o.jpg", part=2)
    json = paper("photo_23425673160.json", photo("23425673160"), part=1)
    assert understand(thing, json).said[thing.id].papers == (json.id,)


def test_a_number_that_no_json_speaks_of_says_nothing() -> None:
    thing = medium("river_111_o.jpg")
    found = understand(thing, paper("photo_222.json", photo("222")))
    assert thing.id not in found.said
    assert "1 file has no JSON" in sentences(found)


def test_two_numbers_that_are_both_known_are_ambiguous() -> None:
    thing = medium("2634391576_1234567890_o.jpg")
    papers = [paper(f"photo_{n}.json", photo(n)) for n in ("2634391576", "1234567890")]
    said = understand(thing, *papers).said[thing.id]
    assert (said.pairing, said.claims) == ("ambiguous", ())
    assert set(said.papers) == {p.id for p in papers}


def test_two_files_of_one_number_are_ambiguous_unless_they_are_equal() -> None:
    one, other = medium("a_222_o.jpg"), medium("b_222_o.jpg")
    json = paper("photo_222.json", photo("222"))
    assert {s.pairing for s in understand(one, other, json).said.values()} == {"ambiguous"}
    copy = medium("c_222_o.jpg", sha=one.sha)
    assert {s.pairing for s in understand(one, copy, json).said.values()} == {"owned"}


@pytest.mark.parametrize(
    ("geo", "place"),
    [
        ({"latitude": "49696401", "longitude": "-123159753", "accuracy": "15"},
         [49.696401, -123.159753]),
        ([{"latitude": "49696401", "longitude": "-123159753"}], [49.696401, -123.159753]),
        ({"latitude": 52520000, "longitude": 13405000}, [52.52, 13.405]),
        ({"latitude": "52.52", "longitude": "13.405"}, [52.52, 13.405]),
        ({"latitude": 52.52, "longitude": 13.405}, [52.52, 13.405]),
        ({"latitude": "0", "longitude": "0"}, None),
        ({"latitude": "91000000", "longitude": "0"}, None),
        ({"latitude": "nan", "longitude": "1"}, None),
        ([], None),
    ],
)  # fmt: skip
def test_places_are_millionths_of_degrees_unless_they_have_a_point(
    geo: object, place: list[float] | None
) -> None:
    said = said_of("a_222_o.jpg", photo("222", geo=geo))
    assert claims_of(said).get("location") == place


def test_a_place_known_to_a_country_only_is_less_sure() -> None:
    def sureness(accuracy: str) -> float:
        geo = {"latitude": "52520000", "longitude": "13405000", "accuracy": accuracy}
        return claim_of(said_of("a_222_o.jpg", photo("222", geo=geo)), "location").confidence

    assert sureness("3") < sureness("16")


def test_words_are_claimed_as_a_person_reads_them() -> None:
    said = said_of(
        "a_222_o.jpg",
        photo(
            "222",
            name="Rock &amp; roll",
            description='Seen by <a href="https://example.org/">Ann</a>\n<b>twice</b>, 2 &lt; 3',
            tags=[{"tag": "Concert", "user": "x"}, {"tag": "night life"}, "plain", "Concert"],
            people=[{"real_name": "Ann Lee"}, {"name": "36587311@N08"}, {"user": "https://x.org"}],
        ),
    )
    found = claims_of(said)
    assert found["title"] == "Rock & roll"
    assert found["description"] == "Seen by Ann\ntwice, 2 < 3"
    assert found["keywords"] == ["Concert", "night life", "plain"]
    assert found["people"] == ["Ann Lee"]


@pytest.mark.parametrize("name", ["IMG_1234", "DSC01234.JPG", "20151212_131114", "100_0815", ""])
def test_the_name_of_a_file_is_no_title(name: str) -> None:
    assert "title" not in claims_of(said_of("a_222_o.jpg", photo("222", name=name)))


def test_the_date_is_local_and_its_sureness_depends_on_what_the_file_says() -> None:
    def sureness(captured: str | None, **more: str) -> float:
        said = said_of("a_222_o.jpg", photo("222", **more), captured)
        claim = claim_of(said, "captured_at")
        assert claim.value == "2015-12-12T13:11:14"
        return claim.confidence

    assert sureness(None) == 0.6
    assert sureness("2015-12-12T13:11:14") == 0.6
    assert sureness("2019-01-01T10:00:00") == 0.85  # somebody corrected it
    assert sureness(None, date_imported="2015-12-12 21:11:15") == 0.3  # only the upload


def test_a_zero_date_says_nothing() -> None:
    said = said_of("a_222_o.jpg", photo("222", date_taken="0000-00-00 00:00:00"))
    assert "captured_at" not in claims_of(said)


def test_another_day_than_the_files_own_is_counted() -> None:
    thing = medium("a_222_o.jpg", captured="2019-01-01T10:00:00")
    assert understand(thing, paper("p.json", photo("222"))).notes == {"conflicts": 1}


def albums_json(*photos: str, **more: Any) -> dict[str, Any]:
    album = {"id": "72157", "title": "Rivers", "description": "All of them", "photos": list(photos)}
    return {"albums": [album | {"photo_count": str(len(photos))} | more]}


def test_albums_keep_their_order_and_name_what_is_not_here() -> None:
    one, two = medium("a_111_o.jpg"), medium("b_222_o.jpg")
    found = understand(
        one,
        two,
        *(paper(f"photo_{n}.json", photo(n)) for n in ("111", "222", "333")),
        paper("albums.json", albums_json("222", "0", "333", "111", "444", "222")),
    )
    [album] = found.albums
    assert (album.title, album.description) == ("Rivers", "All of them")
    assert album.members == (two.id, one.id)
    assert album.absent == ("https://www.flickr.com/photos/someone/333/", "photo 444")


def test_without_the_list_the_photos_say_which_albums_they_are_in() -> None:
    late, early = medium("a_111_o.jpg"), medium("b_222_o.jpg")
    listed = [{"id": "9", "title": "Rivers", "url": "https://x.org"}]
    found = understand(
        late,
        early,
        paper("photo_111.json", photo("111", albums=listed)),
        paper("photo_222.json", photo("222", albums=listed, date_taken="1999-01-01 00:00:01")),
    )
    [album] = found.albums
    assert (album.key, album.title) == ("flickr album 9", "Rivers")
    assert album.members == (early.id, late.id)


def test_an_album_has_the_same_key_whichever_of_both_speaks_of_it() -> None:
    listed = [{"id": "72157", "title": "Rivers"}]
    things = [medium("a_111_o.jpg"), paper("photo_111.json", photo("111", albums=listed))]
    before = understand(*things)
    after = understand(*things, paper("albums.json", albums_json("111")))
    assert [a.key for a in before.albums] == [a.key for a in after.albums]


def test_an_album_that_lists_fewer_than_it_holds_is_named() -> None:
    found = understand(medium("a_1.jpg"), paper("albums.json", albums_json(photo_count="5")))
    assert "Rivers is said to hold 5 photos, and lists 0" in sentences(found)


def test_photos_that_did_not_come_are_announced() -> None:
    json = paper("photo_222.json", photo("222"))
    [missing] = understand(medium("a_111_o.jpg"), json).announced
    assert (missing.paper, missing.title) == (json.id, "A walk by the river")
    assert missing.url == "https://www.flickr.com/photos/someone/222/"


def test_papers_of_the_account_are_kept_and_broken_ones_are_named() -> None:
    profile = paper("account_profile.json", {"real_name": "Ann", "nsid": "1@N0"})
    galleries = paper("galleries.json", {"galleries": []})
    broken = paper("photo_1.json", b"\xff{")
    own = paper("recipes.json", {"flour": 300})
    found = understand(profile, galleries, broken, own)
    assert [found.papers[p.id] for p in (profile, galleries, broken)] == ["other"] * 3
    assert found.papers[own.id] == "document"
    assert "1 JSON file cannot be read: photo_1.json" in sentences(found)


def test_photos_without_any_json_are_told_what_is_missing() -> None:
    assert "zip that says what the photos are" in sentences(understand(medium("a_111_o.jpg")))


def test_of_two_exports_the_later_counts_and_both_are_kept() -> None:
    thing = medium("a_222_o.jpg")
    papers = (
        paper("photo_222.json", photo("222", name="Old"), part=1),
        paper("photo_222.json", photo("222", name="New"), part=2),
    )
    said = understand(thing, *papers).said[thing.id]
    assert claims_of(said)["title"] == "New"
    assert said.papers == tuple(p.id for p in papers)


def test_the_order_of_the_files_does_not_matter() -> None:
    things = [medium(f"a_{n}_o.jpg", part=n % 3) for n in range(100, 130)]
    things += [paper(f"photo_{n}.json", photo(str(n)), part=n % 2) for n in range(110, 140)]
    things.append(paper("albums.json", albums_json("111", "112", "139")))
    expected = understand(*things)
    for seed in range(5):
        random.Random(seed).shuffle(things)
        assert understand(*things) == expected


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(ODD) | st.just("222"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(ODD, max_size=3), inner),
    max_leaves=6,
)
fields = st.sampled_from([*photo("222"), "photos", "albums", "title", "photo_count"])


@given(st.dictionaries(fields, values, max_size=6), st.sampled_from(["photo", "albums"]))
def test_whatever_a_paper_says_nothing_breaks(odd: dict[str, Any], shape: str) -> None:
    thing = medium("a_222_o.jpg")
    said = photo("222") | odd if shape == "photo" else {"albums": [{"id": "222"} | odd]}
    found = understand(thing, paper("x.json", said))
    for one in found.said.values():
        assert all(isinstance(claim.value, str | list) for claim in one.claims)


@given(st.binary(max_size=60), st.text(ODD, max_size=30))
def test_whatever_the_bytes_and_names_nothing_breaks(raw: bytes, name: str) -> None:
    found = understand(medium(f"{name}.jpg"), paper(f"{name}.json", raw))
    assert found.papers


def test_deep_and_long_papers_are_only_warned_of() -> None:
    deep = paper("albums.json", b'{"albums": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    long = paper("photo_1.json", b'{"photopage": "x", "id": ' + b"9" * 10_000 + b"}")
    assert "2 JSON files cannot be read" in sentences(understand(deep, long))


def test_time_grows_with_the_number_of_files_only() -> None:
    def seconds(count: int) -> float:
        things = [medium(f"a_{n}_o.jpg") for n in range(1000, 1000 + count)]
        things += [paper(f"{n}.json", photo(str(n))) for n in range(1000, 1000 + count)]
        start = time.process_time()
        understand(*things)
        return time.process_time() - start

    few = min(seconds(250) for _ in range(3))
    assert min(seconds(2000) for _ in range(3)) < 8 * few * 3


def test_only_json_is_a_paper() -> None:
    kind = Flickr()
    assert kind.is_paper("meta/photo_1.JSON", 100)
    assert not kind.is_paper("photo_1.json", 65 << 20)
    assert not kind.is_paper("a_1_o.jpg", 100)
