"""Whose file is looked at next: nobody waits for another's many files. Generated queues, looked at by the scanner's own function."""

import collections
import random

import pytest
from support import uploads
from support.world import Practice, Session

SEEDS = range(20261201, 20261207)
PRACTICES, MOST_FILES, STEPS = 3, 20, 60


@pytest.fixture
def practices(database):
    connection = database.connect("postgres")
    connection.autocommit = True
    sql = Session(connection)
    sql("UPDATE anamnesis.upload SET state = 'erased' WHERE state = 'scanning'")  # other tests'
    made = [Practice(sql, f"Practice {number}") for number in range(PRACTICES)]
    for each in made:
        each.sql = sql
    yield made
    connection.close()


class Queue:
    """Who waits with which files, the one that is due for longest first; and whose turn it was, latest last."""

    def __init__(self, practices, chance):
        self.sql, self.chance = practices[0].sql, chance
        self.people = {patient.id: (each.id, patient, response) for each in practices
                       for patient, response in ((each.patient, each.completed), (each.patients[1], each.started))}
        self.waiting = {person: [] for person in self.people}
        self.turns = []

    def add(self, person, count):
        _, patient, response = self.people[person]
        for _ in range(min(count, MOST_FILES - len(self.waiting[person]))):
            upload = uploads.add(self.sql, patient, response, "scanning", size=self.chance.randrange(1, 50000001))
            self.waiting[person].append(upload)

    def last_turn(self, person):
        return max((number for number, each in enumerate(self.turns) if each == person), default=-1)

    def last_of_practice(self, practice):
        return max((self.last_turn(person) for person, (of, *_) in self.people.items() if of == practice), default=-1)

    def must_be_next(self):
        """Who has waited for a turn for longest; of the practice that has."""
        those = [person for person, files in self.waiting.items() if files]
        oldest = min(self.last_of_practice(self.people[person][0]) for person in those)
        those = [person for person in those if self.last_of_practice(self.people[person][0]) == oldest]
        longest = min(map(self.last_turn, those))
        return {person for person in those if self.last_turn(person) == longest}


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_waits_for_another_s_many_files(practices, connect, seed):
    chance = random.Random(seed)
    queue, scan = Queue(practices, chance), connect("anamnesis_scan")
    scan.connection.autocommit = True
    people = list(queue.people)
    queue.add(chance.choice(people), MOST_FILES)  # before everybody else
    waits = collections.Counter()
    for _ in range(STEPS):
        if chance.random() < 0.5:
            queue.add(chance.choice(people), chance.choice((1, 1, 2, 5)))
        if not any(queue.waiting.values()):
            continue
        expected = queue.must_be_next()
        [(upload, attempt)] = scan("SELECT id, attempts FROM anamnesis.upload_claim(120, now())")
        [person] = [person for person, files in queue.waiting.items() if upload in files]
        assert person in expected
        assert queue.waiting[person].pop(0) == upload  # of one patient the oldest
        queue.turns.append(person)
        waits = collections.Counter({each: waits[each] + 1 for each, files in queue.waiting.items() if files and each != person})
        assert all(count < 2 * len(people) for count in waits.values())
        assert scan.one("SELECT anamnesis.upload_decide(%s, %s, 'rejected', 'damaged', NULL, 'daily:1', NULL, NULL, NULL, NULL)",
                        upload, attempt) is True
