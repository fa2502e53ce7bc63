-- As refuse_change(), but the owner may seal values of the first format anew: the columns that the trigger names may go from format 1
-- to 2, and nothing else changes (phi.patient_sealed_anew). The owner could take the trigger away as well: this gives nobody a right.
CREATE OR REPLACE FUNCTION anamnesis.refuse_change_but_sealing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET bytea_output = hex
AS $$
DECLARE
    before jsonb;
    after jsonb;
    worked_out CONSTANT text[] := ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = TG_RELID AND a.attgenerated <> '');
BEGIN
    IF TG_OP = 'UPDATE' AND current_user = 'anamnesis_owner' THEN
        before := to_jsonb(OLD);
        after := to_jsonb(NEW);
        -- Generated columns follow the others, and have no value yet.
        IF before - TG_ARGV - worked_out = after - TG_ARGV - worked_out
           AND NOT EXISTS (SELECT FROM unnest(TG_ARGV) AS name
                           WHERE before -> name IS DISTINCT FROM after -> name
                             AND (left(before ->> name, 4), left(after ->> name, 4)) IS DISTINCT FROM ('\x01', '\x02')) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'AN409',
        MESSAGE = format('%s of %s.%s is refused: it is kept as it was written',
                         TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME);
END
$$;
