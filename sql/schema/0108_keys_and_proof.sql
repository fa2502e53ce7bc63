-- What the database knows of the keyring, and how it knows who acts.

-- Which versions of keys there are, and a value by which a wrong key is told: one row for each version of each kind. The
-- value is an HMAC under the key, of its kind and version: it shows nothing of the key. Written by the operator's command; a
-- retired version's number is never used again.
CREATE TABLE auth.key_check (
    kind         text NOT NULL CHECK (kind ~ '^[a-z]{1,16}$'),
    version      integer NOT NULL CHECK (version > 0),
    value        bytea NOT NULL CHECK (octet_length(value) = 32),
    created_at   timestamptz NOT NULL DEFAULT now(),
    in_use_since timestamptz, -- when every program used it for what is new
    retired_at   timestamptz,
    -- SHA-256 of what a worker shows before a sign-in begins; it is derived from the pepper, so whoever has it has the keyring.
    door         bytea CHECK (door IS NULL OR (octet_length(door) = 32 AND kind = 'pepper')),
    PRIMARY KEY (kind, version)
);

-- Who acts in a transaction is proven, not said: auth.prove() and auth.anonymous() set one setting, `anamnesis.actor`, which
-- ends with a code over the rest, this backend and this transaction, under a secret that only the owner's functions and
-- views read. Whoever has the api role's password sets what they like, and it counts for nothing.
--
-- The setting, by places of characters (275 and 64):
--
--      1      realm: s staff, p patient, n nobody
--      2      a: staff who see all patients of the practice; h: a patient whose earlier answers are held; else -
--      3      role: o owner, p physician, a assistant, u auditor, t patient, - none
--      4-39   practice,  40-75 actor, or whom an unfinished sign-in is about,  76-111 session: zeros when there is none
--    112-147  request,  148-211 operation,  212-275 client address: filled up with blanks
--    276-339  the code: SHA-256 over secret, backend, begin of the transaction, and the 275 before, in hexadecimal
--
-- The length is fixed, so a code for more than was said cannot be computed from a code that is known (which SHA-256 would
-- allow). It is good in one transaction of one backend: there are not two with one number that began in one microsecond.
CREATE TABLE auth.proof_key (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    secret bytea NOT NULL CHECK (octet_length(secret) = 32)
);
INSERT INTO auth.proof_key (secret) VALUES (ext.gen_random_bytes(32));

-- Who acts: one row, or none when nobody has proven anything. A view, because that costs half of a function with the
-- rights of its owner. In policies it is a sub-select without outer references: asked once a statement, not once a row.
--
--   scope        of which a row's practice and patient must be for being seen at once: the practice of staff who see all; a
--                patient's practice and the patient
--   staffs       the practice, for staff of any role;  writes: for those whose role is not only to look on
--   signed_in    the actor, for somebody with a session
--   answers      as scope, but of a patient whose answers are held: none. What may be seen of these says auth.held_since().
--   held_patient that patient
CREATE VIEW auth.acting AS
SELECT CASE left(said, 1) WHEN 's' THEN 'staff' WHEN 'p' THEN 'patient' ELSE 'none' END AS realm,
       CASE substr(said, 3, 1) WHEN 'o' THEN 'owner' WHEN 'p' THEN 'physician' WHEN 'a' THEN 'assistant' WHEN 'u' THEN 'auditor'
                               WHEN 't' THEN 'patient' END AS role,
       substr(said, 2, 1) = 'a' AS sees_all,
       nullif(substr(said, 4, 36), '00000000-0000-0000-0000-000000000000')::uuid AS practice_id,
       nullif(substr(said, 40, 36), '00000000-0000-0000-0000-000000000000')::uuid AS actor_id,
       CASE WHEN left(said, 1) = 'p' THEN substr(said, 40, 36)::uuid END AS patient_id,
       nullif(substr(said, 76, 36), '00000000-0000-0000-0000-000000000000')::uuid AS session_id,
       substr(said, 112, 36)::uuid AS request_id,
       rtrim(substr(said, 148, 64)) AS operation,
       rtrim(substr(said, 212, 64)) AS client_address,
       CASE WHEN left(said, 1) = 'p' THEN ARRAY[substr(said, 4, 36)::uuid, substr(said, 40, 36)::uuid]
            WHEN left(said, 2) = 'sa' THEN ARRAY[substr(said, 4, 36)::uuid] END AS scope,
       CASE WHEN left(said, 1) = 's' THEN substr(said, 4, 36) END::uuid AS staffs,
       CASE WHEN left(said, 1) = 's' AND substr(said, 3, 1) IN ('o', 'p', 'a') THEN substr(said, 4, 36) END::uuid AS writes,
       CASE WHEN left(said, 1) IN ('s', 'p') THEN substr(said, 40, 36) END::uuid AS signed_in,
       CASE WHEN left(said, 1) = 'p' AND substr(said, 2, 1) <> 'h' THEN ARRAY[substr(said, 4, 36)::uuid, substr(said, 40, 36)::uuid]
            WHEN left(said, 2) = 'sa' THEN ARRAY[substr(said, 4, 36)::uuid] END AS answers,
       CASE WHEN left(said, 2) = 'ph' THEN substr(said, 40, 36)::uuid END AS held_patient
FROM auth.proof_key k, (SELECT current_setting('anamnesis.actor', true)) AS now_said (said)
WHERE length(said) = 339
  AND encode(sha256(k.secret || int4send(pg_backend_pid()) || timestamptz_send(now()) || convert_to(left(said, 275), 'UTF8')), 'hex')
      = substr(said, 276);
