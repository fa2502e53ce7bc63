-- The newest patients whom the actor sees, below `p_before`, newest first: what patient_list.sql shows. By address, by record number
-- (blind indexes) or by identifier when there are any; a statement for each way of asking, as in anamnesis.response_page.
CREATE OR REPLACE FUNCTION anamnesis.patient_page(p_email_indexes bytea[], p_record_number_indexes bytea[], p_before uuid,
                                                  p_fetch integer, p_only uuid[])
RETURNS SETOF anamnesis.patient
LANGUAGE plpgsql STABLE ROWS 50
SET plan_cache_mode = force_generic_plan SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = on
SET enable_incremental_sort = off
AS $$
DECLARE
    practice CONSTANT uuid := auth.practice();
    below CONSTANT uuid := coalesce(p_before, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    set_before text;
BEGIN
    IF cardinality(p_only) > 0 THEN
        RETURN QUERY
        SELECT p.* FROM anamnesis.patient p
        WHERE p.id = ANY (p_only) AND p.practice_id = practice AND p.status <> 'erased' AND p.id < below
          AND (cardinality(p_email_indexes) = 0 OR p.email_index = ANY (p_email_indexes))
          AND (cardinality(p_record_number_indexes) = 0 OR p.record_number_index = ANY (p_record_number_indexes))
        ORDER BY p.id DESC LIMIT p_fetch;
    ELSIF cardinality(p_email_indexes) > 0 THEN
        RETURN QUERY
        SELECT p.* FROM anamnesis.patient p
        WHERE p.email_index = ANY (p_email_indexes) AND p.practice_id = practice AND p.status <> 'erased' AND p.id < below
          AND (cardinality(p_record_number_indexes) = 0 OR p.record_number_index = ANY (p_record_number_indexes))
        ORDER BY p.id DESC LIMIT p_fetch;
    ELSIF cardinality(p_record_number_indexes) > 0 THEN
        RETURN QUERY
        SELECT p.* FROM anamnesis.patient p
        WHERE p.practice_id = practice AND p.record_number_index = ANY (p_record_number_indexes) AND p.status <> 'erased' AND p.id < below
        ORDER BY p.id DESC LIMIT p_fetch;
    ELSIF auth.sees_all() THEN
        set_before := set_config('enable_sort', 'off', true); -- as in anamnesis.response_range
        RETURN QUERY
        SELECT p.* FROM anamnesis.patient p
        WHERE (p.practice_id, p.id) >= (practice, '00000000-0000-0000-0000-000000000000') AND (p.practice_id, p.id) < (practice, below)
          AND p.status <> 'erased'
        ORDER BY p.practice_id DESC, p.id DESC LIMIT p_fetch;
    ELSE
        -- The actor's own rows of both, each in the order of its index: no more of a team is read than is shown.
        RETURN QUERY
        (SELECT p.* FROM anamnesis.care_team c JOIN anamnesis.patient p ON p.id = c.patient_id
         WHERE c.practice_id = practice AND c.staff_id = (SELECT auth.actor()) AND c.patient_id < below
           AND p.practice_id = practice AND p.status <> 'erased'
         ORDER BY c.patient_id DESC LIMIT p_fetch)
        UNION ALL
        (SELECT p.*
         FROM (SELECT DISTINCT g.patient_id FROM anamnesis.break_glass g
               WHERE g.practice_id = practice AND g.staff_id = (SELECT auth.actor()) AND g.patient_id < below AND g.expires_at > now()
                 AND NOT EXISTS (SELECT FROM anamnesis.care_team c
                                 WHERE c.practice_id = practice AND c.staff_id = (SELECT auth.actor()) AND c.patient_id = g.patient_id)) t
         JOIN anamnesis.patient p ON p.id = t.patient_id
         WHERE p.practice_id = practice AND p.status <> 'erased'
         ORDER BY t.patient_id DESC LIMIT p_fetch)
        ORDER BY id DESC LIMIT p_fetch;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.patient_page(bytea[],bytea[],uuid,integer,uuid[]) TO anamnesis_api;
