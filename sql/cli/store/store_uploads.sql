-- store_uploads :many (after text, most int) -> (id text, parts int, scanning bool)
-- Uploads whose parts lie in the store, or are about to.
SELECT u.id::text, u.parts::integer, u.state = 'scanning' AS scanning
FROM anamnesis.upload u WHERE u.state IN ('awaiting-upload', 'scanning') AND u.id > $1::uuid ORDER BY u.id LIMIT $2;
