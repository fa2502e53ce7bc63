"""Programs that answer many cases, each a line of JSON."""

import json
import os
import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
TIME_LIMIT_SECONDS = 600


def built(name):
    """A program of tests/programs."""
    return pathlib.Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build")) / "tests" / "programs" / name


def lines(command, cases):
    """The answer to each case, in order."""
    text = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)
    done = subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True, check=False, timeout=TIME_LIMIT_SECONDS)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(answers) != len(cases):
        raise RuntimeError(f"{command[0]} ended with {done.returncode} after {len(answers)} cases: {done.stderr[-2000:]}")
    return answers
