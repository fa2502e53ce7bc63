-- What is infected is for the patient and for owners to know; for others of the practice it is rejected.
-- The files of a response as JSON: of one in progress those that are not taken back, of another those that it shows. NULL when there
-- are none that the actor sees. A function, because nearly no response has any: the whole question, with the policies of two tables, is asked
-- only when its assignment has a file at all.
CREATE OR REPLACE FUNCTION anamnesis.response_uploads(p_response uuid, p_assignment uuid, p_in_progress boolean) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM anamnesis.upload u WHERE u.assignment_id = p_assignment) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT json_agg(json_build_object('id', u.id, 'link_id', u.link_id, 'status',
                       CASE WHEN u.state = 'infected' AND auth.realm() = 'staff' AND auth.role() IS DISTINCT FROM 'owner'
                            THEN 'rejected' ELSE u.state END, 'reason', u.reason) ORDER BY u.id)
            FROM anamnesis.upload u
            WHERE u.assignment_id = p_assignment AND CASE WHEN p_in_progress THEN u.state NOT IN ('withdrawn', 'expired')
                  ELSE EXISTS (SELECT FROM anamnesis.upload_shown s WHERE s.upload_id = u.id AND s.response_id = p_response) END);
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.response_uploads(uuid,uuid,boolean) TO anamnesis_api;
