"""The pipeline, in order. A step pulls its work from the ledger; none calls another."""

from __future__ import annotations

from albums.ingest.step import Step

STEPS: tuple[Step, ...] = ()
