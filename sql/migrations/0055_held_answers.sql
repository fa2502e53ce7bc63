-- The proof says of a patient whether earlier answers are held in this session: `h` in the second place of the setting
-- (0047_proven_actor.sql). Two more columns:
--
--   answers       as scope, but of a patient whose answers are held: none. What may be seen of these says auth.held_since().
--   held_patient  that patient
CREATE OR REPLACE VIEW auth.acting AS
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
