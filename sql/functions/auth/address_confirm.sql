-- The link to the new address was answered: it is the account's from now on. 'confirmed'; 'taken' when somebody else has it
-- by now (only its holder learns that); NULL when another request was faster. p_again_hash: of the token that the former
-- address gets now. The first of p_indexes is stored. Who registers with an address of their own has registered by it.
CREATE OR REPLACE FUNCTION auth.address_confirm(p_realm text, p_confirm_hash bytea, p_key bytea, p_indexes bytea[],
                                                p_again_hash bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    it record;
    joins record;
    former bytea;
BEGIN
    PERFORM auth.begun(NULL);
    SELECT * INTO it FROM auth.address_change_of(p_realm, 'confirm', p_confirm_hash);
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF auth.address_taken(p_realm, it.practice_id, it.account_id, p_indexes) THEN
        RETURN 'taken';
    END IF;
    SELECT coalesce((SELECT s.email_index FROM anamnesis.staff s WHERE p_realm = 'staff' AND s.id = it.account_id),
                    (SELECT p.email_index FROM anamnesis.patient p WHERE p_realm = 'patient' AND p.id = it.account_id))
    INTO former;
    SELECT i.token_hash, c.password_hash INTO joins
    FROM auth.address_change c JOIN anamnesis.invitation i ON i.id = c.invitation_id WHERE c.id = it.change_id;
    IF FOUND AND (former IS NOT NULL OR auth.register(joins.token_hash, joins.password_hash) IS NULL) THEN
        RETURN NULL;
    END IF;
    UPDATE auth.address_change c
    SET confirmed_at = now(), old_index = former, password_hash = NULL, invitation_id = NULL,
        object_until = CASE WHEN former IS NOT NULL THEN now() + interval '7 days' END,
        again_hash = CASE WHEN former IS NOT NULL THEN p_again_hash END
    WHERE c.id = it.change_id;
    PERFORM auth.address_store(p_realm, it.account_id, p_key,
                               phi.open(p_key, 'address_change.new_email:' || it.change_id::text, it.new_email), p_indexes[1]);
    -- While answers are held, the new mailbox proves nothing: whoever recovered the account may have chosen it.
    UPDATE auth.account a SET held_mail = false WHERE a.id = it.account_id AND a.held_mail;
    RETURN 'confirmed';
END
$$;
GRANT EXECUTE ON FUNCTION auth.address_confirm(text, bytea, bytea, bytea[], bytea) TO anamnesis_api;
