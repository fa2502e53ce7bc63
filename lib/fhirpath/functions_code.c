/*
 * encode(), decode(), escape() and unescape() (FHIRPath 2.1.0, 5.6): base64, urlbase64 and hex; html and
 * json. Another word, or a text that is no such code, gives empty. What is decoded must be UTF-8 without a
 * NUL, since it becomes a string like any other. A text is bounded so that its longest code still fits.
 */
#include "lib/base/utf8.h"
#include "lib/fhirpath/calls.h"
#include "lib/fhirpath/run.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    CODED_BYTES = 4,     /* that are read and written in one step, */
    UNESCAPED_BYTES = 2, /* and in one more where an escape is looked for at each */
    HTML_MAX = 6,        /* bytes of &quot; */
    JSON_MAX = 6         /* of \u001f */
};

#define CALL(name)                                                                                           \
    struct fhirpath_list name(struct run *run, const struct operation *call, const struct scope *scope,      \
                              struct fhirpath_list input)

/* Both operands; the text is bounded so that its code is, too. */
static bool
operands(struct run *run, const struct operation *call, const struct scope *scope, struct fhirpath_list input,
         struct span *text, struct span *form)
{
    if (!run_single_text(run, input, text) ||
        !run_single_text(run, run_argument(run, call, 0, scope), form)) {
        return false;
    }
    if (text->size > FHIRPATH_STRING_MAX / HTML_MAX) {
        run_fail(run, FHIRPATH_COLLECTION, "the string would be too long");
    }
    run_step(run, text->size / CODED_BYTES);
    run_compared(run, form->size);
    return true;
}

static bool
is_form(struct span form, const char *name)
{
    return form.size == strlen(name) && memcmp(form.data, name, form.size) == 0;
}

/* libsodium's variant of base64 that a word means; 0: none. */
static int
variant_of(struct span form)
{
    if (is_form(form, "base64")) {
        return sodium_base64_VARIANT_ORIGINAL;
    }
    return is_form(form, "urlbase64") ? sodium_base64_VARIANT_URLSAFE : 0;
}

CALL(call_encode)
{
    struct span text;
    struct span form;
    if (!operands(run, call, scope, input, &text, &form)) {
        return run_empty;
    }
    int variant = variant_of(form);
    if (variant != 0) {
        size_t size = sodium_base64_encoded_len(text.size, variant);
        char *code = run_alloc(run, size);
        (void)sodium_bin2base64(code, size, text.data, text.size, variant);
        return run_text(run, code, strlen(code));
    }
    if (!is_form(form, "hex")) {
        return run_empty;
    }
    char *code = run_alloc(run, 2 * text.size + 1);
    (void)sodium_bin2hex(code, 2 * text.size + 1, text.data, text.size);
    return run_text(run, code, 2 * text.size);
}

CALL(call_decode)
{
    struct span text;
    struct span form;
    size_t size = 0;
    if (!operands(run, call, scope, input, &text, &form)) {
        return run_empty;
    }
    int variant = variant_of(form);
    unsigned char *plain = run_alloc(run, text.size + 1);
    const char *code = (const char *)text.data;
    bool fine = false;
    if (variant != 0) {
        fine = sodium_base642bin(plain, text.size, code, text.size, NULL, &size, NULL, variant) == 0;
    } else if (is_form(form, "hex")) {
        fine = text.size % 2 == 0 &&
               sodium_hex2bin(plain, text.size, code, text.size, NULL, &size, NULL) == 0 &&
               size == text.size / 2;
    }
    fine = fine && utf8_valid(plain, size) && memchr(plain, '\0', size) == NULL;
    return fine ? run_text(run, (const char *)plain, size) : run_empty;
}

static const struct {
    char byte;
    const char *html; /* NULL: as it is */
    const char *json;
} escapes[] = {
    {'"', "&quot;", "\\\""}, {'&', "&amp;", NULL}, {'<', "&lt;", NULL}, {'>', "&gt;", NULL},
    {'\'', "&#39;", NULL},   {'\\', NULL, "\\\\"}, {'\n', NULL, "\\n"}, {'\r', NULL, "\\r"},
    {'\t', NULL, "\\t"},     {'\f', NULL, "\\f"},  {'\b', NULL, "\\b"},
};

enum { ESCAPES = sizeof escapes / sizeof escapes[0] };

CALL(call_escape)
{
    struct span text;
    struct span form;
    if (!operands(run, call, scope, input, &text, &form)) {
        return run_empty;
    }
    bool html = is_form(form, "html");
    if (!html && !is_form(form, "json")) {
        return run_empty;
    }
    char *start = run_alloc(run, text.size * HTML_MAX + 1);
    char *at = start;
    for (size_t i = 0; i < text.size; i++) {
        const char *code = NULL;
        for (size_t j = 0; j < ESCAPES; j++) {
            if (escapes[j].byte == (char)text.data[i]) {
                code = html ? escapes[j].html : escapes[j].json;
            }
        }
        if (code != NULL) {
            memcpy(at, code, strlen(code));
            at += strlen(code);
        } else if (!html && text.data[i] < ' ') {
            at += snprintf(at, JSON_MAX + 1, "\\u%04x", text.data[i]);
        } else {
            *at++ = (char)text.data[i];
        }
    }
    return run_text(run, start, (size_t)(at - start));
}

/* The index of the escape that begins at a position, or -1. */
static int
escape_at(struct span text, size_t at, bool html)
{
    for (int i = 0; i < ESCAPES; i++) {
        const char *code = html ? escapes[i].html : escapes[i].json;
        if (code != NULL && text.size - at >= strlen(code) &&
            memcmp(text.data + at, code, strlen(code)) == 0) {
            return i;
        }
    }
    return -1;
}

CALL(call_unescape)
{
    struct span text;
    struct span form;
    size_t size = 0;
    if (!operands(run, call, scope, input, &text, &form)) {
        return run_empty;
    }
    bool html = is_form(form, "html");
    if (!html && !is_form(form, "json")) {
        return run_empty;
    }
    run_step(run, text.size / UNESCAPED_BYTES);
    char *plain = run_alloc(run, text.size + 1);
    for (size_t i = 0; i < text.size;) {
        int found = escape_at(text, i, html);
        plain[size++] = found < 0 ? (char)text.data[i] : escapes[found].byte;
        i += found < 0 ? 1 : strlen(html ? escapes[found].html : escapes[found].json);
    }
    return run_text(run, plain, size);
}
