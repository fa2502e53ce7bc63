-- A patient of whom the practice has no address registers with one of their own: the account is made when the link that goes
-- there is answered, and the invitation with it. 'proposed', 'limit' (five for an invitation's patient in a day), or NULL when
-- the invitation opens nothing, or there is an address by now.
CREATE OR REPLACE FUNCTION auth.registration_propose(p_token_hash bytea, p_id uuid, p_key bytea, p_email text,
                                                     p_confirm_hash bytea, p_password_hash text, p_expires_at timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    it record;
BEGIN
    PERFORM auth.begun(NULL);
    SELECT i.id, i.patient_id, i.practice_id, i.expires_at INTO it
    FROM auth.invitation_by_token(p_token_hash) AS t JOIN anamnesis.invitation i ON i.id = t.invitation_id
    JOIN anamnesis.patient p ON p.id = i.patient_id
    WHERE p.email IS NULL AND NOT i.recovers;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF (SELECT count(*) FROM auth.address_change c
           WHERE c.account_id = it.patient_id AND c.proposed_at > now() - interval '1 day') >= 5 THEN
        RETURN 'limit';
    END IF;
    UPDATE auth.address_change c SET ended_at = now()
    WHERE c.account_id = it.patient_id AND c.confirmed_at IS NULL AND c.ended_at IS NULL;
    INSERT INTO auth.address_change (id, practice_id, realm, account_id, proposed_by, new_email, confirm_hash, expires_at,
                                     invitation_id, password_hash)
    VALUES (p_id, it.practice_id, 'patient', it.patient_id, it.patient_id,
            phi.seal(p_key, 'address_change.new_email:' || p_id::text, p_email), p_confirm_hash,
            least(p_expires_at, it.expires_at), it.id, p_password_hash);
    RETURN 'proposed';
END
$$;
GRANT EXECUTE ON FUNCTION auth.registration_propose(bytea, uuid, bytea, text, bytea, text, timestamptz) TO anamnesis_api;
