-- Which of these patients, whom auth.glass_patient gave, have this given name (or their only name), whatever its case and normal form. Names are
-- opened for it (p_keys: a data key for each) and stay here, but whoever was compared is in the audit row.
CREATE OR REPLACE FUNCTION auth.glass_named(p_patients uuid[], p_keys bytea[], p_given_name text)
RETURNS TABLE (patient_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wanted text := normalize(upper(lower(normalize(btrim(p_given_name), NFD) COLLATE "und-x-icu")), NFC);
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IS DISTINCT FROM 'physician' OR NOT auth.is_fresh()
        OR cardinality(p_patients) > 16 THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'breaking the glass needs a physician with fresh proof';
    END IF;
    RETURN QUERY
    SELECT c.id
    FROM (SELECT audit.about(p.id) AS id,
                 btrim(coalesce(phi.open(k.key, 'patient.given_name:' || p.id::text, p.given_name),
                                phi.open(k.key, 'patient.family_name:' || p.id::text, p.family_name))) AS given_name
          FROM unnest(p_patients, p_keys) AS k (id, key)
          JOIN anamnesis.patient p ON p.practice_id = auth.practice() AND p.id = k.id AND p.status <> 'erased'
          OFFSET 0) AS c -- each is opened and named, whichever matches
    WHERE normalize(upper(lower(normalize(c.given_name, NFD) COLLATE "und-x-icu")), NFC) = wanted;
END
$$;
GRANT EXECUTE ON FUNCTION auth.glass_named(uuid[],bytea[],text) TO anamnesis_api;
