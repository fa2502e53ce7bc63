-- In the transaction that signs somebody in: they are known from now on at their device and their address, and their
-- failures are forgotten. True when the device's token is known already, of whatever account, and stays; false when the
-- new one counts. An account has the twenty devices and twenty addresses that it was seen at last.
--
-- Who is new at an address takes their own typing errors back from its count, five at most. Somebody else's failures
-- stay: they are of another account.
CREATE OR REPLACE FUNCTION auth.sign_in_remember(p_device bytea, p_new_device bytea, p_address bytea, p_site bytea)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    who uuid := auth.actor();
    kept boolean := EXISTS (SELECT FROM auth.familiar f WHERE f.mark = p_device AND f.kind = 'device'
                                                          AND f.seen_at > now() - interval '180 days');
    device bytea := CASE WHEN kept THEN p_device ELSE p_new_device END;
    new_here boolean := NOT EXISTS (SELECT FROM auth.familiar f WHERE f.account_id = who AND f.mark = p_address);
    keys bytea[];
    mine integer;
BEGIN
    IF NOT EXISTS (SELECT FROM auth.session s WHERE s.id = auth.session() AND s.created_at = now()) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'nobody has signed in just now';
    END IF;
    INSERT INTO auth.familiar AS f (account_id, mark, kind) VALUES (who, device, 'device'), (who, p_address, 'address')
    ON CONFLICT (account_id, mark) DO UPDATE SET seen_at = now();
    DELETE FROM auth.familiar f USING (
        SELECT g.mark, row_number() OVER (PARTITION BY g.kind ORDER BY g.seen_at DESC, g.mark) AS place
        FROM auth.familiar g WHERE g.account_id = who) AS old
    WHERE f.account_id = who AND f.mark = old.mark AND old.place > 20;
    SELECT array_agg(sha256(convert_to('account:' || auth.realm() || ':', 'UTF8') || t.name)) INTO keys
    FROM (SELECT convert_to(who::text, 'UTF8')
          UNION ALL SELECT m.email_index FROM anamnesis.staff m WHERE m.id = who
          UNION ALL SELECT p.email_index FROM anamnesis.patient p WHERE p.id = who) AS t (name)
    WHERE t.name IS NOT NULL;
    WITH gone AS (DELETE FROM auth.throttle t WHERE t.key = ANY (keys) RETURNING t.failures)
    SELECT least(5, coalesce(sum(g.failures), 0)) INTO mine FROM gone g;
    DELETE FROM auth.throttle t
    WHERE t.key IN (SELECT sha256(m.mark || k.key) FROM unnest(ARRAY[device, p_address]) AS m (mark), unnest(keys) AS k (key));
    IF new_here AND mine > 0 THEN
        UPDATE auth.throttle t
        SET failures = greatest(0, t.failures - mine),
            blocked_until = CASE WHEN t.failures - mine < CASE t.key WHEN p_address THEN 30 ELSE 240 END
                                 THEN clock_timestamp() ELSE t.blocked_until END
        WHERE t.key IN (p_address, p_site);
    END IF;
    RETURN kept;
END
$$;
GRANT EXECUTE ON FUNCTION auth.sign_in_remember(bytea,bytea,bytea,bytea) TO anamnesis_api;
