"""Practices made in SQL, and sessions of database roles: for tests that work below the API."""

import hashlib
import os
import uuid

import psycopg2
import pytest
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extras import register_uuid

from . import uploads

register_uuid()

ROLES = {"owner": 1, "physician": 2, "assistant": 4, "auditor": 8, "patient": 16}
STAFF_ROLES = ("owner", "physician", "assistant", "auditor")


class Session:
    """A connection whose transaction is rolled back in the end."""

    door = None  # what workers show the tests' database before a sign-in

    def __init__(self, connection):
        self.connection = connection
        self.cursor = connection.cursor()

    def __call__(self, statement, *values):
        """All rows; [] for a statement without."""
        self.cursor.execute(statement, values)
        return self.cursor.fetchall() if self.cursor.description else []

    def one(self, statement, *values):
        """The first column of the first row; None when there is no row."""
        rows = self(statement, *values)
        return rows[0][0] if rows else None

    def affected(self, statement, *values):
        self.cursor.execute(statement, values)
        return self.cursor.rowcount

    def refused(self, sqlstate, statement, *values):
        """Demands that the statement fails like this, and undoes the failure."""
        self.cursor.execute("SAVEPOINT before")
        with pytest.raises(psycopg2.Error) as fault:
            self.cursor.execute(statement, values)
        self.cursor.execute("ROLLBACK TO SAVEPOINT before")
        assert fault.value.pgcode == sqlstate, fault.value
        return fault.value

    def prove(self, who, operation="test"):
        """Acts as this account of the world until the end of the transaction."""
        self.cursor.execute("SELECT * FROM auth.prove(%s, %s, 31, %s, %s, '127.0.0.1')",
                            (who.realm, who.token_hash, operation, uuid.uuid4()))
        return self.cursor.fetchone()

    def anonymous(self, operation="test"):
        self.cursor.execute("SELECT auth.anonymous(%s, %s, '127.0.0.1', %s)", (operation, uuid.uuid4(), self.door))

    def commit(self):
        self.connection.commit()

    def rollback(self):
        self.connection.rollback()


class Begun(Session):
    """The same, with a sign-in begun in each transaction, as a worker's is that has no session."""

    def begin(self):
        if self.connection.info.transaction_status == TRANSACTION_STATUS_IDLE:
            self.anonymous()

    def __call__(self, statement, *values):
        self.begin()
        return super().__call__(statement, *values)

    def refused(self, sqlstate, statement, *values):
        self.begin()
        return super().refused(sqlstate, statement, *values)


class Committed(Begun):
    """Each statement in a transaction of its own."""

    def __call__(self, statement, *values):
        try:
            return super().__call__(statement, *values)
        finally:
            self.commit()


class Account:
    def __init__(self, realm, role):
        self.id, self.realm, self.role = uuid.uuid4(), realm, role
        self.key, self.token_hash, self.email_index = os.urandom(96), os.urandom(32), os.urandom(32)


class Practice:
    """A practice with staff of every role, two registered patients, and one of everything else."""

    def __init__(self, sql, name):
        self.id = uuid.uuid4()
        self.name = name
        sql("INSERT INTO anamnesis.practice (id, name) VALUES (%s, %s)", self.id, name)
        self.staff = {role: self.add_staff(sql, role) for role in STAFF_ROLES}
        self.patients = [self.add_patient(sql), self.add_patient(sql)]
        self.patient = self.patients[0]
        self.questionnaire, self.definition = uuid.uuid4(), '{"resourceType": "Questionnaire"}'
        self.definition_sha256 = hashlib.sha256(self.definition.encode()).digest()
        owner = self.staff["owner"].id
        sql("INSERT INTO anamnesis.questionnaire (id, practice_id, title, draft, created_by) VALUES (%s, %s, 'Q', %s, %s)",
            self.questionnaire, self.id, self.definition, owner)
        for version in (1, 2):
            sql("INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, definition, "
                "definition_sha256, published_by) VALUES (%s, %s, %s, 'Q', %s, %s, %s)", self.id, self.questionnaire,
                version, self.definition, self.definition_sha256, owner)
        sql("UPDATE anamnesis.questionnaire SET status = 'active', version = 2 WHERE id = %s", self.questionnaire)
        self.assignments = {patient.id: self.add_assignment(sql, patient) for patient in self.patients}
        self.completed = self.add_response(sql, self.patients[0], "completed")
        self.started = self.add_response(sql, self.patients[1], "in-progress")
        for patient, response in zip(self.patients, (self.completed, self.started)):
            self.add_migration(sql, patient, response)
        # Each patient's photo, which the response shows.
        self.uploads = {patient.id: uploads.add(sql, patient, response)
                        for patient, response in zip(self.patients, (self.completed, self.started))}
        for patient, response in zip(self.patients, (self.completed, self.started)):
            sql("INSERT INTO anamnesis.upload_shown (upload_id, response_id, practice_id, patient_id) VALUES (%s, %s, %s, %s)",
                self.uploads[patient.id], response, self.id, patient.id)
            sql("INSERT INTO anamnesis.review_now (response_id, practice_id, patient_id, state, number) VALUES (%s, %s, %s, 'reviewed', 1)",
                response, self.id, patient.id)
            sql("INSERT INTO anamnesis.review (practice_id, patient_id, response_id, number, state, staff_id) VALUES (%s, %s, %s, 1, 'reviewed', %s)",
                self.id, patient.id, response, owner)
        sql("INSERT INTO anamnesis.value_set (practice_id, url, title, resource, created_by) VALUES (%s, 'urn:x:s', 's', "
            "'{}', %s)", self.id, owner)
        for patient in self.patients:
            sql("INSERT INTO anamnesis.invitation (practice_id, patient_id, token_hash, delivery, expires_at, created_by) "
                "VALUES (%s, %s, %s, 'link', now() + interval '1 day', %s)", self.id, patient.id, os.urandom(32), owner)
            sql("INSERT INTO anamnesis.outbox (practice_id, kind, sealed, patient_id) VALUES (%s, 'invitation', %s, %s)",
                self.id, os.urandom(60), patient.id)
            sql("INSERT INTO anamnesis.idempotency (practice_id, actor_id, key_hash, operation, body_sha256) "
                "VALUES (%s, %s, %s, 'x', %s)", self.id, patient.id, os.urandom(32), os.urandom(32))
        sql("INSERT INTO anamnesis.outbox (practice_id, kind, sealed) VALUES (%s, 'invitation', %s)", self.id,
            os.urandom(60))
        # The first patient's care team is the physician, who had opened the second one's record in an emergency.
        physician = self.staff["physician"].id
        sql("INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) VALUES (%s, %s, %s, %s)",
            self.id, physician, self.patients[0].id, owner)
        sql("INSERT INTO anamnesis.break_glass (id, practice_id, staff_id, patient_id, reason, opened_at, expires_at) VALUES "
            "(%s, %s, %s, %s, %s, now() - interval '2 hours', now() - interval '1 hour')", uuid.uuid4(), self.id, physician,
            self.patients[1].id, b"\x01" + os.urandom(60))

    def add_session(self, sql, account, idle_seconds=1800):
        sql("INSERT INTO auth.session (practice_id, realm, account_id, token_hash, idle_seconds, expires_at, client_address) "
            "VALUES (%s, %s, %s, %s, %s, now() + interval '12 hours', 'test')", self.id, account.realm, account.id,
            account.token_hash, idle_seconds)

    def add_account(self, sql, account, totp=True):
        sql("INSERT INTO auth.account (id, practice_id, realm, password_hash, totp_sealed) VALUES (%s, %s, %s, 'hash', %s)",
            account.id, self.id, account.realm, os.urandom(60) if totp else None)
        self.add_session(sql, account)

    def add_staff(self, sql, role):
        account = Account("staff", role)
        sql("INSERT INTO anamnesis.staff (id, practice_id, role, email_index, wrapped_key, email, name) VALUES "
            "(%s, %s, %s, %s, %s, phi.seal(%s, 'staff.email:' || %s, 'e'), phi.seal(%s, 'staff.name:' || %s, 'n'))",
            account.id, self.id, role, account.email_index, os.urandom(76), account.key, str(account.id), account.key,
            str(account.id))
        self.add_account(sql, account)
        return account

    def add_patient(self, sql, registered=True, totp=False):
        account = Account("patient", "patient")
        columns = [part for name in ("given_name", "family_name", "birth_date", "email")
                   for part in (account.key, f"patient.{name}:{account.id}")]
        sql("INSERT INTO anamnesis.patient (id, practice_id, given_name, family_name, birth_date, email, email_index, "
            "created_by, registered_at) VALUES (%s, %s, phi.seal(%s, %s, 'Margarethe'), phi.seal(%s, %s, 'Musterfrau'), "
            "phi.seal(%s, %s, '1980-02-29'), phi.seal(%s, %s, 'm@example.org'), %s, %s, CASE WHEN %s THEN now() END)",
            account.id, self.id, *columns, account.email_index, uuid.uuid4(), registered)
        sql("INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key) VALUES (%s, %s, %s)", account.id, self.id,
            os.urandom(76))
        if registered:
            self.add_account(sql, account, totp)
        return account

    def add_assignment(self, sql, patient):
        made = uuid.uuid4()
        sql("INSERT INTO anamnesis.assignment (id, practice_id, patient_id, questionnaire_id, version, created_by) "
            "VALUES (%s, %s, %s, %s, 1, %s)", made, self.id, patient.id, self.questionnaire, uuid.uuid4())
        return made

    def add_response(self, sql, patient, status):
        made, done = sql.one("SELECT anamnesis.uuid_v7()"), status == "completed"
        sql("INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, status, "
            "answers, submitted_at, definition_sha256, response_sha256) VALUES (%s, %s, %s, %s, %s, 1, %s, "
            "phi.seal(%s, 'response.answers:' || %s, '{}'), CASE WHEN %s THEN now() END, %s, "
            "phi.seal(%s, 'response.response_sha256:' || %s, %s))", made, self.id, patient.id, self.assignments[patient.id],
            self.questionnaire, status, patient.key, str(made), done, self.definition_sha256 if done else None,
            patient.key, str(made), os.urandom(32).hex() if done else None)
        return made

    def add_migration(self, sql, patient, response):
        sealed = b"\x01" + os.urandom(60)
        sql("INSERT INTO anamnesis.response_migration (practice_id, patient_id, response_id, from_version, to_version, "
            "revision, answers, dropped) VALUES (%s, %s, %s, 1, 2, 1, %s, %s)", self.id, patient.id, response, sealed, sealed)
