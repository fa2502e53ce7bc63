-- Keeps a seed until it is confirmed; no row when one is enrolled already. Whose: the session's, or that of the
-- challenge that was claimed in this transaction. The account's practice and wrapped key are for the seed's label.
-- Beside any other second factor only in a session that is fresh.
CREATE OR REPLACE FUNCTION auth.totp_begin(p_account uuid, p_sealed bytea)
RETURNS TABLE (account_id uuid, practice_name text, wrapped_key bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whose text;
BEGIN
    UPDATE auth.account a SET totp_pending = p_sealed
    FROM anamnesis.practice c
    WHERE a.id = p_account AND a.id = auth.actor() AND auth.may_add_factor(a.id) AND c.id = a.practice_id
    RETURNING a.id, c.name, a.realm INTO totp_begin.account_id, totp_begin.practice_name, whose;
    IF FOUND THEN
        PERFORM audit.about(p_account) WHERE whose = 'patient';
        SELECT coalesce((SELECT m.wrapped_key FROM anamnesis.staff m WHERE m.id = p_account AND whose = 'staff'),
                        (SELECT d.wrapped_key FROM anamnesis.data_key d WHERE d.patient_id = p_account AND whose = 'patient'))
        INTO totp_begin.wrapped_key;
        RETURN NEXT;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.totp_begin(uuid,bytea) TO anamnesis_api;
