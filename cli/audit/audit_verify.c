#include "cli/audit/audit.h"

#include "lib/base/clock.h"
#include "lib/base/json_out.h"

#include <stdlib.h>
#include <string.h>

enum { STATUS_NOT_CHECKED = 2, ARENA_MAX = 64 * 1024 * 1024, OUTPUT_MAX = 64 * 1024 };

static bool
excuse_dropped(PGconn *connection, struct proof *proof, const struct audit_keys *keys)
{
    struct audit_drop *drops = NULL;
    size_t count = 0;
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    bool good = arena != NULL && audit_drops_read(connection, arena, &drops, &count);
    for (size_t i = 0; good && i < count; i++) {
        (void)audit_drops_excuse(proof, keys, &drops[i]);
    }
    arena_destroy(arena);
    return good;
}

/*
 * Feeds the proof with seals and rows of the database in the log's order: each seal, then the rows below its
 * horizon; last the rows that are not sealed yet. False when something could not be read.
 */
static bool
feed(struct audit_source *source, struct proof *proof, struct audit_checkpoints *checkpoints)
{
    struct audit_seal seal;
    struct audit_row row;
    struct span leaves;
    int rows = audit_source_row(source, &row);
    int seals = audit_source_seal(source, &seal, &leaves);
    for (; rows >= 0 && seals == 1; seals = audit_source_seal(source, &seal, &leaves)) {
        const unsigned char *noted = NULL;
        if (!audit_checkpoints_find(checkpoints, seal.number, &noted) ||
            !proof_seal(proof, &seal, leaves, noted)) {
            return false;
        }
        for (; rows == 1 && row.position < seal.horizon; rows = audit_source_row(source, &row)) {
            proof_row(proof, &row);
        }
    }
    for (; rows == 1; rows = audit_source_row(source, &row)) {
        proof_row(proof, &row);
    }
    return rows == 0 && seals == 0;
}

static bool
prove_database(const struct config *config, const struct args_audit_verify *given,
               const struct audit_keys *keys, struct proof *proof)
{
    PGconn *connection = audit_connect(config);
    struct audit_source *source = connection == NULL ? NULL : audit_source_open(connection, NULL, NULL, NULL);
    struct audit_checkpoints *checkpoints = NULL;
    bool good = source != NULL && excuse_dropped(connection, proof, keys);
    if (good && given->checkpoints != NULL) {
        checkpoints = audit_checkpoints_open(given->checkpoints, keys);
        good = checkpoints != NULL;
    }
    good = good && feed(source, proof, checkpoints);
    int64_t newest = 0;
    if (good && checkpoints != NULL) {
        good = audit_checkpoints_newest(checkpoints, &newest);
        if (good && newest > proof->last.number) {
            proof_seals_cut(proof, proof->last.number + 1);
        }
    }
    audit_checkpoints_close(checkpoints);
    audit_source_close(source);
    PQfinish(connection);
    return good;
}

static void
print_json(const struct proof *proof, const struct audit_file_facts *facts, bool whole, int64_t took)
{
    char practice[UUID_TEXT_SIZE];
    struct buf buf;
    struct json_out out;
    char text[AUDIT_TIME_SIZE];
    buf_init(&buf, OUTPUT_MAX);
    json_start(&out, &buf);
    json_begin_object(&out);
    json_flag(&out, "whole", whole);
    if (facts->has_practice) {
        json_text(&out, "practice_id", uuid_text(facts->practice, practice));
    }
    json_int(&out, "sealed", proof->sealed);
    json_int(&out, "unsealed", proof->unsealed);
    json_int(&out, "elsewhere", proof->excused);
    json_int(&out, "seals", proof->seals);
    json_int(&out, "milliseconds", took / 1000);
    if (whole) {
        json_null(&out, "first");
    } else {
        json_object_key(&out, "first");
        json_text(&out, "fault", proof_fault_name(proof->first.code));
        json_text(&out, "why", proof_fault_text(proof->first.code));
        json_int(&out, "seal", proof->first.seal);
        json_int(&out, "row", proof->first.row);
        json_text(&out, "at", proof->first.at == 0 ? NULL : audit_time(proof->first.at, text));
        json_end_object(&out);
    }
    json_object_key(&out, "faults");
    for (int code = PROOF_FINE + 1; code < PROOF_FAULTS; code++) {
        if (proof->counts[code] > 0) {
            json_int(&out, proof_fault_name((enum proof_fault_code)code), proof->counts[code]);
        }
    }
    json_end_object(&out);
    json_end_object(&out);
    (void)printf("%s\n", buf_string(&buf));
    buf_free(&buf);
}

/* Prints what an export of one practice proves: the rows that are in it. That no row of the practice was left
 * out is not proven, only said by whoever signed the file; so that is printed too. */
static void
print_excerpt(const struct proof *proof, const struct audit_file_facts *facts)
{
    char practice[UUID_TEXT_SIZE];
    (void)printf(
        "Rows of practice %s alone: %lld are as they were sealed, in %lld seals; %lld were not sealed "
        "yet.\n",
        uuid_text(facts->practice, practice), (long long)proof->sealed, (long long)proof->seals,
        (long long)proof->unsealed);
}

static void
print_text(const struct proof *proof, const struct audit_file_facts *facts, bool whole, bool checkpoints,
           int64_t took)
{
    char text[AUDIT_TIME_SIZE];
    const struct proof_fault *first = &proof->first;
    if (facts->has_practice) {
        print_excerpt(proof, facts);
    } else {
        (void)printf("%lld rows are as they were sealed, in %lld seals; %lld are not sealed yet; %lld are in "
                     "exports only. "
                     "%.1f s\n",
                     (long long)proof->sealed, (long long)proof->seals, (long long)proof->unsealed,
                     (long long)proof->excused, (double)took / (double)CLOCK_SECOND);
    }
    if (whole && facts->has_practice) {
        (void)printf(
            "The file is as it was exported. That no row was left out, the one says who exported it with "
            "the key; the seals do not show it.\n");
        return;
    }
    if (whole) {
        (void)printf("The log is whole.%s\n",
                     checkpoints ? ""
                                 : " Only with --checkpoints would it show if its newest seals "
                                   "had been cut off.");
        return;
    }
    (void)printf("THE %s IS NOT WHOLE. First: %s", facts->has_practice ? "FILE" : "LOG",
                 proof_fault_text(first->code));
    (void)printf(first->row == 0 ? "" : " (row %lld)", (long long)first->row);
    (void)printf(first->seal == 0 ? "" : " (seal %lld)", (long long)first->seal);
    (void)printf(first->at == 0 ? ".\n" : ", of %s.\n", audit_time(first->at, text));
    for (int code = PROOF_FINE + 1; code < PROOF_FAULTS; code++) {
        if (proof->counts[code] > 0) {
            (void)printf("  %lld x %s\n", (long long)proof->counts[code],
                         proof_fault_name((enum proof_fault_code)code));
        }
    }
}

int
command_audit_verify(const struct config *config, const struct args_audit_verify *given)
{
    struct audit_keys keys;
    if (!audit_keys_load(config, given->public_key, &keys)) {
        return STATUS_NOT_CHECKED;
    }
    int64_t began = clock_monotonic();
    struct audit_file_facts facts = {0};
    struct proof *proof = calloc(1, sizeof *proof);
    if (proof == NULL) {
        return STATUS_NOT_CHECKED;
    }
    proof_start(proof, &keys);
    bool checked = given->from != NULL
                       ? audit_file_prove(given->from, &keys, given->checkpoints, proof, &facts)
                       : prove_database(config, given, &keys, proof);
    bool whole = proof_end(proof);
    int64_t took = clock_monotonic() - began;
    if (checked && given->json) {
        print_json(proof, &facts, whole, took);
    } else if (checked) {
        print_text(proof, &facts, whole, given->checkpoints != NULL, took);
    }
    free(proof);
    return !checked ? STATUS_NOT_CHECKED : whole ? EXIT_DONE : EXIT_FAULT;
}

int
command_audit_key(const struct config *config, const struct args_audit_key *given)
{
    struct audit_keys keys;
    struct buf buf;
    (void)given;
    if (!audit_keys_load(config, NULL, &keys)) {
        return EXIT_FAULT;
    }
    buf_init(&buf, OUTPUT_MAX);
    audit_keys_write(&buf, &keys);
    bool good = fputs(buf_string(&buf), stdout) >= 0 && fflush(stdout) == 0;
    buf_free(&buf);
    return good ? EXIT_DONE : EXIT_FAULT;
}
