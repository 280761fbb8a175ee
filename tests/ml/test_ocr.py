from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from albums.ml.ocr import PaddleReader
from albums.ml.ocr_order import in_reading_order
from albums.ml.shelf import Shelf
from tests.ml.written import LETTER, page


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> PaddleReader:
    reader = Shelf(tmp_path_factory.mktemp("models"), threads=1).reader()
    assert isinstance(reader, PaddleReader)
    return reader


def test_a_page_is_read_line_by_line_with_the_spaces_between_words(reader: PaddleReader) -> None:
    lines = reader.read(page())
    assert [line.text for line in lines] == list(LETTER)
    assert all(line.sure > 0.9 for line in lines)


def test_boxes_are_where_the_text_stands(reader: PaddleReader) -> None:
    for i, line in enumerate(reader.read(page())):
        left, top, right, bottom = line.box
        assert 0 < left < 0.08
        assert left < right < 1
        middle = (36 + 72 * i + 22) / 500
        assert top < middle < bottom
        assert bottom - top < 72 / 500


def test_what_has_no_text_is_known_at_a_glance(reader: PaddleReader) -> None:
    assert len(reader.glance(page())) == len(LETTER)
    assert reader.glance(Image.linear_gradient("L").resize((800, 600)).convert("RGB")) == []


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_is_read_whichever_way_up_it_lies(reader: PaddleReader, turn: int) -> None:
    found = reader.read(page().rotate(turn, expand=True))
    assert [line.text for line in found] == list(LETTER)
    assert {line.turn for line in found} == {(360 - turn) // 90}
    left, top, right, bottom = found[0].box
    where = {90: (left + right) / 2, 180: 1 - (top + bottom) / 2, 270: 1 - (left + right) / 2}
    assert where[turn] == pytest.approx((36 + 22) / 500, abs=0.03)
    longest = found[1].box
    along = (longest[3] - longest[1], longest[2] - longest[0])[turn == 180]
    assert along > 0.5


def test_one_line_on_its_side_is_read_beside_others(reader: PaddleReader) -> None:
    image = page(size=(1000, 500))
    spine = page(["History of Portugal"], (500, 100))
    for turn, left in ((90, 850), (270, 700)):
        both = image.copy()
        both.paste(spine.rotate(turn, expand=True), (left, 0))
        [found] = [line for line in reader.read(both) if line.text == "History of Portugal"]
        assert found.turn == (360 - turn) // 90


def test_a_scrolled_screen_is_read_from_top_to_bottom_and_no_line_twice(
    reader: PaddleReader,
) -> None:
    lines = [f"message {n} of the thread" for n in range(1, 31)]
    read = reader.read(page(lines, (600, 2100), 34))
    assert [line.text for line in read] == lines
    assert read[-1].box[3] > 0.95


def test_lines_at_a_slant_are_read(reader: PaddleReader) -> None:
    image = page().rotate(8, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    assert [line.text for line in reader.read(image)] == list(LETTER)


@pytest.mark.parametrize("size", [(1, 1), (4000, 3), (3, 6000), (33, 31), (700, 40)])
def test_pictures_of_any_shape_are_looked_at(reader: PaddleReader, size: tuple[int, int]) -> None:
    noise = Image.effect_noise(size, 120).convert("RGB")
    for box in [*reader.glance(noise), *(line.box for line in reader.read(noise))]:
        left, top, right, bottom = box
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1


def test_nothing_of_the_package_is_run_and_nothing_leaves_the_machine(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from albums.identity.egress import guard
from albums.ml.shelf import Shelf
from tests.ml.written import page
counted = guard(Path({str(tmp_path / "log")!r}))
assert len(Shelf(Path({str(tmp_path)!r}), threads=1).reader().read(page())) == 4
print(counted.stopped, "rapidocr" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "False"]


def test_rows_are_read_from_left_to_right() -> None:
    boxes = [(0.5, 0.11, 0.9, 0.2), (0.1, 0.3, 0.4, 0.4), (0.1, 0.1, 0.4, 0.19)]
    assert in_reading_order(["b", "c", "a"], boxes) == ["a", "b", "c"]
