"""What files become in the programs of scan/. No instance is needed."""

import collections
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import pictures  # noqa: E402  (the path is set above)

Made = collections.namedtuple("Made", "outcome sides view thumbnail")
PICTURE = pictures.BUILD / "anamnesis-scan-picture"


@pytest.fixture
def ask(tmp_path):
    """ask(WHAT, TYPE, PATHS, PROGRAM...): the words of each reply; their parts are in tmp_path/result-N-N."""
    def run(what, media_type, paths, *program):
        done = subprocess.run([pictures.PROGRAMS / "scan_ask", what, media_type, tmp_path / "result", *paths, "--", *program],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return [line.split() for line in done.stdout.splitlines()]
    return run


@pytest.fixture
def make(ask, tmp_path):
    """make(KIND, PATH): what came of the file in anamnesis-scan-picture, its sides and its pictures', and these pictures' bytes."""
    def run(kind, path):
        (verdict, reason, end, *sides), = ask("remake", f"image/{kind}", [path], PICTURE, tmp_path)
        assert end == "answered"
        if verdict == "rejected":
            assert sides == ["0", "0"]
            return Made(reason, (), b"", b"")
        assert (verdict, reason, sides[2], sides[5]) == ("clean", "-", "view", "thumbnail")
        parts = [(tmp_path / f"result-0-{number}").read_bytes() for number in (0, 1)]
        return Made("made", tuple(int(side) for side in sides if side.isdigit()), *parts)
    return run
