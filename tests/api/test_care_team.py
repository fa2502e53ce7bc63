"""Who of the staff sees which patients: all of them, or those whose care team they are of; and breaking the glass."""

import concurrent.futures
import datetime

import pytest
from conftest import unique
from support import client as api
from support import contract, sessions
from test_accounts import messages

REASON = "found unconscious, medication unknown"


class Clinic:
    """A practice that keeps patients to their care teams, with sessions of all."""

    def __init__(self, database, practice):
        self.database, self.practice = database, practice
        self.ids = sessions.staff_ids(database, practice.id)
        self.owner, self.auditor = self.session("owner"), self.session("auditor")
        self.physician, self.assistant = self.session("physician"), self.session("assistant")
        self.set_policy("care-team")

    def session(self, role, fresh=True):
        return self.practice.anonymous.again(
            sessions.open_session(self.database, "staff", self.ids[role], self.practice.id, fresh))

    def set_policy(self, policy):
        revision = api.good(self.owner.get("/admin/practice"))["revision"]
        api.good(self.owner.patch("/admin/practice", {"patient_access": policy}, revision=revision))

    def patient(self, **fields):
        """Recorded by the owner: of nobody's care team."""
        body = {"given_name": "Given", "family_name": "Family", "birth_date": "1980-02-29",
                "email": f"{unique('patient')}@example.org"} | fields
        return api.good(self.owner.post("/admin/patients", body), 201)

    def team(self, patient, by=None):
        return api.good((by or self.owner).get(f"/admin/patients/{patient['id']}/care-team"))["items"]

    def add(self, patient, role):
        return self.owner.post(f"/admin/patients/{patient['id']}/care-team", {"staff_id": self.ids[role]})

    def remove(self, patient, role):
        return self.owner.delete(f"/admin/patients/{patient['id']}/care-team/{self.ids[role]}")

    def break_glass(self, client=None, **body):
        return (client or self.physician).post("/admin/break-glass", {"reason": REASON} | body)

    def audit(self, **filters):
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        return api.good(self.owner.get(f"/admin/audit?limit=200&{query}"))["items"]


@pytest.fixture
def clinic(database, new_practice):
    return Clinic(database, new_practice())


def path(patient):
    return f"/admin/patients/{patient['id']}"


def test_by_default_everybody_sees_all_patients(database, new_practice):
    practice = new_practice()
    patient = practice.patient()
    ids = sessions.staff_ids(database, practice.id)
    assistant = practice.anonymous.again(sessions.open_session(database, "staff", ids["assistant"], practice.id))
    api.good(assistant.get(path(patient)))


def test_the_policy_counts_with_the_next_request_both_ways(clinic):
    """[8.3.2]"""
    patient = clinic.patient()
    api.problem(clinic.physician.get(path(patient)), 404, "not-found")
    assert api.good(clinic.physician.get("/admin/patients"))["items"] == []
    clinic.set_policy("all")
    api.good(clinic.physician.get(path(patient)))
    clinic.set_policy("care-team")
    api.problem(clinic.physician.get(path(patient)), 404, "not-found")
    api.good(clinic.owner.get(path(patient)))


def test_whoever_records_a_patient_is_of_the_care_team(clinic):
    made = api.good(clinic.assistant.post("/admin/patients", {"given_name": "Given", "family_name": "Family",
                                                              "birth_date": "1980-02-29",
                                                              "email": f"{unique('p')}@example.org"}), 201)
    assert [one["staff_id"] for one in clinic.team(made, clinic.assistant)] == [clinic.ids["assistant"]]
    api.good(clinic.assistant.get(path(made)))
    api.problem(clinic.physician.get(path(made)), 404, "not-found")


def test_a_colleague_is_taken_in_and_out_by_an_owner(clinic):
    """[8.2.1]"""
    patient = clinic.patient()
    team = api.good(clinic.add(patient, "physician"), 201)["items"]
    assert [(one["staff_id"], one["name"], one["role"], one["status"]) for one in team] == [
        (clinic.ids["physician"], "Physician Test", "physician", "active")]
    assert api.good(clinic.add(patient, "physician"), 200)["items"] == team
    api.good(clinic.physician.get(path(patient)))
    assert clinic.team(patient, clinic.physician) == team
    api.problem(clinic.assistant.get(f"{path(patient)}/care-team"), 404, "not-found")
    api.problem(clinic.physician.post(f"{path(patient)}/care-team", {"staff_id": clinic.ids["assistant"]}), 403, "forbidden")
    api.good(clinic.remove(patient, "physician"), 204)
    api.problem(clinic.remove(patient, "physician"), 404, "not-found")
    api.problem(clinic.physician.get(path(patient)), 404, "not-found")
    assert [row["operation"] for row in clinic.audit(patient_id=patient["id"], operation="care_team_add")] == [
        "care_team_add"] * 2


def test_a_care_team_is_of_those_who_treat(clinic, new_practice, database):
    patient, elsewhere = clinic.patient(), sessions.staff_ids(database, new_practice().id)
    for staff_id in (clinic.ids["auditor"], elsewhere["physician"], contract.NOWHERE):
        refused = clinic.owner.post(f"{path(patient)}/care-team", {"staff_id": staff_id})
        assert api.problem(refused, 404, "not-found")["errors"][0]["pointer"] == "/staff_id"
    for wrong in ({}, {"staff_id": None}, {"staff_id": "x"}, {"staff_id": 7},
                  {"staff_id": clinic.ids["physician"], "more": 1}):
        api.problem(clinic.owner.post(f"{path(patient)}/care-team", wrong), 400, "invalid-request")
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.staff SET status = 'disabled' WHERE id = %s", (clinic.ids["assistant"],))
    api.problem(clinic.add(patient, "assistant"), 404, "not-found")
    assert clinic.team(patient) == []


def test_a_care_team_has_fifty_members_at_most(clinic, database):
    patient = clinic.patient()
    with database.cursor() as cursor:
        cursor.execute(
            "WITH many AS (INSERT INTO anamnesis.staff (practice_id, role, email_index, wrapped_key, email, name) "
            "SELECT practice_id, 'assistant', substr(email_index, 1, 4) || "  # the version of its key stays a real one
            "substr(sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 5), wrapped_key, email, name "
            "FROM anamnesis.staff, generate_series(1, 50) WHERE id = %s RETURNING id) "
            "INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) "
            "SELECT %s, id, %s, %s FROM many", (clinic.ids["assistant"], clinic.practice.id, patient["id"], clinic.ids["owner"]))
    api.problem(clinic.add(patient, "physician"), 409, "care-team-limit")


def test_everything_of_a_patient_is_kept_to_the_care_team(clinic):
    """Lists and filters show nothing of it, writing is refused, and nothing says that the patient exists. [8.2.2, 8.2.3]"""
    practice = clinic.practice
    questionnaire = practice.questionnaire()
    clinic.set_policy("all")
    patient, client = practice.signed_in_patient([questionnaire])
    assignment = api.good(client.get("/patient/questionnaires"))["items"][0]["assignment_id"]
    response = api.good(client.post("/patient/responses", {"assignment_id": assignment}), 201)
    api.good(clinic.remove(patient, "physician"), 204)
    clinic.set_policy("care-team")
    physician = clinic.physician
    for query in (f"email={patient['email']}", "limit=200"):
        assert api.good(physician.get(f"/admin/patients?{query}"))["items"] == []
    for query in ("", f"?patient_id={patient['id']}", f"?questionnaire_id={questionnaire}"):
        assert api.good(physician.get(f"/admin/responses{query}"))["items"] == []
    for suffix in ("", "/history", "/proof"):
        api.problem(physician.get(f"/admin/responses/{response['id']}{suffix}"), 404, "not-found")
    for suffix in ("", "/invitations", "/assignments", "/care-team"):
        api.problem(physician.get(path(patient) + suffix), 404, "not-found")
    api.problem(physician.patch(path(patient), {"given_name": "X"}, revision=1), 404, "not-found")
    api.problem(physician.post(f"{path(patient)}/archive", headers=api.if_match(1)), 404, "not-found")
    api.problem(physician.post(f"{path(patient)}/recover", {}), 404, "not-found")
    api.problem(physician.post(f"{path(patient)}/assignments", {"questionnaire_id": questionnaire}), 404, "not-found")
    api.problem(physician.delete(f"/admin/assignments/{assignment}"), 404, "not-found")
    api.good(client.get(f"/patient/responses/{response['id']}"))
    # What publishing would change is counted over all patients: it concerns all of them.
    read = api.good(physician.get(f"/admin/questionnaires/{questionnaire}"))
    api.good(physician.put(f"/admin/questionnaires/{questionnaire}/draft", {"definition": read["definition"]},
                           revision=read["revision"]))
    impact = api.good(physician.get(f"/admin/questionnaires/{questionnaire}/impact"))
    assert "in_progress" in str(impact) and "1" in str(impact)


def test_breaking_the_glass_opens_one_patient_for_an_hour(clinic, demo):
    """Marked in the audit log and in the patient's access log, and every owner is told. [8.2.2]"""
    patient, other = clinic.patient(), clinic.patient()
    made = api.good(clinic.break_glass(patient_id=patient["id"]), 201)
    assert made["patient_id"] == patient["id"]
    left = datetime.datetime.fromisoformat(made["expires_at"]) - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(minutes=59) < left <= datetime.timedelta(hours=1)
    assert api.good(clinic.physician.get(path(patient)))["id"] == patient["id"]
    assert [one["id"] for one in api.good(clinic.physician.get("/admin/patients"))["items"]] == [patient["id"]]
    api.problem(clinic.physician.get(path(other)), 404, "not-found")
    api.problem(clinic.assistant.get(path(patient)), 404, "not-found")
    rows = {row["operation"]: row for row in clinic.audit(patient_id=patient["id"], actor_id=clinic.ids["physician"])}
    assert {row["detail"] for row in rows.values()} == {"break-glass"}
    assert set(rows) == {"break_glass_open", "patient_get", "patient_list"}
    assert rows["break_glass_open"]["object_id"] == made["id"]
    owners = [account for role, account in clinic.practice.accounts.items() if role == "owner"]
    for account in owners:
        message, = messages(demo, account["email"], "A record was opened in an emergency")
        assert REASON not in str(message) and patient["email"] not in str(message)
    listed = api.good(clinic.auditor.get("/admin/break-glass"))["items"]
    assert [(one["id"], one["patient_id"], one["staff_id"], one["reason"]) for one in listed] == [
        (made["id"], patient["id"], clinic.ids["physician"], REASON)]


def test_after_the_hour_the_patient_is_closed_again(clinic, database):
    patient = clinic.patient()
    made = api.good(clinic.break_glass(patient_id=patient["id"]), 201)
    api.good(clinic.physician.get(path(patient)))
    with database.cursor() as cursor:  # an hour passes
        cursor.execute("ALTER TABLE anamnesis.break_glass DISABLE TRIGGER broken_for_ever")
        cursor.execute("UPDATE anamnesis.break_glass SET opened_at = opened_at - interval '1 hour', expires_at = now() "
                       "WHERE id = %s", (made["id"],))
        cursor.execute("ALTER TABLE anamnesis.break_glass ENABLE ALWAYS TRIGGER broken_for_ever")
    api.problem(clinic.physician.get(path(patient)), 404, "not-found")
    again = api.good(clinic.break_glass(patient_id=patient["id"]), 201)
    assert again["id"] != made["id"]


def test_the_patient_reads_who_broke_the_glass_and_why(clinic):
    clinic.set_policy("all")
    patient, client = clinic.practice.signed_in_patient()
    api.good(clinic.remove(patient, "physician"), 204)
    clinic.set_policy("care-team")
    api.good(clinic.break_glass(patient_id=patient["id"]), 201)
    api.good(clinic.physician.get(path(patient)))
    log = api.good(client.get("/patient/profile/access-log"))["items"]
    assert [(one["operation"], one["break_glass"], one["reason"], one["name"]) for one in log[:2]] == [
        ("patient_get", True, REASON, "Physician Test"), ("break_glass_open", True, REASON, "Physician Test")]
    assert all(not one["break_glass"] and one["reason"] is None for one in log[2:])
    # Of the care team by now: what follows needs no glass, and is not marked.
    api.good(clinic.add(patient, "physician"), 201)
    api.good(clinic.physician.get(path(patient)))
    newest = api.good(client.get("/patient/profile/access-log"))["items"][0]
    assert (newest["operation"], newest["break_glass"], newest["reason"]) == ("patient_get", False, None)


def test_a_record_number_or_an_address_names_the_patient_as_well(clinic):
    """Whoever may not see a patient has no identifier to name."""
    by_number, by_email = clinic.patient(record_number=unique("MRN")), clinic.patient()
    assert api.good(clinic.break_glass(record_number=by_number["record_number"].lower()), 201)["patient_id"] == by_number["id"]
    assert api.good(clinic.break_glass(email=by_email["email"].upper()), 201)["patient_id"] == by_email["id"]
    api.problem(clinic.break_glass(email=f"{unique('nobody')}@example.org"), 404, "not-found")


def test_it_takes_a_physician_with_fresh_proof_and_a_reason(clinic):
    """[7.5.3, 8.2.1]"""
    patient = clinic.patient()
    api.problem(clinic.break_glass(clinic.session("physician", fresh=False), patient_id=patient["id"]), 403, "step-up-required")
    for client in (clinic.assistant, clinic.auditor, clinic.owner):
        api.problem(clinic.break_glass(client, patient_id=patient["id"]), 403, "forbidden")
    for wrong in ({"reason": None}, {"reason": ""}, {"reason": "too short"}, {"reason": " " * 20}, {"reason": "x" * 501},
                  {"reason": 7}, {"patient_id": "x"}, {"patient_id": None}, {"email": patient["email"]},
                  {"more": 1}):
        api.problem(clinic.break_glass(**{"patient_id": patient["id"]} | wrong), 400, "invalid-request")
    api.problem(clinic.break_glass(), 400, "invalid-request")
    api.problem(clinic.break_glass(email="no address"), 400, "invalid-request")
    api.problem(clinic.break_glass(record_number="\t"), 400, "invalid-request")
    api.problem(clinic.physician.get(path(patient)), 404, "not-found")
    assert api.good(clinic.owner.get("/admin/break-glass"))["items"] == []


def test_whoever_sees_the_patient_breaks_no_glass(clinic):
    patient = clinic.patient()
    api.good(clinic.add(patient, "physician"), 201)
    api.problem(clinic.break_glass(patient_id=patient["id"]), 409, "access-not-needed")
    other = clinic.patient()
    api.good(clinic.break_glass(patient_id=other["id"]), 201)
    api.problem(clinic.break_glass(patient_id=other["id"]), 409, "access-not-needed")
    third = clinic.patient()
    clinic.set_policy("all")
    api.problem(clinic.break_glass(patient_id=third["id"]), 409, "access-not-needed")


def test_of_ten_at_once_one_breaks_the_glass(clinic, demo):
    patient = clinic.patient()
    clients = [clinic.session("physician") for _ in range(10)]
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda client: clinic.break_glass(client, patient_id=patient["id"]).status_code, clients))
    assert sorted(answers) == [201] + [409] * 9
    assert len(messages(demo, clinic.practice.accounts["owner"]["email"], "A record was opened in an emergency")) == 1


def test_the_same_request_again_is_answered_as_before(clinic):
    patient = clinic.patient()
    headers = {"Idempotency-Key": unique("key")}
    body = {"patient_id": patient["id"], "reason": REASON}
    first = api.good(clinic.physician.post("/admin/break-glass", body, headers=headers), 201)
    assert api.good(clinic.physician.post("/admin/break-glass", body, headers=headers), 201) == first
    other = body | {"reason": "quite another reason"}
    api.problem(clinic.physician.post("/admin/break-glass", other, headers=headers), 422, "idempotency-key-reused")
    team = {"staff_id": clinic.ids["assistant"]}
    headers = {"Idempotency-Key": unique("key")}
    api.good(clinic.owner.post(f"{path(patient)}/care-team", team, headers=headers), 201)
    api.good(clinic.owner.post(f"{path(patient)}/care-team", team, headers=headers), 201)
    api.problem(clinic.owner.post(f"{path(patient)}/care-team", {"staff_id": clinic.ids["owner"]}, headers=headers),
                422, "idempotency-key-reused")


def test_a_stored_answer_is_for_who_still_sees_the_patient_and_names_them(clinic):
    questionnaire = clinic.practice.questionnaire()
    body = {"given_name": "Given", "family_name": "Family", "birth_date": "1980-02-29", "email": f"{unique('p')}@example.org"}
    keys = [{"Idempotency-Key": unique("key")} for _ in range(3)]
    patient = api.good(clinic.physician.post("/admin/patients", body, headers=keys[0]), 201)
    asked = [("/admin/patients", body, "patient_create"),
             (f"{path(patient)}/invitations", {"delivery": "link"}, "invitation_create"),
             (f"{path(patient)}/assignments", {"questionnaire_id": questionnaire}, "assignment_create")]
    for (where, sent, operation), key in zip(asked, keys):
        first = api.good(clinic.physician.post(where, sent, headers=key), 201)
        assert api.good(clinic.physician.post(where, sent, headers=key), 201) == first
        rows = clinic.audit(operation=operation, patient_id=patient["id"])
        assert [(row["outcome"], row["patient_ids"]) for row in rows][0] == ("replayed", [patient["id"]])
    api.good(clinic.add(patient, "assistant"), 201)
    assert clinic.remove(patient, "physician").status_code == 204
    for (where, sent, operation), key in zip(asked, keys):
        api.problem(clinic.physician.post(where, sent, headers=key), 404, "not-found")
        assert clinic.audit(operation=operation)[0]["outcome"] == "not-found"


def test_the_list_has_pages_and_loses_the_reason_of_who_was_erased(clinic):
    patients = [clinic.patient() for _ in range(3)]
    for patient in patients:
        api.good(clinic.break_glass(patient_id=patient["id"]), 201)
    api.good(clinic.owner.post(f"{path(patients[2])}/erase", headers=api.if_match(patients[2]["revision"])), 200)
    first = api.good(clinic.owner.get("/admin/break-glass?limit=2"))
    second = api.good(clinic.owner.get(f"/admin/break-glass?limit=2&cursor={first['next_cursor']}"))
    items = first["items"] + second["items"]
    assert [(one["patient_id"], one["reason"]) for one in items] == [
        (patients[2]["id"], None), (patients[1]["id"], REASON), (patients[0]["id"], REASON)]
    assert second["next_cursor"] is None
    api.problem(clinic.owner.get("/admin/break-glass?cursor=x"), 400, "invalid-request")


def test_a_broken_glass_leads_to_no_lasting_access(clinic):
    """Nothing that a physician can do meanwhile takes them into the care team."""
    patient = clinic.patient()
    api.good(clinic.break_glass(patient_id=patient["id"]), 201)
    api.problem(clinic.physician.post(f"{path(patient)}/care-team", {"staff_id": clinic.ids["physician"]}), 403, "forbidden")
    api.good(clinic.physician.post(f"{path(patient)}/assignments", {"questionnaire_id": clinic.practice.questionnaire()}), 201)
    assert clinic.team(patient) == []


# --- Who is of another care team is not told by what is refused

def test_a_taken_address_or_number_tells_nothing_of_who_is_of_another_care_team(clinic, demo):
    """[8.2.2]"""
    email, number = f"{unique('unseen')}@example.org", unique("R")
    unseen = clinic.patient(email=email, record_number=number)
    body = {name: unseen[name] for name in ("given_name", "family_name", "birth_date")}
    free = api.good(clinic.physician.post("/admin/patients", body | {"email": f"{unique('free')}@example.org"}), 201)
    for taken in ({"email": email}, {"email": f"{unique('free')}@example.org", "record_number": number}):
        made = api.good(clinic.physician.post("/admin/patients", body | taken), 201)
        assert made.keys() == free.keys()
    api.good(clinic.physician.patch(path(free), {"email": email, "given_name": "Relative"}, revision=1))
    found = api.good(clinic.physician.get("/admin/patients", params={"email": email}))["items"]
    assert unseen["id"] not in [patient["id"] for patient in found] and len(found) == 2
    # The owner sees them all, and is told to look.
    assert len(api.good(clinic.owner.get("/admin/patients", params={"email": email}))["items"]) == 3
    told = messages(demo, clinic.practice.accounts["owner"]["email"], "Perhaps one person twice", count=3)
    assert len(told) == 3 and all(email not in str(message) and number not in str(message) for message in told)


def test_the_glass_of_relatives_needs_the_record_number(clinic):
    email, number = f"{unique('family')}@example.org", unique("R")
    one = clinic.patient(email=email, record_number=number)
    clinic.patient(email=email, given_name="Other")
    api.problem(clinic.break_glass(email=email), 409, "several-patients")
    api.problem(clinic.physician.get(path(one)), 404, "not-found")
    assert api.good(clinic.break_glass(record_number=number), 201)["patient_id"] == one["id"]
    api.good(clinic.physician.get(path(one)))


def test_the_glass_of_relatives_is_told_apart_by_the_given_name(clinic):
    """Whatever its case and normal form. A wrong one is answered as somebody who is not there, also of one who is alone; nobody is told."""
    email = f"{unique('family')}@example.org"
    one, other = (clinic.patient(email=email, given_name=name) for name in ("Zoë", "Ada"))
    for wrong in ("Zoe", "Adam", "Family"):
        api.problem(clinic.break_glass(email=email, given_name=wrong), 404, "not-found")
    alone = clinic.patient(given_name="Bo")
    for whom in ({"email": alone["email"]}, {"patient_id": alone["id"]}):
        api.problem(clinic.break_glass(**whom, given_name="Zoë"), 404, "not-found")
    api.problem(clinic.break_glass(email=f"{unique('nobody')}@example.org", given_name="Zoë"), 404, "not-found")
    assert api.good(clinic.owner.get("/admin/break-glass"))["items"] == []
    made = api.good(clinic.break_glass(email=email, given_name=" ZOE\u0308 "), 201)
    assert made["patient_id"] == one["id"]
    api.good(clinic.physician.get(path(one)))
    api.problem(clinic.physician.get(path(other)), 404, "not-found")
    api.problem(clinic.break_glass(email=email, given_name="zoë"), 409, "access-not-needed")
    compared = clinic.audit(patient_id=other["id"], actor_id=clinic.ids["physician"])
    assert {row["operation"] for row in compared} == {"break_glass_open"}
    assert api.good(clinic.break_glass(patient_id=alone["id"], given_name="bo"), 201)["patient_id"] == alone["id"]


def test_relatives_of_one_name_need_the_record_number(clinic):
    email, number = f"{unique('family')}@example.org", unique("R")
    clinic.patient(email=email, given_name=None, family_name="Suharto")
    one = clinic.patient(email=email, given_name="Suharto", record_number=number)
    clinic.patient(email=email, given_name="Ada")
    api.problem(clinic.break_glass(email=email, given_name="Suharto"), 409, "several-patients")
    api.problem(clinic.break_glass(record_number=number, given_name="Ada"), 404, "not-found")
    assert api.good(clinic.break_glass(record_number=number, given_name="suharto"), 201)["patient_id"] == one["id"]
    assert api.good(clinic.break_glass(email=email, given_name="Ada"), 201)["patient_id"] != one["id"]
