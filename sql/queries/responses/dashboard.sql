-- dashboard :many (most int, fetch int) -> (at timestamptz, whole bool, time_zone text, overdue bigint, stopped bigint, unread bigint, in_review bigint, mine bigint, expired bigint, begun bigint, submitted bigint, questionnaire_id uuid?, title text?, status text?, assigned bigint?, in_progress bigint?, completed bigint?, median_seconds bigint?)
-- How much there is to see to, once beside each questionnaire; one row without a questionnaire when there is none.
SELECT now(), c.whole, p.time_zone, c.overdue, c.stopped, c.unread, c.in_review, c.mine, c.expired, c.begun, c.submitted,
       q.questionnaire_id, q.title, q.status, q.assigned, q.in_progress, q.completed, q.seconds
FROM auth.dashboard_counts($1, '7 days', '30 days') c
JOIN anamnesis.practice p ON p.id = (SELECT auth.practice())
LEFT JOIN auth.dashboard_questionnaires(c.whole, $2, 30) q ON true
ORDER BY q.assigned + q.in_progress DESC, q.completed DESC, q.questionnaire_id DESC
