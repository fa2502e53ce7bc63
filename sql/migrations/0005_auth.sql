-- Who is acting: secrets of sign-in, sessions, unfinished sign-ins, throttles. The api role reaches them only through the
-- functions below, each of which does one narrow thing. Secrets come in as hashes; a stolen table opens no account.

CREATE TABLE auth.account (
    id            uuid PRIMARY KEY, -- of the member of staff or the patient
    practice_id   uuid NOT NULL REFERENCES anamnesis.practice (id),
    realm         text NOT NULL CHECK (realm IN ('staff', 'patient')),
    password_hash text NOT NULL,
    totp_sealed   bytea, -- by the process: the database never sees a seed
    totp_pending  bytea, -- a seed that is being enrolled
    totp_step     bigint NOT NULL DEFAULT 0, -- the last accepted
    UNIQUE (practice_id, id)
);

CREATE TABLE auth.recovery_code (
    practice_id uuid NOT NULL,
    account_id  uuid NOT NULL,
    code_hash   bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    used_at     timestamptz,
    PRIMARY KEY (account_id, code_hash),
    FOREIGN KEY (practice_id, account_id) REFERENCES auth.account (practice_id, id)
);

CREATE TABLE auth.session (
    id             uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id    uuid NOT NULL,
    realm          text NOT NULL CHECK (realm IN ('staff', 'patient')),
    account_id     uuid NOT NULL,
    token_hash     bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at     timestamptz NOT NULL DEFAULT now(),
    last_seen_at   timestamptz NOT NULL DEFAULT now(),
    idle           interval NOT NULL,
    expires_at     timestamptz NOT NULL,
    ended_at       timestamptz,
    client_address text NOT NULL,
    user_agent     text CHECK (length(user_agent) <= 400),
    FOREIGN KEY (practice_id, account_id) REFERENCES auth.account (practice_id, id)
) WITH (fillfactor = 80);
CREATE INDEX session_of_account ON auth.session (account_id, id);

-- Between the right password and the second factor.
CREATE TABLE auth.challenge (
    token_hash  bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    practice_id uuid NOT NULL,
    realm       text NOT NULL,
    account_id  uuid NOT NULL,
    purpose     text NOT NULL CHECK (purpose IN ('mfa', 'enrol')),
    delivery    text NOT NULL CHECK (delivery IN ('cookie', 'bearer')),
    tries       integer NOT NULL DEFAULT 0,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    FOREIGN KEY (practice_id, account_id) REFERENCES auth.account (practice_id, id)
);
CREATE INDEX challenge_of_time ON auth.challenge (expires_at);

CREATE TABLE auth.throttle (
    key           bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    failures      integer NOT NULL,
    last_failure  timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL
);

-- The actor, as row-level security and statements see it. NULL until somebody is proven.
CREATE FUNCTION auth.practice() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.practice_id', true), '')::uuid;
CREATE FUNCTION auth.actor() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.actor_id', true), '')::uuid;
CREATE FUNCTION auth.patient() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.patient_id', true), '')::uuid;

-- Sets whose transaction this is. Not granted: only the functions of this file call it.
CREATE FUNCTION auth.become(p_realm text, p_practice_id uuid, p_actor_id uuid, p_role text, p_session_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('anamnesis.realm', p_realm, true),
            set_config('anamnesis.practice_id', coalesce(p_practice_id::text, ''), true),
            set_config('anamnesis.actor_id', coalesce(p_actor_id::text, ''), true),
            set_config('anamnesis.patient_id', CASE p_realm WHEN 'patient' THEN p_actor_id::text ELSE '' END, true),
            set_config('anamnesis.role', coalesce(p_role, ''), true),
            set_config('anamnesis.session_id', coalesce(p_session_id::text, ''), true);
END
$$;

CREATE FUNCTION auth.describe(p_operation text, p_request_id uuid, p_client_address text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('anamnesis.operation', p_operation, true),
            set_config('anamnesis.request_id', p_request_id::text, true),
            set_config('anamnesis.client_address', p_client_address, true);
END
$$;

-- The first statement of a transaction without a session.
CREATE FUNCTION auth.anonymous(p_operation text, p_request_id uuid, p_client_address text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.describe(p_operation, p_request_id, p_client_address);
    PERFORM auth.become('none', NULL, NULL, NULL, NULL);
END
$$;

CREATE FUNCTION auth.role_bit(role text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE role WHEN 'owner' THEN 1 WHEN 'physician' THEN 2 WHEN 'assistant' THEN 4 WHEN 'auditor' THEN 8
                 WHEN 'patient' THEN 16 ELSE 0 END;

-- The first statement of a transaction with a session: proves it, and that the role is one of the operation's; sets the
-- actor. The last sight is written at most once a minute, and not at all while another request writes it.
CREATE FUNCTION auth.prove(p_realm text, p_token_hash bytea, p_roles integer, p_operation text, p_request_id uuid,
                           p_client_address text)
RETURNS TABLE (practice_id uuid, actor_id uuid, role text, session_id uuid, wrapped_key bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    seen timestamptz;
BEGIN
    IF p_realm = 'staff' THEN
        SELECT s.practice_id, a.id, a.role, s.id, a.wrapped_key, s.last_seen_at
        INTO practice_id, actor_id, role, session_id, wrapped_key, seen
        FROM auth.session s JOIN anamnesis.staff a ON a.id = s.account_id
        WHERE s.token_hash = p_token_hash AND s.realm = 'staff' AND s.ended_at IS NULL AND s.expires_at > now()
          AND s.last_seen_at + s.idle > now() AND a.status = 'active';
    ELSE
        SELECT s.practice_id, a.id, 'patient', s.id, a.wrapped_key, s.last_seen_at
        INTO practice_id, actor_id, role, session_id, wrapped_key, seen
        FROM auth.session s JOIN anamnesis.patient a ON a.id = s.account_id
        WHERE s.token_hash = p_token_hash AND s.realm = 'patient' AND s.ended_at IS NULL AND s.expires_at > now()
          AND s.last_seen_at + s.idle > now() AND a.status = 'active';
    END IF;
    IF session_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'not signed in';
    END IF;
    IF auth.role_bit(role) & p_roles = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not do this';
    END IF;
    PERFORM auth.describe(p_operation, p_request_id, p_client_address);
    PERFORM auth.become(p_realm, practice_id, actor_id, role, session_id);
    IF seen < now() - interval '1 minute' THEN
        UPDATE auth.session SET last_seen_at = now()
        WHERE id = (SELECT s.id FROM auth.session s WHERE s.id = prove.session_id FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    RETURN NEXT;
END
$$;

CREATE FUNCTION auth.session_expires_at() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT s.expires_at FROM auth.session s
      WHERE s.id = nullif(current_setting('anamnesis.session_id', true), '')::uuid $$;

CREATE FUNCTION auth.session_end() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ UPDATE auth.session SET ended_at = now()
      WHERE id = nullif(current_setting('anamnesis.session_id', true), '')::uuid AND ended_at IS NULL $$;

-- An access that was refused, in a transaction of its own; who it was is looked up from the session, dead or alive.
CREATE FUNCTION audit.refused(p_operation text, p_request_id uuid, p_client_address text, p_realm text,
                              p_token_hash bytea, p_object uuid, p_outcome text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
                             object_id, outcome)
    SELECT s.practice_id, p_realm, s.account_id, coalesce(a.role, CASE s.realm WHEN 'patient' THEN 'patient' END), s.id,
           p_client_address, p_request_id, p_operation, p_object, p_outcome
    FROM (SELECT) AS one
    LEFT JOIN auth.session s ON s.token_hash = p_token_hash
    LEFT JOIN anamnesis.staff a ON a.id = s.account_id
$$;

-- The accounts of an e-mail address: one of staff; of patients one a practice, four at most.
CREATE FUNCTION auth.accounts_for_login(p_realm text, p_email_index bytea)
RETURNS TABLE (account_id uuid, practice_id uuid, password_hash text, has_totp boolean, mfa_required boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id, a.practice_id, a.password_hash, a.totp_sealed IS NOT NULL, true
    FROM anamnesis.staff s JOIN auth.account a ON a.id = s.id
    WHERE p_realm = 'staff' AND s.email_index = p_email_index AND s.status = 'active'
    UNION ALL
    (SELECT a.id, a.practice_id, a.password_hash, a.totp_sealed IS NOT NULL, c.patient_mfa = 'required'
     FROM anamnesis.patient p
     JOIN auth.account a ON a.id = p.id
     JOIN anamnesis.practice c ON c.id = p.practice_id
     WHERE p_realm = 'patient' AND p.email_index = p_email_index AND p.status = 'active'
     ORDER BY a.id LIMIT 4)
$$;

CREATE FUNCTION auth.challenge_create(p_token_hash bytea, p_realm text, p_account_id uuid, p_purpose text,
                                      p_delivery text, p_expires_at timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO auth.challenge (token_hash, practice_id, realm, account_id, purpose, delivery, expires_at)
    SELECT p_token_hash, a.practice_id, a.realm, a.id, p_purpose, p_delivery, p_expires_at
    FROM auth.account a WHERE a.id = p_account_id AND a.realm = p_realm
$$;

-- One try of at most five. The row stays locked: tries at the same moment are counted one by one.
CREATE FUNCTION auth.challenge_claim(p_token_hash bytea, p_realm text, p_purpose text)
RETURNS TABLE (account_id uuid, practice_id uuid, delivery text, totp_sealed bytea, totp_pending bytea, totp_step bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.challenge c SET tries = c.tries + 1
    FROM auth.account a
    WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.purpose = p_purpose AND a.id = c.account_id
      AND c.used_at IS NULL AND c.expires_at > now() AND c.tries < 5
    RETURNING a.id, a.practice_id, c.delivery, a.totp_sealed, a.totp_pending, a.totp_step
$$;

-- RFC 6238 section 5.2: a code counts once. Of many at the same moment, one moves the step forward.
CREATE FUNCTION auth.totp_accept(p_realm text, p_account_id uuid, p_step bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH moved AS (
        UPDATE auth.account SET totp_step = p_step
        WHERE id = p_account_id AND realm = p_realm AND totp_sealed IS NOT NULL AND totp_step < p_step
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM moved)
$$;

CREATE FUNCTION auth.recovery_use(p_realm text, p_account_id uuid, p_code_hashes bytea[]) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH used AS (
        UPDATE auth.recovery_code r SET used_at = now()
        FROM auth.account a
        WHERE r.account_id = p_account_id AND r.code_hash = ANY (p_code_hashes) AND r.used_at IS NULL
          AND a.id = r.account_id AND a.realm = p_realm
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM used)
$$;

CREATE FUNCTION auth.recovery_replace(p_realm text, p_account_id uuid, p_code_hashes bytea[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM auth.recovery_code WHERE account_id = p_account_id;
    INSERT INTO auth.recovery_code (practice_id, account_id, code_hash)
    SELECT a.practice_id, a.id, unnest(p_code_hashes) FROM auth.account a WHERE a.id = p_account_id AND a.realm = p_realm;
END
$$;

-- A session for an account that has proven who it is; its challenge, if there was one, ends with it. NULL when another
-- request used the challenge meanwhile. Idle limits: 15 minutes for staff, 30 for patients; 12 hours in all.
CREATE FUNCTION auth.session_create(p_challenge_hash bytea, p_realm text, p_account_id uuid, p_token_hash bytea,
                                    p_client_address text, p_user_agent text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made uuid;
BEGIN
    IF p_challenge_hash IS NOT NULL THEN
        UPDATE auth.challenge SET used_at = now()
        WHERE token_hash = p_challenge_hash AND account_id = p_account_id AND realm = p_realm AND used_at IS NULL;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO auth.session (practice_id, realm, account_id, token_hash, idle, expires_at, client_address, user_agent)
    SELECT a.practice_id, a.realm, a.id, p_token_hash,
           CASE a.realm WHEN 'staff' THEN interval '15 minutes' ELSE interval '30 minutes' END,
           now() + interval '12 hours', p_client_address, left(p_user_agent, 400)
    FROM auth.account a WHERE a.id = p_account_id AND a.realm = p_realm
    RETURNING id INTO made;
    RETURN made;
END
$$;

-- Growing waits. The first `p_free` failures cost nothing; then 1, 2, 4 ... 900 seconds. Forgotten after a quiet day.
CREATE FUNCTION auth.throttle_check(p_key bytea) RETURNS integer
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((SELECT greatest(0, ceil(extract(epoch FROM t.blocked_until - now())))::integer
                     FROM auth.throttle t WHERE t.key = p_key), 0)
$$;

CREATE FUNCTION auth.throttle_fail(p_key bytea, p_free integer) RETURNS void
LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO auth.throttle AS t (key, failures, last_failure, blocked_until) VALUES (p_key, 1, now(), now())
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN t.last_failure < now() - interval '1 day' THEN 1 ELSE t.failures + 1 END,
        last_failure = now(),
        blocked_until = CASE
            WHEN t.last_failure < now() - interval '1 day' OR t.failures + 1 < p_free THEN now()
            ELSE now() + least(900, power(2, least(t.failures + 1 - p_free, 10))) * interval '1 second' END
$$;

CREATE FUNCTION auth.throttle_clear(p_key bytea) RETURNS void
LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ DELETE FROM auth.throttle WHERE key = p_key $$;

-- An invitation that can be used now, locked: guesses at the birth date are counted one by one. Whoever holds the token
-- acts as nobody, but the transaction belongs to the practice from here on.
CREATE FUNCTION auth.invitation_by_token(p_token_hash bytea)
RETURNS TABLE (invitation_id uuid, patient_id uuid, wrapped_key bytea, practice_name text, mfa_required boolean,
               expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner uuid;
BEGIN
    SELECT i.id, p.id, p.wrapped_key, c.name, c.patient_mfa = 'required', i.expires_at, i.practice_id
    INTO invitation_id, patient_id, wrapped_key, practice_name, mfa_required, expires_at, owner
    FROM anamnesis.invitation i
    JOIN anamnesis.patient p ON p.id = i.patient_id
    JOIN anamnesis.practice c ON c.id = i.practice_id
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
      AND p.status = 'active' AND p.registered_at IS NULL
    FOR UPDATE OF i;
    IF invitation_id IS NOT NULL THEN
        PERFORM set_config('anamnesis.practice_id', owner::text, true);
        RETURN NEXT;
    END IF;
END
$$;

CREATE FUNCTION auth.invited_patient(p_token_hash bytea)
RETURNS TABLE (patient_id uuid, email bytea, birth_date bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.id, p.email, p.birth_date
    FROM anamnesis.invitation i JOIN anamnesis.patient p ON p.id = i.patient_id
    WHERE i.token_hash = p_token_hash AND i.status = 'pending'
$$;

CREATE FUNCTION auth.invitation_tried(p_token_hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE anamnesis.invitation
    SET tries = tries + 1, status = CASE WHEN tries + 1 >= 5 THEN 'spent' ELSE status END
    WHERE token_hash = p_token_hash AND status = 'pending'
$$;

-- Spends the invitation and makes the account, once; other invitations of the patient end.
CREATE FUNCTION auth.register(p_token_hash bytea, p_password_hash text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    invitation anamnesis.invitation;
BEGIN
    UPDATE anamnesis.invitation i SET status = 'used', used_at = now()
    FROM anamnesis.patient p
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
      AND p.id = i.patient_id AND p.status = 'active' AND p.registered_at IS NULL
    RETURNING i.* INTO invitation;
    IF invitation.id IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO auth.account (id, practice_id, realm, password_hash)
    VALUES (invitation.patient_id, invitation.practice_id, 'patient', p_password_hash);
    UPDATE anamnesis.patient SET registered_at = now() WHERE id = invitation.patient_id;
    UPDATE anamnesis.invitation SET status = 'revoked'
    WHERE patient_id = invitation.patient_id AND status IN ('pending', 'spent');
    RETURN invitation.patient_id;
END
$$;

CREATE FUNCTION auth.totp_state()
RETURNS TABLE (patient_id uuid, practice_id uuid, totp_sealed bytea, totp_pending bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT a.id, a.practice_id, a.totp_sealed, a.totp_pending FROM auth.account a
      WHERE a.id = nullif(current_setting('anamnesis.patient_id', true), '')::uuid AND a.realm = 'patient' $$;

-- Keeps a seed that counts only when it is confirmed; no row when one is enrolled.
CREATE FUNCTION auth.totp_begin(p_patient_id uuid, p_sealed bytea) RETURNS TABLE (patient_id uuid, practice_name text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.account a SET totp_pending = p_sealed
    FROM anamnesis.practice c
    WHERE a.id = p_patient_id AND a.realm = 'patient' AND a.totp_sealed IS NULL AND c.id = a.practice_id
    RETURNING a.id, c.name
$$;

CREATE FUNCTION auth.totp_confirm(p_patient_id uuid, p_step bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH confirmed AS (
        UPDATE auth.account SET totp_sealed = totp_pending, totp_pending = NULL, totp_step = p_step
        WHERE id = p_patient_id AND realm = 'patient' AND totp_sealed IS NULL AND totp_pending IS NOT NULL
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM confirmed)
$$;

-- For the background program: deletes at most so many rows of each kind that have served their time, and says how many.
-- Ended sessions stay a week, for refused tries to be put down to somebody.
CREATE FUNCTION auth.sweep(p_limit integer)
RETURNS TABLE (challenges bigint, sessions bigint, throttles bigint, replies bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM auth.challenge WHERE token_hash IN (
        SELECT c.token_hash FROM auth.challenge c WHERE c.expires_at < now() - interval '1 hour'
        LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS challenges = ROW_COUNT;
    DELETE FROM auth.session WHERE id IN (
        SELECT s.id FROM auth.session s WHERE least(s.ended_at, s.expires_at) < now() - interval '7 days'
        LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS sessions = ROW_COUNT;
    DELETE FROM auth.throttle WHERE key IN (
        SELECT t.key FROM auth.throttle t
        WHERE t.last_failure < now() - interval '1 day' AND t.blocked_until < now()
        LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS throttles = ROW_COUNT;
    DELETE FROM anamnesis.idempotency i WHERE i.ctid IN (
        SELECT r.ctid FROM anamnesis.idempotency r WHERE r.created_at < now() - interval '24 hours'
        LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS replies = ROW_COUNT;
    RETURN NEXT;
END
$$;
