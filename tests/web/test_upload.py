"""Files from a browser: a form of several, and what tus hears of the folder."""

from __future__ import annotations

from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.sources.said import folder_of
from tests.conftest import MakePhoto
from tests.web.conftest import Send


def names(albums: Albums) -> set[str]:
    with albums.library.read() as db:
        return {row["name"] for row in db.execute("select name from assets")}


def test_a_form_brings_several_files_and_says_what_became_of_each(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    send(make_photo(1), "known.jpg")
    files = [("file", (f"{n}.jpg", make_photo(n))) for n in (1, 2, 3)]
    answer = client.post("/upload/", files=files)
    assert answer.status_code == 200
    assert "3 files received" in answer.text
    assert answer.text.count("was here already") == 1
    assert names(albums) == {"known.jpg", "2.jpg", "3.jpg"}


def test_large_files_of_a_form_arrive_whole(client: TestClient, albums: Albums) -> None:
    contents = [bytes([n]) * (3_000_000 + n) for n in (1, 2)]
    client.post("/upload/", files=[("file", (f"{len(c)}.bin", c)) for c in contents])
    with albums.library.read() as db:
        sizes = [row["size"] for row in db.execute("select size from assets order by size")]
    assert sizes == [3_000_001, 3_000_002]


def test_a_form_in_which_nothing_was_chosen_says_so(client: TestClient, albums: Albums) -> None:
    boundary = "----x"
    empty = (
        f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename=""\r\n'
        f"content-type: application/octet-stream\r\n\r\n\r\n--{boundary}--\r\n"
    )
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    answer = client.post("/upload/", content=empty, headers=headers)
    assert "No file was chosen" in answer.text
    assert names(albums) == set()


def test_what_came_before_a_form_broke_is_kept_and_shown(
    client: TestClient, albums: Albums
) -> None:
    part = '--x\r\ncontent-disposition: form-data; name="file"; filename="{}"\r\n\r\nbytes {}\r\n'
    cut_off = part.format("a.txt", "a") + part.format("b.txt", "b")[:-2]
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = client.post("/upload/", content=cut_off, headers=headers)
    assert answer.status_code == 422
    assert "The form is broken" in answer.text
    assert "a.txt" in answer.text
    assert names(albums) == {"a.txt"}


def test_the_folder_of_a_file_is_kept_as_the_browser_says_it() -> None:
    assert folder_of("Trip/day 1/a.jpg") == "Trip/day 1"
    assert folder_of("a.jpg") == ""
    assert folder_of("../../etc/./passwd") == "etc"
    assert "\0" not in folder_of("a\0b/c.jpg")
