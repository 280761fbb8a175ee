"""Every byte of every archive, in one pass, and everything that is wrong with one is said."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import inflate64
import pytest

from albums.sources.archives import entries
from tests.sources.archives.made import (
    FOLDER,
    make_streamed_zip,
    make_tar,
    make_zip,
    media,
    part,
    read,
    replaced,
    truncated,
    whole,
)

METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
FILES = media()
LAST = f"{FOLDER}/IMG_4.jpg"
Make = Callable[[Path], Path]
MAKERS: dict[str, Make] = {
    **{f"zip {m}": lambda p, m=m: make_zip(p / "a.zip", FILES, m) for m in METHODS},  # type: ignore[misc]
    **{
        f"streamed zip {m}": lambda p, m=m: make_streamed_zip(p / "a.zip", FILES, m)  # type: ignore[misc]
        for m in METHODS
    },
    "tgz": lambda p: make_tar(p / "a.tgz", FILES),
    "tgz, pax": lambda p: make_tar(p / "a.tgz", FILES, format=tarfile.PAX_FORMAT),
    "tgz, gnu": lambda p: make_tar(p / "a.tgz", FILES, format=tarfile.GNU_FORMAT),
    "tar": lambda p: make_tar(p / "a.tar", FILES, "w"),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_entry_arrives_whole_and_in_its_order(tmp_path: Path, make: Make) -> None:
    archive = part(make(tmp_path))
    found = read(archive)
    assert [(entry.index, entry.path) for entry, _ in found] == list(enumerate(FILES))
    assert whole(found) == FILES
    assert (archive.whole, archive.problem, archive.read) == (True, "", archive.size)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_entries_known_before_are_not_delivered_again(tmp_path: Path, make: Make) -> None:
    found = read(part(make(tmp_path)), skip={0, 2, 3})
    assert [entry.index for entry, _ in found] == [1, 4]
    assert all(FILES[entry.path] == data and entry.whole for entry, data in found)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_caller_who_reads_nothing_still_gets_every_name(tmp_path: Path, make: Make) -> None:
    names = [entry.path for entry, _ in entries(part(make(tmp_path)))]
    assert names == list(FILES)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_cut_archive_gives_all_whole_entries_before_the_cut(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path)
    path = truncated(path, path.stat().st_size * 6 // 10)
    archive = part(path)
    found = read(archive)
    assert archive.problem
    assert not archive.whole
    kept = whole(found)
    assert all(FILES[name] == data for name, data in kept.items())
    assert list(kept) == list(FILES)[: len(kept)]
    assert len(kept) >= 3


def test_a_zip_without_its_directory_is_read_by_its_own_headers(tmp_path: Path) -> None:
    for method in METHODS:
        for make in (make_zip, make_streamed_zip):
            path = make(tmp_path / f"{method}-{make.__name__}.zip", FILES, method)
            directory = path.read_bytes().index(b"PK\x01\x02")
            archive = part(truncated(path, directory))
            assert whole(read(archive)) == FILES
            assert "no readable list of contents" in archive.problem


def test_a_damaged_entry_is_said_and_the_next_ones_come(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", FILES)
    at = path.read_bytes().index(b"IMG_2.jpg") + 500
    archive = part(replaced(path, at, bytes(range(40))))
    found = read(archive)
    (broken,) = [entry for entry, _ in found if not entry.whole]
    assert broken.path.endswith("IMG_2.jpg")
    assert broken.problem
    assert len(whole(found)) == 4


def test_a_stored_entry_of_the_right_length_and_other_bytes_is_not_whole(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", FILES, zipfile.ZIP_STORED)
    at = path.read_bytes().index(FILES[LAST])
    (broken,) = [e for e, _ in read(part(replaced(path, at + 7, b"!"))) if not e.whole]
    assert broken.path == LAST
    assert "checksum" in broken.problem


def test_damage_inside_a_tgz_is_said_with_every_entry_before_it(tmp_path: Path) -> None:
    files = {f"Takeout/{i}.jpg": os.urandom(20_000) for i in range(10)}
    path = make_tar(tmp_path / "a.tgz", files)
    at = path.stat().st_size * 75 // 100
    archive = part(replaced(path, at, os.urandom(3000)))
    found = read(archive)
    assert archive.problem
    assert [name for name in list(files)[:7] if whole(found).get(name) != files[name]] == []


def test_a_wrong_checksum_of_a_whole_tgz_is_said(tmp_path: Path) -> None:
    archive = part(replaced(make_tar(tmp_path / "a.tgz", FILES), -8, b"\0\0\0\0"))
    assert whole(read(archive)) == FILES
    assert not archive.whole
    assert "incorrect data check" in archive.problem


def test_a_damaged_header_in_a_tar_costs_one_entry(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "a.tar", FILES, "w")
    archive = part(replaced(path, path.read_bytes().index(b"IMG_2.jpg"), b"????"))
    assert set(FILES) - set(whole(read(archive))) == {f"{FOLDER}/IMG_2.jpg"}
    assert "no readable entry" in archive.problem


def test_a_tgz_of_several_members_and_with_zeros_behind_is_one_archive(tmp_path: Path) -> None:
    tar = make_tar(tmp_path / "a.tar", FILES, "w").read_bytes()
    pieces = [tar[:700], tar[700:5000], tar[5000:]]
    (tmp_path / "a.tgz").write_bytes(b"".join(map(gzip.compress, pieces)) + b"\0" * 10_000)
    archive = part(tmp_path / "a.tgz")
    assert whole(read(archive)) == FILES
    assert archive.whole


def raw_zip(path: Path, name: bytes, data: bytes, **fields: int | bytes) -> Path:
    """A zip of one entry in which every field can be wrong."""
    flags, method = int(fields.get("flags", 0)), int(fields.get("method", 0))
    packed, extra = bytes(fields.get("packed", data)), bytes(fields.get("extra", b""))
    crc, made = zlib.crc32(data), int(fields.get("made", 20))
    head = (20, flags, method, 0, 0x21, crc, len(packed), int(fields.get("size", len(data))))
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", *head, len(name), len(extra)) + name + extra
    central = struct.pack("<4sH5H3I5H2I", b"PK\x01\x02", made, *head, len(name), len(extra), 0, 0,
                          0, int(fields.get("mode", 0)) << 16, 0) + name + extra  # fmt: skip
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local + packed), 0)
    path.write_bytes(local + packed + central + end)
    return path


def unicode_path(raw: bytes, text: str) -> bytes:
    data = b"\x01" + struct.pack("<I", zlib.crc32(raw)) + text.encode()
    return struct.pack("<HH", 0x7075, len(data)) + data


@pytest.mark.parametrize(
    ("raw", "fields", "path", "guessed"),
    [
        ("Málaga 🏖.jpg".encode(), {"flags": 0x800}, "Málaga 🏖.jpg", False),
        ("Málaga 🏖.jpg".encode(), {}, "Málaga 🏖.jpg", False),
        ("Málaga.jpg".encode("cp437"), {}, "Málaga.jpg", True),
        ("Málaga.jpg".encode("cp437"), {"flags": 0x800}, "Málaga.jpg", True),
        (b"M?laga.jpg", {"extra": unicode_path(b"M?laga.jpg", "Málaga.jpg")}, "Málaga.jpg", False),
        (b"other.jpg", {"extra": unicode_path(b"M?laga.jpg", "x.jpg")}, "other.jpg", False),
        (b"Takeout\\Google Fotos\\a.jpg", {}, "Takeout/Google Fotos/a.jpg", False),
        (b"Takeout/a\\b.jpg", {"made": 3 << 8}, "Takeout/a\\b.jpg", False),
        (b"../../etc/passwd", {}, "_/_/etc/passwd", False),
        (b"/etc/passwd", {}, "etc/passwd", False),
        (b"C:\\Windows\\a.jpg", {}, "C_/Windows/a.jpg", False),
        (b"a\0b.jpg", {}, "a_b.jpg", False),
    ],
)
def test_names_are_decoded_and_never_leave_their_place(
    tmp_path: Path, raw: bytes, fields: dict[str, int], path: str, guessed: bool
) -> None:
    ((entry, data),) = read(part(raw_zip(tmp_path / "a.zip", raw, b"bytes", **fields)))
    assert (entry.path, entry.name_guessed, data) == (path, guessed, b"bytes")


def test_names_in_a_tar_are_decoded_and_never_leave_their_place(tmp_path: Path) -> None:
    long = "Takeout/" + "Ünï" * 90 + ".jpg"
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        files = {long: b"1", "../../x.jpg": b"2", "/y.jpg": b"3"}
        path = make_tar(tmp_path / f"{form}.tgz", files, format=form)
        assert [entry.path for entry, _ in read(part(path))] == [long, "_/_/x.jpg", "y.jpg"]


def test_an_encrypted_entry_is_named(tmp_path: Path) -> None:
    ((entry, data),) = read(part(raw_zip(tmp_path / "a.zip", b"a.jpg", b"bytes", flags=1)))
    assert (data, entry.whole) == (b"", False)
    assert "encrypted" in entry.problem


def test_a_way_of_packing_that_is_not_known_is_named(tmp_path: Path) -> None:
    ((entry, _),) = read(part(raw_zip(tmp_path / "a.zip", b"a.jpg", b"bytes", method=93)))
    assert "zstd" in entry.problem


def test_deflate64_as_windows_writes_it_is_read(tmp_path: Path) -> None:
    data = os.urandom(50_000) + b"film " * 100_000
    deflater = inflate64.Deflater()
    packed = deflater.deflate(data) + deflater.flush()
    path = raw_zip(tmp_path / "a.zip", b"a.mp4", data, method=9, packed=packed)
    assert whole(read(part(path))) == {"a.mp4": data}
    ((entry, _),) = read(part(replaced(path, 25_000, b"damage")))
    assert not entry.whole


def test_two_entries_of_one_name_are_both_delivered(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.jpg", b"one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.jpg", b"two")
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as tar:
        for data in (b"one", b"two"):
            member = tarfile.TarInfo("a.jpg")
            member.size = 3
            tar.addfile(member, io.BytesIO(data))
    for name in ("a.zip", "a.tgz"):
        assert [data for _, data in read(part(tmp_path / name))] == [b"one", b"two"]


def test_links_and_devices_in_a_tar_are_named_and_have_no_bytes(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as tar:
        for name, kind in [("link", tarfile.SYMTYPE), ("dev", tarfile.CHRTYPE), ("d", b"5")]:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
        member = tarfile.TarInfo("a.jpg")
        member.size = 5
        tar.addfile(member, io.BytesIO(b"photo"))
    found = [(entry.kind, entry.target, data) for entry, data in read(part(tmp_path / "a.tgz"))]
    assert found == [
        ("link", "/etc/passwd", b""),
        ("special", "", b""),
        ("folder", "", b""),
        ("file", "", b"photo"),
    ]


def test_a_symbolic_link_in_a_zip_is_named(tmp_path: Path) -> None:
    path = raw_zip(tmp_path / "a.zip", b"a.jpg", b"/etc/passwd", made=3 << 8, mode=0o120777)
    ((entry, _),) = read(part(path))
    assert entry.kind == "link"


@pytest.mark.parametrize("kind", ["deflate", "bzip2", "lzma", "tgz", "deflate64", "pax"])
def test_a_bomb_takes_no_more_memory_than_its_reader_asks_for(tmp_path: Path, kind: str) -> None:
    zeros = {"bomb.jpg": bytes(100_000_000)}
    if kind == "tgz":
        path = make_tar(tmp_path / "a.tgz", zeros)
    elif kind == "pax":
        header = tarfile.TarInfo("x")
        header.type, header.size = b"x", 100_000_000
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        bomb = packer.compress(header.tobuf() + bytes(100_000_000)) + packer.flush()
        (path := tmp_path / "a.tgz").write_bytes(bomb)
    elif kind == "deflate64":
        deflater = inflate64.Deflater()
        packed = deflater.deflate(zeros["bomb.jpg"]) + deflater.flush()
        path = raw_zip(tmp_path / "a.zip", b"bomb.jpg", b"", method=9, packed=packed)
    else:
        method = {"deflate": 8, "bzip2": 12, "lzma": 14}[kind]
        path = make_zip(tmp_path / "a.zip", zeros, method, compresslevel=1)
    del zeros
    assert path.stat().st_size < 1_000_000
    archive = part(path)
    tracemalloc.start()
    for _, stream in entries(archive):
        for _ in range(20):
            stream.read(1 << 16)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000


def test_bytes_before_and_behind_a_zip_do_not_matter(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", FILES)
    path.write_bytes(b"PK00" + os.urandom(5000) + path.read_bytes() + b"\0" * 3000)
    assert whole(read(part(path))) == FILES


def test_more_entries_than_65535_are_read(tmp_path: Path) -> None:
    head = struct.pack("<5H3IHH", 20, 0, 0, 0, 0x21, 0, 0, 0, 5, 0)
    local = b"".join(b"PK\x03\x04" + head + b"%05d" % i for i in range(66_000))
    listed = b"".join(
        b"PK\x01\x02\x14\0" + head + struct.pack("<3H2I", 0, 0, 0, 0, 35 * i) + b"%05d" % i
        for i in range(66_000)
    )
    sizes = (44, 45, 45, 0, 0, 66_000, 66_000, len(listed), len(local))
    end = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", *sizes)
    end += struct.pack("<4sIQI", b"PK\x06\x07", 0, len(local + listed), 1)
    end += struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    (tmp_path / "a.zip").write_bytes(local + listed + end)
    archive = part(tmp_path / "a.zip")
    assert zipfile.ZipFile(tmp_path / "a.zip").testzip() is None
    assert [entry.path for entry, _ in entries(archive)] == [f"{i:05}" for i in range(66_000)]
    assert archive.whole


@pytest.mark.parametrize("wide", [True, False], ids=["zip64", "sizes modulo 2^32, as macOS has it"])
def test_an_entry_behind_5_gb_is_found(tmp_path: Path, wide: bool) -> None:
    """The 5 GB are a hole in a sparse file."""
    big, last = 5 << 30, b"the last one"
    with (tmp_path / "a.zip").open("wb") as file:
        listed = b""
        for name, size, data in [(b"big.mp4", big, b""), (b"last.jpg", len(last), last)]:
            at = file.tell()
            sizes = struct.pack("<QQQ", size, size, at)
            extra = struct.pack("<HH", 1, 24) + sizes if wide else b""
            number = [0xFFFFFFFF] * 3 if wide else [n % 2**32 for n in (size, size, at)]
            head = (20, 0, 0, 0, 0x21, zlib.crc32(data), number[0], number[1], len(name))
            file.write(struct.pack("<4s5H3I2H", b"PK\x03\x04", *head, len(extra)) + name + extra)
            file.write(data)
            file.seek(size - len(data), os.SEEK_CUR)
            listed += struct.pack("<4sH5H3I5H2I", b"PK\x01\x02", 20, *head, len(extra), 0, 0, 0,
                                  0, number[2]) + name + extra  # fmt: skip
        start = file.tell()
        file.write(listed)
        end = file.tell()
        if wide:
            file.write(
                struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2, 2, end - start, start)
            )
            file.write(struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1))
        count, where = (0xFFFF, 0xFFFFFFFF) if wide else (2, start % 2**32)
        file.write(
            struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, end - start, where, 0)
        )
    archive = part(tmp_path / "a.zip")
    found = list(read(archive, skip={0}))
    assert archive.size > big
    assert whole(found) == {"last.jpg": last}
    first, _ = next(entries(archive))
    assert not wide or first.size == big


def test_a_zip_with_a_damaged_beginning_is_known_by_its_end(tmp_path: Path) -> None:
    path = replaced(make_zip(tmp_path / "a.zip", FILES), 0, b"????")
    assert whole(read(part(path))) == FILES


def test_a_damaged_record_of_the_directory_does_not_cost_the_photo(tmp_path: Path) -> None:
    """Its checksum, its packed size, its size, its offset: the entry's own header has them, too."""
    for at in (16, 20, 24, 42):
        path = make_zip(tmp_path / f"{at}.zip", FILES)
        record = path.read_bytes().rindex(b"PK\x01\x02")
        archive = part(replaced(path, record + at, b"\x05\x01\x00\x00"))
        assert whole(read(archive)) == FILES
        assert at == 42 or "do not agree" in archive.problem


def test_a_damaged_directory_is_followed_by_the_entries_own_headers(tmp_path: Path) -> None:
    for skip in (set[int](), {0, 1}):
        path = make_zip(tmp_path / "a.zip", FILES)
        second = path.read_bytes().index(b"PK\x01\x02") + 100
        third = path.read_bytes().index(b"PK\x01\x02", second)
        archive = part(replaced(path, third, bytes(30)))
        found = read(archive, skip)
        assert [entry.index for entry, _ in found] == [i for i in range(5) if i not in skip]
        assert all(FILES[entry.path] == data and entry.whole for entry, data in found)
        assert archive.problems == ["Its list of contents is damaged after entry 2"]
