"""What cameras and programs write beside the pixels is in none of the pictures that others see: exiftool looks for it."""

import json
import subprocess

import pytest

from support.pictures import assert_upright, ppm, write_heic, write_jpeg

SECRETS = {"GPSLatitude": "48.137", "GPSLongitude": "11.575", "GPSAltitude": "519", "SerialNumber": "4711-SERIAL", "Artist": "Erika SECRET",
           "OwnerName": "Erika SECRET", "Make": "SECRET camera", "DateTimeOriginal": "2026:01:02 03:04:05",
           "UserComment": "SECRET words", "Copyright": "SECRET", "XMP-dc:Creator": "Erika SECRET",
           "XMP-dc:Description": "SECRET words", "XMP-xmp:CreateDate": "2026:01:02 03:04:05"}
JPEG_SECRETS = {"IPTC:By-line": "Erika SECRET", "IPTC:City": "SECRET", "Comment": "SECRET words", "Photoshop:CopyrightFlag": "1"}
PNG_SECRETS = {"PNG:Author": "Erika SECRET", "PNG:CreationTime": "2026:01:02 03:04:05", "PNG:Comment": "SECRET words"}

# Of what exiftool tells of a file: what the JPEG's frame and JFIF say, and what exiftool makes of that.
GROUPS = {"SourceFile", "ExifTool", "File", "JFIF", "Composite"}
FILE = {"FileType", "FileTypeExtension", "MIMEType", "ImageWidth", "ImageHeight", "EncodingProcess", "BitsPerSample", "ColorComponents",
        "YCbCrSubSampling"}
COMPOSITE = {"ImageSize", "Megapixels"}
JFIF = {"JFIFVersion", "ResolutionUnit", "XResolution", "YResolution"}


def told_of(path):
    done = subprocess.run(["exiftool", "-j", "-G0", "-a", "-u", "-All", "-x", "System:All", path], capture_output=True, text=True,
                          check=True, timeout=60)
    return json.loads(done.stdout)[0]


def write(kind, path, tmp_path):
    if kind == "jpeg":
        write_jpeg(path)
    elif kind == "heic":
        write_heic(path)
    else:
        plain = tmp_path / "plain.ppm"
        plain.write_bytes(ppm())
        # cwebp's other half is a PNG's only writer here: dwebp.
        subprocess.run(["cwebp", "-quiet", "-lossless", plain, "-o", tmp_path / "plain.webp"], check=True, timeout=60)
        subprocess.run(["dwebp", "-quiet", tmp_path / "plain.webp", "-o", path] if kind == "png"
                       else ["cp", tmp_path / "plain.webp", path], check=True, timeout=60)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic"])
def test_of_what_stands_beside_the_pixels_nothing_comes_through(make, tmp_path, kind):
    """[14.2.8]"""
    path = tmp_path / f"photo.{kind}"
    write(kind, path, tmp_path)
    secrets = SECRETS | (JPEG_SECRETS if kind == "jpeg" else {}) | (PNG_SECRETS if kind == "png" else {})
    subprocess.run(["exiftool", "-q", "-overwrite_original", "-n", *(f"-{name}={value}" for name, value in secrets.items()), path],
                   check=True, timeout=60)
    there = json.dumps(told_of(path))
    assert all(value in there for value in ("48 deg 8'", "4711-SERIAL", "Erika SECRET", "SECRET words", "2026:01:02"))

    made = make(kind, path)

    assert made.outcome == "made"
    assert_upright(made.view)
    for name, picture in {"view": made.view, "thumbnail": made.thumbnail}.items():
        path = tmp_path / f"{name}-told.jpg"
        path.write_bytes(picture)
        assert b"SECRET" not in picture
        told = told_of(path)
        by_group = {}
        for tag in told:
            group, _, tag_name = tag.partition(":")
            by_group.setdefault(group, set()).add(tag_name)
        assert set(by_group) == GROUPS
        assert by_group["File"] == FILE
        assert by_group["JFIF"] == JFIF
        assert by_group["Composite"] == COMPOSITE
