-- An owner corrects the address of somebody who has been invited and has not joined yet: earlier links end, a new one is
-- for the new address. 'invited', 'taken', or NULL when there is nobody like that.
CREATE OR REPLACE FUNCTION auth.staff_readdress(p_staff uuid, p_key bytea, p_email text, p_indexes bytea[], p_token_hash bytea,
                                                p_expires_at timestamptz) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.as_owner();
    PERFORM FROM anamnesis.staff s
    WHERE s.practice_id = auth.practice() AND s.id = p_staff AND s.status = 'invited'
      AND NOT EXISTS (SELECT FROM auth.account a WHERE a.id = s.id) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF auth.address_taken('staff', auth.practice(), p_staff, p_indexes) THEN
        RETURN 'taken';
    END IF;
    PERFORM auth.address_store('staff', p_staff, p_key, p_email, p_indexes[1]);
    PERFORM auth.staff_link(auth.practice(), p_staff, p_token_hash, p_expires_at);
    RETURN 'invited';
END
$$;
GRANT EXECUTE ON FUNCTION auth.staff_readdress(uuid, bytea, text, bytea[], bytea, timestamptz) TO anamnesis_api;
