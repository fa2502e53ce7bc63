"""Runs ours and the others over many cases at once: one process each, one line a case."""

import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[3]
HERE = TOP / "tests" / "peers" / "engines"
sys.path.insert(0, str(TOP / "tests"))

from support import programs  # noqa: E402  (the path is set above)


def ours(cases):
    return programs.lines([programs.built("form_check")], cases)


def others(cases):
    subprocess.run([TOP / "tools" / "npm-packages", HERE], check=True)
    return programs.lines(["node", HERE / "judge.mjs"], cases)
