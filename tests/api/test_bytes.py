"""P6: a file that was not found clean cannot be downloaded. Every operation that gives bytes, from the contract, in every state, by
everybody; with real sealed objects in the store, and downloads that were allowed to everybody. And paths that were guessed."""

import urllib.parse

import psycopg2
import pytest
import requests
from support import client as api
from support import contract, sending, sessions, uploads
from support.clean_files import File, Objects
from support.tokens import new_token, token_hash

OPERATIONS = [operation for operation in contract.operations() if operation.row.get("x-bytes")]
# One of each way to be looked at.
TYPES = ["image/jpeg", "application/pdf", "video/mp4", "text/plain"]
STATES = [*uploads.STATES, "quarantined", "withdrawn-clean", "removed-clean", "expired-clean"]
ROLES = ("nobody", "owner", "physician", "assistant", "auditor", "patient", "other patient", "other owner")
STAFF = ("owner", "physician", "assistant", "auditor", "other owner")


class World:
    """A file of each type in each state, all of one patient; and everybody who may ask."""

    def __init__(self, demo, database, practice, other_practice):
        self.store, self.practice = Objects(demo, database), practice
        patients = {"patient": practice.begun(sending.FORM), "erased": practice.begun(sending.FORM)}
        self.sessions, self.clients = {}, {"nobody": practice.anonymous, "patient": patients["patient"][1],
                                           "other patient": practice.signed_in_patient()[1]}
        for name in STAFF:
            place = other_practice if name == "other owner" else practice
            token = sessions.open_session(database, "staff", sessions.staff_ids(database, place.id)[name.split()[-1]], place.id)
            self.clients[name], self.sessions[name] = practice.anonymous.again(token), sessions.id_of_session(database, token)
        self.files = {}
        for state in STATES:
            for content_type in TYPES:
                self.files[state, content_type] = self.make(patients, state, content_type)
        erased = patients["erased"][0]
        owner = self.clients["owner"]
        revision = api.good(owner.get(f"/admin/patients/{erased['id']}"))["revision"]
        api.good(owner.post(f"/admin/patients/{erased['id']}/erase", headers=api.if_match(revision)))

    def make(self, patients, state, content_type):
        _, client, response = patients["erased" if state == "erased" else "patient"]
        with_objects = state in ("erased", "removed-clean", "withdrawn-clean", "expired-clean")
        made = File(self.store, client, response, content_type, "clean" if with_objects else state)
        if with_objects and state != "erased":
            self.store.move(made.id, state.removesuffix("-clean"))
        return made

    def allow(self, made, caller, kind):
        """A download of this object, allowed to the caller's session past all rules."""
        token = new_token()
        self.store.sql("INSERT INTO anamnesis.upload_grant (hash, practice_id, patient_id, upload_id, kind, session_id, expires_at) "
                       "SELECT %s, practice_id, patient_id, id, %s, %s, now() + interval '60 seconds' FROM anamnesis.upload WHERE id = %s",
                       token_hash("download", token), kind, self.sessions.get(caller, made.id), made.id)
        return token


@pytest.fixture(scope="module")
def world(demo, new_practice):
    database = psycopg2.connect(demo["database_url"])
    database.autocommit = True
    yield World(demo, database, new_practice(), new_practice())
    database.close()


def asked_for(operation, made):
    """(object's kind, query) of each way to ask the operation; a kind that was not made has no bytes."""
    kind = operation.row["x-bytes"]
    pages = [name for name in made.objects if name.startswith("page-")]
    if kind == "view" and pages:
        return [("page-1", ""), *((page, f"?page={page.removeprefix('page-')}") for page in [*pages, "page-3"])]
    if kind == "granted":
        return [(name, None) for name in [*made.objects, "thumbnail", "page-1"]]
    return [(kind, "")]


def may_have(operation, caller, kind):
    """Whether the contract, and what is said of originals, lets this caller have this object of a clean file."""
    return caller in operation.roles and (kind != "original" or caller != "assistant")


def gives_nothing(answer, world):
    """A problem, with no byte of any file, and no way to one."""
    assert answer.status_code >= 400 and answer.headers["Content-Type"] == "application/problem+json", answer.status_code
    assert "X-Accel-Redirect" not in answer.headers and "Content-Disposition" not in answer.headers
    assert not any(plain[:40] in answer.content for made in world.files.values() for plain in made.objects.values())
    return True


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("operation", OPERATIONS, ids=repr)
def test_bytes_are_given_of_what_is_clean_and_of_nothing_else(world, operation, state):
    given = set()
    for content_type in TYPES:
        made = world.files[state, content_type]
        for caller in ROLES:
            for kind, query in asked_for(operation, made):
                query = f"?grant={world.allow(made, caller, kind)}" if query is None else query
                answer = world.clients[caller].get(operation.url(id=made.id).split("?")[0] + query)
                if state == "clean" and may_have(operation, caller, kind) and kind in made.objects:
                    assert answer.status_code == 200 and answer.content == made.objects[kind], (caller, kind, answer.text)
                    assert answer.headers["Content-Type"] == made.types[kind]
                    given.add(caller)
                else:
                    assert gives_nothing(answer, world), (caller, kind)
                    assert answer.status_code in (401, 403, 404, 409, 410), (caller, kind, answer.text)
    assert given == (set(operation.roles) if state == "clean" else set()), "and what is clean is given"


def test_every_kind_of_bytes_is_among_the_operations():
    assert {operation.row["x-bytes"] for operation in OPERATIONS} == {"thumbnail", "view", "original", "granted"}
    assert {operation.realm for operation in OPERATIONS} == {"staff", "patient"}


def guesses(world):
    """Paths at which the bytes of a clean file might be, and of one in quarantine."""
    clean, hidden = world.files["clean", "image/jpeg"], world.files["quarantined", "image/jpeg"]
    for made in (clean, hidden):
        for name, in world.store.sql("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s ORDER BY kind", made.id):
            for start in ("/", "/files/", "/.files/", "/objects/", "/files/incoming/", "/files/incoming/../", "/.files/../",
                          "/docs/../objects/", "/files/incoming/%2e%2e/", "//files/", "/files//"):
                yield start + name
            yield f"/files/incoming/..%2f{name}"
            yield f"/.files/{urllib.parse.quote(name, safe='')}"
        yield f"/files/incoming/{made.id}/1"
        yield f"/files/incoming/{made.id}/"
        yield f"/files/incoming/{made.id}"
    ticket = world.store.ticket(clean.id, "view")  # a true one: it opens nothing from outside
    for start in ("/.files/", "/.files//", "//.files/", "/./.files/", "/%2efiles/", "/.files/./", "/.Files/", "/files/t/", "/files/",
                  "/docs/../.files/", "/.files%2f", "/livez/../.files/"):
        yield start + ticket
    yield from ("/.files", "/.files/", "/files", "/files/", "/files/sealed", "/files/sealed/", "/files/incoming", "/files/incoming/", "/sealed/",
                "/objects/", "/var/objects/")


@pytest.mark.parametrize("caller", ["nobody", "owner", "patient"])
def test_guessed_paths_give_nothing(world, caller):
    client = world.clients[caller]
    for path in guesses(world):
        for method in ("GET", "HEAD", "POST"):
            request = client.http.prepare_request(requests.Request(method, client.base_url + "/"))
            request.url = client.base_url + path  # as it is: no library tidies it
            if client.token:
                request.headers["Authorization"] = f"Bearer {client.token}"
            answer = client.http.send(request, timeout=30, verify=client.ca_file)
            assert answer.status_code in (400, 404, 405), (method, path, answer.status_code)
            assert method == "HEAD" or gives_nothing(answer, world), path


@pytest.mark.parametrize("state", ["awaiting-upload", "scanning", "clean", "infected", "rejected"])
def test_a_part_is_not_read_back(world, practice, state):
    """By the address that it was sent to, signed as it is, nor by the path alone; whether it is still there or not."""
    _, me, response = practice.begun(sending.FORM)
    content = world.store.chance.randbytes(2000)
    upload = sending.declare(me, response, content)
    assert sending.put(me, upload["parts"][0], content).status_code == 200
    for step in uploads.WAYS[state]:
        if step == "clean":
            for kind in uploads.kinds("image/jpeg"):
                world.store.add(upload["id"], kind, "image/jpeg", content)
        world.store.move(upload["id"], step)
    signed = upload["parts"][0]["url"].replace("//localhost:", "//127.0.0.1:")
    refused = (404, 405) if signed.startswith(me.base_url) else (403, 404, 405)  # S3 knows other methods, and has not signed them
    for url in (signed, signed.split("?")[0]):
        for client in (practice.anonymous, me, world.clients["owner"]):
            for method in ("GET", "HEAD", "POST", "DELETE"):
                headers = upload["parts"][0]["headers"] | ({"Authorization": f"Bearer {client.token}"} if client.token else {})
                answer = client.http.request(method, url, headers=headers, timeout=30)
                assert answer.status_code in refused and content[:40] not in answer.content, (method, answer.status_code)


@pytest.mark.parametrize("name", ["X-Accel-Redirect", "X-Sendfile", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Request-Id"])
def test_no_header_of_a_client_leads_to_a_file(world, name):
    ticket = world.store.ticket(world.files["clean", "image/jpeg"].id, "view")
    hidden = world.files["quarantined", "image/jpeg"]
    for client in (world.clients["nobody"], world.clients["owner"]):
        for path in ("/", "/livez", hidden.path(what="/view")):
            answer = client.get(path, headers={name: f"/.files/{ticket}"})
            assert not any(plain[:40] in answer.content for made in world.files.values() for plain in made.objects.values())
