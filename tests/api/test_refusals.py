"""What every operation refuses, asked of each: the contract says which statuses, these tests produce them."""

import pytest
from support import client as api
from support import contract

OPERATIONS = contract.operations()


def those(condition):
    return pytest.mark.parametrize("operation", [it for it in OPERATIONS if condition(it)], ids=repr)


@pytest.fixture(scope="module")
def patient_client(practice):
    return practice.signed_in_patient()[1]


@pytest.fixture(scope="module")
def who(practice, patient_client, anonymous, fresh):
    """Somebody who may call the operation."""
    def find(operation):
        if operation.realm is None:
            return anonymous.again()
        client = patient_client if operation.realm == "patient" else practice.staff(operation.roles[0])
        return fresh(client) if operation.step_up else client
    return find


@those(lambda it: it.realm and not it.session_optional)
def test_without_a_session(operation, anonymous):
    """[8.2.1]"""
    api.problem(operation.send(anonymous), 401, "not-signed-in")


@those(lambda it: it.realm and not it.signs_out)
def test_with_a_token_that_is_no_session(operation, anonymous):
    api.problem(operation.send(anonymous.again(contract.TOKEN)), 401, "not-signed-in")


@those(lambda it: it.realm and not it.signs_out)
def test_with_a_token_of_the_other_realm(operation, practice, patient_client):
    other = patient_client if operation.realm == "staff" else practice.staff("owner")
    api.problem(operation.send(other), 401, "not-signed-in")


@those(lambda it: it.realm == "staff")
def test_with_a_role_that_may_not(operation, practice):
    """[8.2.1]"""
    for role in ("owner", "physician", "assistant", "auditor"):
        if role not in operation.roles:
            api.problem(operation.send(practice.staff(role)), 403, "forbidden")


@those(lambda it: it.realm and it.method != "GET")
def test_by_cookie_from_another_site(operation, practice, who):
    """[3.5.1]"""
    cookie = f"__Host-anamnesis_{operation.realm}={who(operation).token}"
    stranger = practice.anonymous.again()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        api.problem(operation.send(stranger, headers={"Cookie": cookie} | headers), 403, "cross-site")


@those(lambda it: True)
def test_with_an_unknown_query_parameter(operation, who):
    url = operation.url()
    answer = operation.send(who(operation), url=f"{url}{'&' if '?' in url else '?'}surprise=1")
    body = api.problem(answer, 400, "invalid-request")
    assert [error["pointer"] for error in body["errors"]] == ["/query/surprise"]


@those(lambda it: it.has_body)
def test_with_a_body_that_is_no_json(operation, who):
    for text in (b'{"a":1,}', b'{"a":1,"a":2}', b'{"a":"\\u0000"}', b'{"a":"\xff"}', b"[" * 40 + b"]" * 40):
        api.problem(operation.send(who(operation), data=text, headers={"Content-Type": "application/json"}), 400,
                    "malformed-json")


@those(lambda it: it.has_body)
def test_with_an_unknown_member(operation, who):
    """[15.3.3, 8.2.3]"""
    body = contract.BODIES[operation.id] | {"surprise": 1}
    found = api.problem(operation.send(who(operation), body=body), 400, "invalid-request")
    assert "/surprise" in [error["pointer"] for error in found["errors"]]
    assert "surprise" not in [error["detail"] for error in found["errors"]]


@those(lambda it: it.has_body)
def test_with_a_body_of_another_type(operation, who):
    answer = operation.send(who(operation), data=b"a=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
    api.problem(answer, 415, "unsupported-media-type")


@those(lambda it: it.has_body)
def test_with_a_body_that_is_too_large(operation, who):
    text = b'{"a":"' + b"x" * operation.body_limit + b'"}'
    answer = operation.send(who(operation), data=text, headers={"Content-Type": "application/json"})
    api.problem(answer, 413, "too-large")


@those(lambda it: it.needs_revision)
def test_without_a_revision(operation, who):
    body = contract.BODIES.get(operation.id)
    answer = who(operation).call(operation.method, operation.url(), json=body)
    api.problem(answer, 428, "precondition-required")


@those(lambda it: it.needs_revision)
def test_with_a_revision_that_is_none(operation, who):
    body = contract.BODIES.get(operation.id)
    for value in ("1", '"1', "W/1", 'w/"1"', '*, "1"', '"1" "2"', ",", '"a b"', ", ".join(f'"{n}"' for n in range(17))):
        answer = who(operation).call(operation.method, operation.url(), json=body, headers={"If-Match": value})
        api.problem(answer, 400, "invalid-request")


@those(lambda it: "{" in it.path)
def test_with_an_identifier_that_is_nobodys(operation, who):
    api.problem(operation.send(who(operation)), 404, "not-found")


@those(lambda it: "{" in it.path)
def test_with_an_identifier_that_is_none(operation, who):
    path = operation.path.replace("{id}", "1").replace("{assignment_id}", "x").replace("{n}", "1")
    api.problem(operation.send(who(operation), url=path), 404, "not-found")


@pytest.mark.parametrize("path", ["/nowhere", "/admin/patients/", "/admin//patients", "/admin/patients%2f1",
                                  "/admin/..;/patients", "/admin/patients%00"])
def test_a_path_that_is_not_in_the_contract(practice, path):
    answer = practice.staff().get(path)
    assert answer.status_code in (400, 404)
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_a_method_that_the_path_does_not_take(practice):
    answer = practice.staff().delete("/admin/patients")
    api.problem(answer, 405, "method-not-allowed")
    assert {word.strip() for word in answer.headers["Allow"].split(",")} >= {"GET", "POST"}
