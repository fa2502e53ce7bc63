-- What holds for every response is looked at when what it is about is written, and not at each auto-save:
-- sql/functions/anamnesis/response_holds.sql.
CREATE TRIGGER holds BEFORE INSERT OR UPDATE OF status, amendment, amends, submitted_at, definition_sha256, response_sha256
    ON anamnesis.response FOR EACH ROW EXECUTE FUNCTION anamnesis.response_holds();
ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER holds;
ALTER TABLE anamnesis.response
    DROP CONSTRAINT response_status,
    DROP CONSTRAINT response_completed_is_proven,
    DROP CONSTRAINT response_amendment_check,
    DROP CONSTRAINT response_definition_sha256_check;
