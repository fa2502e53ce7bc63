/*
 * A compiled definition: one block of memory that refers to itself by indexes and offsets only. Items stand
 * in document order, each followed by its descendants, so a subtree is a run [index, end). Private to
 * lib/form.
 */
#ifndef ANAMNESIS_FORM_DEFINITION_COMPILED_H
#define ANAMNESIS_FORM_DEFINITION_COMPILED_H

#include "lib/form/form.h"
#include "lib/form/value/kind.h"

enum form_type {
    FORM_TYPE_GROUP,
    FORM_TYPE_DISPLAY,
    FORM_TYPE_BOOLEAN,
    FORM_TYPE_DECIMAL,
    FORM_TYPE_INTEGER,
    FORM_TYPE_DATE,
    FORM_TYPE_DATE_TIME,
    FORM_TYPE_TIME,
    FORM_TYPE_STRING,
    FORM_TYPE_TEXT,
    FORM_TYPE_URL,
    FORM_TYPE_CHOICE,
    FORM_TYPE_OPEN_CHOICE,
    FORM_TYPE_ATTACHMENT,
    FORM_TYPE_REFERENCE,
    FORM_TYPE_QUANTITY,
    FORM_TYPE_UNKNOWN /* none of FHIR's; never in a compiled form */
};

enum form_relation {
    FORM_EXISTS,
    FORM_EQUAL,
    FORM_NOT_EQUAL,
    FORM_GREATER,
    FORM_LESS,
    FORM_AT_LEAST,
    FORM_AT_MOST
};

enum form_flag {
    FORM_REQUIRED = 1,
    FORM_REPEATS = 2,
    FORM_READ_ONLY = 4,
    FORM_ANY = 8,         /* enableBehavior: any */
    FORM_CLOSED = 16,     /* only its options may be answered */
    FORM_OPEN = 32,       /* or free text (open-choice) */
    FORM_EXCLUSIVE = 128, /* one of its options is exclusive */
    FORM_HIDDEN = 64,     /* patients do not see it, or a group that it stands in */
    FORM_COMPUTED = 256,  /* its answers are calculated, never given */
    FORM_WEIGHTED = 512   /* one of its options has a weight */
};

#define FORM_NO_ITEM UINT32_MAX /* the parent of top-level items; no such item */

/* Text in the form's pool. */
struct form_text {
    uint32_t offset;
    uint32_t size; /* bytes */
};

struct form_item {
    struct form_text link_id;
    uint32_t hash;      /* of the linkId */
    uint32_t parent;    /* FORM_NO_ITEM: top level */
    uint32_t end;       /* index after the last descendant */
    uint32_t ordinal;   /* position among its siblings */
    uint32_t children;  /* direct ones */
    uint32_t condition; /* first one */
    uint32_t condition_count;
    uint32_t option; /* first one, of a sorted run (see option_in_run) */
    uint32_t option_count;
    uint32_t rule; /* first one */
    uint32_t rule_count;
    uint32_t expression; /* first one (see expressions.h) */
    uint32_t expression_count;
    uint32_t max_length; /* code points; 0: no limit */
    uint16_t kinds;      /* enum form_kind bits that an answer may have */
    uint16_t flags;      /* enum form_flag bits */
    uint8_t type;        /* enum form_type */
    uint8_t depth;       /* 1: top level */
};

/* An allowed value: its key (see value_key) in the pool. */
struct form_option {
    uint32_t hash;
    struct form_text key;
    uint32_t exclusive; /* 1: chosen alone or not at all */
    uint32_t weight;    /* a number's text in the pool; 0: none */
};

/* What an extension asks of the answers to an item, or of their number. */
enum form_rule_what {
    FORM_MIN_VALUE,
    FORM_MAX_VALUE,
    FORM_MIN_LENGTH,
    FORM_PATTERN,
    FORM_MAX_DECIMALS,
    FORM_MIN_OCCURS,
    FORM_MAX_OCCURS,
    FORM_MIME_TYPE,     /* one of the item's */
    FORM_MAX_SIZE,      /* bytes */
    FORM_UNIT,          /* one of the item's */
    FORM_UNIT_SET,      /* or one of these */
    FORM_UNIT_OPEN,     /* or one that is only written; any, when `count` is 1 */
    FORM_REFERENCE_TYPE /* one of the item's */
};

struct form_rule {
    struct form_text text; /* bound; MIME type; resource; key of a unit; in the patterns; a run of options */
    struct form_text unit; /* of a Quantity bound (see value_unit_key); the name of a unit */
    uint32_t count;        /* length, places, times, bytes */
    uint16_t kind;         /* enum form_kind of a bound: decimal, dateTime, time, Quantity */
    uint8_t what;          /* enum form_rule_what */
};

struct form_condition {
    uint32_t question;     /* item index */
    struct form_text text; /* expected string, date, time, or number; the key of a Coding or Reference */
    struct form_text unit; /* of an expected Quantity (see value_unit_key) */
    uint16_t kind;         /* enum form_kind of the expected value */
    uint8_t relation;      /* enum form_relation */
    uint8_t
        rises; /* container levels from the conditional item's own up to the one shared with the question */
    uint8_t truth;    /* expected boolean */
    uint8_t is_whole; /* `whole` is the expected number */
    int64_t whole;
};

struct form {
    size_t bytes; /* of the whole block */
    uint32_t item_count;
    uint32_t option_count;
    uint32_t condition_count;
    uint32_t rule_count;
    uint32_t slot_mask;    /* of the linkId table: its size - 1, a power of two */
    uint32_t top_children; /* items at the top level */
    uint32_t title;        /* offset in the pool */
    /* Offsets from the block's start. */
    uint32_t items_at;
    uint32_t options_at;
    uint32_t conditions_at;
    uint32_t rules_at;
    uint32_t patterns_at; /* compiled regular expressions, each at a multiple of 8 */
    uint32_t order_at;    /* item indexes, each after all that its enablement depends on */
    uint32_t table_at;    /* linkId hash table: item index + 1; 0: empty */
    uint32_t pool_at;
    /* Expressions and what goes with them: see expressions.h. */
    uint32_t expression_count;
    uint32_t root_expressions;
    uint32_t score_count;
    uint32_t initial_count;
    bool computes; /* some expression decides what is enabled or answered */
    bool constrains;
    bool late;                   /* some expression depends on everything */
    struct form_text definition; /* JSON text; empty: no expression reads it */
    uint32_t expressions_at;
    uint32_t links_at;
    uint32_t blocks_at;
    uint32_t scores_at;
    uint32_t bands_at;
    uint32_t initials_at;
    uint32_t fingerprint; /* of all that answers are judged by: see fingerprint_of */
};

static inline const struct form_item *
form_items(const struct form *form)
{
    return (const struct form_item *)(const void *)((const char *)form + form->items_at);
}

static inline const struct form_option *
form_options(const struct form *form)
{
    return (const struct form_option *)(const void *)((const char *)form + form->options_at);
}

static inline const struct form_condition *
form_conditions(const struct form *form)
{
    return (const struct form_condition *)(const void *)((const char *)form + form->conditions_at);
}

static inline const struct form_rule *
form_rules(const struct form *form)
{
    return (const struct form_rule *)(const void *)((const char *)form + form->rules_at);
}

static inline const uint32_t *
form_order(const struct form *form)
{
    return (const uint32_t *)(const void *)((const char *)form + form->order_at);
}

static inline const char *
form_pool(const struct form *form, struct form_text text)
{
    return (const char *)form + form->pool_at + text.offset;
}

/* FNV-1a. */
uint32_t form_hash(const char *text, size_t size);

/* The item of that linkId, or FORM_NO_ITEM. */
uint32_t form_find(const struct form *form, const char *link_id, size_t size);

/* The option of that key in a run sorted by hash, size and bytes, or NULL. */
const struct form_option *option_find(const struct form_option *options, uint32_t count, const char *pool,
                                      const char *key, size_t size);

static inline bool
option_in_run(const struct form_option *options, uint32_t count, const char *pool, const char *key,
              size_t size)
{
    return option_find(options, count, pool, key, size) != NULL;
}

/* The item's option with an answer's key, or NULL. */
const struct form_option *form_option_of(const struct form *form, const struct form_item *item,
                                         const char *key, size_t size);

/* The item's first rule of that kind, or NULL. */
const struct form_rule *form_rule_of(const struct form *form, const struct form_item *item,
                                     enum form_rule_what what);

/* Whether the item holds answers (it is neither a group nor a display text). */
static inline bool
form_is_question(const struct form_item *item)
{
    return item->type != FORM_TYPE_GROUP && item->type != FORM_TYPE_DISPLAY;
}

/* Whether patients can answer: what they cannot see or change is not demanded of them. */
static inline bool
form_is_asked(const struct form_item *item)
{
    return (item->flags & (FORM_READ_ONLY | FORM_HIDDEN | FORM_COMPUTED)) == 0;
}

#endif
