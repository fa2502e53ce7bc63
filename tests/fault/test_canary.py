"""What is secret is in no table, log, temporary file or core in clear.

Canaries are sent through the whole journey and every way to fail; then everything that the instance has written, but
for the mail that it delivers, is searched.
"""

import json
import os
import pathlib
import secrets
import signal
import socket
import ssl
import subprocess
import time
import urllib.parse

import pytest
from faults.canary import Canaries, left_by_the_programs
from faults.stack import wait_for
from instancelib.postgres import url_environment
from support import client as api
from support import sending
from support.authenticator import Authenticator
from support.contract import operations

FORM = {"resourceType": "Questionnaire", "status": "active", "title": "Canary",
        "item": [{"linkId": "words", "text": "?", "type": "text"}, {"linkId": "line", "text": "?", "type": "string"},
                 {"linkId": "number", "text": "?", "type": "decimal"}, {"linkId": "day", "text": "?", "type": "date"},
                 {"linkId": "files", "text": "?", "type": "attachment", "repeats": True}]}


def word(prefix):
    return f"{prefix}{secrets.token_hex(6)}"


@pytest.fixture(scope="module")
def canaries():
    return Canaries()


def test_the_search_finds_what_is_there(tmp_path, canaries):
    import base64
    other = Canaries()
    text = other.add("text", word("Zaunkönig "))
    raw = text.encode()
    for name, content in (("plain", b"x" + raw), ("hex", b'{"\\x41' + raw.hex().encode() + b'"}'),
                          ("base64-0", base64.b64encode(raw)), ("base64-1", base64.b64encode(b"?" + raw + b"more")),
                          ("base64-2", base64.urlsafe_b64encode(b"\0\0\0??" + raw + b"m")), ("lower", text.lower().encode())):
        (tmp_path / name).write_bytes(b"\0\1\xff\n" + content + b"\n")
        assert other.search([tmp_path / name]), name
    (tmp_path / "none").write_bytes(b"Zaunk")
    assert len({file for _, file in other.search([tmp_path])}) == 6


def journey(canaries, command, anonymous):
    """The main job with canaries for everything that a person typed or was given."""
    add = canaries.add
    staff_email, staff_name = add("staff e-mail", word("staffbird") + "@example.org"), add("staff name", word("Drbird"))
    made = command("practice", "create", "--name", word("Practice"), "--patient-mfa", "optional",
                   "--staff", f"physician:{staff_email}:{staff_name}")
    account = made["staff"][0]
    add("staff password", account["password"])
    add("staff TOTP secret", account["totp_secret"])
    for code in account.get("recovery_codes", []):
        add("recovery code", code)
    begun = api.good(anonymous.post("/admin/auth/login", {"email": account["email"], "password": account["password"],
                                                          "session": "bearer"}))
    add("mfa token", begun["mfa_token"])
    done = api.good(anonymous.post("/admin/auth/mfa", {"mfa_token": begun["mfa_token"],
                                                       "code": api.totp(account["totp_secret"])}))
    staff = anonymous.again(add("staff session", done["access_token"]))
    passkey(canaries, anonymous, staff)
    draft = api.good(staff.post("/admin/questionnaires", {"definition": FORM}), 201)
    api.good(staff.publish(draft["id"], draft["revision"]))

    person = {"given_name": add("given name", word("Amselina")), "family_name": add("family name", word("Ünlü-Fink")),
              "birth_date": add("birth date", "1911-11-13"), "record_number": add("record number", word("RN")),
              "email": add("e-mail", word("patientbird") + "@example.net")}
    patient = api.good(staff.post("/admin/patients", person), 201)
    changed = {"given_name": add("given name", word("Drosselina")), "email": add("e-mail", word("newbird") + "@example.net")}
    patient = api.good(staff.patch(f"/admin/patients/{patient['id']}", changed, patient["revision"]))
    path = f"/admin/patients/{patient['id']}/invitations"
    mailed = api.good(staff.post(path, {"delivery": "email", "questionnaires": [draft["id"]]}), 201)
    renewed = api.good(staff.post(f"/admin/invitations/{mailed['id']}/resend"))
    link = renewed.get("url") or api.good(staff.post(path, {"delivery": "link", "questionnaires": [draft["id"]]}), 201)["url"]
    token = add("invitation token", link.split("#", 1)[1])
    api.good(anonymous.post("/patient/register/validate", {"token": token}))
    password = add("password", word("correct horse canary "))
    body = {"token": token, "birth_date": person["birth_date"], "password": password}
    wrong = body | {"birth_date": add("birth date", "1911-12-14")}
    api.problem(anonymous.post("/patient/register", wrong), 422, "birth-date-refused")
    api.problem(anonymous.post("/patient/register", body | {"password": add("password", word("sh"))}), 422,
                "password-refused")
    api.good(anonymous.post("/patient/register", body), 201)
    me = api.sign_in_patient(anonymous, changed["email"], password)
    add("patient session", me.token)
    api.good(me.get("/patient/auth/session"))
    answer(canaries, staff, me)
    enrol(canaries, anonymous, me, changed["email"], password)
    return staff, me, patient, draft["id"]


def passkey(canaries, anonymous, staff):
    """Its name, its id and the challenges: added, refused, and signed in with, rightly and wrongly."""
    authenticator = Authenticator(anonymous.base_url.replace("//127.0.0.1:", "//localhost:"))
    authenticator.id = canaries.add("credential id", word("Zaunschlüpfer ")).encode()
    for status, changes in ((422, {"client_data": {"origin": f"https://{canaries.add('origin', word('irrgast'))}.example"}}),
                            (201, {})):
        asked = api.good(staff.post("/admin/profile/passkeys/options"))["public_key"]
        canaries.add("challenge", asked["challenge"])
        body = {"name": canaries.add("passkey name", word("Schlüsselvogel ")), "passkey": authenticator.create(asked, **changes)}
        assert staff.post("/admin/profile/passkeys", body).status_code == status
    for status, changes in ((401, {"wrong": True}), (200, {})):
        asked = api.good(anonymous.post("/admin/auth/passkey/options"))["public_key"]
        canaries.add("challenge", asked["challenge"])
        said = authenticator.get(asked, **changes)
        canaries.add("signature", said["response"]["signature"])
        done = anonymous.post("/admin/auth/passkey", {"passkey": said, "session": "bearer"})
        assert done.status_code == status
    canaries.add("staff session", done.json()["access_token"])


def answer(canaries, staff, me):
    assignment = api.good(me.get("/patient/questionnaires"))["items"][0]["assignment_id"]
    response = api.good(me.post("/patient/responses", {"assignment_id": assignment},
                                headers={"Idempotency-Key": canaries.add("idempotency key", word("key"))}), 201)
    answers = {"words": [{"valueString": canaries.add("answer", word("I sleep badly "))}],
               "line": [{"valueString": canaries.add("answer", word("Größe "))}],
               "number": [{"valueDecimal": float(canaries.add("answer", f"37.{secrets.randbelow(10**9):09d}1"))}],
               "day": [{"valueDate": canaries.add("answer", "1911-10-12")}]}
    answers["files"] = [sending.answer(upload) for upload in files(canaries, staff, me, response)]
    revision = 1
    for path, value in answers.items():
        revision = api.good(me.save(response["id"], revision, {path: value}))["revision"]
    stale = {"words": [{"valueString": canaries.add("answer", word("from a tab "))}]}
    api.problem(me.save(response["id"], 1, stale), 409, "answer-conflict")
    for bad in ({"words": [{"valueInteger": 1}], "line": stale["words"]}, {canaries.add("path", word("nowhere")): stale["words"]}):
        api.problem(me.save(response["id"], revision, bad), 422, "invalid-form")
    api.good(me.get("/patient/responses"))
    done = api.good(me.submit(response["id"], revision))
    assert done["status"] == "completed"
    api.good(staff.get(f"/admin/responses/{response['id']}"))
    api.good(staff.get("/admin/responses"))


def files(canaries, staff, me, response):
    """One as it is kept and one that is made anew, each looked at and taken along; names and contents are canaries."""
    photo = sending.photo(64, 48)
    comment = sending.jpeg_segment(0xFE, canaries.add("comment in a photo", word("Rohrdommel ")).encode())
    note = canaries.add("text in a file", word("It itches "))
    sent = [sending.send(me, response, content, "files", content_type=content_type, filename=canaries.add("file name", word("nightjar") + ending))
            for content, content_type, ending in ((photo[:2] + comment + photo[2:], "image/jpeg", ".jpg"), (note.encode(), "text/plain", ".txt"))]
    for upload in sent:
        path = f"/admin/media/{upload['id']}"
        sending.until(lambda path=path: api.good(staff.get(path))["status"] == "clean", 60)
        address = urllib.parse.urlsplit(canaries.add("address", api.good(staff.post(f"{path}/original"))["url"]))
        canaries.add("grant", address.query.removeprefix("grant="))
        assert staff.get(f"{address.path}?{address.query}").status_code == 200
    for what in ("thumbnail", "view"):
        assert staff.get(f"/admin/media/{sent[0]['id']}/{what}").status_code == 200
    return sent


def enrol(canaries, anonymous, me, email, password):
    """A second factor of the patient's own: its secret and recovery codes."""
    secret = canaries.add("patient TOTP secret", api.good(me.post("/patient/profile/mfa/totp", {"current_password": password}))["secret"])
    confirmed = api.good(me.post("/patient/profile/mfa/totp/confirm", {"code": api.totp(secret)}))
    for code in confirmed["recovery_codes"]:
        canaries.add("recovery code", code)
    begun = api.good(anonymous.post("/patient/auth/login", {"email": email, "password": password, "session": "bearer"}))
    canaries.add("mfa token", begun["mfa_token"])
    anonymous.post("/patient/auth/mfa", {"mfa_token": begun["mfa_token"], "code": "000000"})


def ways_to_fail(canaries, demo, anonymous, staff, me, patient):
    """Canaries where they do not belong: in paths, queries, headers, members, and in what is hardly HTTP."""
    bird = canaries.add("misplaced", word("Irrgast"))
    quoted = urllib.parse.quote(bird)
    for client in (anonymous, staff, me):
        for path in (f"/{quoted}", f"/admin/patients/{quoted}", f"/admin/patients?q={quoted}", f"/register?{quoted}=1",
                     f"/admin/patients?limit={quoted}", f"/admin/patients/{patient['id']}?{quoted}", f"/a//{quoted}",
                     f"/admin/patients?after={quoted}", f"/%00{quoted}", f"/patient/questionnaires/{quoted}",
                     f"/docs/{quoted}", f"/..;/{quoted}"):
            assert client.get(path).status_code in (200, 400, 401, 403, 404)
        for headers in ({"User-Agent": bird}, {"Referer": f"https://{bird}/"}, {"X-Request-Id": bird}, {"Origin": bird},
                        {"Cookie": f"__Host-anamnesis_patient={bird}"}, {"Authorization": f"Bearer {bird}"},
                        {"X-Forwarded-For": bird}, {"If-Match": bird}, {"Content-Type": bird}, {"Range": bird}):
            client.get("/patient/responses", headers=headers)
            client.put("/admin/questionnaires/" + patient["id"] + "/draft", {"definition": {"title": bird}}, headers=headers)
    for operation in (found for found in operations() if found.has_body):
        client = {"staff": staff, "patient": me}.get(operation.realm, anonymous)
        url = operation.url(id=patient["id"])
        for body in ({bird: bird}, {"email": bird, "password": bird}, [bird], {"token": bird, "birth_date": bird},
                     {"definition": bird}, {"given_name": [bird], "email": f"{bird}@"}, {"set": {bird: [{"valueString": bird}]}}):
            assert operation.send(client, url=url, body=body).status_code < 500
        for data in (f'{{"given_name": "{bird}"', f'"{bird}\\u0000"', f'{{"{bird}": 1, "{bird}": 2}}', bird,
                     f'"{bird}' + "x" * (operation.body_limit + 10) + '"'):
            sent = operation.send(client, url=url, data=data.encode(), headers={"Content-Type": "application/json"})
            may = operation.realm != "staff" or "physician" in operation.roles
            assert sent.status_code in ((400, 401, 413) if may else (403, 413)), sent.text
    sql = canaries.add("misplaced", word("';Irrgast--"))
    staff.post("/admin/patients", {"given_name": sql, "family_name": "x" * 300, "birth_date": "1980-01-01", "email": "no"})
    taken = {"given_name": canaries.add("given name", word("Double")), "family_name": "x", "birth_date": "1980-01-01",
             "email": patient["email"]}
    api.good(staff.post("/admin/patients", taken), 201)
    api.problem(staff.post("/admin/patients", taken), 409, "patient-exists")
    hardly_http(demo, bird)


def hardly_http(demo, bird):
    """Straight to the socket: what an HTTP library would not send."""
    where = urllib.parse.urlsplit(demo["base_url"])
    context = ssl.create_default_context(cafile=demo["ca_file"])
    for text in (f"{bird} / HTTP/1.1\r\n\r\n", f"GET /{bird} HTTP/9.9\r\n\r\n", f"GET /{bird}\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
                 f"GET / HTTP/1.1\r\nHost: {bird}\r\n{bird}\r\n\r\n", f"GET / HTTP/1.1\r\nX: {bird * 4000}\r\n\r\n",
                 f"GET /{bird * 4000} HTTP/1.1\r\nHost: x\r\n\r\n",
                 f"POST /patient/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{bird}",
                 f"POST /patient/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{bird}\r\n"):
        with socket.create_connection((where.hostname, where.port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as connection:
                try:
                    connection.sendall(text.encode())
                    connection.settimeout(0.3)
                    connection.recv(4096)
                except (OSError, ssl.SSLError):
                    pass
    with socket.create_connection((where.hostname, where.port), timeout=10) as plain:
        plain.sendall(f"GET /{bird} HTTP/1.1\r\nHost: {bird}\r\n\r\n".encode())


def fail_with_the_database(canaries, stack, anonymous, staff, me, patient):
    """What was being saved, or signed in with, when the database went away."""
    bird = canaries.add("while the database was down", word("Sturmvogel"))
    stack.stop_database("immediate")
    staff.post("/admin/patients", {"given_name": bird, "family_name": bird, "birth_date": "1980-01-01",
                                   "email": f"{bird}@example.org"})
    staff.patch(f"/admin/patients/{patient['id']}", {"given_name": bird}, patient["revision"])
    me.save(patient["id"], 1, {"words": [{"valueString": bird}]})
    anonymous.post("/patient/auth/login", {"email": f"{bird}@example.org", "password": bird, "session": "bearer"})
    stack.bring_back(anonymous)


def crash_the_workers(stack, anonymous):
    """Their memory holds keys and answers. Gives the core files that were left, which should be none."""
    before = time.time()
    for pid in stack.workers():
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="utf-8")
        assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size")] == [["0", "0"]]
    victims = stack.workers()
    for pid in victims:
        os.kill(pid, signal.SIGSEGV)
    wait_for("new workers", lambda: stack.is_whole() and not set(victims) & set(stack.workers()))
    stack.bring_back(anonymous)
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text(encoding="utf-8").strip()
    places = {pathlib.Path("/"), stack.layout.run, stack.layout.state, stack.layout.data}
    if pattern.startswith("/"):
        places.add(pathlib.Path(pattern).parent)
    return [path for place in places if place.is_dir() for path in place.glob("*core*")
            if path.is_file() and path.stat().st_mtime >= before]


def test_nothing_secret_is_written_in_clear(whole, demo, command, anonymous, canaries, tmp_path):
    """[16.2.5]"""
    since = time.time()
    staff, me, patient, _ = journey(canaries, command, anonymous)
    parts = [whole.layout.state / "objects" / "incoming" / item["id"] for item in api.good(me.get("/patient/uploads"))["items"]]
    assert len(parts) == 2
    ways_to_fail(canaries, demo, anonymous, staff, me, patient)
    fail_with_the_database(canaries, whole, anonymous, staff, me, patient)
    assert crash_the_workers(whole, anonymous) == []
    for client in (staff, me):
        client.post("/admin/auth/logout" if client is staff else "/patient/auth/logout")
    time.sleep(1.5)  # the site writes its log once a second
    wait_for("parts of files that were looked at to go", lambda: not any(path.exists() for path in parts))

    dump = tmp_path / "dump.sql"
    environment = {"PATH": "/usr/bin:/bin", **url_environment(whole.instance.postgres.url("superuser"))}
    subprocess.run([whole.instance.postgres.bin / "pg_dumpall", "-f", dump], env=environment, check=True)
    text = dump.read_text(encoding="utf-8", errors="replace")
    assert patient["id"] in text and "PASSWORD 'SCRAM-SHA-256" in text  # it is a full dump, by a superuser

    layout = whole.layout
    state = [path for path in layout.state.iterdir() if path not in (layout.mail, layout.programs)]
    places = [dump, *state, layout.body, layout.run, *left_by_the_programs(since, layout.state)]
    hits = canaries.search(places)
    megabytes = sum(path.stat().st_size for place in places for path in ([place] if place.is_file() else place.rglob("*"))
                    if path.is_file()) / 1e6
    print(f"{len(canaries.texts)} canaries, {megabytes:.0f} MB in {len(places)} places searched: {len(hits)} hits")
    assert hits == [], json.dumps(hits, indent=1)
