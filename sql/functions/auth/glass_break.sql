-- Breaks it, for an hour; gives when that ends.
CREATE OR REPLACE FUNCTION auth.glass_break(p_id uuid, p_patient uuid, p_key bytea, p_reason text) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ends timestamptz;
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IS DISTINCT FROM 'physician' OR NOT auth.is_fresh() THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'breaking the glass needs a physician with fresh proof';
    END IF;
    INSERT INTO anamnesis.break_glass AS g (id, practice_id, patient_id, staff_id, reason)
    VALUES (p_id, auth.practice(), audit.about(p_patient), auth.actor(),
            phi.seal(p_key, 'break_glass.reason:' || p_id::text, p_reason))
    RETURNING g.expires_at INTO ends;
    RETURN ends;
END
$$;
GRANT EXECUTE ON FUNCTION auth.glass_break(uuid,uuid,bytea,text) TO anamnesis_api;
