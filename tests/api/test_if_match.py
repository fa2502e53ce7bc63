"""If-Match as RFC 9110 (13.1.1) has it: weak tags, lists, `*`; for everything that has a revision."""

import pytest
from conftest import SHORT_FORM, unique
from support import client as api


class Thing:
    """Something with a revision, and a change of it."""

    def __init__(self, client, path, body, revision, method="PATCH"):
        self.client, self.path, self.body, self.revision, self.method = client, path, body, revision, method

    def change(self, tags):
        answer = self.client.call(self.method, self.path, self.body, headers={"If-Match": tags})
        if answer.status_code < 300:
            self.revision = answer.json()["revision"]
        return answer


def thing_of(kind, practice):
    staff = practice.staff("owner")
    if kind == "patient":
        patient = practice.patient()
        return Thing(staff, f"/admin/patients/{patient['id']}", {"given_name": "Other"}, patient["revision"])
    if kind == "questionnaire":
        made = api.good(staff.post("/admin/questionnaires", {"definition": SHORT_FORM}), 201)
        return Thing(staff, f"/admin/questionnaires/{made['id']}/draft", {"definition": SHORT_FORM}, made["revision"], "PUT")
    if kind == "value-set":
        resource = {"resourceType": "ValueSet", "url": f"urn:x:{unique('v')}", "expansion": {"contains": [{"code": "a", "system": "urn:s"}]}}
        made = api.good(staff.post("/admin/value-sets", {"resource": resource}), 201)
        return Thing(staff, f"/admin/value-sets/{made['id']}", {"resource": resource}, made["revision"], "PUT")
    if kind == "practice":
        return Thing(staff, "/admin/practice", {"patient_mfa": "optional"}, api.good(staff.get("/admin/practice"))["revision"])
    if kind == "own staff":
        return Thing(staff, "/admin/profile", {"name": "Somebody Else"}, api.good(staff.get("/admin/profile"))["revision"])
    if kind == "own patient":
        client = practice.signed_in_patient()[1]
        return Thing(client, "/patient/profile", {"language": "en"}, api.good(client.get("/patient/profile"))["revision"])
    _, client, response = practice.begun()
    return Thing(client, f"/patient/responses/{response['id']}", {"set": {"hours": [{"valueDecimal": 7}]}}, response["revision"])


KINDS = ["patient", "questionnaire", "value-set", "practice", "own staff", "own patient", "response"]


@pytest.fixture
def thing(request, practice):
    return thing_of(request.param, practice)


@pytest.mark.parametrize("thing", KINDS, indirect=True)
@pytest.mark.parametrize("tags", ['W/"{0}"', '"{0}", "77777"', '"77777" , W/"{0}"', '"x","{0}",', "*"])
def test_tags_of_the_present_revision(thing, tags):
    before = thing.revision
    answer = thing.change(tags.format(thing.revision))
    assert answer.status_code == 200, answer.text
    assert thing.revision == before + 1


@pytest.mark.parametrize("thing", [kind for kind in KINDS if kind != "response"], indirect=True)
@pytest.mark.parametrize("tags", ['"77777"', 'W/"77777"', '"x"', '"77777", "88888"', '"0{0}"', '""'])
def test_tags_of_no_present_revision(thing, tags):
    api.problem(thing.change(tags.format(thing.revision)), 412, "stale-revision")


def test_two_lines_are_one_list(practice):
    """As clients write them that give a header twice."""
    thing = thing_of("patient", practice)
    answer = thing.client.call("PATCH", thing.path, thing.body, headers={"If-Match": f'"5", "6",  "{thing.revision}"'})
    assert answer.status_code == 200


def test_any_revision_of_what_is_not_there_or_not_ones_own(practice, other_practice):
    patient = other_practice.patient()
    answer = practice.staff().patch(f"/admin/patients/{patient['id']}", {"given_name": "Other"}, headers={"If-Match": "*"})
    api.problem(answer, 404, "not-found")
    client = practice.signed_in_patient()[1]
    _, _, response = practice.begun()
    answer = client.patch(f"/patient/responses/{response['id']}", {"set": {}}, headers={"If-Match": '*'})
    api.problem(answer, 404, "not-found")


def test_an_erased_revision_is_not_guessed(practice):
    """A list that has no present revision changes nothing, even if one of it is to come."""
    thing = thing_of("patient", practice)
    api.problem(thing.change(f'"{thing.revision + 1}", "{thing.revision + 2}"'), 412, "stale-revision")
    assert api.good(thing.client.get(thing.path))["revision"] == thing.revision
