-- For triggers: what must never change again, whoever asks, a superuser and a replica's session included
-- (the triggers are ENABLE ALWAYS).
CREATE OR REPLACE FUNCTION anamnesis.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'AN409',
        MESSAGE = format('%s of %s.%s is refused: it is kept as it was written',
                         TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME);
END
$$;
