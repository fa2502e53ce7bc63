"""GET /admin/dashboard: what there is to see to, for each who may see it."""

from support import client as api
from test_care_team import Clinic
from test_reviews import completed, review, staff_id

NOTHING = {"overdue": 0, "stopped": 0, "unread": 0, "in_review": 0, "mine": 0, "invitations_expired": 0}


def dashboard(staff):
    return api.good(staff.get("/admin/dashboard"))


def test_numbers_follow_what_happens(new_practice, database):
    practice = new_practice()
    staff, owner = practice.staff(), practice.staff("owner")
    made = dashboard(staff)
    assert (made["to_do"], made["today"], made["questionnaires"], made["has_more"], made["time_zone"], made["questionnaires_of"]) == (
        NOTHING, {"begun": 0, "submitted": 0}, [], False, "UTC", "practice")
    practice.asked = practice.questionnaire()
    patient, me, response = completed(practice)
    api.good(staff.post(f"/admin/patients/{patient['id']}/assignments",
                        {"questionnaire_id": practice.asked, "due_at": "2020-01-01T00:00:00Z"}), 201)
    for who in ("physician", "owner", "assistant"):
        made = dashboard(practice.staff(who))
        assert made["to_do"] == NOTHING | {"overdue": 1, "unread": 1}
        [one] = made["questionnaires"]
        assert 0 <= one.pop("median_seconds") < 600
        assert one == {"id": practice.asked, "title": "Short form", "status": "active", "assigned": 1, "in_progress": 0, "completed": 1,
                       "completion": 50}
    api.good(review(owner, response, "in-review", 0, assignee=staff_id(practice, "physician", database)), 201)
    assert dashboard(staff)["to_do"] == NOTHING | {"overdue": 1, "in_review": 1, "mine": 1}
    assert dashboard(owner)["to_do"] == NOTHING | {"overdue": 1, "in_review": 1}
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.invitation SET status = 'pending', used_at = NULL, expires_at = now() - interval '1 day' "
                       "WHERE patient_id = %s", (patient["id"],))
    assert dashboard(staff)["to_do"]["invitations_expired"] == 1
    revision = api.good(owner.get(f"/admin/patients/{patient['id']}"))["revision"]
    api.good(owner.post(f"/admin/patients/{patient['id']}/archive", headers=api.if_match(revision)))
    assert dashboard(staff)["to_do"] == NOTHING | {"in_review": 1, "mine": 1}


def test_whose_patients_others_care_for_are_in_nobody_else_s_numbers(new_practice, database):
    practice = new_practice()
    practice.asked = practice.questionnaire()
    patient, _, _ = completed(practice)
    clinic = Clinic(database, practice)
    assert dashboard(clinic.physician)["to_do"]["unread"] == 1 and dashboard(clinic.owner)["to_do"]["unread"] == 1
    made = dashboard(clinic.assistant)
    assert (made["to_do"], made["today"], made["questionnaires"], made["questionnaires_of"]) == (
        NOTHING, {"begun": 0, "submitted": 0}, [], "seen")
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) VALUES (%s, %s, %s, %s)",
                       (practice.id, clinic.ids["assistant"], patient["id"], clinic.ids["owner"]))
    assert dashboard(clinic.assistant)["to_do"]["unread"] == 1


def test_who_may_not(practice, anonymous):
    _, me = practice.signed_in_patient()
    api.problem(practice.staff("auditor").get("/admin/dashboard"), 403, "forbidden")
    api.problem(me.get("/admin/dashboard"), 401, "not-signed-in")
    api.problem(practice.staff().get("/admin/dashboard", params={"more": "1"}), 400, "invalid-request")


def test_of_many_questionnaires_twenty_are_shown(new_practice):
    practice = new_practice()
    patient = practice.patient()
    forms = [practice.questionnaire() for _ in range(21)]
    for form in [*forms, forms[7]]:
        api.good(practice.staff().post(f"/admin/patients/{patient['id']}/assignments", {"questionnaire_id": form}), 201)
    made = dashboard(practice.staff())
    shown = [each["id"] for each in made["questionnaires"]]
    assert made["has_more"] and len(set(shown)) == 20 and set(shown) < set(forms) and shown[0] == forms[7]
