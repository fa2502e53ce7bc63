"""audit.search: what it finds by its indexes is what a walk through all rows finds, page after page."""

import itertools
import random
import uuid

import pytest

OPERATIONS, OUTCOMES = ("often", "often_too", "rare", "Upper"), ("ok", "ok", "ok", "not-found", "forbidden")
ROWS, FETCH = 300, 7


@pytest.fixture
def rows(superuser, world):
    """What the test needs, and the rows of the practice as (at, id, actor, patients, operation, outcome), newest first)."""
    chance, practice = random.Random(7), world[0]
    actors, patients = [uuid.uuid4() for _ in range(3)], [uuid.uuid4() for _ in range(4)]
    for number in range(ROWS):
        named = chance.sample(patients, chance.choice((0, 1, 1, 1, 2, 3)))
        superuser("INSERT INTO audit.event (at, practice_id, realm, actor_id, client_address, request_id, operation, patient_id, patient_ids, "
                  "outcome) VALUES (now() + %s * interval '1 second' - interval '1 day', %s, 'staff', %s, '', gen_random_uuid(), %s, %s, "
                  "%s::uuid[], %s)", chance.randrange(60), chance.choice([each.id for each in world] + [practice.id]), chance.choice(actors),
                  "seldom" if number == 11 else chance.choice(OPERATIONS), named[0] if len(named) == 1 else None,
                  named if len(named) > 1 else None, chance.choice(OUTCOMES))
    found = superuser("SELECT at, id, actor_id, array_remove(patient_id || patient_ids, NULL), operation, outcome FROM audit.event "
                      "WHERE practice_id = %s ORDER BY at DESC, id DESC", practice.id)
    return superuser, practice, actors, patients, found


def test_every_filter_finds_what_a_walk_finds(rows):
    session, practice, actors, patients, all_rows = rows
    session.prove(practice.staff["owner"])
    filters = itertools.product((None, actors[0]), (None, patients[0]), (None, "rare", "seldom", "often", "none"), (None, "ok", "forbidden"))
    for actor, patient, operation, outcome in filters:
        wanted = [row[:2] for row in all_rows if actor in (None, row[2]) and (patient is None or patient in row[3])
                  and operation in (None, row[4]) and outcome in (None, row[5])]
        got, at, last = [], None, None
        while True:
            page = session("SELECT at, id FROM audit.search(%s, %s, %s, %s, NULL, NULL, %s, %s, %s)", actor, patient, operation, outcome,
                           at, last, FETCH)
            got += page
            if len(page) < FETCH:
                break
            at, last = page[-1]
        assert got == wanted, (actor, patient, operation, outcome)
