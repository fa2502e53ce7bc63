-- staff_key :one! (id uuid) -> (id uuid, status staff_status, revision int, wrapped_key bytea)
-- A member of the practice's staff, and the wrapped data key of name and address.
SELECT s.id, s.status, s.revision, s.wrapped_key FROM anamnesis.staff s
WHERE s.practice_id = (SELECT auth.practice()) AND s.id = $1
