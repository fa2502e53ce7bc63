-- A partition is as protected as the whole: nobody but the owner reaches it by its own name, and neither UPDATE, DELETE
-- (a clone of the parent's trigger) nor TRUNCATE (a trigger of its own: those for statements are not cloned) gets by.
CREATE OR REPLACE FUNCTION audit.protect_partition(p_name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('ALTER TABLE audit.%I ENABLE ROW LEVEL SECURITY', p_name);
    EXECUTE format('ALTER TABLE audit.%I FORCE ROW LEVEL SECURITY', p_name);
    EXECUTE format('CREATE POLICY owner ON audit.%I TO anamnesis_owner USING (true) WITH CHECK (true)', p_name);
    EXECUTE format('CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT '
                   'EXECUTE FUNCTION anamnesis.refuse_change()', p_name);
    EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER append_only_all', p_name);
END
$$;
