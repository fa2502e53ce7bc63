"""What a patient may declare: bytes count for as long as they may come to lie on the disk, and a day has its limits; whatever is done in
which order, and however many do it at once."""

import os
import random
import threading
import time
import uuid

import pytest
from support import uploads
from support.world import Practice, Session

SEED = 1135
COUNTED, OPENED = ("awaiting-upload", "scanning", "clean"), ("awaiting-upload", "scanning")
PATIENT_MAX, DAY_TIMES, DAY_MOST, OPEN_MOST = 10_000, 5, 200, 20


@pytest.fixture
def place(database):
    """A practice of its own, committed, whose patients may store little; `sql` is the superuser's, each statement on its own."""
    connection = database.connect("postgres")
    connection.autocommit = True
    sql = Session(connection)
    made = Practice(sql, "Practice of limits")
    made.sql, made.who = sql, made.add_patient(sql)
    made.assignments[made.who.id] = made.add_assignment(sql, made.who)
    made.response = made.add_response(sql, made.who, "in-progress")
    sql("UPDATE anamnesis.practice SET upload_bytes_patient = %s WHERE id = %s", PATIENT_MAX, made.id)
    yield made
    connection.close()


def new_id():
    """As workers make them: their order is that of time."""
    return uuid.UUID(int=int(time.time() * 1000) << 80 | 7 << 76 | 2 << 62 | random.getrandbits(62))


def create(session, place, size, upload=None):
    return session.one("SELECT anamnesis.upload_create(%s, %s, 'photo', 'image/jpeg', %s, 1, %s, 'arm.jpg', %s, %s, %s)", upload or new_id(),
                       place.response, size, place.who.key, os.urandom(80), os.urandom(32), os.urandom(60))


class Model:
    """What the patient has declared: by file its size, its state, and whether an address of its parts is good."""

    def __init__(self):
        self.files = {}

    def lies(self):
        return sum(size for size, state, good in self.files.values() if state in COUNTED or good)

    def expected(self, size):
        if sum(state in OPENED for _, state, _ in self.files.values()) >= OPEN_MOST:
            return "limit-open"
        if len(self.files) >= DAY_MOST or sum(size for size, _, _ in self.files.values()) + size > DAY_TIMES * PATIENT_MAX:
            return "limit-day"
        return "created" if self.lies() + size <= PATIENT_MAX else "limit-patient"


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_bytes_count_while_they_may_come(connect, place, seed):
    """Declared, addressed, completed, judged, taken back, expired, removed, in any order; now and then the time of addresses passes."""
    rng, model, api = random.Random(SEED + seed), Model(), connect("anamnesis_api")
    said = set()

    def as_patient(text, *values):
        api.prove(place.who)
        found = api.one(text, *values)
        api.commit()
        return found

    def declare():
        upload, size = new_id(), rng.choice((1, 900, 3000, 9000)) if seed % 2 else rng.randrange(1, 500)
        api.prove(place.who)
        answer = create(api, place, size, upload)
        api.commit()
        assert answer == model.expected(size), (len(model.files), model.lies(), size)
        said.add(answer)
        if answer == "created":
            model.files[upload] = (size, "awaiting-upload", False)

    def change(states, work):
        found = [upload for upload, (_, state, _) in model.files.items() if state in states]
        if found:
            upload = rng.choice(found)
            size, state, good = model.files[upload]
            model.files[upload] = (size, *work(upload, state, good))

    def address(upload, state, good):
        assert as_patient("SELECT anamnesis.upload_urls(%s, 300) IS NOT NULL", upload)
        return state, True

    def complete(upload, state, good):
        return as_patient("SELECT anamnesis.upload_complete(%s)", upload), good

    def withdraw(upload, state, good):
        return as_patient("SELECT anamnesis.upload_withdraw(%s)", upload), good

    def judge(upload, state, good):
        verdict = rng.choice(("infected", "rejected"))
        uploads.move(place.sql, upload, verdict)
        return verdict, good

    def expire(upload, state, good):
        uploads.move(place.sql, upload, "expired")
        return "expired", good

    def pass_time(upload, state, good):
        place.sql("UPDATE anamnesis.upload SET urls_until = now() - interval '61 seconds' WHERE id = %s AND urls_until IS NOT NULL", upload)
        return state, False

    every = set(uploads.STATES)
    for _ in range(300):
        rng.choice((declare, declare, declare, lambda: change({"awaiting-upload"}, address), lambda: change({"awaiting-upload"}, complete),
                    lambda: change(OPENED, withdraw), lambda: change({"scanning"}, judge), lambda: change({"awaiting-upload"}, expire),
                    lambda: change(every, pass_time)))()
    assert {"created", "limit-patient" if seed % 2 else "limit-open"} <= said


def test_of_those_who_take_back_at_once_nobody_has_more_than_fits(connect, place):
    """Eight sessions of the patient declare, ask for addresses and take back, as fast as they can: what may lie on the disk fits always."""
    created, faults = [], []

    def work(session, seed):
        rng, mine = random.Random(seed), []
        for _ in range(25):
            session.prove(place.who)
            upload, size = new_id(), rng.randrange(1, 3000)
            answer = create(session, place, size, upload)
            session.commit()
            if answer == "created":
                created.append(size)
                mine.append(upload)
            elif answer not in ("limit-patient", "limit-day"):
                faults.append(answer)
            if mine and rng.random() < 0.7:
                session.prove(place.who)
                upload = rng.choice(mine)
                if rng.random() < 0.8:
                    session.one("SELECT anamnesis.upload_urls(%s, 300)", upload)
                    session.commit()
                    session.prove(place.who)
                session.one("SELECT anamnesis.upload_withdraw(%s)", upload)
                session.commit()
    threads = [threading.Thread(target=work, args=(connect("anamnesis_api"), SEED + at)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lies, gone, day = place.sql("SELECT sum(size) FILTER (WHERE state = 'awaiting-upload' OR urls_until > now()), "
                                "count(*) FILTER (WHERE state = 'withdrawn'), sum(size) FROM anamnesis.upload WHERE patient_id = %s", place.who.id)[0]
    assert faults == [] and lies <= PATIENT_MAX and gone > 0
    assert day == sum(created) <= DAY_TIMES * PATIENT_MAX


@pytest.mark.parametrize("sessions", [1, 6])
def test_a_day_has_two_hundred_declarations(connect, place, sessions):
    """Each is taken back before its address was made, so that nothing else stands in the way."""
    answers = []

    def work(session, times):
        for _ in range(times):
            upload = new_id()
            session.prove(place.who)
            answers.append(create(session, place, 1, upload))
            session.one("SELECT anamnesis.upload_withdraw(%s)", upload)
            session.commit()

    threads = [threading.Thread(target=work, args=(connect("anamnesis_api"), DAY_MOST // sessions + 2)) for _ in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count("created") == DAY_MOST and set(answers) == {"created", "limit-day"}


def test_what_was_declared_before_a_day_is_over(connect, place):
    """Two hundred since yesterday, of which one counts still when it is younger than a day."""
    api = connect("anamnesis_api")
    for at in range(DAY_MOST):
        hours = 23 if at == 0 else 24.5 if at % 2 else 100
        uploads.add(place.sql, place.who, place.response, "withdrawn", size=1, created_at=place.sql.one(
            "SELECT now() - %s * interval '1 hour'", hours), id=place.sql.one(
            "SELECT anamnesis.uuid_floor(now() - %s * interval '1 hour', %s)", hours, at))
    for at in range(DAY_MOST):
        upload = new_id()
        api.prove(place.who)
        assert create(api, place, 1, upload) == ("created" if at < DAY_MOST - 1 else "limit-day")
        api.one("SELECT anamnesis.upload_withdraw(%s)", upload)
        api.commit()
