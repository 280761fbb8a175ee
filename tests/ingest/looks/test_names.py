"""Screens are photographed in every language; ordinary names are left alone."""

from __future__ import annotations

import unicodedata

import pytest

from albums.ingest.looks.names import in_screenshots, named_screenshot, says_meme

TAKEN_OF_SCREENS = (
    "Screenshot_20240101-101010_Chrome.jpg",
    "Screenshot_2024-01-01-10-10-10-123_com.android.chrome.jpg",
    "Screenshot_20240101_101010.png",
    "Screenshot 2024-01-01 101010.png",
    "Screenshot 2024-01-01 at 10.10.10 AM.png",
    "Screen Shot 2013-01-01 at 10.10.10 (2).png",
    "Screenshot (12).png",
    "Screenshot from 2024-01-01 10-10-10.png",
    "SC20120512-101010.png",
    "Bildschirmfoto 2024-01-01 um 10.10.10.png",
    "Capture d’écran 2024-01-01 à 10.10.10.png",
    "Captura de pantalla 2024-01-01 a la(s) 10.10.10.png",
    "Captura de Tela 2024-01-01 às 10.10.10.png",
    "Captura de ecrã (3).png",
    "Schermata 2024-01-01 alle 10.10.10.png",
    "Schermafbeelding 2024-01-01 om 10.10.10.png",
    "Skærmbillede 2024-01-01 kl. 10.10.10.png",
    "Skärmavbild 2024-01-01 kl. 10.10.10.png",
    "Skjermbilde 2024-01-01 kl. 10.10.10.png",
    "Näyttökuva 2024-01-01 kello 10.10.10.png",
    "Zrzut ekranu 2024-01-01 o 10.10.10.png",
    "Snímek obrazovky 2024-01-01 v 10.10.10.png",
    "Képernyőfotó 2024-01-01.png",
    "Captură de ecran din 2024.png",
    "Ekran Alıntısı.PNG",
    "Ekran Resmi 2024-01-01 10.10.10.png",
    "Снимок экрана 2024-01-01 в 10.10.10.png",
    "Знімок екрана 2024-01-01 о 10.10.10.png",
    "Στιγμιότυπο οθόνης 2024.png",
    "スクリーンショット 2024-01-01 10.10.10.png",
    "屏幕截图(12).png",
    "截屏2024-01-01 10.10.10.png",
    "螢幕截圖 2024-01-01.png",
    "스크린샷 2024-01-01 오전 10.10.10.png",
    "लिया गया स्क्रीनशॉट 2024.png",
    "ภาพหน้าจอ 2567-01-01.png",
    "لقطة شاشة ٢٠٢٤.png",
    "צילום מסך 2024.png",
    "Ảnh chụp màn hình 2024-01-01.png",
    "Cuplikan layar 2024-01-01.png",
)
ORDINARY = (
    "IMG_1234.PNG", "IMG_20240101_101010.jpg", "PXL_20240101_101010123.jpg", "DSC00012.ARW",
    "screen door.jpg", "touchscreenshots.jpg", "capture.jpg", "Captura.jpg", "display.png",
    "ekran.jpg", "sunscreen shots.jpg", "Photo 01.01.24, 10 10 10.jpg", "WhatsApp Image 2024.jpeg",
    "SC20120512.png", "截.png", "Bild.png", "pantalla.jpg", "",
)  # fmt: skip


@pytest.mark.parametrize("name", TAKEN_OF_SCREENS)
def test_a_screenshot_is_known_by_its_name(name: str) -> None:
    assert named_screenshot(name)
    assert named_screenshot(unicodedata.normalize("NFD", name))  # as a Mac spells it


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_name_says_nothing(name: str) -> None:
    assert not named_screenshot(name)


def test_a_folder_says_so_only_with_its_whole_name() -> None:
    for folder in ("DCIM/Screenshots", "Pictures/Captures d'écran", "Bilder\\Bildschirmfotos"):
        assert in_screenshots(folder)
    for folder in ("", "Camera", "Screenshots and photos", "DCIM/100ANDRO", "My screens"):
        assert not in_screenshots(folder)


def test_memes_are_a_word_of_their_own() -> None:
    assert says_meme("funny-meme.jpg", "")
    assert says_meme("a.jpg", "WhatsApp/Memes")
    assert not says_meme("memento.jpg", "Memels")
