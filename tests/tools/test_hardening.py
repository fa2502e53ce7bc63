"""How the shipped programs are built, and the systemd units that run them: read by others' tools."""

import configparser
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build"))
PROGRAMS = ["anamnesis", "anamnesis-fcgi", "anamnesis-jobs", "anamnesis-lambda", "anamnesis-scan", "anamnesis-scan-clamd", "anamnesis-scan-document",
            "anamnesis-scan-engine",
            "anamnesis-scan-picture", "anamnesis-store", "anamnesis-store-fetch"]
DECODERS = ("libjpeg", "libpng", "libwebp", "libheif", "liblcms2")
UNITS = sorted((TOP / "deploy" / "systemd").glob("*.service"))
# In tenths; systemd calls up to 50 "OK". What the scanner may do beyond the others is to make namespaces, for the processes that
# open files: that counts as exposure.
EXPOSURE_MAX = {"anamnesis-scan": 22}
EXPOSURE_USUAL = 15


def said(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout


def test_nothing_else_is_shipped():
    assert sorted(path.name for path in BUILD.glob("anamnesis*")) == PROGRAMS


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_is_hardened(program):
    found = json.loads(said("checksec", f"--file={BUILD / program}", "--format=json"))[str(BUILD / program)]
    wanted = {"relro": "full", "canary": "yes", "nx": "yes", "pie": "yes", "rpath": "no", "runpath": "no",
              "fortify_source": "yes"}
    assert {name: found[name] for name in wanted} == wanted
    assert int(found["fortified"]) > 0


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_opens_files_is_in_programs_of_its_own_without_a_database(program):
    """libclamav and poppler are under the GPL, besides: one program each is linked to them."""
    needed = re.findall(r"\(NEEDED\).*\[(.*)\.so", said("readelf", "-dW", BUILD / program))
    picture, engine, document = (program == f"anamnesis-scan-{name}" for name in ("picture", "engine", "document"))
    assert {name: any(library.startswith(name) for library in needed) for name in DECODERS} == dict.fromkeys(DECODERS, picture)
    assert ("libclamav" in needed) == engine
    assert ({"libpoppler-glib", "libqpdf"} <= set(needed), any("poppler" in name or "qpdf" in name for name in needed)) == (document, document)
    assert ("libpq" in needed) != (picture or engine or document or program in ("anamnesis-store", "anamnesis-store-fetch", "anamnesis-scan-clamd"))


@pytest.mark.skipif(platform.machine() != "x86_64", reason="what x86-64 has")
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_may_have_a_shadow_stack(program):
    assert re.search(r"x86 feature:.*SHSTK", said("readelf", "-nW", BUILD / program))


@pytest.mark.skipif(platform.machine() != "x86_64", reason="what x86-64 has")
def test_every_object_of_ours_marks_where_jumps_may_land():
    objects = [path for room in ("fcgi", "jobs", "lambda", "scan", "cli", "lib", "app", "handlers")
               for path in (BUILD / "obj" / room).rglob("*.o")]
    assert len(objects) > 50
    without = [path.name for path in objects if not re.search(r"x86 feature: IBT, SHSTK", said("readelf", "-nW", path))]
    assert without == []


def test_a_program_that_is_not_hardened_is_found(tmp_path):
    """The negative: the same tools find a program without hardening."""
    source, made = tmp_path / "plain.c", tmp_path / "plain"
    source.write_text("int main(void) { return 0; }\n", encoding="utf-8")
    said("gcc", "-no-pie", "-fno-stack-protector", "-fcf-protection=none" if platform.machine() == "x86_64" else "-O0",
         "-Wl,-z,norelro", "-z", "execstack", "-o", made, source)
    found = json.loads(said("checksec", f"--file={made}", "--format=json"))[str(made)]
    assert (found["relro"], found["canary"], found["nx"], found["pie"]) == ("no", "no", "no", "no")
    assert "SHSTK" not in said("readelf", "-nW", made)


# ------------------------------------------------------------------------------------------------------- systemd

def installed(unit, directory):
    """A copy that starts the programs of this build: the installed ones need not be here."""
    text = unit.read_text(encoding="utf-8")
    assert re.search(r"^ExecStart=/usr/local/lib/anamnesis/anamnesis-\w+$", text, re.MULTILINE)
    made = directory / unit.name
    made.write_text(text.replace("/usr/local/lib/anamnesis", str(BUILD)), encoding="utf-8")
    return made


def systemd(*words):
    return subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True, check=False)


def test_there_is_a_unit_for_each_program_that_stays():
    assert [unit.stem for unit in UNITS] == ["anamnesis-jobs", "anamnesis-scan", "anamnesis-store", "anamnesis"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_reads_a_unit_without_complaint(unit, tmp_path):
    done = systemd("verify", "--man=no", installed(unit, tmp_path))
    assert done.returncode == 0 and done.stderr == "", done.stderr


def test_systemd_does_complain(tmp_path):
    unit = tmp_path / "anamnesis.service"
    unit.write_text(UNITS[-1].read_text(encoding="utf-8").replace("ProtectSystem=strict", "ProtectSystem=well"),
                    encoding="utf-8")
    assert "protect system value" in systemd("verify", "--man=no", unit).stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_little_exposed(unit, tmp_path):
    made, most = installed(unit, tmp_path), EXPOSURE_MAX.get(unit.stem, EXPOSURE_USUAL)
    assert systemd("security", "--offline=true", f"--threshold={most}", made).returncode == 0
    open_ = made.with_name("open.service")
    open_.write_text(f"[Service]\nExecStart={shutil.which('true')}\n", encoding="utf-8")
    assert systemd("security", "--offline=true", f"--threshold={most}", open_).returncode != 0


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_every_directive_of_a_sandbox_is_explained(unit):
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(unit, encoding="utf-8")
    page = (TOP / "docs" / "deployment.md").read_text(encoding="utf-8")
    missing = [name for name in parser["Service"] if f"`{name}" not in page]
    assert missing == []
