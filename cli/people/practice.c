/*
 * `anamnesis practice create`: a new practice with its first members of staff. One transaction makes all of
 * them or none. Each gets a random password and a secret for an authenticator, which the command prints once
 * and keeps nowhere: the database has the password's hash and the sealed secret.
 */
#include "cli/command.h"
#include "cli/database.h"
#include "cli/keys/key_store.h"

#include "lib/base/arena.h"
#include "lib/base/email.h"
#include "lib/base/json_out.h"
#include "lib/base/uuid.h"
#include "lib/crypto/blind.h"
#include "lib/crypto/data_key.h"
#include "lib/crypto/keyring.h"
#include "lib/crypto/password.h"
#include "lib/crypto/sealed.h"
#include "lib/crypto/totp.h"
#include "lib/mail/language.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STAFF_MAX = 32,
    ARENA_MAX = 4 * 1024 * 1024,
    OUTPUT_MAX = 64 * 1024,
    PASSWORD_BYTES = 15, /* 120 random bits: 20 characters of base64url */
    PASSWORD_TEXT_SIZE = 24,
    ERROR_SIZE = 512
};

struct member {
    const char *role;
    const char *email;
    const char *name;
    char id[UUID_TEXT_SIZE];
    char password[PASSWORD_TEXT_SIZE];
    char stored[PASSWORD_HASH_SIZE];
    const char *totp_secret;
};

struct practice {
    struct arena *arena;
    struct keyring *keyring;
    PGconn *connection;
    const char *name;
    const char *patient_mfa;
    const char *language;
    const char *time_zone;
    char id[UUID_TEXT_SIZE];
    struct member staff[STAFF_MAX];
    size_t staff_count;
};

static bool
known_role(const char *role)
{
    static const char *const roles[] = {"owner", "physician", "assistant", "auditor"};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(role, roles[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Reads one --staff, ROLE:EMAIL[:PERSON], into the practice; without a person's name the address is the name.
 * False after a sentence on stderr. */
static bool
read_member(struct practice *practice, const char *text)
{
    if (practice->staff_count == STAFF_MAX) {
        (void)fprintf(stderr, "--staff: at most %d\n", STAFF_MAX);
        return false;
    }
    struct member *member = &practice->staff[practice->staff_count++];
    size_t role = strcspn(text, ":");
    size_t email = text[role] == '\0' ? 0 : strcspn(text + role + 1, ":");
    const char *rest = text + role + (email == 0 ? 0 : 1 + email);
    member->role = arena_copy(practice->arena, text, role);
    member->email = email == 0 ? "" : arena_copy(practice->arena, text + role + 1, email);
    member->name = *rest == ':' && rest[1] != '\0' ? rest + 1 : member->email;
    if (!known_role(member->role)) {
        (void)fprintf(stderr, "--staff %s: the role must be owner, physician, assistant or auditor\n", text);
        return false;
    }
    char kept[EMAIL_SIZE];
    if (!email_read(member->email, strlen(member->email), kept)) {
        (void)fprintf(stderr, "--staff %s: after the role comes an e-mail address\n", text);
        return false;
    }
    member->email = arena_text(practice->arena, kept);
    if (!command_is_name(member->name)) {
        (void)fprintf(
            stderr,
            "--staff %s: a person's name has at most %d characters on one line, with something to see\n",
            text, COMMAND_NAME_MAX);
        return false;
    }
    return true;
}

/* Whether the practice can be made. The database would refuse it too, but says less of the reason. */
static bool
is_complete(const struct practice *practice)
{
    bool led = false;
    for (size_t i = 0; i < practice->staff_count; i++) {
        const char *role = practice->staff[i].role;
        led = led || strcmp(role, "owner") == 0 || strcmp(role, "physician") == 0;
    }
    if (!command_is_name(practice->name)) {
        (void)fprintf(stderr, "--name is needed: at most %d characters on one line, with something to see\n",
                      COMMAND_NAME_MAX);
    } else if (!led) {
        (void)fprintf(stderr, "--staff owner:EMAIL or physician:EMAIL is needed: somebody has to begin\n");
    } else if (strcmp(mail_language_for(practice->language)->tag, practice->language) != 0) {
        (void)fprintf(stderr, "--language must be one that messages are written in: en, de, es or fr\n");
    } else {
        return true;
    }
    return false;
}

static bool
take_arguments(struct practice *practice, const struct args_practice_create *given)
{
    practice->name = given->name;
    practice->patient_mfa = given->patient_mfa == NULL ? "optional" : given->patient_mfa;
    practice->language = given->language == NULL ? "en" : given->language;
    practice->time_zone = given->time_zone == NULL ? "UTC" : given->time_zone;
    for (size_t i = 0; i < given->staff.count; i++) {
        if (!read_member(practice, given->staff.items[i])) {
            return false;
        }
    }
    return is_complete(practice);
}

/* Runs a statement that gives nothing back. False after a sentence on stderr. */
static bool
insert(struct practice *practice, const struct statement *statement, const void *in)
{
    PGresult *result = database_run(practice->connection, statement, in);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!good) {
        const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
        bool taken = constraint != NULL && strcmp(constraint, "staff_email_key") == 0;
        const char *why = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        (void)fprintf(stderr, "%s\n",
                      taken         ? "Two members of staff have the same e-mail address."
                      : why == NULL ? "the connection was lost"
                                    : why);
    }
    PQclear(result);
    return good;
}

/*
 * Claims the address under every index key. While index keys are rotated, the unique constraint cannot see
 * that two indexes, under two keys, are of one address.
 */
static bool
claim(struct practice *practice, const struct member *member, const char *address)
{
    return insert(
        practice, &sql_claim_index,
        &(struct sql_claim_index_in){
            .context = BLIND_STAFF_EMAIL,
            .owner = member->id,
            .indexes = key_store_indexes(practice->keyring, practice->arena, BLIND_STAFF_EMAIL, address),
            .practice_id = practice->id});
}

/*
 * Makes a member of staff: data key, password, authenticator's secret, address and name. The password and the
 * secret stay in `member` for printing. False after a sentence on stderr.
 */
static bool
insert_member(struct practice *practice, struct member *member)
{
    unsigned char key[DATA_KEY_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    unsigned char seed[TOTP_SECRET_SIZE];
    unsigned char index[BLIND_INDEX_SIZE];
    unsigned char random[PASSWORD_BYTES];
    struct span sealed;
    const char *address = email_normalise(practice->arena, member->email);
    uuid_new(member->id);
    if (!claim(practice, member, address)) {
        return false;
    }
    randombytes_buf(random, sizeof random);
    (void)sodium_bin2base64(member->password, sizeof member->password, random, sizeof random,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    totp_new_secret(seed);
    member->totp_secret = totp_base32(practice->arena, (struct span){seed, sizeof seed});
    keyring_seal(practice->keyring, "totp", member->id, (struct span){seed, sizeof seed}, practice->arena,
                 &sealed);
    blind_index(practice->keyring, BLIND_STAFF_EMAIL, address, index);
    if (!data_key_new(practice->keyring, member->id, key, wrapped) ||
        !password_hash(practice->keyring, member->password, member->stored)) {
        (void)fprintf(stderr, "out of memory\n");
        return false;
    }
    bool good = insert(practice, &sql_staff_insert,
                       &(struct sql_staff_insert_in){.id = member->id,
                                                     .practice_id = practice->id,
                                                     .role = member->role,
                                                     .email_index = {index, sizeof index},
                                                     .wrapped_key = {wrapped, sizeof wrapped},
                                                     .data_key = {key, sizeof key},
                                                     .email = member->email,
                                                     .name = member->name}) &&
                insert(practice, &sql_account_insert,
                       &(struct sql_account_insert_in){.id = member->id,
                                                       .practice_id = practice->id,
                                                       .password_hash = member->stored,
                                                       .totp_sealed = sealed});
    sodium_memzero(key, sizeof key);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(random, sizeof random);
    return good;
}

/* The server has the list of time zones. */
static bool
has_known_zone(const struct practice *practice)
{
    PGresult *row = database_run(practice->connection, &sql_time_zone_known,
                                 &(struct sql_time_zone_known_in){.name = practice->time_zone});
    bool known = PQresultStatus(row) == PGRES_TUPLES_OK && PQgetvalue(row, 0, 0)[0] == 't';
    if (!known) {
        (void)fprintf(stderr, "--time-zone %s: %s\n", practice->time_zone,
                      PQresultStatus(row) == PGRES_TUPLES_OK
                          ? "no time zone has this name; one is Europe/Berlin"
                          : PQresultErrorMessage(row));
    }
    PQclear(row);
    return known;
}

static bool
create(struct practice *practice)
{
    bool good = command_do(practice->connection, "BEGIN") && has_known_zone(practice) &&
                insert(practice, &sql_practice_insert,
                       &(struct sql_practice_insert_in){.id = uuid_new(practice->id),
                                                        .name = practice->name,
                                                        .patient_mfa = practice->patient_mfa,
                                                        .language = practice->language,
                                                        .time_zone = practice->time_zone});
    for (size_t i = 0; good && i < practice->staff_count; i++) {
        good = insert_member(practice, &practice->staff[i]);
    }
    good = good && database_note(practice->connection, practice->id, "practice_create", practice->id, NULL);
    return command_do(practice->connection, good ? "COMMIT" : "ROLLBACK") && good;
}

static void
print_json(const struct practice *practice)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, OUTPUT_MAX);
    json_start(&out, &buf);
    json_begin_object(&out);
    json_text(&out, "name", practice->name);
    json_text(&out, "practice_id", practice->id);
    json_array_key(&out, "staff");
    for (size_t i = 0; i < practice->staff_count; i++) {
        const struct member *member = &practice->staff[i];
        json_begin_object(&out);
        json_text(&out, "id", member->id);
        json_email(&out, "email", member->email);
        json_text(&out, "password", member->password);
        json_text(&out, "totp_secret", member->totp_secret);
        json_text(&out, "role", member->role);
        json_end_object(&out);
    }
    json_end_array(&out);
    json_end_object(&out);
    (void)printf("%s\n", buf_string(&buf));
    buf_free(&buf);
}

static void
print_text(const struct practice *practice, const struct config *config)
{
    const char *base = config_text(config, CONFIG_BASE_URL);
    (void)printf("%s\n", practice->name);
    for (size_t i = 0; i < practice->staff_count; i++) {
        const struct member *member = &practice->staff[i];
        char shown[EMAIL_SHOWN_SIZE];
        (void)printf("  %-10s %s\n    password       %s\n    authenticator  %s\n", member->role,
                     email_show(member->email, shown), member->password, member->totp_secret);
    }
    (void)printf("These are shown once. Sign in at %s/admin/auth/login: the password first, then the "
                 "authenticator's code\n"
                 "(%s/docs has both, to read and to try).\n",
                 base, base);
}

int
command_practice_create(const struct config *config, const struct args_practice_create *given)
{
    char error[ERROR_SIZE];
    int status = EXIT_USAGE;
    struct practice practice = {.arena = arena_create(ARENA_MAX, NULL, NULL)};
    if (practice.arena != NULL && take_arguments(&practice, given)) {
        status = EXIT_FAULT;
        practice.keyring = keyring_load(config, error, sizeof error);
        if (practice.keyring == NULL) {
            (void)fprintf(stderr, "%s\n", error);
        } else {
            practice.connection = command_connect(config);
        }
    }
    if (practice.connection != NULL) {
        status = key_store_settle(practice.connection, practice.keyring, KEYS_SETTLE);
    }
    if (status == EXIT_DONE && !create(&practice)) {
        status = EXIT_FAULT;
    }
    if (status == EXIT_DONE) {
        if (given->json) {
            print_json(&practice);
        } else {
            print_text(&practice, config);
        }
    }
    PQfinish(practice.connection);
    keyring_free(practice.keyring);
    arena_destroy(practice.arena);
    sodium_memzero(&practice, sizeof practice);
    return status;
}
