-- texts_state :one (sha256 text) -> (state text)
SELECT CASE WHEN s.number IS NULL THEN 'behind' WHEN s.number = max(t.number) THEN 'current' ELSE 'ahead' END AS state
FROM anamnesis.sql_state t
LEFT JOIN anamnesis.sql_state s ON s.sha256 = $1
GROUP BY s.number;
