#define PCRE2_CODE_UNIT_WIDTH 8
#include "lib/http/schema_pattern.h"

#include <pcre2.h>
#include <string.h>

enum {
    /* The contract's patterns take a few steps a character; texts are bounded before they come here. */
    MATCH_STEPS_MAX = 100000,
    MATCH_DEPTH_MAX = 1000,
    MATCH_HEAP_MAX = 1024 /* KiB */
};

/*
 * UCP is not set: ECMA's \d, \w and \b know ASCII only; \p{...} knows Unicode with or without it.
 * Just-in-time compilation is not used: it needs memory that is writable and executable. Nothing is captured,
 * so that back references, which no limit makes fast, do not compile.
 */
static const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS |
                                PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE;

static pcre2_match_context *
limits(void)
{
    static pcre2_match_context *context;
    if (context == NULL) {
        context = pcre2_match_context_create(NULL);
        if (context != NULL) {
            (void)pcre2_set_match_limit(context, MATCH_STEPS_MAX);
            (void)pcre2_set_depth_limit(context, MATCH_DEPTH_MAX);
            (void)pcre2_set_heap_limit(context, MATCH_HEAP_MAX);
        }
    }
    return context;
}

static pcre2_code *
compile(const char *text)
{
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context == NULL) {
        return NULL;
    }
    (void)pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX); /* \u{...} */
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &error, &at, context);
    pcre2_compile_context_free(context);
    return code;
}

bool
schema_pattern_compile(struct schema_pattern *pattern)
{
    if (pattern->code == NULL) {
        pattern->code = compile(pattern->text);
    }
    if (pattern->match == NULL && pattern->code != NULL) {
        pattern->match = pcre2_match_data_create(1, NULL);
    }
    return pattern->match != NULL;
}

bool
schema_pattern_matches(struct schema_pattern *pattern, const char *text, size_t size)
{
    pcre2_match_context *context = limits();
    if (context == NULL || !schema_pattern_compile(pattern)) {
        return false;
    }
    return pcre2_match(pattern->code, (PCRE2_SPTR)text, size, 0, 0, pattern->match, context) >= 0;
}

void
schema_pattern_free(struct schema_pattern *pattern)
{
    pcre2_match_data_free(pattern->match);
    pcre2_code_free(pattern->code);
    pattern->match = NULL;
    pattern->code = NULL;
}
