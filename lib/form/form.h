/*
 * The questionnaire engine: a FHIR R4 Questionnaire is compiled once, then judges the items of
 * QuestionnaireResponses. Pure: no I/O, no globals, no clock but one that the caller gives (see form_work);
 * without one the same input always gives the same result. Everything is bounded by the constants below.
 * https://hl7.org/fhir/R4/questionnaire.html
 *
 * Item paths name an item of a response: linkIds from the top, joined by "/". The instance of a repeating
 * group, or of a repeating question's answer that has items below it, stands in brackets, counted from 0:
 * `medications[1]/dose`. Without brackets the first one is meant, or all of them when the segment is the
 * last. The bytes "/", "[", "]" and "%" of a linkId are written %2F, %5B, %5D and %25 (any %XX is decoded).
 */
#ifndef ANAMNESIS_FORM_FORM_H
#define ANAMNESIS_FORM_FORM_H

#include "lib/base/arena.h"
#include "lib/fhirpath/fhirpath.h"

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
    FORM_SCORES_MAX = 1000,      /* of a response */
    FORM_INSTANCES_MAX = 200000, /* items x repetitions that a response may stand for */
    FORM_STEPS_MAX = 10000000,   /* answers looked at by the branching conditions of one check */
    FORM_TIME_MAX = 200 * 1000   /* microseconds of processor time, for all that one request works out */
};

enum form_severity { FORM_ERROR, FORM_WARNING, FORM_INFORMATION };

/* "error", "warning" or "information". */
const char *form_severity_name(enum form_severity severity);

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

/* What an expression took, and the limit that it met (enum fhirpath_fault_code); FHIRPATH_FINE: none. */
struct form_spent {
    uint64_t steps;
    uint8_t limit;
};

/*
 * The work of one request: when it is done, and how long it may take. Several calls share one. `now`, in
 * microseconds since 1970, is what expressions are told that the time is, in UTC. Expressions, patterns and
 * conditions that take longer than FORM_TIME_MAX are broken off with the error `too-costly`, and
 * `watch.over` is true.
 */
struct form_work {
    int64_t now;
    struct fhirpath_watch watch; /* without a clock (all 0) no time is kept */
    struct form_spent *spent;    /* by expression, what each took is added; NULL: nobody asks */
};

/* Begins the work of a request. `clock` is its processor time; NULL: no time is kept. */
struct form_work form_work(int64_t now, fhirpath_clock *clock);

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
 * that branching disabled are not judged, and what is given for calculated items does not count (said so when
 * it is not what they come to: FORM_INFORMATION, `calculated-ignored`). True when there is no error.
 * `progress` may be NULL.
 */
bool form_check(const struct form *form, struct json_object *items, enum form_mode mode,
                struct form_work *work, struct arena *arena, struct form_issues *issues,
                struct form_progress *progress);

/*
 * Checks for submission and returns the items to keep: in the definition's order, without answers to disabled
 * items (each said so: FORM_INFORMATION, `disabled-dropped`), without empty items, with calculated answers.
 * The array is owned by `arena` and shares unchanged parts with `items`. With errors it returns `items`
 * itself.
 */
struct json_object *form_submit(const struct form *form, struct json_object *items, struct form_work *work,
                                struct arena *arena, struct form_issues *issues,
                                struct form_progress *progress);

/*
 * What a new response begins with: the items that have initial values, initially selected options or an
 * initialExpression, in the groups that hold them, each of those once. The array is owned by `arena`; values
 * that could not be worked out are noted as warnings. NULL when memory is short.
 */
struct json_object *form_initial(const struct form *form, struct form_work *work, struct arena *arena,
                                 struct form_issues *issues);

/* A draft whose answers were changed by form_merge. */
struct form_draft {
    struct json_object *items;  /* an array; calculated answers are written into it */
    const char *before;         /* what form_update gave for it before the changes; NULL: nothing is known */
    const char *const *changed; /* the item paths that were set or cleared since */
    size_t changed_count;
};

/*
 * Works out what is calculated from a draft's answers, writes it into the draft, and judges the draft as
 * FORM_DRAFT does: every issue there is, but only what may have changed is looked at again. Returns a line of
 * text to be given as `before` the next time; NULL: next time everything must be judged. It names items,
 * never answers, and does not count for another definition.
 */
const char *form_update(const struct form *form, const struct form_draft *draft, struct form_work *work,
                        struct arena *arena, struct form_issues *issues, struct form_progress *progress);

/* A score of a response. Texts are the form's or the arena's. */
struct form_score_value {
    const char *link_id;
    const char *text;       /* the item's; "" when it has none */
    const char *value;      /* a JSON number */
    const char *band_code;  /* NULL: the value is in no band */
    const char *band_label; /* the same */
};

/*
 * The scores that stand in the items of a response: those that form_submit returned, or form_update wrote
 * into. In the order of the items; a score that could not be calculated is not among them.
 */
const struct form_score_value *form_scores(const struct form *form, struct json_object *items,
                                           struct arena *arena, size_t *count);

/* A band of a score; numbers as they are written, both limits belong to it. Texts are the form's. */
struct form_score_band {
    const char *least;
    const char *most;
    const char *code;
    const char *label;
};

/* How a score comes about. */
struct form_score_rule {
    const char *text; /* the item's; "" when it has none */
    struct span
        rule; /* the same bytes: the same answers have the same score; in the arena; none: it has too many */
    const struct form_score_band *bands; /* in rising order */
    size_t band_count;
};

/*
 * The rule of the score that an item is: two versions of a questionnaire whose rules are the same bytes can be compared by
 * this score. Words and order do not count, and limits of answers; items, weights, expressions, branching and
 * bands do, of all that the score depends on. A rule of more than 8 MiB is not told. False when the item is no score.
 */
bool form_score_rule(const struct form *form, const char *link_id, struct arena *arena,
                     struct form_score_rule *rule);

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

/* Whether the path names an item whose answers are calculated. form_merge leaves those as they are. */
bool form_is_calculated(const struct form *form, const char *path);

/* Notes, after form_update, that what was sent for a calculated item is not what it came to. */
void form_note_ignored(const struct form *form, struct json_object *items, const char *path,
                       struct json_object *answers, struct form_issues *issues);

/* Whether the item takes a file of this type and so many bytes, as its mimeType and maxSize have it. */
enum form_file {
    FORM_FILE_TAKEN,
    FORM_FILE_NO_QUESTION, /* there is no such item, it takes no files, or patients do not answer it */
    FORM_FILE_WRONG_TYPE,
    FORM_FILE_TOO_LARGE
};
enum form_file form_takes_file(const struct form *form, const char *link_id, const char *content_type,
                               int64_t size);

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
