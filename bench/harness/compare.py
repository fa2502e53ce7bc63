"""
Whether a peer does the same: its replies beside ours, what it stored, and its audit rows. Bytes must be the same, but for the
identifiers and moments of what each did to a response of its own.
"""

import json
import re
import urllib.parse

from harness import trace

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NOBODY = "00000000-0000-7000-8000-000000000000"


class Different(RuntimeError):
    """A peer that does something else is not to be measured."""


class Caller:
    """One connection to a service; remembers the identifiers of the requests that it did."""

    def __init__(self, url, ca_file):
        self.connection = trace.connect(url, ca_file)
        self.done = []

    def __call__(self, method, path, token=None, body=None, revision=None):
        """(status, type, tag, text)"""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        headers |= {"If-Match": f'"{revision}"'} if revision else {}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        reply = self.connection.getresponse()
        text = reply.read().decode()
        if reply.status < 300:
            self.done.append(reply.getheader("X-Request-Id"))
        return reply.status, reply.getheader("Content-Type").split(";")[0], reply.getheader("ETag"), text


def same(what, ours, theirs):
    if ours != theirs:
        raise Different(f"{what}: the peer does something else\nours:   {ours}\ntheirs: {theirs}")


def reads(bench, completed, ours, theirs):
    """What changes nothing is answered with the same bytes."""
    requests = [("GET", "/admin/auth/session", bench.member(0).token), ("GET", "/admin/auth/session", bench.member(1).token),
                ("GET", "/admin/questionnaires", bench.member(0).token), ("GET", "/admin/questionnaires?limit=3", bench.member(1).token)]
    requests += [("GET", f"/admin/responses/{one}", bench.member(0).token) for one in completed]
    for method, path, token in requests:
        own, other = ours(method, path, token), theirs(method, path, token)
        if own[0] != 200:
            raise Different(f"{path}: {own}")
        same(path, own, other)


def refusals(bench, completed, ours, theirs):
    """
    Nobody, somebody else, nothing there, no right: the same status. What a refusal says, and writes into the audit log, a peer leaves
    out: it is not measured.
    """
    patient = next(iter(bench.patients.values()))
    for path, token in (("/admin/auth/session", None), ("/admin/auth/session", "A" * 43), ("/admin/auth/session", patient.token),
                        (f"/admin/responses/{NOBODY}", bench.member(0).token), (f"/admin/responses/{completed[0]}", patient.token)):
        own, other = ours("GET", path, token), theirs("GET", path, token)
        if own[0] < 400:
            raise Different(f"{path}: {own}")
        same(path, own[0], other[0])


def saves(bench, ours, theirs, pair):
    """A response for each, and the same changes to both. Everything is answered anew: what is missing or not asked is told, too."""
    chosen = list(bench.options.items())

    def answer(path, number):
        options = bench.options[path]
        return [{"valueCoding": {name: options[number % len(options)][name] for name in ("system", "code")}}]
    changes = [{"set": {chosen[0][0]: answer(chosen[0][0], 3)}},
               {"clear": [chosen[1][0]]},
               {"set": {path: answer(path, 0) for path, _ in chosen[:-1]}},
               {"set": {path: answer(path, 1) for path, _ in chosen}}]
    revisions = [one.revision for one in pair]
    for change in changes:
        replies = []
        for number, (call, one) in enumerate(zip((ours, theirs), pair)):
            replies.append(call("PATCH", f"/patient/responses/{one.id}", one.patient.token, change, revisions[number]))
            if replies[-1][0] != 200:
                raise Different(f"auto-save: {replies[-1]}")
            revisions[number] = json.loads(replies[-1][3])["revision"]
        same("auto-save", *replies)
    own, other = (without_own(call("PATCH", f"/patient/responses/{one.id}", one.patient.token, changes[0], 999)[0])
                  for call, one in zip((ours, theirs), pair))
    same("auto-save of a revision that never was", own, other)
    return revisions


def without_own(value):
    """The value without what only one of two responses has: identifiers, moments, and the hash of the two."""
    text = json.dumps(value, sort_keys=True)
    text = MOMENT.sub("moment", UUID.sub("identifier", text))
    return re.sub(r'"response_sha256": "[0-9a-f]{64}"', '"response_sha256": "hash"', text)


def submits(bench, ours, theirs, pair, revisions):
    """Each submits its own; what was stored is read, and the peer's proof checked, by us."""
    replies = [call("POST", f"/patient/responses/{one.id}/submit", one.patient.token, None, revision)
               for call, one, revision in zip((ours, theirs), pair, revisions)]
    if replies[0][0] != 200:
        raise Different(f"submit: {replies[0]}")
    same("submit", *(without_own([*reply[:3], json.loads(reply[3]) if reply[3] else None]) for reply in replies))
    stored = [json.loads(ours("GET", f"/admin/responses/{one.id}", bench.member(0).token)[3]) for one in pair]
    same("what was submitted", *(without_own(one) for one in stored))
    proof = json.loads(ours("GET", f"/admin/responses/{pair[1].id}/proof", bench.member(0).token)[3])
    same("the proof of what was submitted", True, proof["verified"])


def audit_rows(instance, requests):
    """What the audit log says of each request, without what is each one's own."""
    rows = []
    for request in requests:
        identifier = request.removeprefix("urn:uuid:")
        if not UUID.fullmatch(identifier):
            raise Different(f"a request's identifier is none: {request}")
        found = instance.psql("SELECT (to_jsonb(e) - ARRAY['id', 'position', 'at', 'request_id'])::text FROM audit.event e "
                              f"WHERE e::text LIKE '%{identifier}%';")
        rows.append([without_own(json.loads(row[0])) for row in found])
    return rows


def compare(instance, bench, peer):
    """Raises Different at the first difference."""
    ca_file = instance.demo["ca_file"]
    ours, theirs = Caller(instance.base_url, ca_file), Caller(peer.url, ca_file)
    assert urllib.parse.urlsplit(peer.url).port != urllib.parse.urlsplit(instance.base_url).port
    completed = [one.id for one in bench.unused("completed")[:3]] + [bench.unused("in-progress")[0].id]
    reads(bench, completed, ours, theirs)
    refusals(bench, completed, ours, theirs)
    pair = bench.responses("in-progress", 2)
    revisions = saves(bench, ours, theirs, pair)
    done = len(theirs.done) + 1  # and the submit; what comes after it is told by us alone
    submits(bench, ours, theirs, pair, revisions)
    own, other = (audit_rows(instance, call.done[:done]) for call in (ours, theirs))
    for number, rows in enumerate(own):
        same(f"the audit rows of request {number}", rows, other[number])
    if not any(own):
        raise Different("there is no audit row of any of our requests")
