-- The newest files of the actor's practice that fit, below `p_before`, newest first: what media_list.sql shows. NULL: any. What is infected
-- is for owners to know; for others it is rejected.
--
-- Rows come through row-level security whichever way they are found: a patient's; of each item of a questionnaire the newest; of each
-- state, or each state of a type; for staff who see some of the patients, their teams' (auth.team_uploads). Identifiers tell when a file was
-- declared, to a day: no worker's clock is further off.
--
-- Each way is the order of one index, and is said so that no other has it: the column before the identifier is between a value and the
-- same value, which the planner takes for no equality, and the order names it. The index of the key alone has the order of identifiers as
-- well, and would be read to its end for what is rare. What is older than `lowest` passes the conditions inside, ends the scan by that, and
-- is dropped outside.
CREATE OR REPLACE FUNCTION anamnesis.upload_page(p_patient uuid, p_questionnaire uuid, p_link_id text, p_type text, p_states text[],
                                                 p_from timestamptz, p_until timestamptz, p_before uuid, p_fetch integer)
RETURNS SETOF anamnesis.upload
LANGUAGE plpgsql STABLE ROWS 50
SET plan_cache_mode = force_generic_plan SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = on
SET enable_incremental_sort = off SET jit = off
AS $$
DECLARE
    DAY CONSTANT bigint := 86400000;
    practice CONSTANT uuid := auth.practice();
    since CONSTANT timestamptz := coalesce(p_from, '-infinity');
    until CONSTANT timestamptz := coalesce(p_until, 'infinity');
    lowest CONSTANT uuid := coalesce(anamnesis.uuid_floor(p_from, -DAY), '00000000-0000-0000-0000-000000000000');
    below CONSTANT uuid := least(p_before, anamnesis.uuid_floor(p_until, DAY), 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    states text[] := coalesce(p_states, ARRAY['awaiting-upload', 'scanning', 'clean', 'infected', 'rejected', 'withdrawn', 'expired',
                                              'removed', 'erased']);
    set_before text;
BEGIN
    IF auth.role() IS DISTINCT FROM 'owner' THEN
        states := array_remove(states, 'infected') || CASE WHEN 'rejected' = ANY (states) THEN ARRAY['infected'] ELSE '{}' END;
    END IF;
    IF p_patient IS NULL AND NOT auth.sees_all() THEN
        RETURN QUERY
        SELECT u.*
        FROM auth.team_uploads(p_questionnaire, p_link_id, p_type, states, since, until, lowest, below, p_fetch) AS t (id)
        JOIN anamnesis.upload u ON u.id = t.id
        ORDER BY u.id DESC;
        RETURN;
    END IF;
    set_before := set_config('enable_sort', 'off', true); -- but where there is no other way
    IF p_patient IS NOT NULL THEN
        RETURN QUERY
        SELECT (n.u).*
        FROM (
            SELECT u FROM anamnesis.upload u
            WHERE u.practice_id = practice AND u.patient_id >= p_patient AND u.patient_id <= p_patient AND u.id < below
              AND (u.id < lowest
                   OR (u.created_at >= since AND u.created_at < until AND u.state = ANY (states) AND (p_type IS NULL OR u.type = p_type)
                       AND (p_questionnaire IS NULL OR u.questionnaire_id = p_questionnaire)
                       AND (p_link_id IS NULL OR u.link_id = p_link_id)))
            ORDER BY u.patient_id DESC, u.id DESC LIMIT p_fetch) n
        WHERE (n.u).id >= lowest
        ORDER BY (n.u).id DESC;
    ELSIF p_questionnaire IS NOT NULL THEN
        RETURN QUERY
        WITH RECURSIVE item AS (
            (SELECT u.link_id FROM anamnesis.upload u
             WHERE u.practice_id = practice AND u.questionnaire_id >= p_questionnaire AND u.questionnaire_id <= p_questionnaire
             ORDER BY u.questionnaire_id, u.link_id LIMIT 1)
            UNION ALL
            SELECT (SELECT u.link_id FROM anamnesis.upload u
                    WHERE u.practice_id = practice AND u.questionnaire_id = p_questionnaire AND u.link_id > i.link_id
                    ORDER BY u.link_id LIMIT 1)
            FROM item i WHERE i.link_id IS NOT NULL)
        SELECT (n.u).*
        FROM item i
        CROSS JOIN LATERAL (
            SELECT u FROM anamnesis.upload u
            WHERE u.practice_id = practice AND u.questionnaire_id = p_questionnaire AND u.link_id >= i.link_id AND u.link_id <= i.link_id
              AND u.id < below
              AND (u.id < lowest OR (u.created_at >= since AND u.created_at < until AND u.state = ANY (states)
                                     AND (p_type IS NULL OR u.type = p_type)))
            ORDER BY u.link_id DESC, u.id DESC LIMIT p_fetch) n
        WHERE (p_link_id IS NULL OR i.link_id = p_link_id) AND (n.u).id >= lowest
        ORDER BY (n.u).id DESC LIMIT p_fetch;
    ELSIF p_type IS NOT NULL THEN
        RETURN QUERY
        SELECT (n.u).*
        FROM unnest(states) AS s (state)
        CROSS JOIN LATERAL (
            SELECT u FROM anamnesis.upload u
            WHERE u.practice_id = practice AND u.type = p_type AND u.state >= s.state AND u.state <= s.state AND u.id < below
              AND (u.id < lowest OR (u.created_at >= since AND u.created_at < until AND (p_link_id IS NULL OR u.link_id = p_link_id)))
            ORDER BY u.state DESC, u.id DESC LIMIT p_fetch) n
        WHERE (n.u).id >= lowest
        ORDER BY (n.u).id DESC LIMIT p_fetch;
    ELSE
        RETURN QUERY
        SELECT (n.u).*
        FROM unnest(states) AS s (state)
        CROSS JOIN LATERAL (
            SELECT u FROM anamnesis.upload u
            WHERE u.practice_id = practice AND u.state >= s.state AND u.state <= s.state AND u.id < below
              AND (u.id < lowest OR (u.created_at >= since AND u.created_at < until AND (p_link_id IS NULL OR u.link_id = p_link_id)))
            ORDER BY u.state DESC, u.id DESC LIMIT p_fetch) n
        WHERE (n.u).id >= lowest
        ORDER BY (n.u).id DESC LIMIT p_fetch;
    END IF;
    set_before := set_config('enable_sort', 'on', true);
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_page(uuid,uuid,text,text,text[],timestamptz,timestamptz,uuid,integer) TO anamnesis_api;
