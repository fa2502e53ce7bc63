/*
 * What an expression depends on, found from its operations alone: which variables it reads, and by which
 * linkIds it chooses items. Auto-save judges and calculates again only what depends on a change, so too
 * little here is a wrong answer, and too much is only work.
 *
 * Each operation gives a collection whose elements are of one of three kinds:
 *
 * - they have nothing to do with the data;
 * - they are elements of a variable's tree that were not looked into yet: only `item`, `answer` and the like
 *   were followed;
 * - they were chosen by linkIds, with nothing but such members followed since.
 *
 * When something else is done with elements of the second kind, the variable counts as used whole; with those
 * of the third, the linkIds count. An item that is chosen only to choose below it does not count:
 * item.where(linkId = 'a').item.where(linkId = 'b') depends on b. What is not understood counts as a use of
 * the whole variable.
 */
#include "lib/fhirpath/build.h"
#include "lib/fhirpath/functions.h"

#include <string.h>

/* The use of which the elements are, + 1; or a run of the linkIds that chose them; or neither. */
struct region {
    uint32_t use;
    uint32_t link;
    uint32_t link_count;
};

static const struct region nowhere = {0, 0, 0};

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
    bool *read = walk->build->read.rows;
    if (region.use > 0) {
        use_at(walk, region.use)->whole = 1;
    }
    for (uint32_t i = region.link; i < region.link + region.link_count; i++) {
        read[i] = true;
    }
}

/* The region of a variable's tree; the variable is noted when it is new. */
static struct region
use_of(struct walk *walk, const char *name)
{
    struct build *build = walk->build;
    for (uint32_t i = 1; i <= build->uses.count; i++) {
        if (strcmp(build_string(build, use_at(walk, i)->name), name) == 0) {
            return (struct region){.use = i};
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
    return (struct region){.use = build->uses.count};
}

/* Notes that a linkId chose items. It counts only once something of them is read (keep_read). */
static void
add_link(struct walk *walk, struct pool_text link_id)
{
    const bool read = false;
    (void)table_add(walk->build, &walk->build->links, &link_id);
    (void)table_add(walk->build, &walk->build->read, &read);
}

/* The linkIds that were added since there were `before`. */
static struct region
chosen_since(const struct walk *walk, uint32_t before)
{
    uint32_t count = walk->build->links.count < walk->build->read.count ? walk->build->links.count
                                                                        : walk->build->read.count;
    return (struct region){.link = before, .link_count = count - before};
}

/* Leaves each linkId that counts once. */
static void
keep_read(struct build *build)
{
    struct pool_text *links = build->links.rows;
    const bool *read = build->read.rows;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < build->links.count && i < build->read.count; i++) {
        bool twice = false;
        for (uint32_t k = 0; read[i] && k < kept && !twice; k++) {
            twice = strcmp(build_string(build, links[k]), build_string(build, links[i])) == 0;
        }
        if (read[i] && !twice) {
            links[kept++] = links[i];
        }
    }
    build->links.count = kept;
}

/*
 * Whether a member only leads to items and answers: an expression that names it reads nothing of them by
 * that.
 */
static bool
is_container_name(const struct build *build, const struct operation *member)
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

/* Whether a choice asks for nothing but the linkId. */
static bool
is_bare(const struct walk *walk, uint32_t index)
{
    const struct operation *operation = build_at(walk->build, index);
    return operation->code != BINARY_AND &&
           (operation->code != BINARY_OR ||
            (is_bare(walk, operation->left) && is_bare(walk, operation->right)));
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
    uint32_t before = walk->build->links.count;
    bool chosen = where && is_choice(walk, arguments[call->right], true);
    struct region choice = chosen ? chosen_since(walk, before) : nowhere;
    bool keeps = (function->traits & FUNCTION_STRUCTURE) != 0 && !where;
    bool ignores = (function->traits & FUNCTION_CLOCK) != 0 ||
                   (call->left == NO_OPERATION && strcmp(function->name, "iif") == 0);
    if (chosen) {
        input = nowhere; /* the other conditions are about the chosen items only */
        if (!is_bare(walk, arguments[call->right])) {
            read_all(walk, choice);
        }
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
    if (chosen) {
        return choice;
    }
    return keeps ? input : nowhere;
}

static struct region
visit(struct walk *walk, uint32_t index)
{
    const struct operation operation = *build_at(walk->build, index);
    struct region left = nowhere;
    uint32_t before = 0;
    switch ((enum operation_kind)operation.kind) {
    case OPERATION_THIS:
        return walk->this;
    case OPERATION_VARIABLE:
        return use_of(walk, build_string(walk->build, operation.text));
    case OPERATION_MEMBER:
        left = operation.left == NO_OPERATION ? walk->this : visit(walk, operation.left);
        if (!is_container_name(walk->build, &operation)) {
            read_all(walk, left);
            return nowhere;
        }
        return left;
    case OPERATION_CHOSEN:
        (void)(operation.left == NO_OPERATION ? walk->this : visit(walk, operation.left));
        before = walk->build->links.count;
        add_link(walk, operation.other);
        return chosen_since(walk, before);
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
    keep_read(build);
}
