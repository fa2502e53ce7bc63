"""HEIC: turned by its container alone, whatever its Exif says; cut off, out of itself and too large, it is refused."""

import subprocess

import pytest

from support.pictures import CORNERS, HEIGHT, WHITE, WIDTH, assert_upright, write_heic


@pytest.fixture(name="heic")
def fixture_heic(tmp_path):
    path = tmp_path / "drawn.heic"
    write_heic(path)
    return path


def changed(path, box, offset, new):
    """The file with bytes exchanged, `offset` behind the name of a box."""
    data = bytearray(path.read_bytes())
    at = data.index(box) + len(box) + offset
    data[at:at + len(new)] = new
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_turn_and_mirror_of_the_container_comes_out_upright(make, tmp_path, orientation):
    path = tmp_path / "turned.heic"
    write_heic(path, orientation)
    made = make("heic", path)
    assert made.outcome == "made"
    assert made.sides == (WIDTH, HEIGHT) * 3
    assert_upright(made.view)
    assert_upright(made.thumbnail)


def test_a_quarter_to_the_right_is_three_to_the_left_in_irot(tmp_path):
    path = tmp_path / "turned.heic"
    write_heic(path, 6)
    data = path.read_bytes()
    assert data[data.index(b"irot") + 4] == 3
    assert b"imir" not in data


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_exif_in_it_turns_nothing(make, tmp_path, orientation):
    path = tmp_path / "exif.heic"
    write_heic(path, orientation)
    exiftool = ["exiftool", "-n", "-s3"]
    subprocess.run([*exiftool, "-q", "-overwrite_original", "-EXIF:Orientation=8", path], check=True, timeout=60)
    told = subprocess.run([*exiftool, "-EXIF:Orientation", path], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "8"
    assert_upright(make("heic", path).view)


def test_what_is_transparent_lies_on_white(make, tmp_path):
    path = tmp_path / "transparent.heic"
    write_heic(path, 1, [(*colour, 0 if corner == 1 else 255) for corner, colour in enumerate(CORNERS)])
    assert_upright(make("heic", path).view, [WHITE if corner == 1 else colour for corner, colour in enumerate(CORNERS)])


def test_a_file_that_is_cut_off_is_damaged(make, heic):
    data = heic.read_bytes()
    for size in (len(data) // 4, len(data) // 2, len(data) // 4 * 3, len(data) - 1):
        heic.write_bytes(data[:size])
        assert make("heic", heic).outcome == "damaged"


def test_pixels_that_lie_outside_of_the_file_are_damaged(make, heic):
    assert make("heic", changed(heic, b"iloc", 12, b"\x7f" * 12)).outcome == "damaged"


def test_pixels_that_are_none_are_damaged(make, heic):
    assert make("heic", changed(heic, b"mdat", 0, b"\xff" * 16)).outcome == "damaged"


@pytest.mark.parametrize("sides", [(20000, 20000), (65535, 1), (1, 20001), (7072, 7072)])
def test_sides_beyond_what_is_decoded_are_refused_by_the_header(make, heic, sides):
    new = b"".join(side.to_bytes(4, "big") for side in sides)
    assert make("heic", changed(heic, b"ispe", 4, new)).outcome == "too-large-picture"


def test_a_side_of_a_telephone_with_48_megapixels_is_made(make, tmp_path):
    path = tmp_path / "long.heic"
    write_heic(path, sides=(8064, 64))
    made = make("heic", path)
    assert (made.outcome, made.sides) == ("made", (8064, 64, 2048, 16, 320, 3))


def test_what_is_no_heic_is_refused(make, tmp_path):
    path = tmp_path / "none.heic"
    for data in (b"", b"<html>no picture</html>", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"):
        path.write_bytes(data)
        assert make("heic", path).outcome == "damaged"
