/*
 * `anamnesis staff invite` and `staff recover`: whoever runs the server invites a member of staff, or gives
 * somebody a link with which they set a new password and a new second factor. Rows and message are those of
 * an owner who does it through the API (handlers/people/staff_invitations.c).
 */
#include "app/outbox.h"
#include "app/staff_link.h"
#include "cli/command.h"
#include "cli/database.h"
#include "cli/keys/key_store.h"
#include "lib/base/email.h"
#include "lib/base/json_out.h"
#include "lib/base/utf8.h"
#include "lib/crypto/blind.h"
#include "lib/crypto/data_key.h"
#include "lib/crypto/token.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_MAX = 1024 * 1024, OUTPUT_MAX = 16 * 1024 };

static const char times[] = "YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"";

struct task {
    const struct config *config;
    struct key_store store;
    struct arena *arena;
    const char *practice; /* as given: a name or an identifier */
    const char *email;
    const char *role;
    const char *name;
    bool link;
    bool json;
    bool joins; /* invite: a new member. Otherwise recover: a member gets a new link */

    char practice_id[UUID_TEXT_SIZE];
    const char *practice_name;
    const char *indexes; /* of the address, under every key: a literal of bytea[] */
    char id[UUID_TEXT_SIZE];
    const char *created_at;
    char token[TOKEN_TEXT_SIZE];
    unsigned char hash[TOKEN_HASH_SIZE];
    int64_t expires_at;
    const char *url;
};

static void
clear(void *result)
{
    PQclear(result);
}

/* Runs a statement. The result is owned by the arena; NULL after a sentence on stderr. */
static PGresult *
ask(struct task *task, const struct statement *statement, const void *in)
{
    PGresult *result = database_run(task->store.connection, statement, in);
    if (PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK) {
        return arena_own(task->arena, result, clear);
    }
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    const char *why = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (constraint != NULL && strcmp(constraint, "staff_email_key") == 0) {
        (void)fprintf(stderr, "A member of staff has this e-mail address already.\n");
    } else {
        (void)fprintf(stderr, "The database refuses: %s\n", why == NULL ? "the connection was lost" : why);
    }
    PQclear(result);
    return NULL;
}

/* Finds the member of the practice's staff who has the address, whichever index key it is stored under. */
static PGresult *
of_address(struct task *task)
{
    return ask(task, &sql_staff_of_address,
               &(struct sql_staff_of_address_in){.practice_id = task->practice_id, .indexes = task->indexes});
}

/* Whether the options are what the API takes. False after a sentence on stderr. The address gets its one
 * form. */
static bool
is_complete(struct task *task)
{
    char kept[EMAIL_SIZE];
    if (!utf8_valid(task->practice, strlen(task->practice))) {
        (void)fprintf(stderr, "--practice is needed: a name or an identifier\n");
    } else if (!email_read(task->email, strlen(task->email), kept)) {
        (void)fprintf(stderr, "--email is needed, and must be an e-mail address\n");
    } else if (task->joins && !command_is_name(task->name)) {
        (void)fprintf(stderr,
                      "--name is needed, at most %d characters: patients see it in their access log\n",
                      COMMAND_NAME_MAX);
    } else {
        task->email = arena_text(task->arena, kept);
        return true;
    }
    return false;
}

/* Whether no member of this practice's staff has the address. At another practice somebody may have it,
 * perhaps the same person. */
static bool
is_free(struct task *task)
{
    PGresult *rows = of_address(task);
    if (rows == NULL || PQntuples(rows) == 0) {
        return rows != NULL;
    }
    const char *status = PQgetvalue(rows, 0, 1);
    if (strcmp(status, "disabled") == 0) {
        (void)fprintf(stderr,
                      "A member of this practice's staff has this e-mail address already, and is disabled: "
                      "an owner takes them up again.\n");
    } else {
        (void)fprintf(stderr,
                      "A member of this practice's staff has this e-mail address already (%s): "
                      "`anamnesis staff recover` gives them a new link.\n",
                      status);
    }
    return false;
}

/* Adds a member without a password, and the link's token. False after a sentence on stderr. */
static bool
join(struct task *task)
{
    unsigned char key[DATA_KEY_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    unsigned char index[BLIND_INDEX_SIZE];
    uuid_new(task->id);
    blind_index(task->store.keyring, BLIND_STAFF_EMAIL, email_normalise(task->arena, task->email), index);
    struct sql_claim_index_in claim = {.context = BLIND_STAFF_EMAIL,
                                       .owner = task->id,
                                       .indexes = task->indexes,
                                       .practice_id = task->practice_id};
    if (!is_free(task) || ask(task, &sql_claim_index, &claim) == NULL ||
        !data_key_new(task->store.keyring, task->id, key, wrapped)) {
        return false;
    }
    struct sql_staff_join_in joining = {.practice_id = task->practice_id,
                                        .id = task->id,
                                        .role = task->role,
                                        .email_index = {index, sizeof index},
                                        .wrapped_key = {wrapped, sizeof wrapped},
                                        .data_key = {key, sizeof key},
                                        .email = task->email,
                                        .name = task->name,
                                        .token_hash = {task->hash, sizeof task->hash},
                                        .expires_at = task->expires_at};
    PGresult *rows = ask(task, &sql_staff_join, &joining);
    sodium_memzero(key, sizeof key);
    return rows != NULL;
}

/* Finds the member who has the address and stores a new link's token, which replaces an older one. The
 * message goes to the address as it is stored. False after a sentence on stderr. */
static bool
begin_anew(struct task *task)
{
    PGresult *rows = of_address(task);
    if (rows == NULL || PQntuples(rows) == 0) {
        if (rows != NULL) {
            (void)fprintf(stderr, "Nobody of the practice's staff has this e-mail address.\n");
        }
        return false;
    }
    (void)snprintf(task->id, sizeof task->id, "%s", PQgetvalue(rows, 0, 0));
    rows = ask(task, &sql_staff_link,
               &(struct sql_staff_link_in){.practice_id = task->practice_id,
                                           .id = task->id,
                                           .token_hash = {task->hash, sizeof task->hash},
                                           .expires_at = task->expires_at});
    if (rows != NULL && PQgetvalue(rows, 0, 0)[0] != 't') {
        (void)fprintf(stderr, "They are disabled: an owner takes them up again. Invite another owner "
                              "(`anamnesis staff invite`) when there is none who can.\n");
        return false;
    }
    return rows != NULL;
}

/* Reads the member's row as it is stored now: what the command prints, and the address that the message goes
 * to. */
static bool
read_back(struct task *task)
{
    unsigned char key[DATA_KEY_SIZE];
    PGresult *row =
        ask(task, &sql_staff_shown, &(struct sql_staff_shown_in){.id = task->id, .format = times});
    if (row == NULL || PQntuples(row) != 1) {
        return false;
    }
    struct span wrapped = {(const unsigned char *)PQgetvalue(row, 0, 0), (size_t)PQgetlength(row, 0, 0)};
    task->role = PQgetvalue(row, 0, 1);
    task->practice_name = PQgetvalue(row, 0, 2);
    task->created_at = PQgetvalue(row, 0, 3);
    if (!data_key_unwrap(task->store.keyring, task->id, wrapped, key)) {
        (void)fprintf(stderr, "The keyring does not open the data key of %s.\n", task->id);
        return false;
    }
    PGresult *opened = ask(task, &sql_staff_address,
                           &(struct sql_staff_address_in){.id = task->id, .data_key = {key, sizeof key}});
    sodium_memzero(key, sizeof key);
    if (opened == NULL || PQntuples(opened) != 1) {
        return false;
    }
    task->email = PQgetvalue(opened, 0, 0);
    task->name = PQgetvalue(opened, 0, 1);
    return true;
}

/* Leaves the link in the outbox, to be mailed; with --link it is only printed, once, by this command. */
static bool
hand_over(struct task *task)
{
    char id[UUID_TEXT_SIZE];
    struct span sealed;
    struct mail_payload message = staff_link(task->arena, task->config, task->email, task->practice_name,
                                             task->token, task->expires_at);
    if (task->link) {
        task->url = message.url;
        return true;
    }
    if (!outbox_seal(task->store.keyring, task->arena, &message, id, &sealed)) {
        (void)fprintf(stderr, "The message is too long.\n");
        return false;
    }
    return ask(task, &sql_leave_message,
               &(struct sql_leave_message_in){.id = id,
                                              .practice_id = task->practice_id,
                                              .kind = mail_kind_name(message.kind),
                                              .sealed = sealed,
                                              .staff_id = task->id}) != NULL;
}

/* One transaction makes the member or the link, the message and the audit row; when a part fails, none is
 * made. */
static bool
invite(struct task *task)
{
    PGconn *connection = task->store.connection;
    token_new(task->store.keyring, TOKEN_STAFF_INVITATION, task->token, task->hash);
    task->expires_at = clock_now() + STAFF_LINK_LIFE;
    task->indexes = key_store_indexes(task->store.keyring, task->arena, BLIND_STAFF_EMAIL,
                                      email_normalise(task->arena, task->email));
    bool good = command_do(connection, "BEGIN") && (task->joins ? join(task) : begin_anew(task)) &&
                read_back(task) && hand_over(task) &&
                database_note(connection, task->practice_id, task->joins ? "staff_invite" : "staff_recover",
                              task->id, NULL);
    return command_do(connection, good ? "COMMIT" : "ROLLBACK") && good;
}

static void
print_json(const struct task *task)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, OUTPUT_MAX);
    json_start(&out, &buf);
    json_begin_object(&out);
    json_text(&out, "id", task->id);
    json_text(&out, "practice_id", task->practice_id);
    json_text(&out, "practice_name", task->practice_name);
    json_text(&out, "role", task->role);
    json_text(&out, "status", "invited");
    json_text(&out, "name", task->name);
    json_email(&out, "email", task->email);
    json_text(&out, "created_at", task->created_at);
    json_time(&out, "expires_at", task->expires_at);
    json_text(&out, "delivery", task->link ? "link" : "email");
    if (task->url != NULL) {
        json_text(&out, "url", task->url);
    }
    json_end_object(&out);
    (void)printf("%s\n", buf_string(&buf));
    buf_free(&buf);
}

static void
print_text(const struct task *task)
{
    char until[CLOCK_TEXT_SIZE];
    char shown[EMAIL_SHOWN_SIZE];
    (void)printf("%s is invited to %s as %s.\n", email_show(task->email, shown), task->practice_name,
                 task->role);
    if (task->link) {
        (void)printf("The link, shown once, good once until %s:\n  %s\n", clock_text(task->expires_at, until),
                     task->url);
    } else {
        (void)printf("The link, good once until %s, goes to that address when the background program runs.\n",
                     clock_text(task->expires_at, until));
    }
}

static int
run(struct task *task, const struct config *config)
{
    int status = EXIT_USAGE;
    task->config = config;
    task->arena = arena_create(ARENA_MAX, NULL, NULL);
    if (task->arena != NULL && is_complete(task)) {
        status = key_store_open(&task->store, config, KEYS_SETTLE);
        if (status == EXIT_DONE &&
            !(database_practice(task->store.connection, task->arena, task->practice, task->practice_id) &&
              invite(task))) {
            status = EXIT_FAULT;
        }
        if (status == EXIT_DONE && task->json) {
            print_json(task);
        } else if (status == EXIT_DONE) {
            print_text(task);
        }
    }
    key_store_close(&task->store);
    arena_destroy(task->arena);
    sodium_memzero(task, sizeof *task);
    return status;
}

int
command_staff_invite(const struct config *config, const struct args_staff_invite *given)
{
    struct task task = {.joins = true,
                        .practice = given->practice,
                        .email = given->email,
                        .role = given->role,
                        .name = given->name,
                        .link = given->link,
                        .json = given->json};
    return run(&task, config);
}

int
command_staff_recover(const struct config *config, const struct args_staff_recover *given)
{
    struct task task = {.joins = false,
                        .practice = given->practice,
                        .email = given->email,
                        .link = given->link,
                        .json = given->json};
    return run(&task, config);
}
