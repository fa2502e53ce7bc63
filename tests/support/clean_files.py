"""Files that are clean, with objects in the instance's store that are sealed as the scanner seals them: what is downloaded is real."""

import os
import pathlib
import random
import subprocess

from support import sending
from support.uploads import SET, WAYS, kinds

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build")) / "tests" / "programs" / "store_object"
MADE_TYPES = {"image/heic": "image/jpeg", "image/png": "image/jpeg", "image/webp": "image/jpeg", "application/pdf": "image/jpeg"}


class Objects:
    """The store of a running instance."""

    def __init__(self, demo, database):
        self.top, self.database = pathlib.Path(demo["var"]), database
        self.chance = random.Random(20261130)

    def sql(self, text, *values):
        with self.database.cursor() as cursor:
            cursor.execute(text, values)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def run(self, *words, plain=b""):
        environment = {"ANAMNESIS_FILES_KEYRING_FILE": str(self.top / "keys" / "keyring-files.json")}
        done = subprocess.run([PROGRAM, *map(str, words)], env=environment, input=plain, stdout=subprocess.PIPE, check=True)
        return done.stdout.decode().strip()

    def keys(self, upload, kind):
        """What opens an object, as store_object takes it."""
        patient, salt, sealed = self.sql(
            "SELECT u.patient_id::text, encode(u.salt, 'hex'), encode(d.files_key, 'hex') FROM anamnesis.upload u "
            "JOIN anamnesis.data_key d ON d.patient_id = u.patient_id WHERE u.id = %s", upload)[0]
        return upload, kind, self.run("files-key", patient, sealed), salt

    def ticket(self, upload, kind):
        """A ticket as a worker makes it, for a file that is clean."""
        name, content_type, size = self.sql("SELECT name, content_type, plain_size FROM anamnesis.upload_object "
                                            "WHERE upload_id = %s AND kind = %s", upload, kind)[0]
        return self.run("ticket", name, *self.keys(upload, kind), content_type, size, 1, 0)

    def add(self, upload, kind, content_type, plain):
        name = self.run("seal", self.top / "objects", *self.keys(upload, kind), plain=plain)
        self.sql("INSERT INTO anamnesis.upload_object (upload_id, kind, practice_id, patient_id, name, content_type, plain_size) "
                 "SELECT id, %s, practice_id, patient_id, %s, %s, %s FROM anamnesis.upload WHERE id = %s",
                 kind, name, content_type, len(plain), upload)

    def move(self, upload, state):
        change = f", {SET[state]}" if state in SET else ""
        # In one transaction with what keeps the scanner from it: the move makes it due at once.
        assert self.sql(f"UPDATE anamnesis.upload SET state = %s{change} WHERE id = %s; "
                        "UPDATE anamnesis.upload SET next_at = now() + interval '1 day' WHERE id = %s", state, upload, upload) == 1


class File:
    """One file of a patient's, declared by the patient; `objects` has the bytes of what was made of it, by kind."""

    def __init__(self, store, client, response, content_type="image/jpeg", state="clean", size=1000, **declared):
        self.store, self.type = store, content_type
        made = sending.declare(client, response, store.chance.randbytes(size), content_type=content_type, **declared)
        self.id, self.name = made["id"], made["filename"]
        self.objects = {kind: f"{kind} of {self.id} ".encode() + store.chance.randbytes(size) for kind in kinds(content_type)}
        self.types = {kind: content_type if kind == "original" else MADE_TYPES.get(content_type, content_type) for kind in self.objects}
        for step in WAYS[state]:
            if step == "clean":
                for kind, plain in self.objects.items():
                    store.add(self.id, kind, self.types[kind], plain)
            store.move(self.id, step)

    def path(self, side="admin", what=""):
        return f"/{'admin/media' if side == 'admin' else 'patient/uploads'}/{self.id}{what}"
