"""Load by patients who auto-save and staff who read; every answer is kept, and so is every acknowledged value."""

import collections
import random
import threading
import time

import requests
from support import client as api

QUESTIONS = 12
PAUSE_SECONDS = 0.02  # below the site's rate limit for one address
Answer = collections.namedtuple("Answer", "what began ended status code headers")


class Load:
    """`savers` threads on `responses` responses, two readers. start(), then stop(), then check()."""

    def __init__(self, practice, responses, savers):
        definition = {"resourceType": "Questionnaire", "status": "active",
                      "item": [{"linkId": f"q{number}", "type": "integer", "text": "?"} for number in range(QUESTIONS)]}
        self.practice = practice
        self.begun = [practice.begun(definition) for _ in range(responses)]
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.answers, self.acknowledged, self.unexpected = [], collections.defaultdict(list), []
        self.threads = [threading.Thread(target=self._guarded, args=(self._save, number)) for number in range(savers)]
        self.threads += [threading.Thread(target=self._guarded, args=(self._read, number)) for number in range(2)]

    def start(self):
        self.practice.staff()
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        """Ends the load; savers first get an answer for what they were saving."""
        self.stopping.set()
        for thread in self.threads:
            if thread.ident is not None:
                thread.join()
        return self

    def successes(self):
        with self.lock:
            return sum(answer.status == 200 for answer in self.answers)

    def failures(self):
        """What was neither served nor refused for a reason of its own."""
        return [answer for answer in self.answers if answer.status not in (200, 409)]

    def _guarded(self, task, number):
        try:
            task(number)
        except Exception as fault:  # pylint: disable=broad-except  (a thread's: the test has to hear of it)
            with self.lock:
                self.unexpected.append(repr(fault))

    def _call(self, what, send):
        """Gives the answer, or None when the connection itself was lost. Too much at once of one patient is sent again."""
        began = time.monotonic()
        try:
            got = api.until_served(send)
        except requests.RequestException as fault:
            with self.lock:
                self.answers.append(Answer(what, began, time.monotonic(), None, repr(fault), {}))
            return None
        code = got.json().get("code") if got.headers["Content-Type"].startswith("application/problem+json") else None
        with self.lock:
            self.answers.append(Answer(what, began, time.monotonic(), got.status_code, code, dict(got.headers)))
        time.sleep(PAUSE_SECONDS)
        return got

    def _client(self, session):
        return api.Client(session.base_url, session.ca_file, session.token)

    def _save(self, number):
        """Saves values that nobody else saves; one that was not acknowledged is sent again, as a portal does."""
        _, session, response = self.begun[number % len(self.begun)]
        mine, chance, revision, count = self._client(session), random.Random(number), 1, 0
        while not self.stopping.is_set():
            item, value = f"q{chance.randrange(QUESTIONS)}", number * 1_000_000 + count
            count += 1
            revision = self._save_one(mine, response["id"], revision, item, value)

    def _save_one(self, mine, response_id, revision, item, value):
        while True:
            got = self._call("save", lambda: mine.save(response_id, revision, {item: [{"valueInteger": value}]}))
            if got is None or got.status_code >= 500:
                continue
            if got.status_code == 409:
                revision = got.json()["conflicts"][0]["revision"]
                continue
            revision = api.good(got, 200)["revision"]
            with self.lock:
                self.acknowledged[response_id, item].append((revision, value))
            return revision

    def _read(self, number):
        session = self.practice.staff()
        mine, paths = self._client(session), ["/admin/auth/session", "/admin/patients?limit=5",
                                              f"/admin/responses/{self.begun[number][2]['id']}"]
        while not self.stopping.is_set():
            for path in paths:
                self._call("read", lambda: mine.get(path))

    def check(self):
        """P1: each acknowledged value is there, or was overwritten by one that was acknowledged later."""
        assert not self.unexpected
        for _, session, response in self.begun:
            shown = api.good(session.get(f"/patient/responses/{response['id']}"))
            stored = {item["linkId"]: item["answer"][0]["valueInteger"] for item in shown["response"]["item"]}
            saves = {item: of for (response_id, item), of in self.acknowledged.items() if response_id == response["id"]}
            assert stored == {item: max(of)[1] for item, of in saves.items()}
            revisions = [revision for of in saves.values() for revision, _ in of]
            assert len(revisions) == len(set(revisions)) and max(revisions) == shown["revision"]
