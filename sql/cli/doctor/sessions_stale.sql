-- sessions_stale :one () -> (count bigint)
-- Sessions whose row does not say what the account is: triggers keep them true (sql/schema/0114_session_actor.sql).
SELECT count(*)
FROM auth.session s
LEFT JOIN anamnesis.staff m ON s.realm = 'staff' AND m.id = s.account_id
LEFT JOIN anamnesis.practice c ON c.id = m.practice_id
LEFT JOIN anamnesis.patient p ON s.realm = 'patient' AND p.id = s.account_id
WHERE s.wrapped_key IS DISTINCT FROM CASE WHEN s.ended_at IS NULL THEN m.wrapped_key END OR s.acts_as <> CASE
    WHEN s.ended_at IS NOT NULL THEN 0
    WHEN p.status = 'active' THEN 82
    WHEN m.status = 'active' THEN 16 * array_position(ARRAY['owner', 'physician', 'assistant', 'auditor'], m.role)
        + CASE WHEN c.patient_access = 'all' OR m.role IN ('owner', 'auditor') THEN 5 ELSE 1 END
    ELSE 0 END;
