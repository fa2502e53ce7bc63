-- Whole seconds that this try has to wait; 0: go on. Parameters as auth.throttle_keys. An address (an IPv6 site four
-- times as much) from which a hundred accounts were tried in vain within a day tries no further one: each is a row. `known`:
-- an account of these was signed in to from this device or address before.
CREATE OR REPLACE FUNCTION auth.throttle_check(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea,
                                               p_device bytea, p_address bytea, p_network bytea, p_site bytea,
                                               OUT seconds integer, OUT known boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stranger boolean;
    counted boolean;
BEGIN
    PERFORM auth.begun(auth.actor());
    SELECT coalesce(max(greatest(0, ceil(extract(epoch FROM t.blocked_until - clock_timestamp())))), 0),
           coalesce(bool_or(k.key = p_key), false), coalesce(bool_or(t.key = p_key), false),
           NOT coalesce(bool_or(k.key = coalesce(p_key, p_network)), true)
    INTO throttle_check.seconds, stranger, counted, throttle_check.known
    FROM auth.throttle_keys(p_realm, p_indexes, p_account, p_key, p_device, p_address, p_network, p_site) AS k
    LEFT JOIN auth.throttle t ON t.key = k.key AND t.counts_until > clock_timestamp();
    IF seconds = 0 AND stranger AND NOT counted AND p_network IS NOT NULL AND (
        SELECT count(*) FROM auth.throttle t
        WHERE t.origin = coalesce(p_site, p_network) AND t.last_failure > clock_timestamp() - interval '1 day')
        >= (CASE WHEN p_site IS NULL THEN 100 ELSE 400 END) THEN
        seconds := 900;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.throttle_check(text,bytea[],uuid,bytea,bytea,bytea,bytea,bytea) TO anamnesis_api;
