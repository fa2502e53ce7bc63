/* Who opened or changed the signed-in patient's data. */
#include "app/admission.h"
#include "app/app.h"
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/records/audit_page.h"
#include "lib/db/tx.h"
#include "lib/mail/language.h"

#include <string.h>

/* Which of api_languages the reader has: the first of the tags that there are texts in. */
static size_t
language_of(const char *tags)
{
    const char *tag = mail_language_for(tags)->tag;
    size_t i = 0;
    while (i + 1 < api_language_count && strcmp(api_languages[i], tag) != 0) {
        i++;
    }
    return i;
}

/* What an operation of staff means for the patient (x-patient-words of the contract). The system's doings,
 * and what an older contract had, are no operations here. */
static const char *
words_of(const char *operation, size_t language)
{
    for (size_t i = 0; i < api_operation_count; i++) {
        if (api_operations[i].patient_words != NULL && strcmp(api_operations[i].id, operation) == 0) {
            return api_operations[i].patient_words[language];
        }
    }
    return api_other_words[language];
}

/* The key of a name that is still closed. */
static struct wrapped_key
key_of(const void *rows, size_t i)
{
    const struct q_my_access_log_row *row = (const struct q_my_access_log_row *)rows + i;
    return !row->opened && row->wrapped_key.data != NULL
               ? (struct wrapped_key){row->actor_id, row->wrapped_key}
               : (struct wrapped_key){.owner_id = NULL};
}

/*
 * One trip when the keys of all who are named are cached, two otherwise; the audit row is written with the
 * first. A name whose key does not open stays out, the row does not.
 */
static enum problem
read_page(struct request *rq, struct q_my_access_log_in *query, const struct q_my_access_log_row **rows,
          size_t *count)
{
    enum problem problem = keys_own(rq, &query->own_key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    keys_cached(rq, &query->key_ids, &query->keys);
    problem = q_my_access_log_last(rq->tx, query, rows, count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    bool again = false;
    (void)keys_add(rq, &(struct keys_rows){key_of, *rows, *count}, &query->key_ids, &query->keys, &again);
    if (!again) {
        return PROBLEM_NONE;
    }
    problem = admission_reopen(rq);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return q_my_access_log_last(rq->tx, query, rows, count);
}

static struct reply_access_log_item
one(const struct q_my_access_log_row *row)
{
    bool broke_glass = row->detail != NULL && strcmp(row->detail, "break-glass") == 0;
    return (struct reply_access_log_item){.at = reply_time(row->at),
                                          .name = reply_or_null(row->name),
                                          .role = reply_or_null(row->role),
                                          .operation = row->operation,
                                          .what = words_of(row->operation, language_of(row->languages)),
                                          .break_glass = reply_flag(broke_glass),
                                          .reason = reply_or_null(row->reason)};
}

/* GET /patient/profile/access-log */
enum problem
h_my_access_log(struct request *rq, const struct my_access_log_in *in)
{
    struct page page;
    struct audit_cursor cursor;
    enum problem problem = audit_page_open(rq, in->cursor, in->limit, &page, &cursor);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct q_my_access_log_in query = {.before_at = cursor.at,
                                       .has_before_at = cursor.given,
                                       .before_id = cursor.id,
                                       .has_before_id = cursor.given,
                                       .fetch = page.fetch};
    const struct q_my_access_log_row *rows = NULL;
    size_t count = 0;
    problem = read_page(rq, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    size_t shown = page_shown(&page, count);
    struct reply_access_log_item *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        items[i] = one(&rows[i]);
        cursor = (struct audit_cursor){true, rows[i].at, rows[i].id};
    }
    const char *next = audit_page_next(rq, &page, count, &cursor);
    reply_access_log(&rq->reply.json,
                     &(struct reply_access_log){.items = items, .items_count = shown, .next_cursor = next});
    return PROBLEM_NONE;
}
