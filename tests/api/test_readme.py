"""The README's tour, run as it stands: what a reader pastes works."""

import json
import os
import pathlib
import re
import subprocess
import time

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
TOTP_STEP_SECONDS = 30


def tour():
    """The bash blocks of the tour, in order, as one script."""
    text = (TOP / "README.md").read_text(encoding="utf-8")
    section = text.split("## The journey in five minutes", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"^```bash\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 7
    return "\n".join(blocks)


def run_tour():
    environment = os.environ | {"ANAMNESIS_DEMO": os.environ.get("ANAMNESIS_DEMO", str(TOP / "var" / "demo.json"))}
    return subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", tour()], cwd=TOP, env=environment,
                          capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def output():
    """What the tour printed. The physician's code may have been used by another test: then the next one is."""
    done = run_tour()
    if '"role": "physician"' not in done.stdout:
        time.sleep(TOTP_STEP_SECONDS - time.time() % TOTP_STEP_SECONDS + 1)
        done = run_tour()
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def json_values(text):
    """Every JSON object in the output; what else was printed is skipped."""
    decoder, at, found = json.JSONDecoder(), 0, []
    while (at := text.find("{", at)) >= 0:
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


def test_no_step_answers_with_a_problem(output):
    assert [value for value in json_values(output) if str(value.get("type", "")).startswith("urn:")] == []


def test_the_journey_arrives(output):
    values = json_values(output)
    assert {"status": "ready"} in values
    assert any(value.get("role") == "physician" for value in values)
    assert any(value.get("status") == "active" and value.get("version") == 1 for value in values)
    assert re.search(r"^https://\S+#\S+$", output, re.MULTILINE)
    assert any(value.get("status") == "registered" for value in values)
    submitted = next(value for value in values if "proof" in value)
    assert submitted["status"] == "completed"
    assert re.fullmatch(r"[0-9a-f]{64}", submitted["proof"]["response_sha256"])


def test_every_answer_was_saved_in_turn_and_is_read_by_the_physician(output):
    revisions = [int(number) for number in re.findall(r"^saved, revision (\d+)$", output, re.MULTILINE)]
    assert revisions == sorted(set(revisions)) and len(revisions) >= 9
    answers = re.findall(r"^\S+: (?:Several days|Somewhat difficult)$", output, re.MULTILINE)
    assert len(answers) == len(revisions)


def test_the_photo_is_seen(output):
    values = json_values(output)
    assert {"link_id": "photo", "status": "clean", "width": 64, "height": 48} in values
    seen = pathlib.Path(re.search(r"^seen: (\S+)$", output, re.MULTILINE).group(1))
    assert seen.read_bytes().startswith(b"\xff\xd8\xff")
    seen.unlink()


def test_readme_links_lead_somewhere():
    text = (TOP / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (TOP / target).exists(), target
