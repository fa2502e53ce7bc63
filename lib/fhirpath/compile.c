/*
 * From text to a block, and what the block tells about itself. Compiling is: words (lex.c), operations
 * (parse.c), what the expression depends on (uses.c), one block without pointers (build.c). A compiled block
 * never faults for its form; it may be copied to any address that 8 divides and used as long as the process
 * lives. A block must not come from outside the process: its indexes are not checked when it is used.
 */
#include "lib/base/utf8.h"
#include "lib/fhirpath/build.h"
#include "lib/fhirpath/lex.h"

#include <string.h>

struct fhirpath *
fhirpath_compile(struct arena *arena, struct span text, struct fhirpath_fault *fault)
{
    struct build build;
    *fault = (struct fhirpath_fault){.code = FHIRPATH_FINE};
    if (text.size > FHIRPATH_TEXT_MAX) {
        lex_fault(fault, FHIRPATH_TOO_LONG, FHIRPATH_TEXT_MAX, "the expression is longer than %d bytes",
                  FHIRPATH_TEXT_MAX);
        return NULL;
    }
    if (text.size > 0 && (!utf8_valid(text.data, text.size) || memchr(text.data, '\0', text.size) != NULL)) {
        lex_fault(fault, FHIRPATH_SYNTAX, 0, "the expression is not valid UTF-8");
        return NULL;
    }
    build_start(&build, arena, fault);
    uint32_t whole = parse_expression(&build, text);
    if (whole == NO_OPERATION) {
        return NULL;
    }
    build_uses(&build, whole);
    return build_program(&build, text);
}

size_t
fhirpath_bytes(const struct fhirpath *expression)
{
    return expression->bytes;
}

struct span
fhirpath_source(const struct fhirpath *expression)
{
    const char *text = program_text(expression, expression->source);
    return (struct span){(const unsigned char *)text, expression->source.size};
}

const char *
fhirpath_link_id(const struct fhirpath *expression, size_t index)
{
    const struct pool_text *links = program_at(expression, expression->links_at);
    return index < expression->link_count ? program_text(expression, links[index]) : NULL;
}

struct fhirpath_use
fhirpath_variable_use(const struct fhirpath *expression, size_t index)
{
    const struct use *uses = program_at(expression, expression->uses_at);
    if (index >= expression->use_count) {
        return (struct fhirpath_use){NULL, false};
    }
    return (struct fhirpath_use){program_text(expression, uses[index].name), uses[index].whole != 0};
}

bool
fhirpath_uses_clock(const struct fhirpath *expression)
{
    return expression->clock;
}

const char *
fhirpath_fault_name(enum fhirpath_fault_code code)
{
    static const char *const names[] = {
        [FHIRPATH_FINE] = "fine",
        [FHIRPATH_SYNTAX] = "syntax",
        [FHIRPATH_TOO_LONG] = "too-long",
        [FHIRPATH_TOO_DEEP] = "too-deep",
        [FHIRPATH_UNKNOWN_FUNCTION] = "unknown-function",
        [FHIRPATH_WRONG_ARGUMENTS] = "wrong-arguments",
        [FHIRPATH_UNSUPPORTED] = "unsupported",
        [FHIRPATH_UNKNOWN_TYPE] = "unknown-type",
        [FHIRPATH_BAD_PATTERN] = "bad-pattern",
        [FHIRPATH_UNKNOWN_VARIABLE] = "unknown-variable",
        [FHIRPATH_WRONG_TYPE] = "wrong-type",
        [FHIRPATH_NOT_SINGLE] = "not-single",
        [FHIRPATH_WRONG_NAME] = "wrong-name",
        [FHIRPATH_STEPS] = "too-many-steps",
        [FHIRPATH_OVERTIME] = "too-much-time",
        [FHIRPATH_MEMORY] = "too-much-memory",
        [FHIRPATH_COLLECTION] = "too-large",
        [FHIRPATH_COSTLY_PATTERN] = "costly-pattern",
    };
    return names[code];
}
