"""What `albums import KIND` shows of an export: how far it is, and how it ended."""

from __future__ import annotations

from typing import Any

from albums.cli.output import Meter, clock, megabytes, say

EXPORTS = ("takeout", "apple", "flickr", "sidecars")  # as sources.KINDS; a test compares

_DOING = {
    "listing": "Looking",
    "reading": "Reading",
    "matching": "Matching",
    "saying": "Writing down",
    "proving": "Reading back",
}
_LONGEST = 40  # characters of the file in hand


def show_export(job: dict[str, Any], meter: Meter) -> None:
    """One line while it runs: stage, bytes, rate, time left and the file in hand."""
    doing = _DOING.get(job["state"], job["state"])
    if job["state"] in ("listing", "matching"):
        meter.show(doing, 0, None, f"{job['found']} files")
        return
    if job["state"] == "saying":
        meter.show(doing, job["bytes_done"], job["bytes_total"], "photos")
        return
    left = f" · {clock(job['seconds_left'])} left" if job["seconds_left"] is not None else ""
    rate = f"{job['found']} files · {job['bytes_per_second'] / 1e6:.1f} MB/s{left}"
    meter.show(doing, job["bytes_done"], job["bytes_total"], f"{rate} · {job['now'][-_LONGEST:]}")


def tell_export(report: dict[str, Any]) -> None:
    """At the end: what happened, and whether one may rely on it."""
    if report["dry_run"]:
        for name, summary in report["summary"].items():
            _tell_dry_run(name, summary)
        return
    if report["state"] == "stopped":
        return
    for name, summary in report["summary"].items():
        print(f"{name}: receipt {summary['number']} is {summary['verdict']}.")
        for reason in summary["reasons"]:
            print(f"  {reason}")
        for remark in summary["remarks"]:
            say(f"  {remark}")
    print(f"In {clock(report['seconds'])}. The whole receipt: albums receipt show")


def is_red(report: dict[str, Any]) -> bool:
    """Not everything is proven to be here."""
    return any(summary.get("verdict") == "red" for summary in report["summary"].values())


def _tell_dry_run(name: str, summary: dict[str, Any]) -> None:
    print(f"{name}: {summary['entries']} entries in {summary['parts']} parts, "
          f"{megabytes(summary['bytes'])}; nothing was kept.")  # fmt: skip
    for status, count in summary["statuses"].items():
        print(f"  {count:>8} {_STATUSES[status]}")
    print("Photos and their JSON:")
    for pairing, count in summary["pairings"].items():
        print(f"  {count:>8} {_PAIRINGS[pairing]}")
    print(f"{summary['collections']} collections; {summary['announced']} photos that the export "
          "speaks of are not in these parts.")  # fmt: skip
    for failed in summary["failed"]:
        say(f"  {failed['path']}: {failed['why']}")


_STATUSES = {
    "ingested": "would be new",
    "duplicate": "are the same bytes once more",
    "deleted": "would be left out because you deleted them",
    "paper": "speak of other files",
    "empty": "are empty",
    "failed": "cannot be read",
    "skipped": "are folders or links",
}
_PAIRINGS = {
    "owned": "have their own",
    "inherited": "share that of their original",
    "ambiguous": "have one of several, and nobody can say which",
    "none": "have none",
}
