"""Fills an instance: accounts with real keys, assignments, and responses copied from two that went through the API."""

import collections
import json
import subprocess

from harness.instance import TOP

QUESTIONNAIRES = 40
STAFF_SESSIONS = 32
Account = collections.namedtuple("Account", "id data_key token token_hash")
Seeded = collections.namedtuple("Seeded", "staff patients options")


def accounts_of(instance, count):
    """Builds and runs bench/seed.c with the instance's keyring: the lines as COPY takes them."""
    subprocess.run(["make", "-s", "-f", "Makefile", "-f", "bench/bench.mk", "build/bench/seed"], cwd=TOP, check=True)
    environment = {"PATH": "/usr/bin:/bin", "ANAMNESIS_KEYRING_FILE": str(instance.keyring)}
    done = subprocess.run([TOP / "build" / "bench" / "seed", str(count)], env=environment, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"bench/seed: {done.stderr}")
    return done.stdout


def publish(instance, token):
    """The PHQ-9, published, and a list's worth of other questionnaires. Returns (id, definition)."""
    definition = json.loads((TOP / "forms" / "phq-9.json").read_text(encoding="utf-8"))
    first = None
    for number in range(QUESTIONNAIRES):
        titled = definition if number == 0 else definition | {"title": f"Questionnaire {number}"}
        made = instance.call("POST", "/admin/questionnaires", {"definition": titled}, token)
        first = first or made
    instance.call("POST", f"/admin/questionnaires/{first['id']}/publish", {}, token, first["revision"])
    return first["id"], definition


def questions_of(definition):
    """link path -> its options, of every choice question that has options; and a valid answer to every required one."""
    options, answers = {}, {}

    def walk(items, prefix):
        for item in items:
            path = prefix + item["linkId"]
            coded = [option["valueCoding"] for option in item.get("answerOption", []) if "valueCoding" in option]
            if item["type"] == "choice" and coded:
                options[path] = coded
                answers[path] = [{"valueCoding": coded[1 % len(coded)]}]
            elif item.get("required") and item["type"] in ("integer", "decimal"):
                answers[path] = [{f"value{item['type'].capitalize()}": 7}]
            walk(item.get("item", []), path + "/")

    walk(definition["item"], "")
    return options, answers


def answer(instance, patient, answers, submit):
    """One response through the API, as its patient would: begun, saved, and submitted if asked. Returns its id."""
    waiting = instance.call("GET", "/patient/questionnaires?limit=200", token=patient.token)["items"]
    assignment = next(item["assignment_id"] for item in waiting if item["response_id"] is None)
    made = instance.call("POST", "/patient/responses", {"assignment_id": assignment}, patient.token)
    saved = instance.call("PATCH", f"/patient/responses/{made['id']}", {"set": answers}, patient.token, made["revision"])
    if submit:
        instance.call("POST", f"/patient/responses/{made['id']}/submit", None, patient.token, saved["revision"])
    return made["id"]


def copy_text(rows):
    return "".join("\t".join(str(cell) for cell in row) + "\n" for row in rows) + "\\.\n"


def script(name):
    return (TOP / "bench" / "sql" / name).read_text(encoding="utf-8")


def fill(instance, *, patients, responses, completed):
    """A practice with one physician, and `responses` a patient, of which the first `completed` are submitted ones."""
    lines = accounts_of(instance, patients + 1).splitlines(keepends=True)
    rows = [line.split("\t") for line in lines]
    people = [Account(row[0], bytes.fromhex(row[1][3:]), *instance.new_token()) for row in rows]
    physician = people.pop(0)
    staff = [physician._replace(token=token, token_hash=digest)
             for token, digest in (instance.new_token() for _ in range(STAFF_SESSIONS))]
    sessions = [(realm, one.id, f"\\\\x{one.token_hash.hex()}") for realm, group in (("staff", staff), ("patient", people))
                for one in group]
    instance.psql(script("tables.sql") +
                  "COPY bench.account (id, data_key, wrapped_key, email, email_index) FROM STDIN;\n" +
                  "".join(lines) + "\\.\n" +
                  "COPY bench.session FROM STDIN;\n" + copy_text(sessions) + script("accounts.sql"))
    questionnaire, definition = publish(instance, staff[0].token)
    instance.psql(script("assignments.sql"), questionnaire=questionnaire, responses=responses)
    options, answers = questions_of(definition)
    templates = [answer(instance, people[0], answers, submit) for submit in (True, False)]
    instance.psql(script("responses.sql"), submitted=templates[0], open=templates[1], completed=completed)
    return Seeded(staff, people, options)
