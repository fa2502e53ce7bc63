-- The second format of sealed values (sql/functions/phi/seal.sql). Values of the first one are opened for as long as there are
-- any; whatever is written is of the second, and `anamnesis keys rotate` seals the rest anew.
ALTER DOMAIN phi.sealed DROP CONSTRAINT sealed_check;
ALTER DOMAIN phi.sealed ADD CONSTRAINT sealed_check CHECK (octet_length(VALUE) > 33 AND get_byte(VALUE, 0) IN (1, 2))
    NOT VALID; -- the former check was stricter: reading every value under a lock would find nothing

-- Of which format the oldest value under a person's key may be.
ALTER TABLE anamnesis.data_key ADD COLUMN sealed_format integer NOT NULL DEFAULT 1;
ALTER TABLE anamnesis.data_key ALTER COLUMN sealed_format SET DEFAULT 2;
CREATE INDEX data_key_format_1 ON anamnesis.data_key (patient_id) WHERE sealed_format = 1;
ALTER TABLE anamnesis.staff ADD COLUMN sealed_format integer NOT NULL DEFAULT 1;
ALTER TABLE anamnesis.staff ALTER COLUMN sealed_format SET DEFAULT 2;

-- What never changes may be sealed anew, by the owner alone.
CREATE OR REPLACE TRIGGER completed_for_ever BEFORE UPDATE OR DELETE ON anamnesis.response
    FOR EACH ROW WHEN (OLD.status <> 'in-progress')
    EXECUTE FUNCTION anamnesis.refuse_change_but_sealing('answers', 'scores', 'response_sha256');
CREATE OR REPLACE TRIGGER migrated_for_ever BEFORE UPDATE OR DELETE ON anamnesis.response_migration
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change_but_sealing('answers', 'dropped');
ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER completed_for_ever;
ALTER TABLE anamnesis.response_migration ENABLE ALWAYS TRIGGER migrated_for_ever;
CREATE OR REPLACE TRIGGER broken_for_ever BEFORE UPDATE OR DELETE ON anamnesis.break_glass
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change_but_sealing('reason');
ALTER TABLE anamnesis.break_glass ENABLE ALWAYS TRIGGER broken_for_ever;
