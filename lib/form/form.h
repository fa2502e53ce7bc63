/*
 * The questionnaire engine: a FHIR R4 Questionnaire is compiled once, then judges the items of
 * QuestionnaireResponses. Pure: no I/O, no globals, no clock; the same input always gives the same result.
 * Everything is bounded by the constants below. https://hl7.org/fhir/R4/questionnaire.html
 *
 * Item paths name an item of a response: linkIds from the top, joined by "/". The instance of a repeating
 * group, or of a repeating question's answer that has items below it, stands in brackets, counted from 0:
 * `medications[1]/dose`. Without brackets the first one is meant, or all of them when the segment is the
 * last. The bytes "/", "[", "]" and "%" of a linkId are written %2F, %5B, %5D and %25 (any %XX is decoded).
 */
#ifndef ANAMNESIS_FORM_FORM_H
#define ANAMNESIS_FORM_FORM_H

#include "lib/base/arena.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FORM_ITEMS_MAX = 5000,       /* items of a definition */
    FORM_DEPTH_MAX = 16,         /* item levels of a definition */
    FORM_LINK_ID_MAX = 255,      /* bytes */
    FORM_CONDITIONS_MAX = 20000, /* enableWhen entries of a definition */
    FORM_ITEM_RULES_MAX = 500,   /* limits, units, kinds of files ... that the extensions of one item name */
    FORM_OPTIONS_MAX = 100000,   /* answerOptions and concepts of contained value sets */
    FORM_VALUE_SETS_MAX = 2000,  /* contained in a definition and stored, together */
    FORM_STRING_MAX = 1048576,   /* bytes of a string: FHIR's own limit */
    FORM_PATH_MAX = 16384,       /* bytes of an item path */
    FORM_ISSUES_MAX = 1000,      /* more are counted, not listed */
    FORM_INSTANCES_MAX = 200000, /* items x repetitions that a response may stand for */
    FORM_STEPS_MAX = 10000000    /* answers looked at by the branching conditions of one check */
};

enum form_severity { FORM_ERROR, FORM_WARNING, FORM_INFORMATION };

/* One finding. Texts live in the arena or are literals; they never hold a patient's answer. */
struct form_issue {
    enum form_severity severity;
    const char *code;       /* for programs: lower case, words joined by "-" */
    const char *path;       /* answers: the item path; definitions: the JSON pointer into the Questionnaire */
    const char *expression; /* FHIRPath, e.g. QuestionnaireResponse.item[0].answer[1].value */
    const char *text;       /* a sentence for the patient, or for the author of the definition */
};

struct form_issues {
    struct arena *arena;
    struct form_issue *items;
    size_t count; /* listed, at most FORM_ISSUES_MAX */
    size_t room;
    size_t errors;  /* of severity FORM_ERROR, the unlisted ones too */
    size_t dropped; /* not listed */
};

/* An empty list whose texts will live in `arena`. */
void form_issues_init(struct form_issues *issues, struct arena *arena);

/* How far a response is; only enabled questions count, and not those that a patient cannot change (readOnly).
 */
struct form_progress {
    int64_t answered;
    int64_t total;
    int64_t required_missing; /* what a submission would refuse as `required`: questions and groups */
};

struct form; /* a compiled definition: one block of memory, never changed after form_compile */

/*
 * Checks a Questionnaire and compiles it. `value_sets` is a JSON array of the FHIR ValueSets that the
 * practice has stored, beside those contained in the questionnaire (NULL: none; of several with one url the
 * last is meant where no version is named). Every fault is noted in `issues` (its arena also serves for
 * temporary memory). Returns NULL when there is an error, or when malloc fails (then without one): the caller
 * frees the form with form_free. Nothing of the JSON is kept or changed. Warnings do not hinder.
 */
struct form *form_compile(struct json_object *questionnaire, struct json_object *value_sets,
                          struct form_issues *issues);

/*
 * The canonical URLs (`url` or `url|version`, as written) of the value sets that a Questionnaire refers to
 * and does not contain, sorted, each once. Given a ValueSet instead, those that it includes or excludes: what
 * is loaded may name more. The texts live in `arena`. `*count` may be 0, then the result may be NULL.
 */
const char *const *form_value_sets_used(struct json_object *resource, struct arena *arena, size_t *count);
void form_free(struct form *form);

/* Bytes of memory, for a bounded cache; number of items; title, else name, else "". */
size_t form_bytes(const struct form *form);
size_t form_item_count(const struct form *form);
const char *form_title(const struct form *form);

/*
 * FORM_DRAFT: incomplete is fine, wrong is an issue. FORM_SUBMIT: missing required answers and items out of
 * order are errors too, and answers to disabled items are noted (FORM_INFORMATION, `disabled-dropped`).
 */
enum form_mode { FORM_DRAFT, FORM_SUBMIT };

/*
 * Judges QuestionnaireResponse.item (a JSON array; NULL for none), which is not changed. Answers to items
 * that branching disabled are not judged. True when there is no error. `progress` may be NULL.
 */
bool form_check(const struct form *form, struct json_object *items, enum form_mode mode, struct arena *arena,
                struct form_issues *issues, struct form_progress *progress);

/*
 * Checks for submission and returns the items to keep: in the definition's order, without answers to disabled
 * items (each said so: FORM_INFORMATION, `disabled-dropped`), without empty items. The array is owned by
 * `arena` and shares unchanged parts with `items`. With errors it returns `items` itself.
 */
struct json_object *form_submit(const struct form *form, struct json_object *items, struct arena *arena,
                                struct form_issues *issues, struct form_progress *progress);

enum form_merged {
    FORM_MERGED,
    FORM_BAD_PATH,  /* names no place of this questionnaire, or leaves a gap between instances */
    FORM_BAD_VALUE, /* can never be an answer to that item */
    FORM_NO_MEMORY
};

/*
 * Auto-save of one item: sets the answers of the question at `path` (a JSON array of FHIR answers), or clears
 * the question, group or group instance when `answers` is NULL or empty. `items` (an array) is changed in
 * place and takes references to the values in `answers`, never to the answer objects; on FORM_BAD_PATH and
 * FORM_BAD_VALUE it is unchanged and the reason is in `issues`. A missing ancestor is created; an index that
 * is the next free one begins a new instance. Items are kept in the definition's order. Items below an answer
 * are saved by their own paths (`item` in a given answer is refused) and stay with the answer of the same
 * position. Clearing takes away what becomes empty, but a group instance that has others after it stays as an
 * empty one: indexes never shift under another writer. Answers of the right type that break another rule
 * (maxLength, not an option) are taken: form_check reports them.
 */
enum form_merged form_merge(const struct form *form, struct json_object *items, const char *path,
                            struct json_object *answers, struct arena *arena, struct form_issues *issues);

/*
 * True when the two paths name the same item, or one an ancestor of the other. Also when either is malformed:
 * the careful answer for conflicts.
 */
bool form_paths_overlap(const char *left, const char *right);

/*
 * What is stored at a path, borrowed from `items`: a question's answers, or a group instance's items. NULL
 * when there is nothing, or the path is wrong.
 */
struct json_object *form_value_at(const struct form *form, struct json_object *items, const char *path);

#endif
