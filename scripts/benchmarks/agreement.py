"""How far our word and another's agree, counted file by file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Agreement:
    """One row of the table: files where exiftool has a value or we do, and how many agree."""

    fact: str
    format: str
    agree: int = 0
    ours_only: int = 0
    theirs_only: int = 0
    differ: int = 0
    disagreements: list[tuple[str, object, object]] = field(default_factory=list)

    @property
    def theirs(self) -> int:
        """Files in which exiftool has a value."""
        return self.agree + self.differ + self.theirs_only

    def note(self, path: str, ours: object, theirs: object) -> None:
        if ours == theirs:
            self.agree += ours is not None
            return
        self.ours_only += theirs is None
        self.theirs_only += ours is None
        self.differ += ours is not None and theirs is not None
        self.disagreements.append((path, ours, theirs))


@dataclass(frozen=True, eq=False)
class Near:
    """A point in degrees; a hundred-thousandth, about a metre, is no difference."""

    latitude: float
    longitude: float

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Near):
            return False
        apart = abs(self.latitude - other.latitude), abs(self.longitude - other.longitude)
        return max(apart) < 1e-5
