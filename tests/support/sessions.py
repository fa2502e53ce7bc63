"""Sessions made in the database, as its owner: a test of access needs many, and sign-ins are slow and throttled on purpose."""

from support.tokens import new_token, token_hash


def open_session(database, realm, account_id, practice_id, fresh=True):
    """A session of the account as a sign-in just now would begin it; gives its token."""
    token = new_token()
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO auth.session (practice_id, realm, account_id, token_hash, idle_seconds, expires_at, "
                       "client_address, stepped_up_at) VALUES (%s, %s, %s, %s, 900, "
                       "now() + interval '1 hour', '127.0.0.1', CASE WHEN %s THEN now() END)",
                       (practice_id, realm, account_id, token_hash("session", token), fresh))
    return token


def id_of_session(database, token):
    with database.cursor() as cursor:
        cursor.execute("SELECT id::text FROM auth.session WHERE token_hash = %s", (token_hash("session", token),))
        return cursor.fetchone()[0]


def staff_ids(database, practice_id):
    """{role: id} of a practice with one member of staff for each role."""
    with database.cursor() as cursor:
        cursor.execute("SELECT role, id::text FROM anamnesis.staff WHERE practice_id = %s", (practice_id,))
        return dict(cursor.fetchall())
