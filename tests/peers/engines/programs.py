"""Runs ours and the others over many cases at once: one process each, one line a case."""

import json
import os
import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[3]
HERE = TOP / "tests" / "peers" / "engines"
OURS = pathlib.Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build")) / "tests" / "programs" / "form_check"
TIME_LIMIT_SECONDS = 600


def lines(command, cases):
    """The answer to each case, in order."""
    text = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=TIME_LIMIT_SECONDS)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(answers) != len(cases):
        raise RuntimeError(f"{command[0]} ended with {done.returncode} after {len(answers)} cases: {done.stderr[-2000:]}")
    return answers


def ours(cases):
    return lines([str(OURS)], cases)


def others(cases):
    subprocess.run([TOP / "tools" / "npm-packages", HERE], check=True)
    return lines(["node", str(HERE / "judge.mjs")], cases)
