-- value_sets_named :many (canonicals text[]) -> (canonical text, id uuid, resource text)
-- For each `url` or `url|version` the value set that is meant: without a version, the one stored last.
SELECT DISTINCT ON (c.canonical) c.canonical, s.id, s.resource
FROM unnest($1::text[]) AS c (canonical)
JOIN anamnesis.value_set s
  ON s.practice_id = (SELECT auth.practice()) AND s.url = split_part(c.canonical, '|', 1)
 AND (strpos(c.canonical, '|') = 0 OR s.version = split_part(c.canonical, '|', 2))
ORDER BY c.canonical, s.id DESC
