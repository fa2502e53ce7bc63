-- format_staff_put :exec (ids text, first text, second text)
WITH person AS (SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, keys, second)),
proposed AS (
    UPDATE auth.address_change t
    SET old_email = phi.sealed_anew(n.keys, 'address_change.old_email:' || t.id::text, t.old_email),
        new_email = phi.sealed_anew(n.keys, 'address_change.new_email:' || t.id::text, t.new_email)
    FROM person n
    WHERE t.realm = 'staff' AND t.account_id = n.id AND 1 IN (get_byte(t.old_email, 0), get_byte(t.new_email, 0))
)
UPDATE anamnesis.staff t
SET email = phi.sealed_anew(n.keys, 'staff.email:' || t.id::text, t.email),
    name = phi.sealed_anew(n.keys, 'staff.name:' || t.id::text, t.name), sealed_format = 2
FROM person n
WHERE t.id = n.id;
