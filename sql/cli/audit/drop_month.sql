-- drop_month :one (first_day text, years int, rows bigint, seal bigint, signature bytea, request_id uuid, note text) -> (refused text)
SELECT audit.drop_month($1::date, $2, $3, $4, $5, $6, $7) AS refused;
