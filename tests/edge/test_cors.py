"""Portals on origins of their own (ANAMNESIS_ALLOWED_ORIGINS): preflights, and what their scripts may read of every answer."""

import pytest
import yaml
from conftest import TOP
from support import contract

# As the runner starts this instance (tools/testlib/suites.py).
OURS = ["https://portal.example", "https://desk.example:8443"]
STRANGERS = ["https://elsewhere.example", "http://portal.example", "https://portal.example:8443", "https://desk.example",
             "https://portal.example.elsewhere.example", "https://xportal.example", "https://PORTAL.example",
             "https://portal.example/", "null", "*", "https://portal.example https://desk.example:8443"]
DOCUMENT = yaml.safe_load((TOP / "openapi.yaml").read_text(encoding="utf-8"))


def words(text):
    return {word.strip() for word in text.split(",")}


def preflight(client, path, origin, method="POST"):
    return client.call("OPTIONS", path, headers={"Origin": origin, "Access-Control-Request-Method": method,
                                                 "Access-Control-Request-Headers": "authorization,content-type"})


def may_read(answer, origin):
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Vary"] == "Origin"
    return True


def may_not_read(answer):
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert answer.headers["Vary"] == "Origin"
    return True


@pytest.mark.parametrize("origin", OURS)
def test_a_preflight_of_a_portal(client, origin):
    answer = preflight(client, "/admin/patients", origin)
    assert answer.status_code == 204 and answer.text == "" and may_read(answer, origin)
    assert words(answer.headers["Access-Control-Allow-Methods"]) == {"GET", "HEAD", "POST"}
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("origin", STRANGERS)
def test_a_preflight_of_a_stranger(client, origin):
    answer = preflight(client, "/admin/patients", origin)
    assert answer.status_code == 405 and may_not_read(answer)
    assert words(answer.headers["Allow"]) == {"GET", "HEAD", "POST"}


def test_what_is_no_preflight(client):
    answer = client.call("OPTIONS", "/admin/patients", headers={"Origin": OURS[0]})
    assert answer.status_code == 405 and may_read(answer, OURS[0])
    answer = preflight(client, "/nowhere", OURS[0])
    assert answer.status_code == 404 and may_read(answer, OURS[0])


def test_what_the_contract_takes_and_gives_is_allowed(client):
    """A header that somebody adds to the contract is of no use to a portal before it is here."""
    answer = preflight(client, "/admin/patients", OURS[0])
    parameters = DOCUMENT["components"]["parameters"].values()
    taken = {one["name"] for one in parameters if one["in"] == "header"} | {"Authorization", "Content-Type"}
    assert words(answer.headers["Access-Control-Allow-Headers"]) == taken
    given = set(DOCUMENT["components"]["headers"]) - {"Set-Cookie"} | {"Allow"}
    answer = client.get("/livez", headers={"Origin": OURS[0]})
    assert words(answer.headers["Access-Control-Expose-Headers"]) == given


@pytest.mark.parametrize("origin", OURS)
def test_answers_of_workers(client, origin):
    for path, status in (("/livez", 200), ("/admin/patients", 401), ("/nowhere", 404), ("/livez?a=1", 400)):
        answer = client.get(path, headers={"Origin": origin})
        assert answer.status_code == status and may_read(answer, origin)


@pytest.mark.parametrize("origin", STRANGERS)
def test_answers_of_workers_to_strangers(client, origin):
    assert may_not_read(client.get("/livez", headers={"Origin": origin}))
    assert may_not_read(client.get("/livez"))


def of_nginx(client, headers):
    return [client.get("/" + "a" * 9000, headers=headers), client.post("/patient/auth/login", data=b"x" * 1200000, headers=headers),
            client.get("/livez", headers=headers | {"X-Long": "a" * 9000})]


@pytest.mark.parametrize("origin", OURS)
def test_answers_of_nginx_itself(client, origin):
    answers = of_nginx(client, {"Origin": origin})
    assert [answer.status_code for answer in answers] == [414, 413, 431]
    # Of a request whose line or headers nginx did not take it knows no origin.
    assert may_read(answers[1], origin)
    assert all(answer.headers["Vary"] == "Origin" for answer in answers)
    throttled = [client.get("/livez", headers={"Origin": origin}) for _ in range(60)]
    refused = [answer for answer in throttled if answer.status_code == 429]
    assert refused
    for answer in refused:
        assert may_read(answer, origin)
        assert {"Retry-After", "RateLimit", "X-Request-Id"} <= words(answer.headers["Access-Control-Expose-Headers"])


@pytest.mark.parametrize("origin", STRANGERS)
def test_answers_of_nginx_itself_to_strangers(client, origin):
    assert may_not_read(client.post("/patient/auth/login", data=b"x" * 1200000, headers={"Origin": origin}))


def test_a_portal_may_send_what_changes_something(client):
    """By cookie: not refused as cross-site, but for want of a session."""
    cookie = {"Cookie": f"__Host-anamnesis_patient={contract.TOKEN}", "Sec-Fetch-Site": "cross-site"}
    for origin, status in ((OURS[0], 401), (STRANGERS[0], 403)):
        answer = client.post("/patient/responses", {"assignment_id": contract.NOWHERE}, headers=cookie | {"Origin": origin})
        assert answer.status_code == status
