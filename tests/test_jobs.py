"""Long jobs inside the box: started, stopped, remembered, and told of truly."""

from __future__ import annotations

import threading

import pytest

from albums.errors import AlbumsError, BadInput, Conflict, NotFound
from albums.jobs import Jobs
from albums.sources.source import Progress


def test_a_cancelled_job_ends_soon_and_an_unknown_one_is_not_found() -> None:
    def wait(stop: threading.Event) -> None:
        assert stop.wait(20)
        progress.end("stopped")

    jobs: Jobs[Progress] = Jobs("import")
    progress = Progress("x")
    job = jobs.start(progress, wait)
    assert job.running
    jobs.close()
    assert not job.running
    assert job.error is None
    with pytest.raises(NotFound):
        jobs.get("other")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_job_with_a_bug_in_it_does_not_look_done() -> None:
    def broken(stop: threading.Event) -> None:
        raise RuntimeError("a bug")

    job = Jobs[Progress]("import").start(Progress("x"), broken)
    job.wait()
    assert job.error
    assert job.progress.state == "stopped"


def test_jobs_that_ended_are_remembered_but_not_for_ever() -> None:
    def refuse(stop: threading.Event) -> None:
        raise BadInput("no")

    jobs: Jobs[Progress] = Jobs("import")
    started = []
    for _ in range(60):
        job = jobs.start(Progress("x"), refuse)
        job.wait()
        started.append(job)
    assert jobs.all()[-1] is started[-1]
    assert 50 <= len(jobs.all()) <= 51
    assert isinstance(started[-1].error, AlbumsError)


def test_a_job_that_ends_while_it_is_asked_about_still_runs_in_the_answer() -> None:
    """Else an answer could say that it ended, and how far it was before."""
    may_end = threading.Event()

    class Slow(Progress):
        def as_json(self) -> dict[str, object]:
            before = super().as_json()
            may_end.set()
            job.wait()
            return before

    def work(stop: threading.Event) -> None:
        may_end.wait(20)
        progress.end("done")

    progress = Slow("x")
    job = Jobs[Progress]("import").start(progress, work)
    answer = job.as_json()
    assert (answer["state"], answer["running"]) == ("listing", True)
    answer = job.as_json()
    assert (answer["state"], answer["running"], answer["error"]) == ("done", False, None)


def test_of_a_kind_that_runs_alone_only_one_starts_however_many_ask_at_once() -> None:
    jobs: Jobs[Progress] = Jobs("export", busy=lambda: Conflict("Another export is running"))
    outcomes: list[str] = []
    together = threading.Barrier(8)

    def until_stopped(stop: threading.Event) -> None:
        stop.wait(20)

    def ask() -> None:
        together.wait(20)
        try:
            jobs.start(Progress("x"), until_stopped)
        except Conflict:
            outcomes.append("refused")
        else:
            outcomes.append("started")

    asking = [threading.Thread(target=ask) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    jobs.close()
    assert sorted(outcomes) == ["refused"] * 7 + ["started"]


def test_nothing_starts_once_the_box_ends() -> None:
    jobs: Jobs[Progress] = Jobs("import")
    jobs.close()
    with pytest.raises(Conflict, match="ending"):
        jobs.start(Progress("x"), lambda stop: None)
