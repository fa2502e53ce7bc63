"""A photo as large as a telephone's, made by a seed, and what the picture program takes to make it anew."""

import collections
import os
import random
import subprocess

from harness.instance import TOP

SEED = 11
BLOCK = 250  # rows that repeat: a photo's detail, at a price
PROGRAMS = ("build/tests/programs/scan_ask", "build/tests/programs/heic_write")

Kind = collections.namedtuple("Kind", "name type options")  # options: cjpeg's
JPEGS = (Kind("JPEG, baseline", "image/jpeg", ("-quality", "92", "-sample", "2x2")),
         Kind("JPEG, progressive", "image/jpeg", ("-quality", "92", "-sample", "2x2", "-progressive")))
Cost = collections.namedtuple("Cost", "name width height bytes milliseconds")


def build():
    subprocess.run(["make", "-s", *PROGRAMS], cwd=TOP, check=True)


def pixels(width, height, seed=SEED):
    """Rows of RGB: colours that change slowly, with noise as a sensor gives it."""
    chance, rows = random.Random(seed), []
    for y in range(min(BLOCK, height)):
        noise = chance.randbytes(3 * width)
        rows.append(bytes((x * 180 // width + y * 40 // BLOCK + (noise[3 * x + c] & 15) + 10 * c) & 255 for x in range(width) for c in range(3)))
    return b"".join(rows[y % BLOCK] for y in range(height))


def jpeg(ppm, kind):
    return subprocess.run(["cjpeg", *kind.options], input=ppm, capture_output=True, check=True).stdout


def processor(paths, media_type, place):
    """Seconds of processor of the picture program and its processes, which make these anew."""
    command = [TOP / PROGRAMS[0], "remake", media_type, place / "made", *paths, "--", TOP / "build" / "anamnesis-scan-picture", place]
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True) as child:
        said = child.stdout.read()
        _, status, spent = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if status != 0 or said.count("clean - answered") != len(paths):
        raise RuntimeError(f"not every picture was made: {said}")
    return spent.ru_utime + spent.ru_stime


def measure(place, width, height, count):
    """A Cost for each kind of photo; the median of three. What the program takes to start is taken off."""
    place.mkdir(exist_ok=True)
    plain = pixels(width, height)
    made = [(kind.name, kind.type, jpeg(b"P6 %d %d 255\n" % (width, height) + plain, kind)) for kind in JPEGS]
    heic = place / "photo.heic"
    subprocess.run([TOP / PROGRAMS[1], str(width), str(height), "rgb", "1", heic], input=plain, check=True)
    made.append(("HEIC", "image/heic", heic.read_bytes()))
    for name, media_type, content in made:
        path = place / "photo"
        path.write_bytes(content)
        spent = sorted(processor([path] * (count + 1), media_type, place) - processor([path], media_type, place) for _ in range(3))[1] / count
        yield Cost(name, width, height, len(content), 1000 * spent), content
