"""What PostgreSQL's catalogue says of the project's schemas, one fact a line: two databases of the same facts are alike.

Columns are numbered as `SELECT *` gives them, so a column that was dropped once leaves no trace. Partitions of a month are one
name, MONTH: which months there are depends on the day. Not facts: object identifiers, who made what when, rows, and the number
that audit.epoch() gives, which audit.make_ready() writes.
"""

SCHEMAS = "('anamnesis', 'phi', 'auth', 'audit')"

FACTS = f"""
WITH ours AS (SELECT oid, nspname FROM pg_namespace WHERE nspname IN {SCHEMAS}),
relations AS (SELECT c.*, c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM ours)),
columns AS (SELECT a.*, c.name, row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS place
            FROM pg_attribute a JOIN relations c ON c.oid = a.attrelid
            WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm'))
SELECT concat_ws(' ', 'schema', nspname, nspowner::regrole,
                           (SELECT string_agg(one::text, ',' ORDER BY one::text) FROM unnest(coalesce(nspacl, acldefault('n', nspowner))) AS one))
    FROM pg_namespace WHERE nspname IN {SCHEMAS}
UNION ALL SELECT concat_ws(' ', 'default-privileges', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, defaclacl::text)
    FROM pg_default_acl
UNION ALL SELECT concat_ws(' ', 'relation', name, 'kind', relkind, 'owner', relowner::regrole, relpersistence, 'options',
                           reloptions::text, 'rls', relrowsecurity, relforcerowsecurity, 'identity', relreplident, 'acl',
                           (SELECT string_agg(one::text, ',' ORDER BY one::text) FROM
                            unnest(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) AS one),
                           pg_get_partkeydef(oid), regexp_replace(pg_get_expr(relpartbound, oid), '\\(''.*', 'MONTH'))
    FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
UNION ALL SELECT concat_ws(' ', 'inherits', inhrelid::regclass, inhparent::regclass) FROM pg_inherits
    WHERE inhrelid IN (SELECT oid FROM relations WHERE relkind = 'r')
UNION ALL SELECT concat_ws(' ', 'column', name, place, attname, format_type(atttypid, atttypmod), 'not-null', attnotnull, 'identity',
                           attidentity, 'generated', attgenerated, 'storage', attstorage, 'compression', attcompression,
                           'statistics', attstattarget, 'collation', attcollation::regcollation, 'options',
                           (SELECT string_agg(one, ',' ORDER BY one) FROM unnest(attoptions) AS one WHERE one LIKE 'n_distinct%'),
                           'default', pg_get_expr(d.adbin, d.adrelid), 'acl',
                           (SELECT string_agg(one::text, ',' ORDER BY one::text) FROM unnest(attacl) AS one))
    FROM columns LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
UNION ALL SELECT concat_ws(' ', 'constraint', coalesce(nullif(conrelid, 0)::regclass::text, contypid::regtype::text), conname,
                           pg_get_constraintdef(oid), 'validated', convalidated, 'deferrable', condeferrable, 'local',
                           conislocal, 'not-inherited', CASE contype WHEN 'c' THEN connoinherit END)
    FROM pg_constraint WHERE connamespace IN (SELECT oid FROM ours)
UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), 'unique', indisunique, 'primary', indisprimary, 'clustered',
                           indisclustered, 'valid', indisvalid)
    FROM pg_index WHERE indrelid IN (SELECT oid FROM relations)
UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(oid), 'enabled', tgenabled, 'cloned', tgparentid <> 0)
    FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM relations) AND NOT tgisinternal
UNION ALL SELECT concat_ws(' ', 'function', oid::regprocedure, CASE WHEN oid::regprocedure::text = 'audit.epoch()'
                               THEN regexp_replace(pg_get_functiondef(oid), '\\d+', 'NUMBER') ELSE pg_get_functiondef(oid) END, 'owner', proowner::regrole, 'acl',
                           (SELECT string_agg(one::text, ',' ORDER BY one::text) FROM
                            unnest(coalesce(proacl, acldefault('f', proowner))) AS one))
    FROM pg_proc WHERE pronamespace IN (SELECT oid FROM ours)
UNION ALL SELECT concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, polpermissive,
                           (SELECT string_agg(role::regrole::text, ',' ORDER BY role::regrole::text) FROM unnest(polroles) AS role),
                           'using', pg_get_expr(polqual, polrelid), 'check', pg_get_expr(polwithcheck, polrelid))
    FROM pg_policy WHERE polrelid IN (SELECT oid FROM relations)
UNION ALL SELECT concat_ws(' ', 'view', name, pg_get_viewdef(oid)) FROM relations WHERE relkind IN ('v', 'm')
UNION ALL SELECT concat_ws(' ', 'rule', pg_get_ruledef(oid)) FROM pg_rewrite WHERE ev_class IN (SELECT oid FROM relations)
UNION ALL SELECT concat_ws(' ', 'type', oid::regtype, typtype, typowner::regrole, format_type(typbasetype, typtypmod), typnotnull,
                           typdefault,
                           (SELECT string_agg(one::text, ',' ORDER BY one::text) FROM unnest(coalesce(typacl, acldefault('T', typowner))) AS one))

    FROM pg_type WHERE typnamespace IN (SELECT oid FROM ours) AND typtype IN ('d', 'e', 'r', 'm')
UNION ALL SELECT concat_ws(' ', 'sequence', seqrelid::regclass, format_type(seqtypid, NULL), seqstart, seqincrement, seqmax, seqmin,
                           seqcache, seqcycle,
                           (SELECT concat_ws('.', d.refobjid::regclass, a.attname) FROM pg_depend d JOIN pg_attribute a
                            ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                            WHERE d.objid = seqrelid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
    FROM pg_sequence WHERE seqrelid IN (SELECT oid FROM relations)
UNION ALL SELECT concat_ws(' ', 'statistics', pg_get_statisticsobjdef(oid)) FROM pg_statistic_ext
    WHERE stxnamespace IN (SELECT oid FROM ours)
UNION ALL SELECT concat_ws(' ', 'comment', pg_identify_object(classoid, objoid, objsubid)::text, description) FROM pg_description
    WHERE (pg_identify_object(classoid, objoid, objsubid)).schema IN {SCHEMAS}
       OR (classoid = 'pg_namespace'::regclass AND objoid IN (SELECT oid FROM ours))
"""


def facts(cursor):
    """The facts of the cursor's database, as its transaction sees them, sorted."""
    cursor.execute("SET LOCAL search_path = pg_catalog")
    cursor.execute(f"SELECT DISTINCT regexp_replace(fact, '\\mevent_[0-9]{{4}}_[0-9]{{2}}', 'event_MONTH', 'g') "
                   f"FROM ({FACTS}) AS facts (fact)")
    return sorted(fact for (fact,) in cursor.fetchall())


def catalogue(database):
    """The facts of a tests' database."""
    with database.connect("postgres") as connection, connection.cursor() as cursor:
        return facts(cursor)
