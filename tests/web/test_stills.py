"""Photos that are more than one flat picture, in the browser."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image
from starlette.testclient import TestClient

from albums.assembly import Albums
from tests.media.pictures import corners, encoded
from tests.media.test_gainmap import ULTRA_HDR
from tests.media.test_several import COLOURS, heic, tiff
from tests.web.conftest import Send

SPHERE = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:GPano="http://ns.google.com/photos/1.0/panorama/"
   GPano:ProjectionType="equirectangular"/></rdf:RDF></x:xmpmeta>"""
GIF = encoded(corners(), "GIF", save_all=True, append_images=[corners().rotate(180)])


@pytest.fixture
def kept(send: Send, albums: Albums) -> Callable[[bytes, str], str]:
    """`kept(content, name)`: taken in, read, and with pictures."""

    def keep(content: bytes, name: str) -> str:
        sha = send(content, name)
        steps = [s for s in albums.runner.steps if s.name in ("facts", "pictures")]
        while any([albums.runner._do_batch(step, False) for step in steps]):
            pass
        return sha

    return keep


Kept = Callable[[bytes, str], str]


def test_the_pages_of_a_tiff_can_be_turned(client: TestClient, kept: Kept) -> None:
    sha = kept(tiff(), "scan.tif")
    assert client.get(f"/api/v1/assets/{sha}").json()["still"]["pages"] == 3
    answer = client.get(f"/api/v1/assets/{sha}/pages/2")
    assert answer.headers["content-type"] == "image/jpeg"
    colour = Image.open(io.BytesIO(answer.content)).getpixel((30, 20))
    assert colour == pytest.approx(COLOURS[1], abs=12)
    assert client.get(f"/api/v1/assets/{sha}/pages/4").status_code == 404
    shown = client.get(f"/assets/{sha}?page=2").text
    assert f"/api/v1/assets/{sha}/pages/2" in shown
    assert f"/assets/{sha}?page=3" in shown
    assert client.get(f"/assets/{sha}?page=999").status_code == 200


def test_a_gif_plays_unless_somebody_wants_calm(client: TestClient, kept: Kept) -> None:
    sha = kept(GIF, "moves.gif")
    source = (
        f'media="(prefers-reduced-motion: no-preference)" srcset="/api/v1/assets/{sha}/original"'
    )
    assert source in client.get(f"/assets/{sha}").text
    assert client.get(f"/api/v1/assets/{sha}/animation").status_code == 404


def test_a_sequence_plays_as_a_copy(client: TestClient, kept: Kept, albums: Albums) -> None:
    avis = encoded(corners(), "AVIF", save_all=True, append_images=[corners().rotate(180)])
    sha = kept(avis.replace(b"ftypavis", b"ftyphevc", 1), "moves.heics")  # what it says decides
    assert client.get(f"/api/v1/assets/{sha}").json()["still"]["animation"] == "animation"
    answer = client.get(f"/api/v1/assets/{sha}/animation")
    assert answer.headers["content-type"] == "image/webp"
    assert getattr(Image.open(io.BytesIO(answer.content)), "n_frames", 1) == 2
    assert albums.vault.pictures.animation_path(sha).read_bytes() == answer.content
    assert f'data-animation="/api/v1/assets/{sha}/animation"' in client.get(f"/assets/{sha}").text


def test_several_photos_in_one_heic_are_pages(client: TestClient, kept: Kept) -> None:
    sha = kept(heic(), "three.heic")
    assert client.get(f"/api/v1/assets/{sha}").json()["still"]["pages"] == 3
    assert client.get(f"/api/v1/assets/{sha}/pages/3").status_code == 200


def test_a_panorama_comes_with_what_turns_it(client: TestClient, kept: Kept) -> None:
    sha = kept(encoded(corners((400, 200)), "JPEG", xmp=SPHERE), "sphere.jpg")
    assert client.get(f"/api/v1/assets/{sha}").json()["still"]["panorama"]["width"] == 1
    page = client.get(f"/assets/{sha}").text
    assert "/static/panorama.js" in page
    assert "&#34;heading&#34;: 0" in page


def test_a_screen_that_is_bright_enough_gets_the_gain_map(client: TestClient, kept: Kept) -> None:
    content = encoded(corners(), "JPEG", xmp=ULTRA_HDR)
    sha = kept(content, "hdr.jpg")
    source = f'media="(dynamic-range: high)" srcset="/api/v1/assets/{sha}/original"'
    assert source in client.get(f"/assets/{sha}").text
    assert client.get(f"/api/v1/assets/{sha}/original").content == content


def test_a_plain_photo_is_a_plain_picture(client: TestClient, kept: Kept) -> None:
    sha = kept(encoded(corners(), "JPEG"), "plain.jpg")
    page = client.get(f"/assets/{sha}").text
    assert "data-panorama" not in page
    assert "<source" not in page


def test_a_photo_that_no_browser_shows_is_seen_in_all_its_pixels(
    client: TestClient, kept: Kept
) -> None:
    sha = kept(encoded(corners((2400, 1800)), "TIFF"), "large.tif")
    assert f'data-whole="/api/v1/assets/{sha}/whole"' in client.get(f"/assets/{sha}").text
    whole = client.get(f"/api/v1/assets/{sha}/whole")
    assert whole.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(whole.content)).size == (2400, 1800)
    assert client.get(f"/api/v1/assets/{'0' * 64}/whole").status_code == 404
