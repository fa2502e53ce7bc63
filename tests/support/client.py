"""A client of the API for tests: sign-in of both realms, and every call's answer as it came."""

import base64
import hashlib
import hmac
import random
import struct
import time

import requests
from requests.adapters import HTTPAdapter

TIME_LIMIT_SECONDS = 30
TOTP_STEP_SECONDS = 30
TOO_MANY_PAUSE_SECONDS = 0.02  # not the whole second of Retry-After: tests wait for nothing else


class FromAddress(HTTPAdapter):
    """Connects from an address of its own in 127/8: limits and throttles are per address, and tests run in parallel."""

    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, source_address=(self.address, 0), **kwargs)


PROXY = "127.0.0.9"  # the tests' instances believe what it says of clients (tools/testlib/runner.py)


def random_site():
    """The first 48 bits of an IPv6 network that nobody else has."""
    return f"2001:db8:{random.randrange(1, 1 << 16):x}"


def random_address():
    return f"127.{random.randint(1, 254)}.{random.randint(0, 254)}.{random.randint(1, 254)}"


def totp(secret, when=None, step_offset=0):
    """RFC 6238: the code of a base32 secret."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = int((when or time.time()) // TOTP_STEP_SECONDS) + step_offset
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"


class Client:
    """One caller: `token` for a bearer session, or cookies as a browser keeps them."""

    def __init__(self, base_url, ca_file, token=None, address=None):
        self.base_url, self.ca_file, self.token = base_url, ca_file, token
        self.address = address or random_address()
        self.http = requests.Session()
        if ":" in self.address:
            self.http.headers["X-Forwarded-For"] = self.address
        self.http.trust_env = False
        self.http.verify = ca_file
        self.http.mount("https://", FromAddress(PROXY if ":" in self.address else self.address))
        self.http.mount("http://", HTTPAdapter())

    def again(self, token=None):
        """Another caller of the same server."""
        return Client(self.base_url, self.ca_file, token, self.address)

    def call(self, method, path, json=None, headers=None, **kwargs):
        sent = dict(headers or {})
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        kwargs.setdefault("timeout", TIME_LIMIT_SECONDS)
        return self.http.request(method, self.base_url + path, json=json, headers=sent, **kwargs)

    def get(self, path, **kwargs):
        return self.call("GET", path, **kwargs)

    def post(self, path, json=None, **kwargs):
        return self.call("POST", path, json=json, **kwargs)

    def put(self, path, json=None, revision=None, **kwargs):
        return self.call("PUT", path, json=json, headers=if_match(revision, kwargs.pop("headers", None)), **kwargs)

    def patch(self, path, json=None, revision=None, **kwargs):
        return self.call("PATCH", path, json=json, headers=if_match(revision, kwargs.pop("headers", None)), **kwargs)

    def delete(self, path, revision=None, **kwargs):
        return self.call("DELETE", path, headers=if_match(revision, kwargs.pop("headers", None)), **kwargs)

    def publish(self, questionnaire_id, revision, **body):
        return self.post(f"/admin/questionnaires/{questionnaire_id}/publish", json=body or None,
                         headers=if_match(revision))

    def retire(self, questionnaire_id, revision):
        return self.post(f"/admin/questionnaires/{questionnaire_id}/retire", headers=if_match(revision))

    def submit(self, response_id, revision):
        return self.post(f"/patient/responses/{response_id}/submit", headers=if_match(revision))

    def save(self, response_id, revision, answers=None, clear=None):
        body = {key: value for key, value in (("set", answers), ("clear", clear)) if value is not None}
        return self.patch(f"/patient/responses/{response_id}", json=body, revision=revision)


def if_match(revision, headers=None):
    sent = dict(headers or {})
    if revision is not None:
        sent["If-Match"] = f'"{revision}"'
    return sent


def good(response, status=None):
    """The JSON of an answer that must be a success."""
    expected = (status,) if status else (200, 201, 202, 204)
    assert response.status_code in expected, f"{response.status_code}: {response.text}"
    return response.json() if response.content else None


def until_served(send):
    """The answer, when it is not that the practice or the patient has too many requests under way: that is sent again."""
    while True:
        answer = send()
        if answer.status_code != 429 or answer.json()["code"] != "too-many-at-once":
            return answer
        time.sleep(TOO_MANY_PAUSE_SECONDS)


def problem(response, status, code):
    """The problem+json of an answer that must be this refusal (RFC 9457, and what api.md adds)."""
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    assert response.headers["Content-Type"].startswith("application/problem+json")
    body = response.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["type"] == f"urn:anamnesis:problem:{code}"
    assert body["instance"] == f"urn:uuid:{response.headers['X-Request-Id']}"
    return body


def sign_in_staff(client, account, step_offset=0):
    """A new bearer session of a member of staff; each code works once, so tests use accounts of their own."""
    first = good(client.post("/admin/auth/login", {"email": account["email"], "password": account["password"],
                                                   "session": "bearer"}))
    assert first["status"] == "mfa_required"
    code = totp(account["totp_secret"], step_offset=step_offset)
    done = good(client.post("/admin/auth/mfa", {"mfa_token": first["mfa_token"], "code": code}))
    assert done["status"] == "signed_in"
    return client.again(done["access_token"])


def sign_in_patient(client, email, password):
    done = good(client.post("/patient/auth/login", {"email": email, "password": password, "session": "bearer"}))
    assert done["status"] == "signed_in", done
    return client.again(done["access_token"])
