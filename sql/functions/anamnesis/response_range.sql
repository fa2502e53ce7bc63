-- The newest responses of the actor's practice that fit, of whichever patient, below `p_below`, newest first. Each way of asking has a
-- statement of its own, so that each has the index that it is read by; none reads many more rows than it gives.
--
-- Identifiers tell when a response was begun (UUID version 7), and none changes before it was begun. So:
-- - `p_until` excludes all whose identifier is later, by more than a worker's clock may be ahead. The few that tell a later time than
--   their rows have an index of their own, response_ahead; they come first.
-- - What was begun since `p_since` follows. If that fills the page, nothing older is looked at.
-- - What was begun before and changed since is found by the hour of its change, unless that is more than FEW; then by what else is asked.
CREATE OR REPLACE FUNCTION anamnesis.response_range(p_questionnaire uuid, p_version integer, p_status text, p_since timestamptz,
                                                    p_until timestamptz, p_below uuid, p_fetch integer)
RETURNS SETOF anamnesis.response
LANGUAGE plpgsql STABLE ROWS 50
SET plan_cache_mode = force_generic_plan SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = on
SET enable_incremental_sort = off
AS $$
DECLARE
    FEW CONSTANT integer := 1000;
    ZERO CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    practice CONSTANT uuid := auth.practice();
    since CONSTANT timestamptz := coalesce(p_since, '-infinity');
    until CONSTANT timestamptz := coalesce(p_until, 'infinity');
    from_hour CONSTANT timestamptz := date_bin('1 hour', p_since, '2001-01-01 00:00:00+00');
    bound CONSTANT uuid := anamnesis.uuid_floor(p_until, 60000);
    below uuid := p_below;
    lowest uuid := coalesce(anamnesis.uuid_floor(p_since, 0), ZERO);
    remaining integer := p_fetch;
    found integer;
    set_before text;
BEGIN
    -- Where a statement says `practice_id = ANY (ARRAY[practice])` and orders by it, with sorting off, only an index of practice and
    -- identifier has the order, whatever the planner thinks: the key alone, where most rows are of one practice, would be read to its end for
    -- a small one, or for what response_ahead has nothing of. (`practice_id = practice` would let the key have the order; a comparison
    -- of rows does not end at the lowest identifier, but at the practice's.)
    IF bound < below THEN
        set_before := set_config('enable_sort', 'off', true);
        RETURN QUERY
        SELECT r.* FROM anamnesis.response r
        WHERE r.id >= anamnesis.uuid_floor(least(r.started_at, r.submitted_at), 60000)
          AND r.practice_id = ANY (ARRAY[practice]) AND r.id >= bound AND r.id < below
          AND coalesce(r.submitted_at, r.updated_at) >= since AND coalesce(r.submitted_at, r.updated_at) < until
          AND (p_questionnaire IS NULL OR r.questionnaire_id = p_questionnaire) AND (p_version IS NULL OR r.version = p_version)
          AND (p_status IS NULL OR r.status = p_status)
        ORDER BY r.practice_id DESC, r.id DESC LIMIT remaining;
        GET DIAGNOSTICS found = ROW_COUNT;
        set_before := set_config('enable_sort', 'on', true);
        remaining := remaining - found;
        below := bound;
    END IF;
    WHILE remaining > 0 AND below > ZERO LOOP
        IF below <= lowest THEN -- what was begun before p_since
            lowest := ZERO;
            IF (SELECT count(*) FROM (SELECT FROM anamnesis.response r
                                      WHERE r.practice_id = practice AND r.changed_hour >= from_hour AND r.changed_hour < until
                                      LIMIT FEW + 1) n) <= FEW THEN
                RETURN QUERY
                WITH late AS MATERIALIZED (
                    SELECT r.id FROM anamnesis.response r
                    WHERE r.practice_id = practice AND r.changed_hour >= from_hour AND r.changed_hour < until AND r.id < below
                )
                SELECT r.* FROM late l JOIN anamnesis.response r ON r.id = l.id
                WHERE coalesce(r.submitted_at, r.updated_at) >= since AND coalesce(r.submitted_at, r.updated_at) < until
                  AND (p_questionnaire IS NULL OR r.questionnaire_id = p_questionnaire) AND (p_version IS NULL OR r.version = p_version)
                  AND (p_status IS NULL OR r.status = p_status)
                ORDER BY r.id DESC LIMIT remaining;
                RETURN;
            END IF;
        END IF;
        IF p_questionnaire IS NOT NULL OR p_version IS NOT NULL THEN
            -- Of each kind the newest: no other kind has what is asked for, and of each not more than all are to have.
            RETURN QUERY
            WITH kind AS MATERIALIZED (
                SELECT v.questionnaire_id, v.version, s.status
                FROM anamnesis.questionnaire_version v
                CROSS JOIN unnest(ARRAY['in-progress', 'completed', 'amended', 'stopped']) AS s (status)
                WHERE v.practice_id = practice AND (p_questionnaire IS NULL OR v.questionnaire_id = p_questionnaire)
                  AND (p_version IS NULL OR v.version = p_version) AND (p_status IS NULL OR s.status = p_status)
            ), head AS MATERIALIZED (
                SELECT k.*, h.id
                FROM kind k
                CROSS JOIN LATERAL (
                    SELECT r.id FROM anamnesis.response r
                    WHERE r.practice_id = practice AND r.questionnaire_id = k.questionnaire_id AND r.version = k.version
                      AND r.status = k.status AND r.id >= lowest AND r.id < below
                      AND coalesce(r.submitted_at, r.updated_at) >= since AND coalesce(r.submitted_at, r.updated_at) < until
                    ORDER BY r.id DESC LIMIT 1) h
                ORDER BY h.id DESC LIMIT remaining
            )
            SELECT (n.r).*
            FROM head h
            CROSS JOIN LATERAL (
                SELECT r FROM anamnesis.response r
                WHERE r.practice_id = practice AND r.questionnaire_id = h.questionnaire_id AND r.version = h.version
                  AND r.status = h.status AND r.id >= lowest AND r.id <= h.id
                  AND coalesce(r.submitted_at, r.updated_at) >= since AND coalesce(r.submitted_at, r.updated_at) < until
                ORDER BY r.id DESC LIMIT remaining) n
            ORDER BY (n.r).id DESC LIMIT remaining;
            GET DIAGNOSTICS found = ROW_COUNT;
        ELSIF p_status <> 'completed' THEN
            RETURN QUERY
            SELECT r.* FROM anamnesis.response r
            WHERE r.practice_id = practice AND r.status <> 'completed' AND r.status = p_status AND r.id >= lowest AND r.id < below
              AND coalesce(r.submitted_at, r.updated_at) >= since AND coalesce(r.submitted_at, r.updated_at) < until
            ORDER BY r.id DESC LIMIT remaining;
            GET DIAGNOSTICS found = ROW_COUNT;
        ELSE
            set_before := set_config('enable_sort', 'off', true);
            RETURN QUERY
            SELECT r.* FROM anamnesis.response r
            WHERE r.practice_id = ANY (ARRAY[practice]) AND r.id >= lowest AND r.id < below
              AND coalesce(r.submitted_at, r.updated_at) >= since AND coalesce(r.submitted_at, r.updated_at) < until
              AND (p_status IS NULL OR r.status = p_status)
            ORDER BY r.practice_id DESC, r.id DESC LIMIT remaining;
            GET DIAGNOSTICS found = ROW_COUNT;
            set_before := set_config('enable_sort', 'on', true);
        END IF;
        remaining := remaining - found;
        below := least(below, lowest);
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.response_range(uuid,integer,text,timestamptz,timestamptz,uuid,integer) TO anamnesis_api;
