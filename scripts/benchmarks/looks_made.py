"""Pictures with a look, made out of sample photos and captions: letters, memes, screens."""

from __future__ import annotations

import base64
import html
import json
import random
import textwrap
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from tests.web.chromium import Chromium, program

_A4 = (1654, 2339)  # 200 dpi
_SCREENS = (
    (393, 852, 3), (360, 800, 3), (390, 844, 3), (820, 1180, 2), (1920, 1080, 1), (1440, 900, 2),
)  # fmt: skip
_FONTS = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "LiberationSerif-Regular.ttf")
_BOLD = ("DejaVuSans-Bold.ttf", "LiberationSansNarrow-Bold.ttf")
_PHRASES = (
    ("ONE DOES NOT SIMPLY", "WALK THE DOG AT NOON"),
    ("WHEN THE CODE COMPILES", "ON THE FIRST TRY"),
    ("BRACE YOURSELVES", "THE HOLIDAYS ARE COMING"),
    ("NOT SURE IF COLD", "OR JUST MONDAY"),
)


def letters(folder: Path, samples: Path, *, scanned: bool, count: int = 25) -> list[Path]:
    """Pages of text: off a scanner, or photographed askew on top of something."""
    rng, captions, photos = random.Random(1 + scanned), _captions(samples), _photos(samples)
    paths = []
    for number in range(count):
        page = _letter(rng, captions)
        image = _scanned(page, rng) if scanned else _photographed(page, rng, rng.choice(photos))
        paths.append(_saved(image, folder / f"letter-{scanned}-{number}.jpg"))
    return paths


def _letter(rng: random.Random, captions: list[str]) -> Image.Image:
    image, size = Image.new("L", _A4, 250), rng.choice([28, 32, 38])
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(rng.choice(_FONTS), size)
    left, top = rng.randint(120, 200), rng.randint(120, 260)
    width = int((_A4[0] - 2 * left) / (size * 0.52))
    lines = ["Town Council", "12 High Street", "", "14 March 2021", "", "Dear Mrs Miller,", ""]
    for _ in range(rng.randint(3, 7)):
        lines += [*textwrap.wrap(" ".join(rng.sample(captions, 4)), width), ""]
    for number, line in enumerate([*lines, "Yours sincerely,"]):
        draw.text((left, top + number * size * 1.4), line, 30, font)
    return image


def _scanned(page: Image.Image, rng: random.Random) -> Image.Image:
    turned = page.rotate(rng.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, fillcolor=250)
    noise = np.random.default_rng(rng.randint(0, 1 << 30)).normal(0, rng.uniform(1, 5), turned.size)
    return Image.fromarray((np.asarray(turned) + noise.T).clip(0, 255).astype("u1"))


def _photographed(page: Image.Image, rng: random.Random, table: Path) -> Image.Image:
    whole = (1512, 2016)
    under = ImageOps.fit(Image.open(table).convert("RGB"), whole)
    margin = rng.choice([40, 100, 180])
    corners = [
        (x + rng.uniform(-40, 40), y + rng.uniform(-40, 40))
        for x, y in (
            (margin, margin), (whole[0] - margin, margin),
            (whole[0] - margin, whole[1] - margin), (margin, whole[1] - margin),
        )
    ]  # fmt: skip
    bend = _perspective(corners, page.size)
    paper = page.convert("RGB").transform(whole, Image.Transform.PERSPECTIVE, bend)
    mask = Image.new("L", page.size, 255).transform(whole, Image.Transform.PERSPECTIVE, bend)
    across = np.linspace(1, rng.uniform(0.6, 0.95), whole[0])[None, :, None]
    tint = np.array([1, rng.uniform(0.93, 1), rng.uniform(0.8, 0.97)])
    under.paste(Image.fromarray((np.asarray(paper) * across * tint).astype("u1")), (0, 0), mask)
    return under.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.2)))


def _perspective(corners: list[tuple[float, float]], size: tuple[int, int]) -> tuple[float, ...]:
    """Pillow's eight numbers that lay a page of this size on these corners, clockwise."""
    equations, values = [], []
    page = ((0, 0), (size[0], 0), size, (0, size[1]))
    for (x, y), (u, v) in zip(corners, page, strict=True):
        equations += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return tuple(np.linalg.solve(np.array(equations), np.array(values)))


def memes(folder: Path, samples: Path, count: int = 40) -> list[Path]:
    """Outlined words over a photo; every fourth has its words on white above it."""
    rng, photos, paths = random.Random(3), _photos(samples), []
    for number in range(count):
        image = Image.open(rng.choice(photos)).convert("RGB")
        image = ImageOps.contain(image, (720, 720))
        make = _on_white if number % 4 == 3 else _over
        words = rng.choice(_PHRASES)
        paths.append(_saved(make(image, words, rng), folder / f"meme-{number}.jpg"))
    return paths


def _over(image: Image.Image, words: tuple[str, str], rng: random.Random) -> Image.Image:
    draw, name = ImageDraw.Draw(image), rng.choice(_BOLD)
    for text, below in zip(words, (False, True), strict=True):
        size = image.width // 8
        while draw.textlength(text, ImageFont.truetype(name, size)) > image.width * 0.94:
            size -= 2
        font = ImageFont.truetype(name, size)
        left = (image.width - draw.textlength(text, font)) / 2
        top = image.height - size * 1.35 if below else image.height * 0.03
        outline = max(2, size // 14)
        draw.text((left, top), text, "white", font, stroke_width=outline, stroke_fill="black")
    return image


def _on_white(image: Image.Image, words: tuple[str, str], rng: random.Random) -> Image.Image:
    whole = Image.new("RGB", (image.width, round(image.height * 1.25)), "white")
    whole.paste(image, (0, whole.height - image.height))
    font = ImageFont.truetype(rng.choice(_FONTS), image.width // 18)
    text = "\n".join(textwrap.wrap(" ".join(words).capitalize(), 28))
    ImageDraw.Draw(whole).multiline_text((12, 10), text, "black", font)
    return whole


def wallpapers(folder: Path, samples: Path, count: int = 150) -> list[Path]:
    """What is most like a screenshot and is none: PNGs exactly as large as a screen."""
    rng, paths = random.Random(5), []
    for number, photo in enumerate(rng.sample(_photos(samples), count)):
        width, height, scale = _SCREENS[number % len(_SCREENS)]
        image = ImageOps.fit(Image.open(photo).convert("RGB"), (width * scale, height * scale))
        paths.append(_saved(image, folder / f"wallpaper-{number}.png"))
    return paths


def screens(folder: Path, samples: Path, count: int = 48) -> list[Path]:
    """What a browser shows of a feed, a grid of photos, an article, a chat and settings, by day and
    by night; none where there is no browser."""
    if program() is None:
        return []
    rng, paths = random.Random(7), []
    pages = [make(rng, samples) for make in (_feed, _grid, _article, _chat, _settings)]
    with Chromium(folder / "profile") as browser:
        for number in range(count):
            width, height, scale = _SCREENS[number % len(_SCREENS)]
            dark = number % 3 == 0
            at = folder / f"page-{number}.html"
            at.write_text(_STYLE + pages[number % len(pages)], encoding="utf-8")
            browser.tell(
                "Emulation.setDeviceMetricsOverride",
                width=width, height=height, deviceScaleFactor=scale, mobile=width < 500,
            )  # fmt: skip
            scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
            browser.tell("Emulation.setEmulatedMedia", features=[scheme])
            browser.open(at.absolute().as_uri())
            shot = browser.tell("Page.captureScreenshot", format="png")["data"]
            path = folder / f"screen-{number}.png"
            path.write_bytes(base64.b64decode(shot))
            paths.append(path)
    return paths


_STYLE = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>:root { color-scheme: light dark } body { font: 16px/1.5 sans-serif; margin: 0 }
p, h1, .row { margin: 0; padding: 8px 14px } .feed img { width: 100% }
.grid img { width: 32.6%; aspect-ratio: 1; object-fit: cover; margin: .3% }
.chat p { background: #8883; border-radius: 12px; margin: 8px; width: fit-content; max-width: 70% }
.row { border-bottom: 1px solid #8884; display: flex; justify-content: space-between }</style>"""


def _feed(rng: random.Random, samples: Path) -> str:
    posts = zip(rng.sample(_photos(samples), 10), rng.sample(_captions(samples), 10), strict=True)
    shown = "".join(f"<p><b>user</b> 2 h</p>{_img(p)}<p>{html.escape(c)}</p>" for p, c in posts)
    return f'<div class="feed"><h1>Photos</h1>{shown}</div>'


def _grid(rng: random.Random, samples: Path) -> str:
    return f'<div class="grid">{"".join(map(_img, rng.sample(_photos(samples), 60)))}</div>'


def _article(rng: random.Random, samples: Path) -> str:
    texts = [" ".join(rng.sample(_captions(samples), 5)) for _ in range(12)]
    return "<h1>What happened</h1>" + "".join(f"<p>{html.escape(text)}</p>" for text in texts)


def _chat(rng: random.Random, samples: Path) -> str:
    said = "".join(f"<p>{html.escape(text)}</p>" for text in rng.sample(_captions(samples), 20))
    return f'<div class="chat">{said}</div>'


def _settings(rng: random.Random, samples: Path) -> str:
    names = ("Network", "Bluetooth", "Sounds", "Display", "Storage", "Battery", "Privacy", "About")
    return "".join(f'<div class="row"><b>{name}</b><span>on</span></div>' for name in names * 2)


def _img(photo: Path) -> str:
    return f'<img src="{photo.absolute().as_uri()}">'


def _photos(samples: Path) -> list[Path]:
    return sorted(
        p for p in (samples / "search").rglob("*") if p.suffix.lower() in (".jpg", ".jpeg")
    )


def _captions(samples: Path) -> list[str]:
    lines = (samples / "search/manifest.jsonl").open(encoding="utf-8")
    return [caption for line in lines for caption in json.loads(line).get("captions", [])]


def _saved(image: Image.Image, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=85)
    return path
