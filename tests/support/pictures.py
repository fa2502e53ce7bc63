"""A picture with four coloured corners: drawn as it is stored for each orientation, and looked for in what was made of it."""

import os
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build"))
PROGRAMS = BUILD / "tests/programs"
WIDTH, HEIGHT = 192, 128
CORNERS = ((220, 40, 40), (40, 200, 60), (50, 60, 210), (230, 210, 50))  # top left, top right, bottom left, bottom right
WHITE = (255, 255, 255)

# Where the pixel at column c and row r of what is stored is seen, in a picture of w x h (Exif 2.32, tag Orientation).
SEEN = {
    1: lambda c, r, w, h: (c, r),
    2: lambda c, r, w, h: (w - 1 - c, r),
    3: lambda c, r, w, h: (w - 1 - c, h - 1 - r),
    4: lambda c, r, w, h: (c, h - 1 - r),
    5: lambda c, r, w, h: (r, c),
    6: lambda c, r, w, h: (w - 1 - r, c),
    7: lambda c, r, w, h: (w - 1 - r, h - 1 - c),
    8: lambda c, r, w, h: (r, h - 1 - c),
}


def corner_at(x, y, width, height):
    return (2 if 2 * y >= height else 0) + (1 if 2 * x >= width else 0)


def stored_sides(orientation):
    return (HEIGHT, WIDTH) if orientation >= 5 else (WIDTH, HEIGHT)


def draw(orientation=1, colours=CORNERS):
    """The rows that are stored for an orientation, as bytes; a colour may have opacity as its fourth sample."""
    columns, rows = stored_sides(orientation)
    return bytes(sample for r in range(rows) for c in range(columns)
                 for sample in colours[corner_at(*SEEN[orientation](c, r, WIDTH, HEIGHT), WIDTH, HEIGHT)])


def ppm(orientation=1):
    columns, rows = stored_sides(orientation)
    return b"P6\n%d %d\n255\n" % (columns, rows) + draw(orientation)


def write_jpeg(path, orientation=1):
    subprocess.run(["cjpeg", "-quality", "95", "-outfile", path], input=ppm(orientation), check=True, timeout=60)


def write_heic(path, orientation=1, colours=CORNERS, sides=None):
    """Turned by irot and imir. Of other sides than the drawn picture's it is grey."""
    columns, rows = sides or stored_sides(orientation)
    pixels = draw(orientation, colours) if sides is None else bytes([128]) * (3 * columns * rows)
    subprocess.run([PROGRAMS / "heic_write", str(columns), str(rows), "rgba" if len(colours[0]) == 4 else "rgb",
                    str(orientation), path], input=pixels, check=True, timeout=60,
                   env=os.environ | {"ASAN_OPTIONS": "detect_leaks=0"})  # libx265 gives not all of it back


def pixels_of(jpeg):
    """(width, height, rows of RGB) of a JPEG's bytes, as djpeg reads it."""
    done = subprocess.run(["djpeg", "-ppm"], input=jpeg, capture_output=True, check=True, timeout=60)
    assert done.stderr == b""
    kind, sides, most, rows = done.stdout.split(b"\n", 3)
    assert (kind, most) == (b"P6", b"255")
    width, height = map(int, sides.split())
    return width, height, rows


def assert_upright(jpeg, colours=CORNERS, sides=(WIDTH, HEIGHT)):
    """Each pixel is the drawn picture's. Near a border of two quarters JPEG mixes: there it is nearer to its own than to another."""
    width, height, rows = pixels_of(jpeg)
    assert (width, height) == sides
    for y in range(height):
        for x in range(width):
            near = min(abs(2 * x + 1 - width), abs(2 * y + 1 - height)) // 2
            if near >= 3:
                found = rows[3 * (y * width + x):][:3]
                expected = colours[corner_at(x, y, width, height)]
                most = 40 if near < 16 else 8
                assert all(abs(a - b) <= most for a, b in zip(found, expected)), (x, y, tuple(found), expected)
