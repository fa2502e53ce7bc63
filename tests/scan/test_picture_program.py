"""anamnesis-scan-picture as the conductor asks it: a process for each picture, and one that cannot be made harms no other."""

import struct
import subprocess
import zlib

import pytest

from scan.conftest import PICTURE
from support.pictures import HEIGHT, WIDTH, write_jpeg


def png(width, height, data=b""):
    """A PNG whose header says these sides."""
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def test_one_that_is_damaged_and_one_that_is_too_large_harm_no_other(ask, tmp_path):
    good, cut, none = tmp_path / "good.jpg", tmp_path / "cut.jpg", tmp_path / "none.jpg"
    write_jpeg(good)
    cut.write_bytes(good.read_bytes()[:-200])
    none.write_bytes(b"")
    replies = ask("remake", "image/jpeg", [good, cut, none, good], PICTURE, tmp_path)
    made = ["clean", "-", "answered", str(WIDTH), str(HEIGHT), "view", str(WIDTH), str(HEIGHT), "thumbnail", str(WIDTH), str(HEIGHT)]
    assert replies == [made, ["rejected", "damaged", "answered", "0", "0"], ["rejected", "damaged", "answered", "0", "0"], made]
    assert not list(tmp_path.glob("result-1-*")) and not list(tmp_path.glob("result-2-*"))
    assert (tmp_path / "result-3-0").read_bytes() == (tmp_path / "result-0-0").read_bytes()


@pytest.mark.parametrize("sides", [(20000, 20000), (65535, 1), (7072, 7072)])
def test_a_bomb_of_pixels_is_refused_by_its_header(ask, tmp_path, sides):
    """[5.2.6]"""
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(png(*sides, bytes(1000000)))
    assert ask("remake", "image/png", [bomb], PICTURE, tmp_path) == [["rejected", "too-large-picture", "answered", "0", "0"]]


@pytest.mark.parametrize("kind", ["png", "webp", "heic"])
def test_a_picture_of_another_type_than_was_found_is_not_made(ask, tmp_path, kind):
    photo = tmp_path / "photo.jpg"
    write_jpeg(photo)
    assert ask("remake", f"image/{kind}", [photo], PICTURE, tmp_path) == [["rejected", "damaged", "answered", "0", "0"]]


def test_of_what_is_no_picture_and_of_what_it_is_not_asked_for_nothing_is_said(ask, tmp_path):
    photo = tmp_path / "photo.jpg"
    write_jpeg(photo)
    assert ask("remake", "application/pdf", [photo], PICTURE, tmp_path) == [["failed", "not-scanned", "no-answer", "0", "0"]]
    assert ask("look", "image/jpeg", [photo], PICTURE, tmp_path) == [["failed", "not-scanned", "none", "0", "0"]]


@pytest.mark.parametrize("media_type", ["video/mp4", "video/quicktime", "audio/mp4"])
def test_a_film_that_is_none_is_damaged(ask, tmp_path, media_type):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0\0\1\0moov")
    assert ask("remake", media_type, [film], PICTURE, tmp_path) == [["rejected", "damaged", "answered", "0", "0"]]


def test_it_tells_how_it_is_started():
    done = subprocess.run([PICTURE], capture_output=True, text=True, check=False, timeout=10)
    assert done.returncode == 1 and done.stderr.startswith("usage: anamnesis-scan-picture DIRECTORY\n")
    assert subprocess.run([PICTURE, "--help"], capture_output=True, check=False, timeout=10).returncode == 0
