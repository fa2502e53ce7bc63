"""A file moves from state to state as the table says, whoever asks; each role by its own ways alone."""

import itertools

import psycopg2
import pytest
from support import uploads

# Each test has files of its own; those that two sessions are to see are committed.

REFUSED, VIOLATION = "AN409", "23514"
MOVES = {
    "awaiting-upload": {"scanning", "expired", "withdrawn", "removed", "erased"},
    "scanning": {"clean", "infected", "rejected", "withdrawn", "removed", "erased"},
    "clean": {"infected", "expired", "withdrawn", "removed", "erased"},
    "infected": {"withdrawn", "removed", "erased"},
    "quarantined": {"clean", "withdrawn", "removed", "erased"},
    "rejected": {"withdrawn", "removed", "erased"},
    "withdrawn": {"removed", "erased"}, "expired": {"removed", "erased"}, "removed": {"erased"}, "erased": set()}
PAIRS = list(itertools.product(MOVES, uploads.STATES))


@pytest.fixture(params=["plainly", "as a replica"])
def anybody(superuser, request):
    """A superuser, also one who switches ordinary triggers off."""
    if request.param == "as a replica":
        superuser("SET session_replication_role = replica")
    return superuser


class File:
    """A file of a practice's second patient, whose response is a draft, in whichever state."""

    def __init__(self, sql, practice, state, **columns):
        self.sql, self.practice, self.patient = sql, practice, practice.patients[1]
        self.id = uploads.add(sql, self.patient, practice.started, state, **columns)

    def __getattr__(self, column):
        return self.sql.one(f"SELECT {column} FROM anamnesis.upload WHERE id = %s", self.id)

    def objects(self):
        return {name for (name,) in self.sql("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", self.id)}

    def leaving(self):
        """What is to be removed of the practice, and whether it is urgent."""
        return dict(self.sql("SELECT name, urgent FROM anamnesis.object_leaving WHERE practice_id = %s", self.practice.id))

    def quota(self):
        return self.sql("SELECT patient_id IS NULL, bytes, open_count FROM anamnesis.upload_quota WHERE practice_id = %s "
                        "AND (patient_id IS NULL OR patient_id = %s) ORDER BY 1", self.practice.id, self.patient.id)


def counted(state):
    return (state in ("awaiting-upload", "scanning", "clean"), state in ("awaiting-upload", "scanning"))


def does_not_move(sql, file, to):
    """The SQLSTATE of the refusal."""
    sql("SAVEPOINT before")
    with pytest.raises(psycopg2.Error) as fault:
        uploads.move(sql, file.id, to)
    sql("ROLLBACK TO SAVEPOINT before")
    return fault.value.pgcode


@pytest.mark.parametrize("state, to", PAIRS)
def test_every_pair_of_states(anybody, world, state, to):
    """What the table allows goes, and leaves behind what has to go; nothing else goes, whoever asks."""
    file = File(anybody, world[0], state)
    names, before, salt = file.objects(), file.quota(), file.salt
    really = "infected" if state == "quarantined" else state
    if to == really:
        return
    if to not in MOVES[state]:
        assert does_not_move(anybody, file, to) in (REFUSED, VIOLATION)
        return
    if (state, to) == ("scanning", "clean"):
        assert does_not_move(anybody, file, to) == VIOLATION  # nothing was made of it yet
        names = set(uploads.add_objects(anybody, file.id).values())
    uploads.move(anybody, file.id, to)
    assert file.state == to and file.revision > 1 and file.claimed_until is None and file.attempts == 0
    # Parts go when the file is decided; objects go with the salt, and not before.
    parts_were, parts_are = state in ("awaiting-upload", "scanning"), to in ("awaiting-upload", "scanning")
    leaving = file.leaving()
    if parts_were and not parts_are:
        assert leaving.get(f"incoming/{file.id}") == (to == "erased")
    keeps = to in ("awaiting-upload", "scanning", "clean") or (state, to) == ("clean", "infected")
    assert file.salt == (salt if keeps else None)
    assert file.objects() == (names if keeps else set())
    assert names & set(leaving) == (set() if keeps else names)
    assert all(leaving[name] == (to == "erased") for name in names & set(leaving))
    # What is stored and what is under way is counted as it is now.
    more = (1000 * (counted(to)[0] - counted(really)[0]), counted(to)[1] - counted(really)[1])
    assert file.quota() == [(whole, size + more[0], count + more[1]) for whole, size, count in before]
    if to == "erased":
        assert anybody.one("SELECT num_nonnulls(name, declared, size, salt, signature, reason, removal_reason, width, height, seconds) "
                           "FROM anamnesis.upload WHERE id = %s", file.id) == 0


@pytest.mark.parametrize("state", uploads.STATES)
def test_a_file_begins_as_one_that_is_awaited(anybody, world, state):
    made = uploads.add(anybody, world[0].patient, world[0].completed, "awaiting-upload")
    begin = ("INSERT INTO anamnesis.upload (practice_id, patient_id, assignment_id, response_id, questionnaire_id, link_id, type, size, "
             "parts, name, declared, salt, state) SELECT practice_id, patient_id, assignment_id, response_id, questionnaire_id, link_id, "
             "type, size, parts, name, declared, salt, %s FROM anamnesis.upload WHERE id = %s")
    if state == "awaiting-upload":
        assert anybody.affected(begin, state, made) == 1
    else:
        anybody.refused(REFUSED, begin, state, made)
