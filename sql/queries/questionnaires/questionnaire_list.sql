-- questionnaire_list :many (status text?, words text?, before uuid?, fetch int) -> (id uuid, status text, title text, revision int, version int?, has_draft bool, created_at timestamptz, updated_at timestamptz)
-- Newest first; `words` is part of the title, in any case and however it is composed (title_folded); `before` is the last
-- identifier of the page before.
SELECT id, status, title, revision, version, draft IS NOT NULL, created_at, updated_at
FROM anamnesis.questionnaire
WHERE practice_id = (SELECT auth.practice())
  AND ($1::text IS NULL OR status = $1)
  AND ($2::text IS NULL OR strpos(title_folded,
         (SELECT normalize(upper(lower(normalize($2, NFD) COLLATE "und-x-icu")), NFC))) > 0) -- once, not for each title
  AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC
LIMIT $4
