/*
 * What changed between two definitions of a questionnaire, item by item (found by their linkId). Pure, as all
 * of lib/form; the definitions need not be finished: a draft is compared as it is.
 *
 * A change is breaking when answers given before may not be valid any more, may be missing, or may mean
 * something else: by their place, type, options, rules, branching, codes or scores. Words that a patient
 * reads are not: whether they ask something else only a person can tell.
 */
#ifndef ANAMNESIS_FORM_VERSIONS_DIFF_H
#define ANAMNESIS_FORM_VERSIONS_DIFF_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

enum {
    FORM_CHANGES_MAX = 5000, /* more are counted, not listed */
    FORM_DIFF_DEPTH_MAX = 32 /* item levels that are looked at */
};

/*
 * Kinds: item-added, item-removed, item-moved (to another group), item-reordered (among its siblings),
 * item-retyped, option-added, option-removed, value-set-changed, required-added, required-removed,
 * repeats-added, repeats-removed, read-only-added, read-only-removed, constraint-added, constraint-changed,
 * constraint-removed, branch-changed, score-changed, code-changed, initial-changed, text-changed,
 * other-changed.
 */
struct form_change {
    const char *kind;    /* literal */
    const char *link_id; /* "": the questionnaire itself */
    const char *detail;  /* what of it: types, an option's code, an extension's name; in the arena */
    bool breaking;
    bool loses; /* a draft's answer to this item may not be carried over */
};

struct form_diff {
    struct form_change *changes;
    size_t count;
    size_t room;
    size_t omitted;             /* not listed */
    size_t breaking;            /* the unlisted ones too */
    const char **columns_added; /* of an export: one for each question, named by its linkId */
    size_t added_count;
    const char **columns_removed;
    size_t removed_count;
};

/*
 * Compares two FHIR Questionnaires; `before` NULL: everything is new. The value sets are JSON arrays of those
 * that each side has at hand (NULL: none). Texts live in `arena`. Items beyond the first of one linkId are
 * not looked at.
 */
void form_compare(struct json_object *before, struct json_object *before_sets, struct json_object *after,
                  struct json_object *after_sets, struct arena *arena, struct form_diff *diff);

#endif
