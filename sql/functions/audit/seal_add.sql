-- Adds a seal to the audit log: the only way in which the background program's role can. Everything but the signature itself is
-- computed again here, so that nobody with that role's password, and not even whoever has its key too, can seal what is not in
-- the log, or leave a chain that nothing can be added to. What is wrong is AN403; `p_door` is derived from the key that signs
-- (auth.key_check.door).
CREATE OR REPLACE FUNCTION audit.seal_add(p_number bigint, p_horizon bigint, p_rows bigint, p_total bigint, p_sealed_at timestamptz,
                                          p_key_version integer, p_root bytea, p_previous bytea, p_signature bytea,
                                          p_leaves bytea, p_door bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last audit.seal%ROWTYPE;
    digest bytea := decode(repeat('00', 32), 'hex');
    wrong text;
BEGIN
    PERFORM pg_advisory_xact_lock(7020383421447828341); -- as job_seal_lock
    SELECT * INTO last FROM audit.seal s ORDER BY s.number DESC LIMIT 1;
    IF FOUND THEN -- lib/audit/seal.h
        digest := sha256('\x02' || convert_to(E'anamnesis audit seal 1\n', 'UTF8')
                         || int8send(last.number) || int8send(last.horizon) || int8send(last.rows) || int8send(last.total)
                         || int8send((extract(epoch FROM last.sealed_at) * 1000000)::bigint) || int8send(last.key_version)
                         || last.root || last.previous || last.signature);
    END IF;
    wrong := CASE
        WHEN NOT EXISTS (SELECT FROM auth.key_check k WHERE k.kind = 'audit' AND k.version = p_key_version
                         AND k.door = sha256(p_door) AND k.retired_at IS NULL) THEN 'who adds it does not have the key'
        WHEN p_number IS DISTINCT FROM coalesce(last.number, 0) + 1 THEN 'number'
        WHEN p_previous IS DISTINCT FROM digest THEN 'previous'
        WHEN p_horizon <= coalesce(last.horizon, -9223372036854775808) OR p_horizon > audit.horizon() THEN 'horizon'
        WHEN p_leaves IS DISTINCT FROM audit.leaves(coalesce(last.horizon, -9223372036854775808), p_horizon)
             OR p_leaves = '' OR p_rows <> octet_length(p_leaves) / 56 THEN 'rows'
        WHEN p_total IS DISTINCT FROM coalesce(last.total, 0) + p_rows THEN 'total'
        WHEN p_sealed_at NOT BETWEEN now() - interval '1 hour' AND now() + interval '1 hour' THEN 'time'
        WHEN p_root IS DISTINCT FROM audit.merkle_root(p_leaves) THEN 'root'
        WHEN octet_length(p_signature) <> 64 OR p_signature = decode(repeat('00', 64), 'hex') THEN 'signature' END;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'this is no seal of the log: ' || wrong;
    END IF;
    INSERT INTO audit.seal (number, horizon, rows, total, sealed_at, key_version, root, previous, signature, leaves)
    VALUES (p_number, p_horizon, p_rows, p_total, p_sealed_at, p_key_version, p_root, p_previous, p_signature, p_leaves);
END
$$;
GRANT EXECUTE ON FUNCTION audit.seal_add(bigint,bigint,bigint,bigint,timestamptz,integer,bytea,bytea,bytea,bytea,bytea) TO anamnesis_jobs;
