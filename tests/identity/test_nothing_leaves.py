"""The proof: on a cable whose other end records every packet, the whole life of a box leaves no
trace, and what would leave one without the guard is stopped and counted."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakePhoto
from tests.entering import printed_link
from tests.identity.cable import far_side, phones_home, visitor
from tests.identity.cable.cable import Cable, NoNamespaces

pytestmark = pytest.mark.slow

MODELS = {"ALBUMS_EMBEDDER": "basic", "ALBUMS_CAPTIONER": "basic"}  # whatever else is here
DOUBLE = str(Path(phones_home.__file__))


@pytest.fixture(scope="module")
def cable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cable]:
    try:
        cable = Cable(tmp_path_factory.mktemp("cable"))
    except NoNamespaces as error:
        pytest.skip(f"network namespaces cannot be had: {error}")
    yield cable
    cable.close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "library"


def serve(cable: Cable, place: Path, *command: str) -> tuple[subprocess.Popen[str], str]:
    """The box, and the address that it printed."""
    arguments = ("serve", "--local", "--port", "0", "--library", str(place))
    box = cable.start(*command, *arguments, **MODELS)
    assert box.stdout
    return box, printed_link(box.stdout)


def end(box: subprocess.Popen[str]) -> None:
    box.send_signal(signal.SIGTERM)
    _, err = box.communicate(timeout=30)
    assert box.returncode == 0, err
    assert "Traceback" not in err


def albums(cable: Cable, place: Path, *arguments: str) -> str:
    return cable.run("-m", "albums", *arguments, "--library", str(place), **MODELS)


def cloud_calls(cable: Cable, place: Path) -> Any:
    return json.loads(albums(cable, place, "status", "--json"))["cloud_calls"]


def test_the_recorder_sees_what_leaves_without_the_guard(cable: Cable) -> None:
    tried = json.loads(cable.run(DOUBLE, "try"))
    assert "CloudCallStopped" not in tried.values()
    assert set(cable.packets()) >= {
        f"TCP {phones_home.STRANGER} port 443",
        f"UDP {phones_home.STRANGER} port 8125",
        f"UDP {phones_home.STRANGER6} port 8125",
        f"UDP {far_side.GATEWAY} port 53",
    }
    for way in (phones_home.question, phones_home.named, phones_home.question_from_c):
        cable.run("-c", f"from tests.identity.cable.phones_home import *\ntry: {way.__name__}()\n"
                  "except OSError: pass")  # fmt: skip
        assert set(cable.packets()) == {f"UDP {far_side.GATEWAY} port 53"}, way


def test_the_whole_life_of_a_box_leaves_no_packet(
    cable: Cable, place: Path, tmp_path: Path, make_photo: MakePhoto
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(3):
        (photos / f"IMG_2024070{number + 1}_120000.jpg").write_bytes(make_photo(number))
    sent = tmp_path / "sent.jpg"
    sent.write_bytes(make_photo(9))
    box, link = serve(cable, place, "-m", "albums")
    albums(cable, place, "import", str(photos))
    answers = json.loads(cable.run("-m", visitor.__name__, link, str(sent)))
    assert len(answers) > 12
    assert {answers.pop(f"/api/v1/{path}") for path in ("imports", "exports")} == {403}
    nothing = {address for address, status in answers.items() if status == 404}
    of_films = {"animation", "moving", "play", "playable"}
    assert {address.rsplit("/", 1)[1] for address in nothing} == of_films
    assert {answers[address] for address in answers.keys() - nothing} == {200}, answers
    albums(cable, place, "work", "--wait")
    albums(cable, place, "verify")
    albums(cable, place, "backup", str(tmp_path / "backup"))
    albums(cable, place, "export", str(tmp_path / "leaving"))
    assert json.loads(albums(cable, place, "search", "type:photo", "--json"))["total"] == 4
    albums(cable, place, "doctor")
    assert cloud_calls(cable, place)["stopped"] == 0
    end(box)
    assert cable.packets() == []


def test_a_dependency_that_reports_home_is_stopped_and_counted(
    cable: Cable, place: Path, tmp_path: Path
) -> None:
    sign, result = tmp_path / "now", tmp_path / "result"
    box, _ = serve(cable, place, DOUBLE, str(sign), str(result))
    sign.touch()
    deadline = time.monotonic() + 30
    while not result.exists():
        assert time.monotonic() < deadline, "the double never tried"
        time.sleep(0.02)
    tried = json.loads(result.read_text())
    assert tried.pop(phones_home.question_from_c.__name__) == "OSError"
    assert set(tried.values()) == {"CloudCallStopped"}, tried
    assert cloud_calls(cable, place)["stopped"] == len(tried)
    box.send_signal(signal.SIGTERM)
    _, err = box.communicate(timeout=30)
    assert "phones_home.py" in err  # the log names who it was
    assert cable.packets() == []
    assert "1 stopped" not in albums(cable, place, "status")
    assert f"{len(tried)} stopped" in albums(cable, place, "status")  # also after a restart
