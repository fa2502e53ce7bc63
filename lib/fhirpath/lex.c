/*
 * From bytes to words (tokens): N1, appendix B, lexical part. A word borrows its text from the source;
 * escapes are only noted and undone when the parser takes the text (lex_unescape), since most texts have
 * none.
 *
 * A number followed by a point is a number only when a digit comes behind it: `1.toString()` calls a
 * function. A moment takes as much as looks like one, and lib/fhirpath/moment.c judges it. `as`, `and` and
 * their like are words here, because they may be names of members, too; the parser knows where they are
 * operators.
 *
 * After the first fault every further word is TOKEN_WRONG, so nobody has to look twice. Each byte is read a
 * bounded number of times: costs are linear.
 */
#include "lib/fhirpath/lex.h"

#include "lib/base/hex.h"
#include "lib/base/json_escape.h"
#include "lib/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { YEAR_DIGITS = 4, PART_DIGITS = 2 };

void
lex_fault(struct fhirpath_fault *fault, enum fhirpath_fault_code code, size_t offset, const char *format, ...)
{
    va_list arguments;
    if (fault->code != FHIRPATH_FINE) {
        return; /* the first one counts */
    }
    fault->code = code;
    fault->offset = (uint32_t)offset;
    va_start(arguments, format);
    (void)vsnprintf(fault->text, sizeof fault->text, format, arguments);
    va_end(arguments);
}

/* The byte `ahead` of the next one, or NUL at the end. */
static char
peek(const struct lexer *lexer, size_t ahead)
{
    return lexer->at + ahead < lexer->source.size ? (char)lexer->source.data[lexer->at + ahead] : '\0';
}

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool
is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

/* Notes a fault, and is the word that says so. */
static struct token
wrong(struct lexer *lexer, size_t offset, const char *why)
{
    lex_fault(lexer->fault, FHIRPATH_SYNTAX, offset, "%s", why);
    return (struct token){.kind = TOKEN_WRONG, .offset = (uint32_t)offset};
}

/* Blanks and comments. False when a comment does not end. */
static bool
skip(struct lexer *lexer)
{
    for (;;) {
        char byte = peek(lexer, 0);
        if (lexer->at >= lexer->source.size) {
            return true;
        }
        if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
            lexer->at++;
        } else if (byte == '/' && peek(lexer, 1) == '/') {
            while (lexer->at < lexer->source.size && peek(lexer, 0) != '\n') {
                lexer->at++;
            }
        } else if (byte == '/' && peek(lexer, 1) == '*') {
            size_t start = lexer->at;
            lexer->at += 2;
            while (peek(lexer, 0) != '*' || peek(lexer, 1) != '/') {
                if (lexer->at >= lexer->source.size) {
                    (void)wrong(lexer, start, "the comment does not end");
                    return false;
                }
                lexer->at++;
            }
            lexer->at += 2;
        } else {
            return true;
        }
    }
}

static struct token
token_from(const struct lexer *lexer, enum token_kind kind, size_t offset, size_t start)
{
    return (struct token){
        .kind = kind, .offset = (uint32_t)offset, .text = {lexer->source.data + start, lexer->at - start}};
}

/* A string or a quoted name, without its quotes. What stands behind a backslash never ends it. */
static struct token
lex_quoted(struct lexer *lexer, char quote, enum token_kind kind)
{
    size_t offset = lexer->at++;
    bool escapes = false;
    while (lexer->at < lexer->source.size && peek(lexer, 0) != quote) {
        if (peek(lexer, 0) == '\\') {
            escapes = true;
            lexer->at++;
        }
        lexer->at++;
    }
    if (lexer->at >= lexer->source.size) {
        return wrong(lexer, offset,
                     kind == TOKEN_STRING ? "the string does not end" : "the name does not end");
    }
    struct token token = token_from(lexer, kind, offset, offset + 1);
    token.escapes = escapes;
    lexer->at++;
    return token;
}

static struct token
lex_number(struct lexer *lexer)
{
    size_t start = lexer->at;
    enum token_kind kind = TOKEN_WHOLE;
    while (is_digit(peek(lexer, 0))) {
        lexer->at++;
    }
    if (peek(lexer, 0) == '.' && is_digit(peek(lexer, 1))) {
        kind = TOKEN_DECIMAL;
        lexer->at++;
        while (is_digit(peek(lexer, 0))) {
            lexer->at++;
        }
    }
    return token_from(lexer, kind, start, start);
}

/* `count` digits, with a byte before them unless that is NUL. Takes all or nothing. */
static bool
take_digits(struct lexer *lexer, char before, size_t count)
{
    size_t ahead = before == '\0' ? 0 : 1;
    if (before != '\0' && peek(lexer, 0) != before) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(peek(lexer, ahead + i))) {
            return false;
        }
    }
    lexer->at += ahead + count;
    return true;
}

/* As much of hh:mm:ss.fff as is there. */
static void
take_time(struct lexer *lexer)
{
    if (!take_digits(lexer, '\0', PART_DIGITS) || !take_digits(lexer, ':', PART_DIGITS) ||
        !take_digits(lexer, ':', PART_DIGITS)) {
        return;
    }
    if (take_digits(lexer, '.', 1)) {
        while (is_digit(peek(lexer, 0))) {
            lexer->at++;
        }
    }
}

/* Z, +hh:mm or -hh:mm. A sign without digits behind it is an operator and stays. */
static void
take_offset(struct lexer *lexer)
{
    char sign = peek(lexer, 0);
    if (sign == 'Z') {
        lexer->at++;
    } else if ((sign == '+' || sign == '-') && take_digits(lexer, sign, PART_DIGITS)) {
        (void)take_digits(lexer, ':', PART_DIGITS);
    }
}

/* @2024, @2024-02-29, @2024-02-29T12:00Z, @T12:00: what stands behind the @. */
static struct token
lex_moment(struct lexer *lexer)
{
    size_t offset = lexer->at++;
    size_t start = lexer->at;
    if (peek(lexer, 0) == 'T') {
        lexer->at++;
        take_time(lexer);
    } else if (take_digits(lexer, '\0', YEAR_DIGITS)) {
        if (take_digits(lexer, '-', PART_DIGITS)) {
            (void)take_digits(lexer, '-', PART_DIGITS);
        }
        if (peek(lexer, 0) == 'T') {
            lexer->at++;
            if (is_digit(peek(lexer, 0))) {
                take_time(lexer);
                take_offset(lexer);
            }
        }
    }
    if (lexer->at == start || is_letter(peek(lexer, 0)) || is_digit(peek(lexer, 0))) {
        return wrong(lexer, offset, "@ starts a date, a date and time, or a time");
    }
    return token_from(lexer, TOKEN_MOMENT, offset, start);
}

static struct token
lex_word(struct lexer *lexer, size_t offset, enum token_kind kind)
{
    size_t start = lexer->at;
    while (is_letter(peek(lexer, 0)) || is_digit(peek(lexer, 0))) {
        lexer->at++;
    }
    return token_from(lexer, kind, offset, start);
}

/* One sign, or one of two: <= >= != !~ */
static struct token
lex_sign(struct lexer *lexer)
{
    size_t start = lexer->at;
    char sign = peek(lexer, 0);
    char next = peek(lexer, 1);
    char second = '\0';
    if (sign == '\0' || strchr("()[]{}.,+-*/&|<>=~!%", sign) == NULL) {
        return wrong(lexer, start, "this character has no meaning here");
    }
    if (((sign == '<' || sign == '>' || sign == '!') && next == '=') || (sign == '!' && next == '~')) {
        second = next;
        lexer->at++;
    }
    if (sign == '!' && second == '\0') {
        return wrong(lexer, start, "! stands before = or ~; use not()");
    }
    lexer->at++;
    struct token token = token_from(lexer, TOKEN_SIGN, start, start);
    token.sign = sign;
    token.second = second;
    return token;
}

struct token
lex_next(struct lexer *lexer)
{
    if (lexer->fault->code != FHIRPATH_FINE || !skip(lexer)) {
        return (struct token){.kind = TOKEN_WRONG, .offset = (uint32_t)lexer->at};
    }
    if (lexer->at >= lexer->source.size) {
        return (struct token){.kind = TOKEN_END, .offset = (uint32_t)lexer->at};
    }
    char byte = peek(lexer, 0);
    if (is_digit(byte)) {
        return lex_number(lexer);
    }
    if (is_letter(byte)) {
        return lex_word(lexer, lexer->at, TOKEN_WORD);
    }
    switch (byte) {
    case '\'':
        return lex_quoted(lexer, byte, TOKEN_STRING);
    case '`':
        return lex_quoted(lexer, byte, TOKEN_QUOTED);
    case '@':
        return lex_moment(lexer);
    case '$':
        lexer->at++;
        return lex_word(lexer, lexer->at - 1, TOKEN_DOLLAR);
    default:
        return lex_sign(lexer);
    }
}

/* The four hexadecimal digits of \u; false when they are not there. */
static bool
hexadecimal(const unsigned char *at, const unsigned char *end, uint32_t *point)
{
    enum { DIGITS = 4 };
    *point = 0;
    if (end - at < DIGITS) {
        return false;
    }
    for (int i = 0; i < DIGITS; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) {
            return false;
        }
        *point = *point * 16 + (uint32_t)digit;
    }
    return true;
}

/* \uXXXX, `*at` behind the u; two halves of a pair are one character. Returns its bytes, 0: wrong. */
static size_t
unescape_point(const unsigned char **at, const unsigned char *end, char *out)
{
    uint32_t point = 0;
    uint32_t low = 0;
    unsigned char bytes[UTF8_SIZE_MAX];
    if (!hexadecimal(*at, end, &point) || point == 0) {
        return 0;
    }
    *at += 4;
    if (point >= 0xd800 && point < 0xdc00) {
        if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u' || !hexadecimal(*at + 2, end, &low) ||
            low < 0xdc00 || low > 0xdfff) {
            return 0;
        }
        *at += 6;
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    } else if (point >= 0xdc00 && point <= 0xdfff) {
        return 0;
    }
    size_t size = utf8_encode(point, bytes);
    memcpy(out, bytes, size);
    return size;
}

size_t
lex_unescape(struct span text, char *out)
{
    static const char names[] = "'\"`\\/fnrt";
    static const char values[] = "'\"`\\/\f\n\r\t";
    const unsigned char *at = text.data;
    const unsigned char *end = at + text.size;
    size_t size = 0;
    while (at < end) {
        if (*at != '\\') {
            out[size++] = (char)*at++;
            continue;
        }
        at++;
        if (at < end && *at == 'u') {
            at++;
            size_t more = unescape_point(&at, end, out + size);
            if (more == 0) {
                return SIZE_MAX;
            }
            size += more;
            continue;
        }
        const char *found = at < end && *at != '\0' ? strchr(names, *at) : NULL;
        if (found == NULL) {
            return SIZE_MAX;
        }
        out[size++] = values[found - names];
        at++;
    }
    return size;
}
