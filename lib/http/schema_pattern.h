/* Patterns: ECMA-262 regular expressions with the u flag, as JSON Schema 2020-12 wants them (section 6.4). */
#ifndef ANAMNESIS_HTTP_SCHEMA_PATTERN_H
#define ANAMNESIS_HTTP_SCHEMA_PATTERN_H

#include "lib/http/schema.h"

/*
 * Whether the pattern is found in the text, which is UTF-8. False too when it needs more steps than its
 * limit, or does not compile, or there is no memory: then nothing passes.
 */
bool schema_pattern_matches(struct schema_pattern *pattern, const char *text, size_t size);

/* Compiles it unless that was done. False when it is wrong. */
bool schema_pattern_compile(struct schema_pattern *pattern);

void schema_pattern_free(struct schema_pattern *pattern);

#endif
