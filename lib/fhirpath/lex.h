/* The words of an expression (N1, 5 and the grammar of appendix B). Private to lib/fhirpath. */
#ifndef ANAMNESIS_FHIRPATH_LEX_H
#define ANAMNESIS_FHIRPATH_LEX_H

#include "lib/fhirpath/fhirpath.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* letters: a name, or a keyword */
    TOKEN_QUOTED, /* a name in back quotes */
    TOKEN_STRING,
    TOKEN_WHOLE,   /* digits */
    TOKEN_DECIMAL, /* digits with a point */
    TOKEN_MOMENT,  /* behind @ */
    TOKEN_DOLLAR,  /* the word behind $ */
    TOKEN_SIGN,    /* one of the signs; its first and second byte are in `sign` */
    TOKEN_WRONG    /* the fault is set */
};

struct token {
    enum token_kind kind;
    uint32_t offset;  /* bytes before it */
    struct span text; /* without its quotes, @, $; escapes are not resolved */
    bool escapes;     /* there are some */
    char sign;        /* '<' for < and <=, '!' for != and !~, '.' ... */
    char second;      /* '=' or '~' of two-byte signs, else NUL */
};

struct lexer {
    struct span source;
    size_t at;
    struct fhirpath_fault *fault;
};

/* The next token; TOKEN_WRONG sets the fault. */
struct token lex_next(struct lexer *lexer);

/* The text of a string or quoted name; `out` has room for its bytes. Returns the size, or SIZE_MAX when an
 * escape is wrong. */
size_t lex_unescape(struct span text, char *out);

/* Fills a fault. */
void lex_fault(struct fhirpath_fault *fault, enum fhirpath_fault_code code, size_t offset, const char *format,
               ...) __attribute__((format(printf, 4, 5)));

#endif
