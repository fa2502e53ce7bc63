"""bench.json: everything that a run measured, and on what; read again for the page in docs/."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

from harness import peers
from harness.instance import TOP, nginx_program
from harness.load import Result
from harness.pairs import Pair

KEPT_OPTIONS = ("patients", "responses", "workers", "connections", "rounds", "seconds")


def first_line(*command):
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().split("\n")[0]


def field(path, name):
    found = re.search(rf"^{name}\s*[:=]\s*(.*)$", pathlib.Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1).strip('"') if found else "unknown"


def machine(instance, services, load):
    """What the figures depend on beside the program. `services`: those that were measured beside it; `load`: before the run."""
    versions = {"PostgreSQL": instance.psql("SHOW server_version;")[0][0].split()[0],
                "nginx": first_line(nginx_program(), "-v").rsplit("/", 1)[-1].split()[0]}
    for kind, version in (("Node", peers.node_version), ("Go", peers.go_version)):
        if any(name.startswith(kind) for name in services):
            versions[kind] = version()
    changed = " with changes" if first_line("git", "status", "--porcelain", "--untracked-files=no", "--", ":!docs/benchmarks.*") else ""
    return {"date": datetime.date.today().isoformat(), "commit": first_line("git", "rev-parse", "--short=12", "HEAD") + changed,
            "processors": os.cpu_count(), "model": field("/proc/cpuinfo", "model name"),
            "memory": round(int(field("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024),
            "system": f"{field('/etc/os-release', 'PRETTY_NAME')}, {platform.machine()}", "load": load,
            "versions": versions}


def write(path, run, options):
    """`run`: operations, beside, missing, memory, machine, and whatever else was measured."""
    kept = run | {
        "options": {name: getattr(options, name) for name in KEPT_OPTIONS},
        "operations": {name: figure | {"load": figure["load"]._asdict()} for name, figure in run["operations"].items()},
        "beside": [{"operation": name, "service": service, "pairs": [{"ours": pair.ours._asdict(), "theirs": pair.theirs._asdict()}
                                                                    for pair in found]}
                   for (name, service), found in run["beside"].items()]}
    pathlib.Path(path).write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def read(path):
    """The same, as the page takes it."""
    kept = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    return kept | {
        "operations": {name: figure | {"load": Result(**figure["load"])} for name, figure in kept["operations"].items()},
        "beside": {(one["operation"], one["service"]): [Pair(Result(**pair["ours"]), Result(**pair["theirs"])) for pair in one["pairs"]]
                   for one in kept["beside"]}}
