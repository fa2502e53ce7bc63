-- Due dates are from 2000 to twenty years after they were set, as openapi.yaml has it (DueAt): what is further away has a year
-- of five digits, which no program that reads the contract can take. One that is out of it gets the nearest that is in it.
-- Twenty years are at most 7305 days; the clocks of the workers and of the database may differ by the rest.
UPDATE anamnesis.assignment
SET due_at = greatest(least(due_at, created_at + interval '7305 days'), timestamptz '2000-01-01T00:00:00Z')
WHERE due_at < timestamptz '2000-01-01T00:00:00Z' OR due_at > created_at + interval '7305 days';

ALTER TABLE anamnesis.assignment ADD CONSTRAINT assignment_due_at_range
    CHECK (due_at >= timestamptz '2000-01-01T00:00:00Z' AND due_at - created_at <= interval '7306 days');

-- What titles are searched by (questionnaire_list.sql folds the words alike): composed and decomposed letters are the same,
-- and so are their cases, as full case folding has it ("STRASSE" finds "Straße"). Lower before upper case, since two letters
-- have only a lower one. Kept, because to fold every title of a practice for each search takes ten times as long as to read it.
ALTER TABLE anamnesis.questionnaire ADD COLUMN title_folded text NOT NULL
    GENERATED ALWAYS AS (normalize(upper(lower(normalize(title, NFD) COLLATE "und-x-icu")), NFC)) STORED;
