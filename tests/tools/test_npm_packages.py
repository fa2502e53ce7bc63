"""tools/npm-packages: what is fetched is what its digest says, once, whoever asks at the same moment."""

import concurrent.futures
import json
import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = "empty-npm-package@1.0.0"


def fetch(directory):
    return subprocess.run([TOP / "tools" / "npm-packages", directory], capture_output=True, text=True, check=False)


def digest_of(tmp_path):
    """The digest, as the refusal of a wrong one says it."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "tarballs.json").write_text(json.dumps({PACKAGE: "sha512-AAAA"}), encoding="utf-8")
    done = fetch(other)
    assert done.returncode == 1 and f"{PACKAGE} is not what tarballs.json says" in done.stderr
    assert not (other / "node_modules").exists()
    return done.stderr.split()[-1]


def test_a_package_is_fetched_once_and_only_if_it_is_the_right_one(tmp_path):
    wanted = tmp_path / "wanted"
    wanted.mkdir()
    (wanted / "tarballs.json").write_text(json.dumps({PACKAGE: digest_of(tmp_path)}), encoding="utf-8")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        done = list(pool.map(fetch, [wanted] * 3))
    assert [one.returncode for one in done] == [0] * 3, done
    found = wanted / "node_modules" / "empty-npm-package" / "package.json"
    assert json.loads(found.read_text(encoding="utf-8"))["version"] == "1.0.0"
    made = found.stat().st_mtime_ns
    assert fetch(wanted).returncode == 0 and found.stat().st_mtime_ns == made
    # Other words in tarballs.json: fetched anew.
    (wanted / "tarballs.json").write_text(json.dumps({PACKAGE: "sha512-BBBB"}), encoding="utf-8")
    assert fetch(wanted).returncode == 1


def test_help_and_what_is_no_directory(tmp_path):
    assert "usage: tools/npm-packages" in subprocess.run([TOP / "tools" / "npm-packages", "--help"], capture_output=True,
                                                         text=True, check=True).stdout
    assert subprocess.run([TOP / "tools" / "npm-packages"], capture_output=True, check=False).returncode == 2
    assert fetch(tmp_path / "nowhere").returncode != 0
