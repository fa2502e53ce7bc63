-- make_ready :exec ()
-- Next months' partitions of the audit log, and where its order goes on in a restored database.
SELECT audit.make_ready();
