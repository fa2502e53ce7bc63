-- An objection from the former address. Before the new one counts, the proposal ends ('withdrawn'). After it, the former
-- address is the account's again, whatever was changed since ('restored'), and the account is shut: sessions end, the
-- password becomes one that nobody knows, second factors go, and only a link of the practice's leads in. Which of the two
-- mailboxes is whose, the practice finds out. 'taken' when somebody else has the former address by now, which is shut as well.
CREATE OR REPLACE FUNCTION auth.address_object(p_realm text, p_object_hash bytea, p_key bytea, p_indexes bytea[],
                                               p_password_hash text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    it record;
    taken boolean;
BEGIN
    PERFORM auth.begun(NULL);
    SELECT * INTO it FROM auth.address_change_of(p_realm, 'object', p_object_hash);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE auth.address_change c SET ended_at = now()
    WHERE c.account_id = it.account_id AND c.ended_at IS NULL
      AND c.proposed_at >= (SELECT o.proposed_at FROM auth.address_change o WHERE o.id = it.change_id);
    IF NOT it.confirmed THEN
        RETURN 'withdrawn';
    END IF;
    taken := auth.address_taken(p_realm, it.practice_id, it.account_id, p_indexes);
    IF NOT taken THEN
        PERFORM auth.address_store(p_realm, it.account_id, p_key,
            phi.open(p_key, 'address_change.old_email:' || it.change_id::text, it.old_email), p_indexes[1]);
    END IF;
    PERFORM auth.shut(it.account_id, p_password_hash);
    RETURN CASE WHEN taken THEN 'taken' ELSE 'restored' END;
END
$$;
GRANT EXECUTE ON FUNCTION auth.address_object(text, bytea, bytea, bytea[], text) TO anamnesis_api;
