"""Which findings mean that an original itself is damaged or gone."""

from __future__ import annotations

DAMAGES = ("missing", "no-files", "changed", "unreadable")
# SQL, beside a row of `assets`: its original was found damaged and is welcome once more.
IS_DAMAGED = f"""exists (select 1 from findings
    where findings.sha = assets.sha and findings.kind in {DAMAGES})"""
