-- A patient's file is declared: 'created', or why not. 'not-open': the response takes no more answers; 'limit-patient', 'limit-practice':
-- it would be more than may be stored; 'limit-open': twenty are under way; 'limit-day': they declared 200 within a day, or five times the bytes
-- that they may store; 'signatures-old': nothing would be looked at. NULL when the patient has no such response. The name is sealed with the
-- patient's keys.
--
-- What was taken back or refused counts on while an address of its parts is good, and for a minute more, when they are removed for the last
-- time (upload_leaves): whoever has the address may put the parts anew until then.
--
-- The patient is held first (an erasure waits, and takes this along), then the practice's row of what is stored, then the patient's: two at
-- once are counted one after the other.
CREATE OR REPLACE FUNCTION anamnesis.upload_create(p_id uuid, p_response uuid, p_link_id text, p_type text, p_size bigint,
                                                   p_parts integer, p_key bytea, p_name text, p_declared bytea, p_salt bytea,
                                                   p_files_key bytea)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    MOST_OPEN CONSTANT integer := 20;
    MOST_A_DAY CONSTANT integer := 200;
    TIMES_A_DAY CONSTANT integer := 5; -- what may be stored
    patient CONSTANT uuid := auth.patient();
    practice CONSTANT uuid := auth.practice();
    answer anamnesis.response;
    limits anamnesis.practice;
    whose uuid;
    stored bigint[];
    under_way integer;
    declared_today bigint;
    bytes_today numeric;
    held numeric[];
BEGIN
    IF patient IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM auth.hold_person('patient', patient);
    SELECT r.* INTO answer FROM anamnesis.response r
    WHERE r.id = p_response AND r.practice_id = practice AND r.patient_id = patient
      AND (patient = auth.answering() OR auth.held_answer(patient, r.started_at))
      AND EXISTS (SELECT FROM anamnesis.patient p WHERE p.id = patient AND p.status = 'active');
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM audit.about(patient);
    IF answer.status <> 'in-progress'
       OR EXISTS (SELECT FROM anamnesis.assignment a WHERE a.id = answer.assignment_id AND a.status = 'cancelled') THEN
        RETURN 'not-open';
    END IF;
    SELECT c.* INTO limits FROM anamnesis.practice c WHERE c.id = practice;
    IF EXISTS (SELECT FROM anamnesis.scanner s
               WHERE s.signatures_at < now() - limits.upload_days_signatures * interval '1 day') THEN
        RETURN 'signatures-old';
    END IF;
    FOREACH whose IN ARRAY ARRAY[NULL, patient] LOOP
        INSERT INTO anamnesis.upload_quota (practice_id, patient_id) VALUES (practice, whose)
        ON CONFLICT ON CONSTRAINT upload_quota_key DO NOTHING;
        SELECT array_append(stored, q.bytes), q.open_count INTO stored, under_way FROM anamnesis.upload_quota q
        WHERE q.practice_id = practice AND q.patient_id IS NOT DISTINCT FROM whose FOR NO KEY UPDATE;
    END LOOP;
    SELECT count(*), coalesce(sum(u.size), 0) INTO declared_today, bytes_today FROM anamnesis.upload u
    WHERE u.practice_id = practice AND u.patient_id = patient AND u.created_at > now() - interval '1 day'
      AND u.id >= anamnesis.uuid_floor(now() - interval '25 hours', 0); -- the index has the order of identifiers, and clocks differ
    SELECT ARRAY[coalesce(sum(u.size), 0), coalesce(sum(u.size) FILTER (WHERE u.patient_id = patient), 0)] INTO held FROM anamnesis.upload u
    WHERE u.practice_id = practice AND u.urls_until > now() - interval '1 minute'
      AND u.state IN ('withdrawn', 'expired', 'removed', 'infected', 'rejected');
    IF under_way >= MOST_OPEN THEN
        RETURN 'limit-open';
    ELSIF declared_today >= MOST_A_DAY OR bytes_today + p_size > TIMES_A_DAY * limits.upload_bytes_patient THEN
        RETURN 'limit-day';
    ELSIF stored[2] + held[2] + p_size > limits.upload_bytes_patient THEN
        RETURN 'limit-patient';
    ELSIF stored[1] + held[1] + p_size > limits.upload_bytes_practice THEN
        RETURN 'limit-practice';
    END IF;
    UPDATE anamnesis.data_key k SET files_key = p_files_key WHERE k.patient_id = patient AND k.files_key IS NULL;
    INSERT INTO anamnesis.upload (id, practice_id, patient_id, assignment_id, response_id, questionnaire_id, link_id, type, size, parts,
                                  name, declared, salt)
    VALUES (p_id, practice, patient, answer.assignment_id, answer.id, answer.questionnaire_id, p_link_id, p_type, p_size, p_parts,
            phi.seal(p_key, 'upload.name:' || p_id::text, p_name), p_declared, p_salt);
    RETURN 'created';
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_create(uuid,uuid,text,text,bigint,integer,bytea,text,bytea,bytea,bytea) TO anamnesis_api;
