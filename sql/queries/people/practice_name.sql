-- practice_name :one! () -> (name text)
SELECT name FROM anamnesis.practice WHERE id = (SELECT auth.practice())
