-- Who may do what, as lines of tests/golden/grants.tsv: kind, object, who, what; one fact a line, in a fixed order. Run by
-- tools/grants.py, and by `anamnesis doctor`. Partitions of a month are one name, MONTH: they are alike, or there is a line too many.
\pset format unaligned
\pset tuples_only on
\pset footer off
SET search_path = pg_catalog;

SELECT concat_ws(E'\t', 'role', rolname, '-', what)
FROM pg_roles r, LATERAL (
    SELECT CASE WHEN rolcanlogin THEN 'login' ELSE 'no login' END
    UNION ALL SELECT 'SUPERUSER' WHERE rolsuper
    UNION ALL SELECT 'BYPASSRLS' WHERE rolbypassrls
    UNION ALL SELECT 'CREATEROLE' WHERE rolcreaterole
    UNION ALL SELECT 'CREATEDB' WHERE rolcreatedb
    UNION ALL SELECT 'REPLICATION' WHERE rolreplication
    UNION ALL SELECT 'member of ' || g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid
) AS facts (what)
WHERE rolname LIKE 'anamnesis%' ORDER BY 1;

SELECT concat_ws(E'\t', 'setting', r.rolname, '-', setting)
FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS setting
WHERE r.rolname LIKE 'anamnesis%' AND s.setdatabase = 0 ORDER BY 1;

SELECT concat_ws(E'\t', 'database', '-', coalesce(r.rolname, 'PUBLIC'), lower(a.privilege_type))
FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE d.datname = current_database() AND a.grantee <> d.datdba ORDER BY 1;

SELECT concat_ws(E'\t', 'schema', n.nspname, coalesce(r.rolname, 'PUBLIC'), lower(a.privilege_type))
FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit', 'ext', 'public') AND a.grantee <> n.nspowner ORDER BY 1;

-- A privilege on some columns is a line for each of them.
SELECT DISTINCT concat_ws(E'\t', 'table', regexp_replace(c.oid::regclass::text, '\d{4}_\d\d$', 'MONTH') || a.part,
                          coalesce(r.rolname, 'PUBLIC'), lower(a.privilege)) COLLATE "C" AS fact
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, LATERAL (
    SELECT '', w.grantee, w.privilege_type FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) w
    UNION ALL
    SELECT format('(%I)', t.attname), w.grantee, w.privilege_type
    FROM pg_attribute t, aclexplode(t.attacl) w WHERE t.attrelid = c.oid
) AS a (part, grantee, privilege) LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit') AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND a.grantee <> c.relowner
ORDER BY fact;

SELECT DISTINCT concat_ws(E'\t', 'row-level security', regexp_replace(c.oid::regclass::text, '\d{4}_\d\d$', 'MONTH'), '-',
                          CASE WHEN c.relrowsecurity THEN 'enabled' ELSE 'NOT ENABLED' END
                          || CASE WHEN c.relforcerowsecurity THEN ', forced' ELSE ', not forced' END) COLLATE "C" AS fact
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit') AND c.relkind IN ('r', 'p')
ORDER BY fact;

-- A policy is one fact with both its clauses: lines are compared as a set, in which clauses of two policies could change places.
SELECT DISTINCT concat_ws(E'\t', 'policy', regexp_replace(format('%s.%s', schemaname, tablename), '\d{4}_\d\d$', 'MONTH'),
                          array_to_string(roles, ', '),
                          concat(policyname, ' for ', lower(cmd), CASE WHEN permissive <> 'PERMISSIVE' THEN ', restrictive' END,
                                 ', using ' || regexp_replace(qual, '\s+', ' ', 'g'),
                                 ', check ' || regexp_replace(with_check, '\s+', ' ', 'g'))) COLLATE "C" AS fact
FROM pg_policies WHERE schemaname IN ('anamnesis', 'phi', 'auth', 'audit')
ORDER BY fact;

SELECT concat_ws(E'\t', 'function', format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)),
                 facts.who, facts.what) COLLATE "C" AS fact
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, LATERAL (
    SELECT '-', CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END
    UNION ALL
    SELECT coalesce(r.rolname, 'PUBLIC'), lower(a.privilege_type)
    FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE a.grantee <> p.proowner
) AS facts (who, what)
WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit')
ORDER BY fact;

SELECT DISTINCT concat_ws(E'\t', 'trigger', regexp_replace(t.tgrelid::regclass::text, '\d{4}_\d\d$', 'MONTH'), '-',
                          concat(t.tgname, ' ', CASE t.tgenabled WHEN 'A' THEN 'always' ELSE t.tgenabled::text END)) COLLATE "C" AS fact
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND n.nspname IN ('anamnesis', 'phi', 'auth', 'audit')
ORDER BY fact;
