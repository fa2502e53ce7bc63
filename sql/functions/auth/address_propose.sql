-- Another address for an account that exists: by its owner (who has given the password or a passkey once more), by staff
-- with fresh proof for a patient whom they see, or by an owner for a member of staff who is none. 'proposed', 'limit' (five a
-- day: nobody's mailbox is filled by it), 'owner', or NULL when there is no such account. Earlier proposals end.
CREATE OR REPLACE FUNCTION auth.address_propose(p_realm text, p_account uuid, p_id uuid, p_key bytea, p_email text,
                                                p_confirm_hash bytea, p_object_hash bytea, p_expires_at timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sealed bytea;
    whose text;
BEGIN
    IF auth.realm() = p_realm AND auth.actor() = p_account THEN
        NULL;
    ELSIF p_realm = 'staff' THEN
        PERFORM auth.as_owner();
    ELSIF auth.may_propose(p_account) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not do this';
    END IF;
    IF p_realm = 'staff' THEN
        SELECT s.email, s.role INTO sealed, whose FROM anamnesis.staff s
        WHERE s.practice_id = auth.practice() AND s.id = p_account AND s.status = 'active' FOR NO KEY UPDATE;
    ELSE
        SELECT p.email INTO sealed FROM anamnesis.patient p
        WHERE p.practice_id = auth.practice() AND p.id = audit.about(p_account) AND p.status = 'active'
          AND p.registered_at IS NOT NULL FOR NO KEY UPDATE;
    END IF;
    IF sealed IS NULL THEN
        RETURN NULL;
    ELSIF whose = 'owner' AND auth.actor() <> p_account THEN
        RETURN 'owner';
    ELSIF (SELECT count(*) FROM auth.address_change c
           WHERE c.account_id = p_account AND c.proposed_at > now() - interval '1 day') >= 5 THEN
        RETURN 'limit';
    END IF;
    UPDATE auth.address_change c SET ended_at = now()
    WHERE c.account_id = p_account AND c.confirmed_at IS NULL AND c.ended_at IS NULL;
    INSERT INTO auth.address_change (id, practice_id, realm, account_id, proposed_by, old_email, new_email, confirm_hash,
                                     object_hash, expires_at)
    VALUES (p_id, auth.practice(), p_realm, p_account, auth.actor(),
            phi.seal(p_key, 'address_change.old_email:' || p_id::text,
                     phi.open(p_key, p_realm || '.email:' || p_account::text, sealed)),
            phi.seal(p_key, 'address_change.new_email:' || p_id::text, p_email), p_confirm_hash, p_object_hash,
            least(p_expires_at, now() + interval '7 days'));
    RETURN 'proposed';
END
$$;
GRANT EXECUTE ON FUNCTION auth.address_propose(text, uuid, uuid, bytea, text, bytea, bytea, timestamptz) TO anamnesis_api;
