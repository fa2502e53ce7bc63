-- Adds up the differences in anamnesis.open_count, so many at most: one row for each version is left. Returns how many there were.
-- Whoever reads meanwhile sees all the rows or their sum; a row that somebody else is adding up is left to them.
CREATE OR REPLACE FUNCTION auth.fold_counts(p_most integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    folded bigint;
BEGIN
    WITH picked AS MATERIALIZED (
        SELECT c.ctid AS place, c.practice_id, c.questionnaire_id, c.version FROM anamnesis.open_count c
        WHERE NOT c.folded LIMIT p_most FOR UPDATE SKIP LOCKED
    ), sums AS MATERIALIZED (
        SELECT c.ctid AS place FROM anamnesis.open_count c
        WHERE c.folded AND (c.practice_id, c.questionnaire_id, c.version) IN (SELECT p.practice_id, p.questionnaire_id, p.version FROM picked p)
        FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM anamnesis.open_count c
        WHERE c.ctid = ANY (ARRAY(SELECT p.place FROM picked p UNION ALL SELECT s.place FROM sums s))
        RETURNING c.practice_id, c.questionnaire_id, c.version, c.assigned, c.in_progress, c.completed, c.folded
    ), made AS (
        INSERT INTO anamnesis.open_count (practice_id, questionnaire_id, version, assigned, in_progress, completed, folded)
        SELECT g.practice_id, g.questionnaire_id, g.version, sum(g.assigned), sum(g.in_progress), sum(g.completed), true
        FROM gone g GROUP BY 1, 2, 3
        HAVING sum(g.assigned) <> 0 OR sum(g.in_progress) <> 0 OR sum(g.completed) <> 0
    )
    SELECT count(*) FROM gone g WHERE NOT g.folded INTO folded;
    RETURN folded;
END
$$;
