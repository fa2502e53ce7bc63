-- What patients choose themselves: language and reminders; the new revision, or NULL when the revision is stale.
CREATE OR REPLACE FUNCTION auth.patient_choose(p_revision integer, p_language text, p_reminders boolean) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE anamnesis.patient p
    SET language = coalesce(p_language, p.language), reminders = coalesce(p_reminders, p.reminders),
        revision = p.revision + 1, updated_at = now()
    WHERE p.id = auth.patient() AND p.revision = p_revision
    RETURNING p.revision
$$;
GRANT EXECUTE ON FUNCTION auth.patient_choose(integer,text,boolean) TO anamnesis_api;
