-- The keyring, as far as the database knows it: which versions there are, and a value by which a wrong key is told.

-- One row for each version of each kind. The value is an HMAC under the key, of its kind and version: it shows
-- nothing of the key. Written by the operator's command; a retired version's number is never used again.
CREATE TABLE auth.key_check (
    kind         text NOT NULL CHECK (kind ~ '^[a-z]{1,16}$'),
    version      integer NOT NULL CHECK (version > 0),
    value        bytea NOT NULL CHECK (octet_length(value) = 32),
    created_at   timestamptz NOT NULL DEFAULT now(),
    in_use_since timestamptz, -- when every program used it for what is new
    retired_at   timestamptz,
    PRIMARY KEY (kind, version)
);
ALTER TABLE auth.key_check ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.key_check FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.key_check TO anamnesis_owner USING (true) WITH CHECK (true);
GRANT SELECT ON auth.key_check TO anamnesis_api, anamnesis_jobs;
CREATE POLICY reads ON auth.key_check FOR SELECT TO anamnesis_api, anamnesis_jobs USING (true);

-- The version of the key that a blind index, a wrapped data key or a value sealed by the process names: its first four
-- bytes, big endian.
CREATE FUNCTION auth.key_version(value bytea) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN get_byte(value, 0) * 16777216::bigint + get_byte(value, 1) * 65536 + get_byte(value, 2) * 256
    + get_byte(value, 3);

-- While two index keys are in use, the unique constraints cannot see that two indexes are of one value: each key makes
-- another one. Whoever is about to store an index gives here the indexes of the value under every key of the keyring.
-- Two who store the same value share at least one of them, and so wait for each other; the second one finds the first
-- one's row, by whichever key it was indexed, and is refused as by the constraint.
CREATE FUNCTION auth.claim_index(p_context text, p_owner uuid, p_indexes bytea[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    index bytea;
    name text;
BEGIN
    IF (session_user <> 'anamnesis_owner' AND coalesce(auth.realm(), 'none') NOT IN ('staff', 'patient'))
       OR cardinality(p_indexes) > 16 THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'nobody is signed in who could store this';
    END IF;
    -- In one order, so that nobody waits in a circle.
    FOR index IN SELECT i FROM unnest(p_indexes) AS given (i) WHERE octet_length(i) = 32 ORDER BY i LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended(p_context || encode(index, 'hex'), 0));
    END LOOP;
    name := CASE p_context
        WHEN 'staff.email' THEN (SELECT 'staff_email_key' FROM anamnesis.staff s
            WHERE s.email_index = ANY (p_indexes) AND s.id <> p_owner LIMIT 1)
        WHEN 'patient.email' THEN (SELECT 'patient_email_key' FROM anamnesis.patient p
            WHERE p.email_index = ANY (p_indexes) AND p.practice_id = auth.practice() AND p.id <> p_owner LIMIT 1)
        WHEN 'patient.record_number' THEN (SELECT 'patient_record_number_key' FROM anamnesis.patient p
            WHERE p.record_number_index = ANY (p_indexes) AND p.practice_id = auth.practice() AND p.id <> p_owner LIMIT 1)
        ELSE 'no such context' END;
    IF name = 'no such context' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'there is no such index';
    ELSIF name IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '23505', CONSTRAINT = name, MESSAGE = 'somebody else has this value';
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.claim_index(text, uuid, bytea[]) TO anamnesis_api;

-- A right password whose stored hash is of an older pepper or older costs is hashed anew by the process; only in place
-- of the hash that it was compared with.
CREATE FUNCTION auth.password_renew(p_realm text, p_account uuid, p_old text, p_new text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.account a SET password_hash = p_new
    WHERE a.id = p_account AND a.realm = p_realm AND a.password_hash = p_old;
    RETURN FOUND;
END
$$;
GRANT EXECUTE ON FUNCTION auth.password_renew(text, uuid, text, text) TO anamnesis_api;
