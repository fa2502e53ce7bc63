-- Who may do what, as text: one fact a line, in a fixed order. Run by tools/grants.py. Partitions of a month are one name,
-- MONTH: they are alike, or there is a line too many.
\pset format unaligned
\pset tuples_only on
\pset footer off
SET search_path = pg_catalog;

SELECT '# Made by tools/grants.py from a migrated database. A change here is a change of access.';

SELECT E'\n## Roles';
SELECT rolname || concat(
    CASE WHEN rolcanlogin THEN ' login' END, CASE WHEN rolsuper THEN ' SUPERUSER' END,
    CASE WHEN rolbypassrls THEN ' BYPASSRLS' END, CASE WHEN rolcreaterole THEN ' CREATEROLE' END,
    CASE WHEN rolcreatedb THEN ' CREATEDB' END, CASE WHEN rolreplication THEN ' REPLICATION' END,
    (SELECT ' member-of(' || string_agg(g.rolname, ', ' ORDER BY g.rolname) || ')'
     FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid))
FROM pg_roles r WHERE rolname LIKE 'anamnesis%' ORDER BY 1;

SELECT E'\n## Settings of roles';
SELECT r.rolname || ' ' || setting
FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS setting
WHERE r.rolname LIKE 'anamnesis%' AND s.setdatabase = 0 ORDER BY 1;

SELECT E'\n## Database';
SELECT coalesce(r.rolname, 'PUBLIC') || ' ' || string_agg(lower(a.privilege_type), ' ' ORDER BY a.privilege_type)
FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE d.datname = current_database() AND a.grantee <> d.datdba GROUP BY r.rolname ORDER BY 1;

SELECT E'\n## Schemas';
SELECT n.nspname || ' ' || coalesce(r.rolname, 'PUBLIC') || ' '
    || string_agg(lower(a.privilege_type), ' ' ORDER BY a.privilege_type)
FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit', 'ext', 'public') AND a.grantee <> n.nspowner
GROUP BY n.nspname, r.rolname ORDER BY n.nspname, coalesce(r.rolname, 'PUBLIC');

-- A privilege on some columns names them.
SELECT E'\n## Tables';
WITH whole AS (
    SELECT c.oid, a.grantee, lower(a.privilege_type) AS privilege
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
         aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
    WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit') AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
      AND a.grantee <> c.relowner
    UNION ALL
    SELECT c.oid, a.grantee,
           lower(a.privilege_type) || '(' || string_agg(t.attname, ', ' ORDER BY t.attnum) || ')'
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute t ON t.attrelid = c.oid,
         aclexplode(t.attacl) a
    WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit') AND a.grantee <> c.relowner
    GROUP BY c.oid, a.grantee, a.privilege_type
)
SELECT name || ' ' || role || ' ' || privileges
FROM (SELECT DISTINCT regexp_replace(w.oid::regclass::text, '\d{4}_\d\d$', 'MONTH') COLLATE "C" AS name,
             coalesce(r.rolname, 'PUBLIC')::text AS role, string_agg(privilege, ' ' ORDER BY privilege) AS privileges
      FROM whole w LEFT JOIN pg_roles r ON r.oid = w.grantee
      GROUP BY w.oid, r.rolname) AS facts
ORDER BY name, role, privileges;

SELECT E'\n## Row-level security';
SELECT name || state
FROM (SELECT DISTINCT regexp_replace(c.oid::regclass::text, '\d{4}_\d\d$', 'MONTH') COLLATE "C" AS name,
             CASE WHEN c.relrowsecurity THEN ' enabled' ELSE ' NOT ENABLED' END
             || CASE WHEN c.relforcerowsecurity THEN ' forced' ELSE ' not forced' END AS state
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit') AND c.relkind IN ('r', 'p')) AS facts
ORDER BY name, state;
SELECT fact
FROM (SELECT DISTINCT schemaname, regexp_replace(tablename::text, '\d{4}_\d\d$', 'MONTH')::name AS tablename, policyname,
             format('%s for %s to %s%s%s', policyname, lower(cmd), array_to_string(roles, ', '),
                    E'\n    using ' || regexp_replace(qual, '\s+', ' ', 'g'),
                    E'\n    check ' || regexp_replace(with_check, '\s+', ' ', 'g')) AS rule
      FROM pg_policies WHERE schemaname IN ('anamnesis', 'phi', 'auth', 'audit')) AS facts,
     format('%s.%s %s', schemaname, tablename, rule) AS fact
ORDER BY schemaname, tablename, policyname, rule;

SELECT E'\n## Functions';
SELECT format('%I.%I(%s) %s %s', n.nspname, p.proname, oidvectortypes(p.proargtypes),
    CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END,
    coalesce((SELECT string_agg(coalesce(r.rolname, 'PUBLIC'), ', ' ORDER BY r.rolname)
              FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
              WHERE a.grantee <> p.proowner), '-'))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit')
ORDER BY n.nspname, p.proname, oidvectortypes(p.proargtypes);

SELECT E'\n## Triggers';
SELECT format('%s %s %s', name, trigger, state)
FROM (SELECT DISTINCT regexp_replace(t.tgrelid::regclass::text, '\d{4}_\d\d$', 'MONTH') COLLATE "C" AS name,
             t.tgname AS trigger, CASE t.tgenabled WHEN 'A' THEN 'always' ELSE t.tgenabled::text END AS state
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT t.tgisinternal AND n.nspname IN ('anamnesis', 'phi', 'auth', 'audit')) AS facts
ORDER BY name, trigger, state;
