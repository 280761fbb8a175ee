"""A long job in the box, followed by a command: its end, the box's end, and Ctrl-C."""

from __future__ import annotations

from typing import Any, cast

import pytest

from albums.cli.box import Box, BoxEnded
from albums.cli.following import Asked, follow
from albums.cli.output import Meter
from albums.errors import AlbumsError, DiskFull

RUNS = {"id": "7", "running": True, "error": None, "error_code": None}
DONE = RUNS | {"running": False}


class Line:
    """Answers in this order; what it was asked is written down."""

    def __init__(self, *answers: dict[str, Any] | BaseException) -> None:
        self.answers = list(answers)
        self.heard: list[tuple[str, str, Any]] = []

    def ask(self, method: str, path: str, json: Any = None) -> Any:
        self.heard.append((method, path, json))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def followed(line: Line, **more: Any) -> dict[str, Any]:
    def show(job: dict[str, Any], meter: Meter) -> None:
        pass

    wanted = {"anew": True}
    asked = Asked("/things/new", wanted, more.pop("show", show), stopped="Stopped.", **more)
    return follow(cast(Box, line), asked)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("albums.cli.following._LOOK_EVERY", 0)


def test_a_job_is_asked_about_until_it_has_ended() -> None:
    line = Line(RUNS, RUNS, DONE)
    assert followed(line, jobs="/things") == DONE
    assert line.heard == [
        ("POST", "/things/new", {"anew": True}),
        ("GET", "/things/7", None),
        ("GET", "/things/7", None),
    ]


def test_a_job_without_id_is_the_only_one_there() -> None:
    line = Line({"running": True, "error": None}, {"running": False, "error": None})
    followed(line, jobs="/things")
    assert line.heard[-1] == ("GET", "/things", None)


def test_where_a_box_ends_the_next_one_goes_on() -> None:
    line = Line(RUNS, BoxEnded("ended"), BoxEnded("ended"), DONE)
    assert followed(line, going_on={"anew": False}) == DONE
    begun = [wanted["anew"] for method, _, wanted in line.heard if method == "POST"]
    assert begun == [True, False, False]


def test_boxes_that_all_end_are_given_up() -> None:
    with pytest.raises(AlbumsError, match="again and again"):
        followed(Line(*[BoxEnded("ended")] * 9))


def test_why_a_job_ended_early_is_raised_as_what_it_was() -> None:
    full = DONE | {"error": "The disk is full.", "error_code": "disk-full"}
    with pytest.raises(DiskFull, match="A second run goes on"):
        followed(Line(RUNS, full), hint="A second run goes on")


@pytest.mark.parametrize("answer", [DONE, BoxEnded("ended")])
def test_ctrl_c_stops_the_job_and_says_what_that_means(
    answer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    line = Line(RUNS, answer)

    def interrupt(job: dict[str, Any], meter: Meter) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        followed(line, show=interrupt)
    assert line.heard[-1] == ("DELETE", "/things/new/7", None)
    assert capsys.readouterr().err == "Stopped.\n"
