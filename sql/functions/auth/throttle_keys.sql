-- Under which keys a try is counted, and how: free failures, the failures after which it waits a day, and how long one
-- counts (NULL: auth.throttle_note knows). Only for the functions that check and note.
--
-- Who has signed in to this account from this device, or else from this address (p_address), before is counted by that
-- alone: neither strangers at the same address nor those who try the account from elsewhere make them wait, and a stolen
-- device token gives that one limit. Strangers are counted by account, by address and, more softly, by IPv6 site.
CREATE OR REPLACE FUNCTION auth.throttle_keys(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea,
                                              p_device bytea, p_address bytea, p_network bytea, p_site bytea)
RETURNS TABLE (key bytea, free integer, most integer, forget interval)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    known bytea;
BEGIN
    SELECT f.mark INTO known
    FROM auth.familiar f
    WHERE f.account_id IN (
            SELECT p_account
            UNION ALL SELECT s.id FROM anamnesis.staff s WHERE p_realm = 'staff' AND s.email_index = ANY (p_indexes)
            UNION ALL SELECT p.id FROM anamnesis.patient p WHERE p_realm = 'patient' AND p.email_index = ANY (p_indexes))
      AND ((f.kind = 'device' AND f.mark = p_device AND f.seen_at > now() - interval '180 days')
           OR (f.kind = 'address' AND f.mark = p_address AND f.seen_at > now() - interval '90 days'))
    ORDER BY f.kind DESC LIMIT 1;
    IF known IS NOT NULL THEN
        RETURN QUERY SELECT sha256(known || coalesce(p_key, p_network)), 3, 100, NULL::interval;
    ELSE
        RETURN QUERY SELECT k.key, k.free, k.most, k.forget
        FROM (VALUES (p_key, 3, 100, NULL::interval), (p_network, 30, 2147483647, interval '1 hour'),
                     (p_site, 240, 2147483647, interval '1 hour')) AS k (key, free, most, forget)
        WHERE k.key IS NOT NULL;
    END IF;
END
$$;
