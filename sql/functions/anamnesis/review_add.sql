-- A step of a response's review by an owner or a physician who sees the patient: 'added'; 'moved-on' when there is a newer step than
-- p_after, or an amendment has taken the response's place; 'nobody' when the assignee is no owner or physician who could see the patient;
-- 'not-completed'. NULL when the actor sees no such response. One at a time for a response: its row of review_now is locked.
CREATE OR REPLACE FUNCTION anamnesis.review_add(p_id uuid, p_response uuid, p_after integer, p_state text, p_assignee uuid, p_note bytea)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    practice CONSTANT uuid := auth.practice();
    response anamnesis.response;
    present anamnesis.review_now;
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IN ('owner', 'physician') IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'responses are reviewed by owners and physicians';
    END IF;
    SELECT r.* INTO response FROM anamnesis.response r
    WHERE r.practice_id = practice AND r.id = p_response AND auth.sees(r.patient_id)
      AND EXISTS (SELECT FROM anamnesis.patient p WHERE p.id = r.patient_id AND p.status <> 'erased');
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM audit.about(response.patient_id);
    IF response.status NOT IN ('completed', 'amended') THEN
        RETURN 'not-completed';
    END IF;
    SELECT n.* INTO present FROM anamnesis.review_now n WHERE n.response_id = p_response FOR NO KEY UPDATE;
    IF NOT FOUND OR present.state = 'superseded' OR present.number <> p_after THEN
        RETURN 'moved-on';
    ELSIF p_assignee IS NOT NULL AND NOT EXISTS (
        SELECT FROM anamnesis.staff s
        JOIN anamnesis.practice c ON c.id = s.practice_id
        WHERE s.practice_id = practice AND s.id = p_assignee AND s.status = 'active' AND s.role IN ('owner', 'physician')
          AND (s.role = 'owner' OR c.patient_access = 'all'
               OR EXISTS (SELECT FROM anamnesis.care_team t
                          WHERE t.practice_id = practice AND t.staff_id = s.id AND t.patient_id = response.patient_id))) THEN
        RETURN 'nobody';
    END IF;
    INSERT INTO anamnesis.review (id, practice_id, patient_id, response_id, number, state, assignee, note, staff_id)
    VALUES (p_id, practice, response.patient_id, p_response, p_after + 1, p_state, p_assignee, p_note, auth.actor());
    UPDATE anamnesis.review_now n SET state = p_state, assignee = p_assignee, number = p_after + 1 WHERE n.response_id = p_response;
    RETURN 'added';
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.review_add(uuid,uuid,integer,text,uuid,bytea) TO anamnesis_api;
