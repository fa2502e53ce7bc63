-- Makes an address the one that an account signs in with; sessions, sign-ins, resets, and links that went to the former one
-- end. Only for functions.
CREATE OR REPLACE FUNCTION auth.address_store(p_realm text, p_account uuid, p_key bytea, p_email text, p_index bytea)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE anamnesis.staff s
    SET email = phi.seal(p_key, 'staff.email:' || s.id::text, p_email), email_index = p_index, revision = s.revision + 1
    WHERE p_realm = 'staff' AND s.id = p_account;
    UPDATE anamnesis.patient p
    SET email = phi.seal(p_key, 'patient.email:' || p.id::text, p_email), email_index = p_index, revision = p.revision + 1,
        updated_at = now()
    WHERE p_realm = 'patient' AND p.id = p_account;
    PERFORM auth.end_all(p_account, NULL);
    UPDATE auth.staff_invitation i SET used_at = now() WHERE i.staff_id = p_account AND i.used_at IS NULL;
    UPDATE anamnesis.invitation i SET status = 'revoked'
    WHERE i.patient_id = p_account AND i.status = 'pending' AND i.delivery = 'email';
END
$$;
