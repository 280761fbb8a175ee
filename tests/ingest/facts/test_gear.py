"""One name a camera, whoever wrote it down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.ingest.facts.gear import (
    canonical_camera,
    canonical_lens,
    canonical_make,
    gear_claims,
    lens_of_specification,
)


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("NIKON CORPORATION", "NIKON D850", "Nikon D850"),
        ("Nikon", "D850", "Nikon D850"),
        ("NIKON", "COOLPIX P6000", "Nikon COOLPIX P6000"),
        ("Canon", "Canon EOS 5D Mark IV", "Canon EOS 5D Mark IV"),
        ("Canon", "EOS R5", "Canon EOS R5"),
        ("SONY", "ILCE-7M3", "Sony α7 III (ILCE-7M3)"),
        ("SONY", "ILCE-7RM4A", "Sony α7R IV (ILCE-7RM4A)"),
        ("SONY", "ILCE-7SM3", "Sony α7S III (ILCE-7SM3)"),
        ("SONY", "ILCE-6400", "Sony α6400 (ILCE-6400)"),
        ("SONY", "SLT-A77V", "Sony α77 (SLT-A77V)"),
        ("SONY", "DSLR-A550", "Sony α550 (DSLR-A550)"),
        ("SONY", "DSC-RX100M3", "Sony RX100 III (DSC-RX100M3)"),
        ("SONY", "DSC-HX90V", "Sony Cyber-shot HX90V (DSC-HX90V)"),
        ("FUJIFILM", "X-T5", "Fujifilm X-T5"),
        ("OLYMPUS IMAGING CORP.", "E-M5", "Olympus OM-D E-M5 (E-M5)"),
        ("OLYMPUS OPTICAL CO.,LTD", "C960Z,D460Z", "Olympus C960Z"),
        ("OM Digital Solutions", "OM-1", "OM System OM-1"),
        ("Panasonic", "DMC-GX85", "Panasonic Lumix GX85 (DMC-GX85)"),
        ("Panasonic", "DC-S5M2", "Panasonic Lumix S5 II (DC-S5M2)"),
        ("NIKON CORPORATION", "NIKON Z 6_2", "Nikon Z6II (Z 6_2)"),
        ("NIKON CORPORATION", "NIKON Z6_3", "Nikon Z6III (Z6_3)"),
        ("Canon", "Canon EOS R6m2", "Canon EOS R6 Mark II (EOS R6m2)"),
        ("OLYMPUS CORPORATION", "E-M5MarkII", "Olympus OM-D E-M5 Mark II (E-M5MarkII)"),
        ("OLYMPUS IMAGING CORP.", "E-PL2", "Olympus PEN E-PL2 (E-PL2)"),
        ("DJI", "FC3170", "DJI Mavic Air 2 (FC3170)"),
        ("LEICA CAMERA AG", "LEICA Q2", "Leica Q2"),
        ("PENTAX Corporation", "PENTAX K10D", "Pentax K10D"),
        ("RICOH IMAGING COMPANY, LTD.", "PENTAX K-1", "Pentax K-1"),
        ("PENTAX RICOH IMAGING", "GR", "Ricoh GR"),
        ("EASTMAN KODAK COMPANY", "KODAK CX7530 ZOOM DIGITAL CAMERA", "Kodak CX7530 ZOOM"),
        ("Samsung Techwin", "<Digimax i50 MP3, Samsung #1 MP3>", "Samsung Digimax i50 MP3"),
        ("Apple", "iPhone 13 Pro", "iPhone 13 Pro"),
        ("Google", "Pixel 8 Pro", "Google Pixel 8 Pro"),
        ("samsung", "SM-S921U", "Samsung Galaxy S24 (SM-S921U)"),
        ("samsung", "SM-S921B", "Samsung Galaxy S24 (SM-S921B)"),
        ("samsung", "SM-G930F", "Samsung Galaxy S7 (SM-G930F)"),
        ("samsung", "Galaxy S24 Ultra", "Samsung Galaxy S24 Ultra"),
        ("Xiaomi", "M2012K11AG", "Xiaomi POCO F3 (M2012K11AG)"),
        ("Xiaomi", "2201123G", "Xiaomi 12 (2201123G)"),
        ("HUAWEI", "VOG-L29", "Huawei P30 Pro (VOG-L29)"),
        ("OnePlus", "LE2123", "OnePlus 9 Pro 5G (LE2123)"),
        ("motorola", "moto g(9) plus", "Motorola moto g(9) plus"),
        ("HMD Global", "Nokia 8.3 5G", "Nokia 8.3 5G"),
        ("Some Optics Co., Ltd.", "X1", "Some Optics X1"),
        ("", "", ""),
        ("Canon", "", ""),
        ("", "Mystery 9", "Mystery 9"),
    ],
)
def test_a_camera_has_one_name(make: str, model: str, camera: str) -> None:
    assert canonical_camera(make, model) == camera


@pytest.mark.parametrize("model", ["Canon EOS REBEL T3i", "Canon EOS Kiss X5", "Canon EOS 600D"])
def test_a_camera_sold_under_three_names_is_one(model: str) -> None:
    assert canonical_camera("Canon", model).startswith("Canon EOS 600D")


def test_a_maker_is_not_found_inside_another_word() -> None:
    assert canonical_make("Canonical Widgets") == "Canonical Widgets"


@pytest.mark.parametrize(
    ("lens", "maker", "name"),
    [
        ("EF24-70mm f/2.8L II USM", "Canon", "EF24-70mm f/2.8L II USM"),
        ("Canon EF24-70mm f/2.8L II USM", "Canon", "EF24-70mm f/2.8L II USM"),
        ("TAMRON SP 45mm F/1.8 Di VC USD F013", "Canon", "Tamron SP 45mm F/1.8 Di VC USD F013"),
        ("24.0-70.0 mm f/2.8", "Nikon", "24-70mm f/2.8"),
        ("18.0-70.0 mm f/3.5-4.5", "Nikon", "18-70mm f/3.5-4.5"),
        ("GR LENS                    ", "Ricoh", "GR LENS"),
        ("iPhone 13 Pro back triple camera 5.7mm f/1.5", "Apple",
         "iPhone 13 Pro back triple camera 5.7mm f/1.5"),
        ("----", "Sony", ""),
        ("0.0 mm f/0.0", "Nikon", ""),
        ("Unknown", "Nikon", ""),
    ],
)  # fmt: skip
def test_a_lens_has_one_name(lens: str, maker: str, name: str) -> None:
    assert canonical_lens(lens, maker) == name


@pytest.mark.parametrize(
    ("specification", "name"),
    [
        ([24, 70, 2.8, 2.8], "24-70mm f/2.8"),
        ([18.0, 70.0, 3.5, 4.5], "18-70mm f/3.5-4.5"),
        ([35, 35, 2, 2], "35mm f/2"),
        ([50, 50, None, None], ""),
        ([50, 50, 0, 0], "50mm"),
        ([0, 0, 0, 0], ""),
        ("24 70 2.8 4", "24-70mm f/2.8-4"),
        ([24], ""),
        (7, ""),
    ],
)
def test_a_lens_without_a_name_is_called_by_its_numbers(specification: object, name: str) -> None:
    assert lens_of_specification(specification) == name


def test_claims_say_what_was_written() -> None:
    tags = {
        "exif": {
            "Make": "NIKON CORPORATION",
            "Model": "NIKON D70",
            "LensModel": "18.0-70.0 mm f/3.5-4.5",
        }
    }
    found = {claim.field: claim for claim in gear_claims(tags)}
    assert {field: claim.value for field, claim in found.items()} == {
        "make": "Nikon", "camera": "Nikon D70", "lens": "18-70mm f/3.5-4.5",
    }  # fmt: skip
    assert found["camera"].detail == "NIKON CORPORATION NIKON D70"


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_it(make: str, model: str, lens: str) -> None:
    tags = {"exif": {"Make": make, "Model": model, "LensModel": lens}}
    assert all(isinstance(claim.value, str) and claim.value for claim in gear_claims(tags))


@pytest.mark.parametrize(
    ("container", "camera"),
    [
        (
            {"com.apple.quicktime.make": "Apple", "com.apple.quicktime.model": "iPhone 14 Pro"},
            "iPhone 14 Pro",
        ),
        (
            {"com.android.manufacturer": "Google", "com.android.model": "Pixel 8"},
            "Google Pixel 8",
        ),
        ({"make": "Canon", "model": "Canon EOS 700D"}, "Canon EOS 700D"),
        ({"model": "GoPro HERO9 Black"}, "GoPro HERO9 Black"),
        ({"software": "PENTAX K-x             "}, "Pentax K-x"),
        ({"manufacturer": "Sony", "model": "ILCE-7M3"}, "Sony α7 III (ILCE-7M3)"),
    ],
)
def test_a_film_says_what_it_was_taken_with(container: dict[str, str], camera: str) -> None:
    found = {c.field: c for c in gear_claims({"container": container})}
    assert (found["camera"].value, found["camera"].source) == (camera, "container")


def test_a_program_that_made_a_film_is_no_camera() -> None:
    assert not list(gear_claims({"container": {"software": "Adobe Premiere Pro"}}))
