-- Begins a reset for the accounts of an e-mail address: one token for each, of the hashes given. No more than three
-- an hour for an account; whoever asks learns nothing either way. The address stays the account's until the transaction
-- ends: of a change at the same moment, either this one is too late, or the change ends the link. `shared`: several accounts of the
-- practice have the address.
CREATE OR REPLACE FUNCTION auth.reset_begin(p_realm text, p_email_index bytea, p_hashes bytea[])
RETURNS TABLE (account_id uuid, practice_id uuid, practice_name text, wrapped_key bytea, token_number integer,
               expires_at timestamptz, shared boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    one record;
BEGIN
    PERFORM auth.begun(NULL);
    token_number := 0;
    FOR one IN
        SELECT a.id, a.practice_id, c.name, coalesce(m.wrapped_key, d.wrapped_key) AS wrapped_key
        FROM auth.account a
        JOIN anamnesis.practice c ON c.id = a.practice_id
        LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id AND m.status = 'active'
        LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id AND p.status = 'active'
        LEFT JOIN anamnesis.data_key d ON d.patient_id = p.id
        WHERE a.realm = p_realm AND NOT a.recover_only AND coalesce(m.email_index, p.email_index) = p_email_index
          AND a.id IN (SELECT s.id FROM anamnesis.staff s WHERE s.email_index = p_email_index
                       UNION ALL SELECT q.id FROM anamnesis.patient q WHERE q.email_index = p_email_index)
        ORDER BY a.id LIMIT 16
    LOOP
        PERFORM FROM anamnesis.staff s WHERE s.id = one.id AND s.email_index = p_email_index FOR SHARE;
        CONTINUE WHEN p_realm = 'staff' AND NOT FOUND;
        PERFORM FROM anamnesis.patient p WHERE p.id = one.id AND p.email_index = p_email_index FOR SHARE;
        CONTINUE WHEN p_realm = 'patient' AND NOT FOUND;
        CONTINUE WHEN token_number >= cardinality(p_hashes) OR 3 <= (
            SELECT count(*) FROM auth.challenge c
            WHERE c.account_id = one.id AND c.purpose = 'reset' AND c.created_at > now() - interval '1 hour');
        token_number := token_number + 1;
        INSERT INTO auth.challenge AS c (token_hash, practice_id, realm, account_id, purpose, delivery, expires_at)
        VALUES (p_hashes[token_number], one.practice_id, p_realm, one.id, 'reset', 'email', now() + interval '30 minutes')
        RETURNING c.expires_at INTO expires_at;
        account_id := one.id;
        practice_id := one.practice_id;
        practice_name := one.name;
        wrapped_key := one.wrapped_key;
        shared := p_realm = 'patient' AND EXISTS (
            SELECT FROM anamnesis.patient o
            WHERE o.practice_id = one.practice_id AND o.email_index = p_email_index AND o.id <> one.id AND o.status = 'active'
              AND o.registered_at IS NOT NULL);
        PERFORM auth.concerns(one.practice_id, one.id);
        RETURN NEXT;
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION auth.reset_begin(text,bytea,bytea[]) TO anamnesis_api;
