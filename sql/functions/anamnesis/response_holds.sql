-- What holds for every response. A trigger in place of CHECK constraints: a statement makes the expressions of all constraints
-- of its table ready before it writes a row, whichever columns it sets, and that was a tenth of an auto-save. This one runs when
-- a row is new, or one of the columns that it looks at is set.
CREATE OR REPLACE FUNCTION anamnesis.response_holds() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong text;
BEGIN
    IF (NEW.amendment >= 0 AND CASE NEW.amendment WHEN 0 THEN NEW.amends IS NULL AND NEW.status IN ('in-progress', 'completed')
        ELSE NEW.amends IS NOT NULL AND NEW.status IN ('in-progress', 'amended', 'stopped') END) IS NOT TRUE THEN
        wrong := 'response_status';
    -- Completed means: when, what was shown, and what was answered.
    ELSIF (CASE WHEN NEW.status IN ('completed', 'amended')
        THEN num_nulls(NEW.submitted_at, NEW.definition_sha256, NEW.response_sha256) = 0
             AND octet_length(NEW.definition_sha256) = 32
        ELSE num_nonnulls(NEW.submitted_at, NEW.definition_sha256, NEW.response_sha256) = 0 END) IS NOT TRUE THEN
        wrong := 'response_completed_is_proven';
    ELSE
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = wrong,
        MESSAGE = format('a row of %s.%s violates %s', TG_TABLE_SCHEMA, TG_TABLE_NAME, wrong);
END
$$;
