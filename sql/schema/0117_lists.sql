-- What lists are read by, however many rows there are (docs/operations.md has the figures).

-- The moment that lists are filtered by, to the hour: auto-save changes the column once an hour, so that it stays an update within its
-- page (HOT). An index of the moment itself would end that.
ALTER TABLE anamnesis.response ADD COLUMN changed_hour timestamptz NOT NULL
    GENERATED ALWAYS AS (date_bin('1 hour', coalesce(submitted_at, updated_at), '2001-01-01 00:00:00+00')) STORED;
CREATE INDEX response_by_hour ON anamnesis.response (practice_id, changed_hour, id);

-- Of each kind of response the newest, whichever of version and status is asked for. It stands for the index of questionnaires alone:
-- there are few versions and four states.
CREATE INDEX response_of_kind ON anamnesis.response (practice_id, questionnaire_id, version, status, id);
DROP INDEX anamnesis.response_of_questionnaire;

-- What is not completed is little beside what is.
CREATE INDEX response_not_completed ON anamnesis.response (practice_id, status, id) WHERE status <> 'completed';

-- Identifiers tell when a response was begun. The few that tell a later time than the row: a worker whose clock was ahead by more than a
-- minute. Hardly ever there is one.
CREATE INDEX response_ahead ON anamnesis.response (practice_id, id)
    WHERE id >= anamnesis.uuid_floor(least(started_at, submitted_at), 60000);

-- How many assignments of a version are not completed. Every change adds a row with the difference: nobody waits for anybody else, as
-- they would for one number. `anamnesis-jobs` adds them up now and then (auth.fold_counts); the sum is right before and after.
CREATE TABLE anamnesis.open_count (
    practice_id      uuid NOT NULL,
    questionnaire_id uuid NOT NULL,
    version          integer NOT NULL,
    assigned         bigint NOT NULL,
    in_progress      bigint NOT NULL,
    folded           boolean NOT NULL DEFAULT false
);
CREATE INDEX open_count_of_version ON anamnesis.open_count (practice_id, questionnaire_id, version);
CREATE INDEX open_count_unfolded ON anamnesis.open_count (practice_id, questionnaire_id, version) WHERE NOT folded;
-- First, because it waits for whoever is changing an assignment: what is counted then is all that was done without it.
CREATE TRIGGER counts AFTER INSERT OR DELETE OR UPDATE OF status, version ON anamnesis.assignment
    FOR EACH ROW EXECUTE FUNCTION anamnesis.count_open();
INSERT INTO anamnesis.open_count (practice_id, questionnaire_id, version, assigned, in_progress, folded)
SELECT practice_id, questionnaire_id, version, count(*) FILTER (WHERE status = 'assigned'), count(*) FILTER (WHERE status = 'in-progress'), true
FROM anamnesis.assignment
WHERE status IN ('assigned', 'in-progress')
GROUP BY 1, 2, 3;
DROP INDEX anamnesis.assignment_open;
