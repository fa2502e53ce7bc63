"""The two practices that an instance begins with, and demo.json, which says how to reach it (docs/operations.md)."""
import json
import os
import subprocess

from pathlib import Path

from . import Trouble
from .layout import write_private

FORM = Path(__file__).resolve().parents[2] / "forms" / "skin.json"  # takes photos: what a newcomer can try at once

PRACTICES = (
    ("Practice A", "optional", (("owner", "owner.a@example.org", "Owner A"),
                                ("physician", "physician.a@example.org", "Physician A"))),
    ("Practice B", "optional", (("owner", "owner.b@example.org", "Owner B"),
                                ("physician", "physician.b@example.org", "Physician B"))),
)


def run_command(layout, environment, *arguments):
    """The operator's command; gives what it printed."""
    done = subprocess.run([layout.programs / "anamnesis", *arguments], env=environment, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise Trouble(f"`anamnesis {' '.join(arguments)}` failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def practices(layout, environment):
    """The accounts of the demonstration practices; made at the first start with a questionnaire each, kept beside the keys."""
    kept = layout.keys / "demo-practices.json"
    made = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else []
    for name, mfa, staff in PRACTICES[len(made):]:
        arguments = [part for member in staff for part in ("--staff", ":".join(member))]
        made.append(json.loads(run_command(layout, environment, "practice", "create", "--name", name,
                                           "--patient-mfa", mfa, *arguments, "--json")))
        write_private(kept, json.dumps(made, indent=2) + "\n")
        run_command(layout, environment, "questionnaire", "import", str(FORM), "--practice", made[-1]["practice_id"], "--publish")
    return made


def write(layout, port, postgres, made):
    """`database_url` is the superuser's (tests look behind row-level security); `database_urls` has the others."""
    facts = {
        "base_url": os.environ.get("ANAMNESIS_BASE_URL", f"https://localhost:{port}"),
        "ca_file": str(layout.tls / "ca.pem"),
        "mail_dir": os.environ.get("ANAMNESIS_MAIL_DIR", str(layout.mail)),
        "database_url": postgres.url("superuser"),
        "database_urls": {role: postgres.url(role) for role in ("owner", "api", "jobs", "scan", "auditor")},
        "practices": made,
    }
    write_private(layout.var / "demo.json", json.dumps(facts, indent=2) + "\n")
    return facts
