-- The change that a link is for, while it can be used: to confirm the new address ('confirm'), or to object from the former
-- one ('object'). Addresses still sealed. Whose it is is locked first, then the change, so that of two answers at once the
-- second one sees what the first did. For who holds the link, with nobody signed in, or who has just proposed it.
CREATE OR REPLACE FUNCTION auth.address_change_of(p_realm text, p_use text, p_hash bytea)
RETURNS TABLE (change_id uuid, account_id uuid, practice_id uuid, practice_name text, wrapped_key bytea, old_email bytea,
               new_email bytea, confirmed boolean, object_until timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whose uuid := (SELECT c.account_id FROM auth.address_change c WHERE c.realm = p_realm AND CASE p_use
        WHEN 'confirm' THEN c.confirm_hash = p_hash WHEN 'object' THEN p_hash IN (c.object_hash, c.again_hash) END);
BEGIN
    PERFORM FROM anamnesis.staff s WHERE p_realm = 'staff' AND s.id = whose FOR NO KEY UPDATE;
    PERFORM FROM anamnesis.patient p WHERE p_realm = 'patient' AND p.id = whose FOR NO KEY UPDATE;
    SELECT c.id, c.account_id, c.practice_id, n.name, coalesce(m.wrapped_key, d.wrapped_key), c.old_email::bytea,
           c.new_email::bytea, c.confirmed_at IS NOT NULL, c.object_until
    INTO address_change_of.change_id, address_change_of.account_id, address_change_of.practice_id,
         address_change_of.practice_name, address_change_of.wrapped_key, address_change_of.old_email,
         address_change_of.new_email, address_change_of.confirmed, address_change_of.object_until
    FROM auth.address_change c
    JOIN anamnesis.practice n ON n.id = c.practice_id
    LEFT JOIN anamnesis.staff m ON c.realm = 'staff' AND m.id = c.account_id AND m.status = 'active'
    LEFT JOIN anamnesis.patient p ON c.realm = 'patient' AND p.id = c.account_id AND p.status = 'active'
    LEFT JOIN anamnesis.data_key d ON d.patient_id = p.id
    WHERE (auth.realm() = 'none' OR auth.signed_in() = c.proposed_by)
      AND c.realm = p_realm AND c.ended_at IS NULL AND num_nonnulls(m.id, p.id) = 1 AND CASE p_use
        WHEN 'confirm' THEN c.confirm_hash = p_hash AND c.confirmed_at IS NULL AND c.expires_at > now()
        WHEN 'object' THEN p_hash IN (c.object_hash, c.again_hash) AND coalesce(c.object_until, c.expires_at) > now() END
    FOR UPDATE OF c;
    IF FOUND THEN
        PERFORM auth.concerns(address_change_of.practice_id, address_change_of.account_id);
        RETURN NEXT;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.address_change_of(text, text, bytea) TO anamnesis_api;
