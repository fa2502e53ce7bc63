"""What became of each message is shown to staff: of an invitation, of a colleague's link, of all to a patient."""

import time

import pytest
from conftest import unique
from support import client as api


def invited(staff, patient, **fields):
    return api.good(staff.post(f"/admin/patients/{patient['id']}/invitations", fields), 201)


def status_of(staff, patient, invitation):
    [found] = [one["delivery_status"] for one in api.good(staff.get(f"/admin/patients/{patient['id']}/invitations"))["items"]
               if one["id"] == invitation["id"]]
    return found


def wait_for(state, ask):
    deadline = time.monotonic() + 20
    while ask()["state"] != state:
        assert time.monotonic() < deadline, ask()
        time.sleep(0.1)
    return ask()


def give_up(database, reason, **where):
    """As the background program does when it will not try any more (test_mail.py shows that it does)."""
    [(column, value)] = where.items()
    with database.cursor() as cursor:
        cursor.execute(f"UPDATE anamnesis.outbox SET sealed = NULL, sent_at = NULL, failed_at = now(), last_error = %s "
                       f"WHERE {column} = %s", (reason, value))
        assert cursor.rowcount == 1


def test_an_invitation_says_what_became_of_its_message(practice, database):
    staff, patient = practice.staff(), practice.patient()
    made = invited(staff, patient)
    assert made["delivery_status"] | {"at": None} == {"state": "queued", "at": None, "reason": None}
    sent = wait_for("sent", lambda: status_of(staff, patient, made))
    assert sent["reason"] is None and sent["at"] >= made["created_at"]
    give_up(database, "refused", invitation_id=made["id"])
    refused = status_of(staff, patient, made)
    assert (refused["state"], refused["reason"]) == ("given-up", "refused")
    # A new link is a new message.
    again = api.good(staff.post(f"/admin/invitations/{made['id']}/resend"))
    assert again["delivery_status"]["state"] == "queued"
    wait_for("sent", lambda: status_of(staff, patient, made))


def test_a_link_that_was_shown_has_no_message(practice):
    staff, patient = practice.staff(), practice.patient()
    made = invited(staff, patient, delivery="link")
    assert made["delivery_status"] is None and status_of(staff, patient, made) is None


def test_a_patients_messages_are_listed_without_what_they_say(practice, database):
    staff, patient = practice.staff(), practice.patient()
    first, second = invited(staff, patient), invited(staff, patient)
    path = f"/admin/patients/{patient['id']}/messages"
    wait_for("sent", lambda: api.good(staff.get(path))["items"][0]["delivery_status"])
    give_up(database, "smtputf8", invitation_id=first["id"])
    items = api.good(staff.get(path))["items"]
    assert [(one["kind"], one["delivery_status"]["state"], one["delivery_status"]["reason"]) for one in items] == [
        ("invitation", "sent", None), ("invitation", "given-up", "smtputf8")]
    assert patient["email"] not in str(items) and "http" not in str(items) and second["id"] not in str(items)
    page = api.good(staff.get(f"{path}?limit=1"))
    assert page["items"] == items[:1]
    assert api.good(staff.get(f"{path}?limit=1&cursor={page['next_cursor']}"))["items"] == items[1:]


def test_a_patients_messages_of_another_practice_are_not_there(practice, other_practice):
    api.problem(practice.staff().get(f"/admin/patients/{other_practice.patient()['id']}/messages"), 404, "not-found")
    api.problem(practice.staff().get(f"/admin/patients/{practice.patient()['id']}/messages?cursor=x"), 400, "invalid-request")


def test_messages_to_owners_about_a_patient_are_not_among_theirs(owner, fresh):
    api.good(owner.patch("/admin/practice", {"patient_access": "care-team"}, revision=1))
    patient = owner.practice.patient()
    api.good(owner.delete(f"/admin/patients/{patient['id']}/care-team/{owner.ids['physician']}"), 204)
    path = f"/admin/patients/{patient['id']}/messages"
    physician = fresh(owner.practice.staff())
    api.problem(physician.get(path), 404, "not-found")
    api.good(physician.post("/admin/break-glass", {"patient_id": patient["id"], "reason": "Unconscious"}), 201)
    assert api.good(physician.get(path))["items"] == api.good(owner.get(path))["items"] == []


def test_a_colleagues_link_says_what_became_of_it(owner, database):
    body = {"name": "Pia New", "email": f"{unique('s')}@example.org", "role": "assistant"}
    made = api.good(owner.post("/admin/staff", body), 201)
    assert made["delivery_status"]["state"] == "queued"

    def now():
        [found] = [one for one in api.good(owner.get("/admin/staff"))["items"] if one["id"] == made["id"]]
        return found["delivery_status"]
    wait_for("sent", now)
    give_up(database, "refused", staff_id=made["id"])
    assert (now()["state"], now()["reason"]) == ("given-up", "refused")
    changed = api.good(owner.patch(f"/admin/staff/{made['id']}", {"role": "auditor"}, revision=1))
    assert changed["delivery_status"] == now()
    others = [one["delivery_status"] for one in api.good(owner.get("/admin/staff"))["items"] if one["id"] != made["id"]]
    assert others == [None] * len(others)


def test_a_link_by_the_command_says_it_too(owner, command):
    made = command("staff", "invite", "--practice", owner.practice.id, "--email", f"{unique('s')}@example.org", "--role",
                   "assistant", "--name", "Pia New")

    def now():
        return [one for one in api.good(owner.get("/admin/staff"))["items"] if one["id"] == made["id"]][0]["delivery_status"]
    wait_for("sent", now)


def test_owners_see_how_many_were_not_sent(owner, database):
    staff, patient = owner.practice.staff(), owner.practice.patient()
    made = [invited(staff, patient) for _ in range(3)]
    for one in made:
        wait_for("sent", lambda one=one: status_of(staff, patient, one))
    give_up(database, "refused", invitation_id=made[0]["id"])
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.outbox SET created_at = now() - interval '31 days' WHERE invitation_id = %s",
                       (made[1]["id"],))
    found = api.good(owner.get("/admin/messages"))
    assert {(one["state"], one["reason"], one["count"]) for one in found["items"]} == {("sent", None, 1),
                                                                                      ("given-up", "refused", 1)}


@pytest.mark.parametrize("role", ["physician", "assistant", "auditor"])
def test_counts_are_for_owners(practice, role):
    api.problem(practice.staff(role).get("/admin/messages"), 403, "forbidden")
