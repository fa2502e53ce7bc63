/*
 * Patterns: ECMA-262 regular expressions with the u flag, as JSON Schema 2020-12 wants them (section 6.4),
 * matched by PCRE2 with limits on its steps, depth and memory. They are the contract's own, never a client's.
 * A pattern is compiled when it is first asked for and kept in the schema; not for several threads.
 */
#ifndef ANAMNESIS_HTTP_SCHEMA_PATTERN_H
#define ANAMNESIS_HTTP_SCHEMA_PATTERN_H

#include "lib/http/schema.h"

/*
 * Whether the pattern is found anywhere in the text, `size` bytes of UTF-8 without a need for a NUL. False
 * too when matching meets a limit, or the pattern does not compile, or there is no memory: then nothing
 * passes.
 */
bool schema_pattern_matches(struct schema_pattern *pattern, const char *text, size_t size);

/* Compiles it unless that was done. False when it is wrong, or memory is short. */
bool schema_pattern_compile(struct schema_pattern *pattern);

/* Frees what was compiled; the text is the schema's. It may be compiled again. */
void schema_pattern_free(struct schema_pattern *pattern);

#endif
