ALTER TABLE anamnesis.idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE anamnesis.idempotency FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON anamnesis.idempotency TO anamnesis_owner USING (true) WITH CHECK (true);
CREATE POLICY own ON anamnesis.idempotency TO anamnesis_api
    USING (actor_id = (SELECT auth.signed_in())
           AND practice_id = (SELECT auth.practice()));
GRANT SELECT, INSERT, UPDATE (operation, body_sha256, status, reply_sealed, created_at, patient_ids, link_hash) ON
    anamnesis.idempotency TO anamnesis_api;
