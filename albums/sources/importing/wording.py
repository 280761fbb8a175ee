"""What a receipt says in words, the same in every one: choices, what no export holds, advice."""

from __future__ import annotations

from typing import Any

# What tools disagree on, and what this one does.
CHOICES: dict[str, str] = {
    "Does an edited copy inherit the date and the place of its original?":
        "Yes, marked as inherited; never over what the file itself says.",
    "Does the moving part of a live photo inherit?":
        "It is paired by Apple's ContentIdentifier; else by the same name and counter, within "
        "seconds, with a single candidate; else it is a video of its own.",
    "Is a JSON in an album whose photo lies elsewhere a membership?":
        "Yes, where title, moment and link tell which photo; the others are listed.",
    "Is a cut suffix of an edited copy believed where the name is short?":
        "No, only where the name has the full length at which names are cut.",
    "What if several files fit one JSON, or several JSONs fit one file?":
        "The file is kept without what they say, marked as ambiguous and listed.",
    "What if a file is empty?":
        "It never counts as landed; it is listed as empty in the archive.",
}  # fmt: skip

NOT_IN_TAKEOUT: tuple[str, ...] = (
    "Photos that others put into shared albums: save them to your own library at Google first, "
    "then export again.",
    "Files in Drive that others shared with you, and what shortcuts point to.",
    "Where faces are in a photo, unnamed faces, and the recipes of edits.",
    "Google's own documents are converted copies (docx, xlsx, pptx), not the originals; forms and "
    "maps are not exported.",
)

LAST_PART = "Which part is the last one no name tells: compare with the number of files that " \
    "Google's page of downloads lists."  # fmt: skip


def advice(second_copy_at: str | None, began_at: str, source: str) -> list[str]:
    """What to do before anything is deleted. Times in UTC; `began_at`: of the import."""
    if second_copy_at is None:
        copy = "There is no second copy of this library yet. Make one: albums backup FOLDER"
    elif second_copy_at < began_at:
        copy = f"The last good backup is of {second_copy_at[:10]}, before this import. " \
            "Make a new one: albums backup FOLDER"  # fmt: skip
    else:
        copy = f"The last good backup was made on {second_copy_at[:10]}."
    where = "at Google" if source == "takeout" else "where it came from"
    return [
        copy,
        f"What may be deleted {where}, and what not yet: albums receipt deletable",
        "Whatever was added there after the export was made is not covered by this receipt.",
        "Read everything from the disk again on any day: albums receipt verify",
    ]


def number(count: int, one: str, many: str = "") -> str:
    """ "1 photo", "18,973 photos"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def amount(size: int) -> str:
    """ "60.4 GB"."""
    if size < 1000:
        return number(size, "byte")
    value, units = float(size), ["TB", "GB", "MB", "kB"]
    while True:
        value, unit = value / 1000, units.pop()
        if value < 999.95 or not units:
            return f"{value:.1f} {unit}"


def fixed(source: str) -> dict[str, Any]:
    """The texts that belong to every receipt of this source."""
    if source != "takeout":
        return {}
    choices = [{"question": question, "choice": choice} for question, choice in CHOICES.items()]
    return {"choices": choices, "not_in_takeout": list(NOT_IN_TAKEOUT)}
