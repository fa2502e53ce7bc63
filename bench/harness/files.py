"""Photos and documents: how many go through scan and cleaning, and what uploads take from auto-saves."""

import collections
import hashlib
import json
import pathlib
import statistics
import subprocess
import threading
import time

from harness import load, photos, seed, signatures
from support import sending

RATE = "500k"  # bytes a second of one upload: a telephone's on a fair network
OF_A_PATIENT = 15  # files under way
UPLOADERS = 20
WAIT_SECONDS = 600
SETTLING_SECONDS = 2
PACE_SECONDS = 1  # nobody takes photos faster; a patient may have 20 under way, and 200 a day

Flow = collections.namedtuple("Flow", "photos a_second processor_milliseconds bytes")
Beside = collections.namedtuple("Beside", "uploads alone beside ratios")  # alone, beside: load.Result of the pair in the middle


class Sender:
    """A patient who sends a photo as answer, again and again."""

    def __init__(self, instance, patient, content, place):
        self.instance, self.patient, self.content, self.place = instance, patient, content, place
        self.connection = instance.open()
        assignment = next(item["assignment_id"] for item in self.call("GET", "/patient/questionnaires?limit=200")["items"]
                          if item["title"] == sending.FORM["title"])
        self.response = self.call("POST", "/patient/responses", {"assignment_id": assignment})["id"]

    def call(self, method, path, body=None):
        return self.instance.call(method, path, body, self.patient.token, connection=self.connection)

    def put(self, rate=None):
        """Declared, and all parts sent; the upload's id."""
        made = self.call("POST", "/patient/uploads", {
            "filename": "photo.jpg", "content_type": "image/jpeg", "size": len(self.content), "response_id": self.response, "link_id": "photo",
            "sha256": hashlib.sha256(self.content).hexdigest()})
        part, = made["parts"]
        headers = [word for name, value in part["headers"].items() for word in ("-H", f"{name}: {value}")]
        slow = ["--limit-rate", rate] if rate else []
        done = subprocess.run(["curl", "-sS", "--cacert", self.instance.demo["ca_file"], *slow, "-T", self.place, *headers, "-o", "/dev/null",
                               "-w", "%{http_code}", part["url"]], capture_output=True, text=True, check=False)
        if done.stdout != "200":
            raise RuntimeError(f"a part was answered {done.stdout} {done.stderr}")
        return made["id"]

    def complete(self, upload):
        self.call("POST", f"/patient/uploads/{upload}/complete")


def prepare(instance, staff):
    """A questionnaire that takes photos, for every patient of the benchmark."""
    made = instance.call("POST", "/admin/questionnaires", {"definition": sending.FORM}, staff.token)
    instance.call("POST", f"/admin/questionnaires/{made['id']}/publish", {}, staff.token, made["revision"])
    instance.psql(seed.script("assignments.sql"), questionnaire=made["id"], responses=1)


def crew(instance):
    """The scanner's process ids: the conductor's and those of its programs."""
    found = [json.loads((instance.state / "pids" / "scan.json").read_text(encoding="utf-8"))["pid"]]
    for pid in found:
        found += [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return found


def flow(instance, patients, content, place, count):
    """Photos that wait together go through the scanner: from the first that is complete to the last that is clean."""
    senders = [Sender(instance, patient, content, place) for patient in patients[:-(-count // OF_A_PATIENT)]]
    waiting = [(sender, sender.put()) for sender in senders for _ in range(OF_A_PATIENT)][:count]
    pids = crew(instance)
    before = load.processor_with_children(pids)
    for sender, upload in waiting:
        sender.complete(upload)
    chosen = ", ".join(f"'{upload}'" for _, upload in waiting)
    states = f"SELECT state, count(*) FROM anamnesis.upload WHERE id IN ({chosen}) GROUP BY state;"
    end = time.monotonic() + WAIT_SECONDS
    while "scanning" in (found := dict(instance.psql(states))) and time.monotonic() < end:
        time.sleep(0.1)
    if found != {"clean": str(count)}:
        raise RuntimeError(f"of {count} photos: {found}")
    taken = instance.psql(f"SELECT extract(epoch FROM max(decided_at) - min(completed_at)) FROM anamnesis.upload WHERE id IN ({chosen});")
    processor = load.processor_with_children(pids) - before
    return Flow(count, count / float(taken[0][0]), 1000 * processor / count, len(content))


class Uploads:
    """Twenty patients who send photos at a telephone's rate until it ends."""

    def __init__(self, senders):
        self.count, self.fault, self.ending = 0, None, threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(sender,)) for sender in senders]

    def run(self, sender):
        try:
            while not self.ending.is_set():
                began = time.monotonic()
                sender.complete(sender.put(RATE))
                self.count += 1
                self.ending.wait(PACE_SECONDS - (time.monotonic() - began))
        except (RuntimeError, OSError) as fault:
            self.fault = fault

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        time.sleep(SETTLING_SECONDS)
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        if self.fault:
            raise self.fault


def beside(measure, operation, instance, senders, rounds):
    """The operation alone and while twenty uploads run, in turn; the ratio of p99 in each pair."""
    pairs, count = [], 0
    for _ in range(rounds):
        alone = measure.once(operation, instance.base_url, instance.workers("api"))
        with Uploads(senders) as uploads:
            loaded = measure.once(operation, instance.base_url, instance.workers("api"))
        count += uploads.count
        pairs.append((loaded.p99 / alone.p99, alone, loaded))
    pairs.sort(key=lambda pair: pair[0])
    return Beside(count, pairs[len(pairs) // 2][1], pairs[len(pairs) // 2][2], [pair[0] for pair in pairs])


def measure_all(instance, bench, measure, operation, options, say):
    """Everything of photos, as it is kept."""
    place = instance.var / "bench-files"
    say(f"photos of {options.photo_width * options.photo_height / 1e6:.1f} megapixels: made anew")
    photos.build()
    made = list(photos.measure(place, options.photo_width, options.photo_height, options.photos_made))
    content, path = made[0][1], place / "sent.jpg"
    path.write_bytes(content)
    patients = list(bench.patients.values())
    prepare(instance, bench.staff[0])
    say(f"{options.photos} photos through the scanner")
    flowed = flow(instance, patients, content, path, options.photos)
    say(f"auto-save beside {UPLOADERS} uploads")
    senders = [Sender(instance, patient, content, path) for patient in patients[-UPLOADERS:]]
    by = beside(measure, operation, instance, senders, options.file_rounds)
    return {"made": [cost._asdict() for cost, _ in made], "flow": flowed._asdict(), "engines": engines(place, options, say),
            "beside": by._asdict() | {"alone": by.alone._asdict(), "beside": by.beside._asdict(), "median": statistics.median(by.ratios)}}


def engines(place, options, say):
    found = []
    for count in (0, options.signatures):
        say(f"the engine with {count} generated signatures")
        directory = signatures.write(place / f"signatures-{count}", count)
        found.append(signatures.measure(directory, place / "engine.log", count)._asdict())
        for file in directory.iterdir():
            file.unlink()
    return found
