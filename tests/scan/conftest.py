"""What files become in the programs of scan/. No instance is needed."""

import collections
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import pictures  # noqa: E402  (the path is set above)

Made = collections.namedtuple("Made", "outcome sides view thumbnail")


@pytest.fixture
def make(tmp_path):
    """make(KIND, PATH): what came of the file, its sides, and the bytes of both pictures."""
    def run(kind, path):
        view, thumbnail = tmp_path / "view.jpg", tmp_path / "thumbnail.jpg"
        for old in (view, thumbnail):
            old.unlink(missing_ok=True)
        done = subprocess.run([pictures.PROGRAMS / "picture_make", kind, path, view, thumbnail], capture_output=True, text=True,
                              check=True, timeout=60)
        outcome, *sides = done.stdout.split()
        if outcome != "made":
            assert not view.exists() and not thumbnail.exists()
            return Made(outcome, (), b"", b"")
        return Made(outcome, tuple(map(int, sides)), view.read_bytes(), thumbnail.read_bytes())
    return run
