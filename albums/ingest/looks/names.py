"""What names say: how systems, in their languages, call the pictures that they take of a screen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

# As Android, iOS, macOS, Windows, ChromeOS and Linux desktops write them.
_SCREENSHOT = (
    "screenshot", "screen shot", "screenshots", "screen shots", "screen capture", "screencapture",
    "screen captures", "screencap", "scrnshot", "cleanshot", "screengrab",
    "bildschirmfoto", "bildschirmfotos", "bildschirmaufnahme",  # German
    "capture d'écran", "captures d'écran", "capture écran", "capture ecran",  # French
    "captura de pantalla", "capturas de pantalla",  # Spanish
    "captura de ecrã", "capturas de ecrã", "captura de tela", "capturas de tela",  # Portuguese
    "captura de pantalla", "captures de pantalla",  # Catalan
    "schermata", "schermate", "istantanea schermo",  # Italian
    "schermafbeelding", "schermafbeeldingen", "schermafdruk", "schermopname",  # Dutch
    "skærmbillede", "skærmbilleder",  # Danish
    "skärmavbild", "skärmbild", "skärmdump", "skärmbilder", "skärmavbilder",  # Swedish
    "skjermbilde", "skjermbilder", "skjermdump",  # Norwegian
    "näyttökuva", "näyttökuvat", "kuvakaappaus", "näyttökaappaus",  # Finnish
    "zrzut ekranu", "zrzuty ekranu",  # Polish
    "snímek obrazovky", "snímky obrazovky", "snímka obrazovky", "snímky obrazovky",  # Czech, Slovak
    "képernyőfotó", "képernyőkép", "képernyőképek", "képernyőfotók",  # Hungarian
    "captură de ecran", "capturi de ecran", "captură ecran",  # Romanian
    "ekran resmi", "ekran görüntüsü", "ekran görüntüleri", "ekran alıntısı",  # Turkish
    "snimka zaslona", "snimak ekrana", "posnetek zaslona",  # Croatian, Serbian, Slovene
    "ekrano kopija", "ekrano nuotrauka", "ekrānuzņēmums", "kuvatõmmis", "ekraanipilt",  # Baltic
    "ảnh chụp màn hình", "cuplikan layar", "tangkapan layar", "tangkapan skrin",
    "снимок экрана", "снимки экрана", "скриншот", "скриншоты", "знімок екрана", "знімок екрану",
    "знімки екрана", "екранна снимка", "снимак екрана", "στιγμιότυπο οθόνης", "στιγμιότυπα οθόνης",
    "צילום מסך", "צילומי מסך", "لقطة شاشة", "لقطة الشاشة", "لقطات الشاشة", "اسکرین شات", "نماگرفت",
)  # fmt: skip
# Of scripts that put no space between words: they may stand inside others.
_SCREENSHOT_INSIDE = (
    "スクリーンショット", "画面キャプチャ", "屏幕截图", "屏幕快照", "屏幕截圖", "螢幕截圖",
    "螢幕快照", "螢幕擷取", "截屏", "截图", "截圖", "스크린샷", "화면 캡처", "화면캡처", "स्क्रीनशॉट",
    "ภาพหน้าจอ",
)  # fmt: skip
_OLD_SAMSUNG = re.compile(r"SC20\d{6}-\d{6}")  # SC20120512-101010.png
_MEME = ("meme", "memes", "9gag", "imgflip", "memegenerator", "dank memes")


def _plain(text: str) -> str:
    """Small letters without accents, with one space for all that is no letter and no number."""
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn"
    )
    return re.sub(r"[\W_]+", " ", bare.casefold().replace("ı", "i")).strip()


def _pattern(words: Iterable[str], inside: Iterable[str] = ()) -> re.Pattern[str]:
    whole = "|".join(sorted(map(re.escape, map(_plain, words)), key=len, reverse=True))
    parts = [rf"(?<![^\W\d_])(?:{whole})(?![^\W\d_])", *map(re.escape, map(_plain, inside))]
    return re.compile("|".join(parts))


_SCREENSHOTS = _pattern(_SCREENSHOT, _SCREENSHOT_INSIDE)
_MEMES = _pattern(_MEME)


def named_screenshot(name: str) -> bool:
    """Does a file's name say that it was taken of a screen?"""
    stem = PurePosixPath(name).stem
    return bool(_OLD_SAMSUNG.fullmatch(stem) or _SCREENSHOTS.search(_plain(stem)))


def in_screenshots(folder: str) -> bool:
    """Does it lie where systems put them: DCIM/Screenshots, Pictures/Captures d'écran?

    The whole name of a folder must say so: "Screenshots and photos" holds photos, too.
    """
    return any(_SCREENSHOTS.fullmatch(_plain(part)) for part in re.split(r"[/\\]", folder))


def says_meme(name: str, folder: str) -> bool:
    stem = PurePosixPath(name).stem
    return any(_MEMES.search(_plain(part)) for part in (stem, *re.split(r"[/\\]", folder)))
