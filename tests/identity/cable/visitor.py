"""Everything that the owner's browser can ask of the box, once: `python visitor.py LINK PHOTO`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.entering import enter


def visit(link: str, photo: Path) -> dict[str, int]:
    """Each address that was asked for, with the status of its answer."""
    with enter(link) as client:
        sent = client.post(
            "/ingest",
            files={"file": (photo.name, photo.read_bytes())},
            headers={"origin": str(client.base_url).rstrip("/")},
        )
        sha = sent.json()["sha"]
        answers = {"/ingest": sent.status_code}
        must_say = {
            "search": {"q": "red"},
            "suggest": {"q": "red"},
            "strip": {"of": sha},
            "work/captions": {"since": "2024-01-01T00:00:00+00:00"},
        }
        api = client.get("/api/v1/openapi.json").json()["paths"]
        addresses = [path.replace("{sha}", sha) for path, verbs in api.items() if "get" in verbs]
        addresses += ["/", f"/assets/{sha}", "/devices"]
        addresses += ["/search/?q=a+red+picture", "/search/?q=type:photo"]
        addresses += ["/search/", "/collections/", f"/assets/{sha}/similar"]
        addresses += ["/cameras/", "/lenses/", "/people/", "/tags/", "/cities/", "/years/"]
        addresses += ["/memories", "/random"]
        addresses += ["/manage/", "/manage/facets/tag", "/manage/collections"]
        addresses += ["/trash", "/receipts", "/verify", "/dav/library/", "/preferences", "/times"]
        addresses += ["/rules/", "/rules/?q=year:2024&action=private"]
        addresses += ["/map", "/map/photos?within=38,-10,39,-9"]
        addresses += ["/map/around?latitude=1&longitude=2"]
        addresses += ["/upload/", "/service-worker.js", "/static/app.webmanifest"]
        addresses += ["/dashboard/", "/duplicates/", "/audit/", "/models/", "/settings/"]
        for address in addresses:
            if "{" not in address:
                asked = must_say.get(address.removeprefix("/api/v1/"))
                answer = client.get(address, params=asked, follow_redirects=True)
                answers[address] = answer.status_code
    return answers


if __name__ == "__main__":
    sys.stdout.write(json.dumps(visit(sys.argv[1], Path(sys.argv[2]))))
