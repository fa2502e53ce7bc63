/*
 * What an expression depends on. Each operation gives a collection whose elements are of a kind: nothing of
 * the data; elements of a variable's tree that were not looked into yet (only `item`, `answer` and the like
 * were followed); or all that a linkId chose. When something else is done with elements of the second kind,
 * the variable counts as used whole.
 */
#include "lib/fhirpath/build.h"
#include "lib/fhirpath/functions.h"

#include <string.h>

/* The first use of which the elements may be, + 1; 0: they are nothing of the data, or chosen by a linkId. */
struct region {
    uint32_t use;
};

static const struct region nowhere = {0};

struct walk {
    struct build *build;
    struct region this; /* what $this is */
};

static struct region visit(struct walk *walk, uint32_t index);

static struct use *
use_at(const struct walk *walk, uint32_t use)
{
    return (struct use *)walk->build->uses.rows + use - 1;
}

/* The elements' content is read. */
static void
read_all(const struct walk *walk, struct region region)
{
    if (region.use > 0) {
        use_at(walk, region.use)->whole = 1;
    }
}

static struct region
use_of(struct walk *walk, const char *name)
{
    struct build *build = walk->build;
    for (uint32_t i = 1; i <= build->uses.count; i++) {
        if (strcmp(build_string(build, use_at(walk, i)->name), name) == 0) {
            return (struct region){i};
        }
    }
    struct use use = {.whole = 0};
    struct span text = {(const unsigned char *)name, strlen(name)};
    char kept[FHIRPATH_FAULT_SIZE]; /* the pool moves */
    if (text.size < sizeof kept) {
        memcpy(kept, name, text.size);
        text.data = (const unsigned char *)kept;
    }
    (void)build_text(build, text, false, 0, &use.name);
    (void)table_add(build, &build->uses, &use);
    return (struct region){build->uses.count};
}

static void
add_link(struct walk *walk, struct pool_text link_id)
{
    struct build *build = walk->build;
    const struct pool_text *links = build->links.rows;
    for (uint32_t i = 0; i < build->links.count; i++) {
        if (strcmp(build_string(build, links[i]), build_string(build, link_id)) == 0) {
            return;
        }
    }
    (void)table_add(build, &build->links, &link_id);
}

/* Names that lead to items and answers without telling anything of them. */
static bool
is_way(const struct build *build, const struct operation *member)
{
    const char *name = build_string(build, member->text);
    return strcmp(name, "item") == 0 || strcmp(name, "answer") == 0 ||
           (member->first && strcmp(name, "QuestionnaireResponse") == 0);
}

static bool
is_link_member(const struct build *build, const struct operation *operation)
{
    return operation->kind == OPERATION_MEMBER && operation->left == NO_OPERATION &&
           strcmp(build_string(build, operation->text), "linkId") == 0;
}

/* linkId = 'x', linkId in ('x' | 'y'), and these joined by or; by and, when one side is. Adds what it
 * chooses. */
static bool
chooses(struct walk *walk, uint32_t index, bool add)
{
    const struct operation *operation = build_at(walk->build, index);
    if (operation->kind == OPERATION_TEXT) {
        if (add) {
            add_link(walk, operation->text);
        }
        return true;
    }
    return operation->kind == OPERATION_BINARY && operation->code == BINARY_UNION &&
           chooses(walk, operation->left, add) && chooses(walk, operation->right, add);
}

static bool
is_choice(struct walk *walk, uint32_t index, bool add)
{
    const struct operation *operation = build_at(walk->build, index);
    if (operation->kind != OPERATION_BINARY) {
        return false;
    }
    uint32_t left = operation->left;
    uint32_t right = operation->right;
    switch (operation->code) {
    case BINARY_EQUAL:
        if (is_link_member(walk->build, build_at(walk->build, right))) {
            uint32_t swap = left;
            left = right;
            right = swap;
        }
        return is_link_member(walk->build, build_at(walk->build, left)) &&
               build_at(walk->build, right)->kind == OPERATION_TEXT && chooses(walk, right, add);
    case BINARY_IN:
        return is_link_member(walk->build, build_at(walk->build, left)) && chooses(walk, right, false) &&
               chooses(walk, right, add);
    case BINARY_OR:
        return is_choice(walk, left, false) && is_choice(walk, right, false) && is_choice(walk, left, add) &&
               is_choice(walk, right, add);
    case BINARY_AND:
        return is_choice(walk, left, add) || is_choice(walk, right, add);
    default:
        return false;
    }
}

/* Whether an argument's $this is an element of the input: not for the first value of a total, and a name. */
static bool
is_lambda(const struct operation *call, const struct function *function, unsigned argument)
{
    if ((function->traits & FUNCTION_LAMBDA) == 0) {
        return false;
    }
    if (strcmp(function->name, "iif") == 0) {
        return call->left != NO_OPERATION;
    }
    return !(strcmp(function->name, "aggregate") == 0 && argument == 1) &&
           !(strcmp(function->name, "trace") == 0 && argument == 0);
}

static struct region
visit_function(struct walk *walk, const struct operation *call)
{
    const struct function *function = function_at(call->code);
    const uint32_t *arguments = walk->build->arguments.rows; /* NULL: there are none */
    struct region outer = walk->this;
    struct region input = call->left == NO_OPERATION ? outer : visit(walk, call->left);
    bool where = strcmp(function->name, "where") == 0;
    bool chosen = where && is_choice(walk, arguments[call->right], true);
    bool keeps = (function->traits & FUNCTION_STRUCTURE) != 0 && !where;
    bool ignores = (function->traits & FUNCTION_CLOCK) != 0 ||
                   (call->left == NO_OPERATION && strcmp(function->name, "iif") == 0);
    if (chosen) {
        input = nowhere; /* the other conditions are about the chosen items only */
    } else if (!keeps && !ignores) {
        read_all(walk, input);
        input = nowhere;
    }
    for (unsigned i = 0; i < call->count; i++) {
        walk->this = is_lambda(call, function, i) ? input : outer;
        struct region inner = visit(walk, arguments[call->right + i]);
        if (!keeps) {
            read_all(walk, inner);
        }
    }
    walk->this = outer;
    return keeps ? input : nowhere;
}

static struct region
visit(struct walk *walk, uint32_t index)
{
    const struct operation operation = *build_at(walk->build, index);
    struct region left = nowhere;
    switch ((enum operation_kind)operation.kind) {
    case OPERATION_THIS:
        return walk->this;
    case OPERATION_VARIABLE:
        return use_of(walk, build_string(walk->build, operation.text));
    case OPERATION_MEMBER:
        left = operation.left == NO_OPERATION ? walk->this : visit(walk, operation.left);
        if (!is_way(walk->build, &operation)) {
            read_all(walk, left);
            return nowhere;
        }
        return left;
    case OPERATION_CHOSEN:
        (void)(operation.left == NO_OPERATION ? walk->this : visit(walk, operation.left));
        add_link(walk, operation.other);
        return nowhere;
    case OPERATION_FUNCTION:
        return visit_function(walk, &operation);
    case OPERATION_AT:
    case OPERATION_BINARY:
        read_all(walk, visit(walk, operation.left));
        read_all(walk, visit(walk, operation.right));
        return nowhere;
    case OPERATION_SIGN:
    case OPERATION_TYPE:
        read_all(walk, operation.left == NO_OPERATION ? walk->this : visit(walk, operation.left));
        return nowhere;
    default:
        return nowhere;
    }
}

void
build_uses(struct build *build, uint32_t whole)
{
    struct walk walk = {.build = build};
    walk.this = use_of(&walk, "$this");
    read_all(&walk, visit(&walk, whole));
}
