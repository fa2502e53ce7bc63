-- The newest responses of the patients whom the actor sees by a care team or a broken glass, below `p_below`: identifiers, newest first.
-- For anamnesis.response_page, which reads them through row-level security.
--
-- Each patient's newest one first, then more of those p_fetch patients whose newest are the newest of all: nobody else has any of the
-- newest p_fetch. Before that, a LARGE team is looked for in what the whole practice did last: it has some of that, or there is little. What
-- it costs to ask each of the team's patients is the measure of how far that goes: TIMES as many responses as there are patients.
CREATE OR REPLACE FUNCTION auth.team_responses(p_questionnaire uuid, p_version integer, p_status text, p_since timestamptz,
                                               p_until timestamptz, p_below uuid, p_fetch integer)
RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_bitmapscan = off SET enable_seqscan = off
AS $$
DECLARE
    LARGE CONSTANT integer := 1000; -- patients
    PART_MOST CONSTANT integer := 5000; -- responses that are looked at together
    TIMES CONSTANT integer := 10;
    practice CONSTANT uuid := auth.staffs();
    actor CONSTANT uuid := auth.actor();
    below uuid := p_below;
    part integer := 200;
    looked_at integer := 0;
    most integer := 3000;
    counted boolean := false;
    found uuid[] := '{}';
    of_part uuid[];
    seen uuid[];
BEGIN
    IF practice IS NULL THEN
        RETURN;
    END IF;
    IF (SELECT count(*) FROM (SELECT FROM anamnesis.care_team c WHERE c.practice_id = practice AND c.staff_id = actor
                              LIMIT LARGE + 1) t) > LARGE THEN
        WHILE looked_at < most LOOP
            SELECT array_agg(r.id ORDER BY r.id DESC), array_agg(r.id ORDER BY r.id DESC) FILTER (WHERE
                EXISTS (SELECT FROM anamnesis.care_team c
                        WHERE c.practice_id = practice AND c.staff_id = actor AND c.patient_id = r.patient_id)
                OR EXISTS (SELECT FROM anamnesis.break_glass g
                           WHERE g.practice_id = practice AND g.staff_id = actor AND g.patient_id = r.patient_id
                             AND g.expires_at > now()))
            INTO of_part, seen
            FROM anamnesis.response_range(p_questionnaire, p_version, p_status, p_since, p_until, below, part) r;
            found := found || seen;
            IF cardinality(found) >= p_fetch OR cardinality(of_part) = part IS NOT TRUE THEN
                RETURN QUERY SELECT f.id FROM unnest(found) AS f (id) ORDER BY f.id DESC LIMIT p_fetch;
                RETURN;
            END IF;
            below := of_part[part];
            looked_at := looked_at + part;
            part := least(2 * part, PART_MOST);
            IF looked_at >= most AND NOT counted THEN -- hardly ever: who counts a team reads it
                most := TIMES * (SELECT count(*) FROM anamnesis.care_team c WHERE c.practice_id = practice AND c.staff_id = actor);
                counted := true;
            END IF;
        END LOOP;
    END IF;
    RETURN QUERY
    WITH member AS MATERIALIZED (
        SELECT c.patient_id FROM anamnesis.care_team c WHERE c.practice_id = practice AND c.staff_id = actor
        UNION
        SELECT g.patient_id FROM anamnesis.break_glass g
        WHERE g.practice_id = practice AND g.staff_id = actor AND g.expires_at > now()
    ), head AS MATERIALIZED (
        SELECT m.patient_id, h.id
        FROM member m
        CROSS JOIN LATERAL (
            SELECT r.id FROM anamnesis.response r
            WHERE r.practice_id = practice AND r.patient_id = m.patient_id AND r.id < p_below
              AND (p_since IS NULL OR coalesce(r.submitted_at, r.updated_at) >= p_since)
              AND (p_until IS NULL OR coalesce(r.submitted_at, r.updated_at) < p_until)
              AND (p_questionnaire IS NULL OR r.questionnaire_id = p_questionnaire) AND (p_version IS NULL OR r.version = p_version)
              AND (p_status IS NULL OR r.status = p_status)
            ORDER BY r.id DESC LIMIT 1) h
        ORDER BY h.id DESC LIMIT p_fetch
    )
    SELECT n.id
    FROM head h
    CROSS JOIN LATERAL (
        SELECT r.id FROM anamnesis.response r
        WHERE r.practice_id = practice AND r.patient_id = h.patient_id AND r.id <= h.id
          -- When there are p_fetch patients, what is older than the oldest of their newest is on no page.
          AND r.id >= coalesce((SELECT o.id FROM head o ORDER BY o.id DESC OFFSET p_fetch - 1 LIMIT 1),
                               '00000000-0000-0000-0000-000000000000')
          AND (p_since IS NULL OR coalesce(r.submitted_at, r.updated_at) >= p_since)
          AND (p_until IS NULL OR coalesce(r.submitted_at, r.updated_at) < p_until)
          AND (p_questionnaire IS NULL OR r.questionnaire_id = p_questionnaire) AND (p_version IS NULL OR r.version = p_version)
          AND (p_status IS NULL OR r.status = p_status)
        ORDER BY r.id DESC LIMIT p_fetch) n
    ORDER BY n.id DESC LIMIT p_fetch;
END
$$;
GRANT EXECUTE ON FUNCTION auth.team_responses(uuid,integer,text,timestamptz,timestamptz,uuid,integer) TO anamnesis_api;
