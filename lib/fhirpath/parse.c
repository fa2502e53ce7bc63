/*
 * From text to operations, by precedence climbing over the grammar of N1, appendix B.
 *
 * There is no syntax tree: each operation is added to the build's table when its operands are there, so that
 * operands always stand before it and the last operation is the whole expression. A function here returns the
 * index of the operation that it added, or NO_OPERATION after it has set the fault; a caller that gets
 * NO_OPERATION returns it at once. The fault is the first one, with its byte in the text.
 *
 * The parser calls itself for what stands in brackets, for operands and for arguments, at most
 * FHIRPATH_NESTING_MAX levels deep; what is chained (a.b.c, a + b + c) is a loop, whose height build.c
 * bounds, since the evaluator calls itself for it. Functions, types, units and patterns that are literals are
 * judged here, so that an author learns of a misspelt name when the questionnaire is saved and not when a
 * patient answers. Costs: linear in the text, and what compiling its patterns takes.
 */
#include "lib/base/decimal.h"
#include "lib/base/pattern.h"
#include "lib/fhirpath/build.h"
#include "lib/fhirpath/functions.h"
#include "lib/fhirpath/lex.h"
#include "lib/fhirpath/model.h"
#include "lib/fhirpath/moment.h"
#include "lib/fhirpath/quantity.h"
#include "lib/fhirpath/typename.h"

#include <string.h>

enum { ARGUMENTS_MAX = 16 };

/* What binds tighter has a higher level; all bind to the left. */
enum level {
    LEVEL_IMPLIES = 1,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_MEMBERSHIP,
    LEVEL_EQUALITY,
    LEVEL_INEQUALITY,
    LEVEL_UNION,
    LEVEL_TYPE,
    LEVEL_SUM,
    LEVEL_PRODUCT
};

struct parser {
    struct build *build;
    struct lexer lexer;
    struct token token; /* the next one */
    unsigned nesting;
};

static uint32_t parse_level(struct parser *parser, enum level least);

/* Notes a fault at the next word, which becomes wrong, so that every caller stops. Always NO_OPERATION. */
static uint32_t
fail(struct parser *parser, enum fhirpath_fault_code code, const char *why)
{
    lex_fault(parser->build->fault, code, parser->token.offset, "%s", why);
    parser->token.kind = TOKEN_WRONG;
    return NO_OPERATION;
}

static bool
failed(const struct parser *parser)
{
    return parser->build->fault->code != FHIRPATH_FINE;
}

static void
advance(struct parser *parser)
{
    parser->token = lex_next(&parser->lexer);
}

static bool
at_sign(const struct parser *parser, char sign)
{
    return parser->token.kind == TOKEN_SIGN && parser->token.sign == sign && parser->token.second == '\0';
}

static bool
at_word(const struct parser *parser, const char *word)
{
    return parser->token.kind == TOKEN_WORD && parser->token.text.size == strlen(word) &&
           memcmp(parser->token.text.data, word, parser->token.text.size) == 0;
}

static bool
expect(struct parser *parser, char sign, const char *why)
{
    if (!at_sign(parser, sign)) {
        (void)fail(parser, FHIRPATH_SYNTAX, why);
        return false;
    }
    advance(parser);
    return true;
}

static uint32_t
add(struct parser *parser, struct operation operation)
{
    if (failed(parser)) {
        return NO_OPERATION;
    }
    uint32_t added = build_operation(parser->build, &operation);
    if (added == NO_OPERATION) {
        parser->token.kind = TOKEN_WRONG;
    }
    return added;
}

/* The token's text into the pool; then the next token. */
static bool
take_text(struct parser *parser, struct pool_text *text)
{
    if (!build_text(parser->build, parser->token.text, parser->token.escapes, parser->token.offset, text)) {
        parser->token.kind = TOKEN_WRONG;
        return false;
    }
    advance(parser);
    return true;
}

/* Field by field: what stands between the fields is zero, so that a program's bytes do not differ by chance.
 */
static void
plain_constant(const struct constant *from, struct constant *row)
{
    memset(row, 0, sizeof *row);
    row->type = from->type;
    row->scale = from->scale;
    row->boolean = from->boolean;
    row->calendar = from->calendar;
    row->unit = from->unit;
    row->moment.year = from->moment.year;
    row->moment.month = from->moment.month;
    row->moment.day = from->moment.day;
    row->moment.hour = from->moment.hour;
    row->moment.minute = from->moment.minute;
    row->moment.second = from->moment.second;
    row->moment.precision = from->moment.precision;
    row->moment.microsecond = from->moment.microsecond;
    row->moment.offset = from->moment.offset;
    row->moment.digits = from->moment.digits;
    row->high = from->high;
    row->low = from->low;
}

static uint32_t
add_constant(struct parser *parser, uint32_t offset, const struct constant *constant)
{
    struct constant row;
    plain_constant(constant, &row);
    (void)table_add(parser->build, &parser->build->constants, &row);
    return add(parser, (struct operation){.kind = OPERATION_LITERAL,
                                          .offset = offset,
                                          .left = NO_OPERATION,
                                          .value = parser->build->constants.count - 1});
}

/* A number, and the unit behind it: a string, or a calendar word. */
static uint32_t
parse_number(struct parser *parser)
{
    struct decimal number;
    struct span text = parser->token.text;
    uint32_t offset = parser->token.offset;
    bool whole = parser->token.kind == TOKEN_WHOLE;
    int64_t integer = 0;
    if (!decimal_parse((const char *)text.data, text.size, false, &number)) {
        return fail(parser, FHIRPATH_SYNTAX, "the number has too many digits");
    }
    struct constant constant = {.type = FHIRPATH_DECIMAL,
                                .scale = (uint8_t)number.scale,
                                .high = (uint64_t)(number.coefficient >> 64),
                                .low = (uint64_t)number.coefficient};
    advance(parser);
    if (parser->token.kind == TOKEN_STRING) {
        constant.type = FHIRPATH_QUANTITY;
        if (!take_text(parser, &constant.unit)) {
            return NO_OPERATION;
        }
    } else if (parser->token.kind == TOKEN_WORD) {
        const char *word =
            quantity_calendar_word((const char *)parser->token.text.data, parser->token.text.size);
        if (word != NULL) {
            struct span singular = {(const unsigned char *)word, strlen(word)};
            constant.type = FHIRPATH_QUANTITY;
            constant.calendar = true;
            (void)build_text(parser->build, singular, false, offset, &constant.unit);
            advance(parser);
        }
    }
    if (constant.type == FHIRPATH_DECIMAL && whole) {
        if (!decimal_to_integer(number, &integer) || integer > INT32_MAX) {
            return fail(parser, FHIRPATH_SYNTAX,
                        "the number is too large for an Integer; write .0 behind it");
        }
        constant.type = FHIRPATH_INTEGER;
    }
    return add_constant(parser, offset, &constant);
}

/* A literal date, time, or date and time; one that is on no calendar is a fault. */
static uint32_t
parse_moment(struct parser *parser)
{
    struct constant constant = {0};
    uint32_t offset = parser->token.offset;
    int type = fhirpath_moment_parse_literal((const char *)parser->token.text.data, parser->token.text.size,
                                             &constant.moment);
    if (type < 0) {
        return fail(parser, FHIRPATH_SYNTAX, "there is no such day or time");
    }
    constant.type = (uint8_t)type;
    advance(parser);
    return add_constant(parser, offset, &constant);
}

/* A type's name, with FHIR. or System. before it or not, and the test of `left` for it. A type that R4 does
 * not have is a fault now, since an expression that tests for it could never be true. */
static uint32_t
parse_type(struct parser *parser, uint32_t left, enum type_test test, uint32_t offset)
{
    struct pool_text name = {0, 0};
    struct pool_text space = {0, 0};
    bool qualified = false;
    uint32_t type = 0;
    if (parser->token.kind != TOKEN_WORD && parser->token.kind != TOKEN_QUOTED) {
        return fail(parser, FHIRPATH_SYNTAX, "a type's name is expected");
    }
    uint32_t at = parser->token.offset;
    if (!take_text(parser, &name)) {
        return NO_OPERATION;
    }
    if (at_sign(parser, '.') && (strcmp(build_string(parser->build, name), "FHIR") == 0 ||
                                 strcmp(build_string(parser->build, name), "System") == 0)) {
        qualified = true;
        space = name;
        advance(parser);
        if ((parser->token.kind != TOKEN_WORD && parser->token.kind != TOKEN_QUOTED) ||
            !take_text(parser, &name)) {
            return fail(parser, FHIRPATH_SYNTAX, "a type's name is expected");
        }
    }
    if (!type_of_name(qualified ? build_string(parser->build, space) : NULL,
                      build_string(parser->build, name), &type)) {
        parser->token.offset = at;
        return fail(parser, FHIRPATH_UNKNOWN_TYPE, "there is no such type");
    }
    return add(
        parser,
        (struct operation){
            .kind = OPERATION_TYPE, .code = (uint8_t)test, .offset = offset, .left = left, .value = type});
}

/* Compiles a function's regular expression when it is written out as a string, and stores it with the call.
 * Another one is known at evaluation only. False after a fault. */
static bool
compile_pattern(struct parser *parser, struct operation *operation, const struct function *function,
                uint32_t argument)
{
    const struct operation *text = build_at(parser->build, argument);
    struct pattern_fault fault;
    unsigned flags = PATTERN_DOT_ALL;
    if ((function->traits & FUNCTION_PATTERN) == 0 || text->kind != OPERATION_TEXT) {
        return true;
    }
    flags |= (function->traits & FUNCTION_WHOLE) != 0 ? PATTERN_WHOLE : 0;
    flags |= (function->traits & FUNCTION_REPLACES) != 0 ? PATTERN_CAPTURES : 0;
    struct span source = {(const unsigned char *)build_string(parser->build, text->text), text->text.size};
    struct span stored = pattern_compile(parser->build->arena, source, flags, &fault);
    if (stored.data == NULL) {
        lex_fault(parser->build->fault, FHIRPATH_BAD_PATTERN, text->offset, "%s (at byte %zu)", fault.text,
                  fault.offset);
        parser->token.kind = TOKEN_WRONG;
        return false;
    }
    (void)table_add(parser->build, &parser->build->patterns, &stored);
    operation->pattern = parser->build->patterns.count;
    return true;
}

/* Whether the operation is that member of the focus: `name`, or `$this.name`. */
static bool
is_member(const struct build *build, uint32_t index, const char *name)
{
    const struct operation *operation = index == NO_OPERATION ? NULL : build_at(build, index);
    return operation != NULL && operation->kind == OPERATION_MEMBER &&
           strcmp(build_string(build, operation->text), name) == 0 &&
           (operation->left == NO_OPERATION || build_at(build, operation->left)->kind == OPERATION_THIS);
}

/* Whether the operation is `linkId = 'x'`: then the text of x. */
static bool
is_choice_by_link(const struct build *build, uint32_t index, struct pool_text *link_id)
{
    const struct operation *equal = build_at(build, index);
    if (equal->kind != OPERATION_BINARY || equal->code != BINARY_EQUAL) {
        return false;
    }
    uint32_t name = equal->left;
    uint32_t text = equal->right;
    if (build_at(build, name)->kind == OPERATION_TEXT) {
        name = equal->right;
        text = equal->left;
    }
    if (!is_member(build, name, "linkId") || build_at(build, text)->kind != OPERATION_TEXT) {
        return false;
    }
    *link_id = build_at(build, text)->text;
    return true;
}

/*
 * Adds a function's call, after its arguments. `x.where(linkId = 'a')` becomes one operation,
 * OPERATION_CHOSEN: it goes through the items once and makes an element only of those that have the linkId.
 * The operations of the criterion stay in the table, unused.
 */
static uint32_t
add_call(struct parser *parser, struct operation *call, const uint32_t *arguments, const char *name)
{
    const struct function *function = function_at(call->code);
    struct pool_text link_id;
    if (call->count < function->least || call->count > function->most) {
        lex_fault(parser->build->fault, FHIRPATH_WRONG_ARGUMENTS, call->offset,
                  "%s() takes %u to %u arguments", name, function->least, function->most);
        parser->token.kind = TOKEN_WRONG;
        return NO_OPERATION;
    }
    if (call->count > 0 && !compile_pattern(parser, call, function, arguments[0])) {
        return NO_OPERATION;
    }
    if (strcmp(name, "where") == 0 && call->left != NO_OPERATION &&
        is_choice_by_link(parser->build, arguments[0], &link_id) &&
        build_at(parser->build, call->left)->kind == OPERATION_MEMBER) {
        struct operation chosen = *build_at(parser->build, call->left);
        chosen.kind = OPERATION_CHOSEN;
        chosen.other = link_id;
        return add(parser, chosen);
    }
    parser->build->clock = parser->build->clock || (function->traits & FUNCTION_CLOCK) != 0;
    call->right = parser->build->arguments.count;
    for (uint32_t i = 0; i < call->count; i++) {
        (void)table_add(parser->build, &parser->build->arguments, &arguments[i]);
    }
    return add(parser, *call);
}

/* `name` is in the pool, the next token is behind the opening bracket. */
static uint32_t
parse_call(struct parser *parser, uint32_t left, struct pool_text name, uint32_t offset)
{
    uint32_t arguments[ARGUMENTS_MAX];
    struct operation call = {.kind = OPERATION_FUNCTION, .offset = offset, .left = left};
    char kept[FHIRPATH_FAULT_SIZE]; /* the pool moves */
    size_t size = name.size < sizeof kept ? name.size : sizeof kept - 1;
    memcpy(kept, build_string(parser->build, name), size);
    kept[size] = '\0';
    int function = function_by_name(kept, size);
    if (function < 0 || function_at((unsigned)function)->call == NULL) {
        lex_fault(parser->build->fault, function < 0 ? FHIRPATH_UNKNOWN_FUNCTION : FHIRPATH_UNSUPPORTED,
                  offset, function < 0 ? "there is no function %.80s()" : "%.80s() is not supported", kept);
        parser->token.kind = TOKEN_WRONG;
        return NO_OPERATION;
    }
    call.code = (uint8_t)function;
    while (!at_sign(parser, ')')) {
        if (call.count == ARGUMENTS_MAX) {
            return fail(parser, FHIRPATH_WRONG_ARGUMENTS, "there are too many arguments");
        }
        arguments[call.count] = parse_level(parser, LEVEL_IMPLIES);
        if (failed(parser)) {
            return NO_OPERATION;
        }
        call.count++;
        if (!at_sign(parser, ',')) {
            break;
        }
        advance(parser);
        if (at_sign(parser, ')')) {
            return fail(parser, FHIRPATH_SYNTAX, "an argument is expected");
        }
    }
    if (!expect(parser, ')', "a closing bracket is expected")) {
        return NO_OPERATION;
    }
    return add_call(parser, &call, arguments, kept);
}

/* is(T), as(T) and ofType(T) take a type's name. */
/* is(), as() and ofType() take a type's name and no expression, so they are no rows of functions.c. */
static bool
type_function(const char *name, enum type_test *test)
{
    if (strcmp(name, "is") == 0) {
        *test = TYPE_IS;
    } else if (strcmp(name, "as") == 0) {
        *test = TYPE_AS;
    } else if (strcmp(name, "ofType") == 0) {
        *test = TYPE_OF;
    } else {
        return false;
    }
    return true;
}

/* A name, or a function, of what is on the left. */
static uint32_t
parse_name(struct parser *parser, uint32_t left, bool first)
{
    struct pool_text name;
    enum type_test test = TYPE_IS;
    uint32_t offset = parser->token.offset;
    bool word = parser->token.kind == TOKEN_WORD;
    if (!take_text(parser, &name)) {
        return NO_OPERATION;
    }
    if (!word || !at_sign(parser, '(')) {
        return add(
            parser,
            (struct operation){
                .kind = OPERATION_MEMBER, .first = first, .offset = offset, .left = left, .text = name});
    }
    advance(parser);
    if (type_function(build_string(parser->build, name), &test)) {
        uint32_t type = parse_type(parser, left, test, offset);
        return expect(parser, ')', "a closing bracket is expected") ? type : NO_OPERATION;
    }
    return parse_call(parser, left, name, offset);
}

static uint32_t
parse_dollar(struct parser *parser)
{
    static const struct {
        const char *name;
        enum operation_kind kind;
    } words[] = {{"this", OPERATION_THIS}, {"index", OPERATION_INDEX}, {"total", OPERATION_TOTAL}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (parser->token.text.size == strlen(words[i].name) &&
            memcmp(parser->token.text.data, words[i].name, parser->token.text.size) == 0) {
            uint32_t offset = parser->token.offset;
            advance(parser);
            return add(parser, (struct operation){
                                   .kind = (uint8_t)words[i].kind, .offset = offset, .left = NO_OPERATION});
        }
    }
    return fail(parser, FHIRPATH_SYNTAX, "there are $this, $index and $total");
}

/* %name, %`name` or %'name'. Whether there is such a variable is known at evaluation only. */
static uint32_t
parse_variable(struct parser *parser)
{
    struct operation variable = {
        .kind = OPERATION_VARIABLE, .offset = parser->token.offset, .left = NO_OPERATION};
    advance(parser);
    if (parser->token.kind != TOKEN_WORD && parser->token.kind != TOKEN_QUOTED &&
        parser->token.kind != TOKEN_STRING) {
        return fail(parser, FHIRPATH_SYNTAX, "a variable's name is expected");
    }
    return take_text(parser, &variable.text) ? add(parser, variable) : NO_OPERATION;
}

static uint32_t
parse_string(struct parser *parser)
{
    struct operation text = {.kind = OPERATION_TEXT, .offset = parser->token.offset, .left = NO_OPERATION};
    return take_text(parser, &text.text) ? add(parser, text) : NO_OPERATION;
}

/* (expression), or {}. What is in brackets leaves no operation of its own. */
static uint32_t
parse_brackets(struct parser *parser)
{
    uint32_t inside = NO_OPERATION;
    uint32_t offset = parser->token.offset;
    bool empty = at_sign(parser, '{');
    advance(parser);
    if (empty) {
        inside =
            add(parser, (struct operation){.kind = OPERATION_EMPTY, .offset = offset, .left = NO_OPERATION});
        return expect(parser, '}', "{} is the empty collection") ? inside : NO_OPERATION;
    }
    inside = parse_level(parser, LEVEL_IMPLIES);
    return expect(parser, ')', "a closing bracket is expected") ? inside : NO_OPERATION;
}

/* true, false, or a path's first name. A word that is an operator cannot begin an operand. */
static uint32_t
parse_word(struct parser *parser)
{
    static const char *const operators[] = {"and", "or", "xor", "implies", "div", "mod"};
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (at_word(parser, operators[i])) {
            return fail(parser, FHIRPATH_SYNTAX, "an operand is expected before this word");
        }
    }
    if (at_word(parser, "true") || at_word(parser, "false")) {
        struct constant constant = {.type = FHIRPATH_BOOLEAN, .boolean = at_word(parser, "true")};
        uint32_t offset = parser->token.offset;
        advance(parser);
        return add_constant(parser, offset, &constant);
    }
    return parse_name(parser, NO_OPERATION, true);
}

static uint32_t
parse_term(struct parser *parser)
{
    switch (parser->token.kind) {
    case TOKEN_WORD:
        return parse_word(parser);
    case TOKEN_QUOTED:
        return parse_name(parser, NO_OPERATION, true);
    case TOKEN_STRING:
        return parse_string(parser);
    case TOKEN_WHOLE:
    case TOKEN_DECIMAL:
        return parse_number(parser);
    case TOKEN_MOMENT:
        return parse_moment(parser);
    case TOKEN_DOLLAR:
        return parse_dollar(parser);
    case TOKEN_SIGN:
        if (at_sign(parser, '%')) {
            return parse_variable(parser);
        }
        if (at_sign(parser, '(') || at_sign(parser, '{')) {
            return parse_brackets(parser);
        }
        break;
    default:
        break;
    }
    return fail(parser, FHIRPATH_SYNTAX, "an operand is expected");
}

/* A term with what follows it: .name, .function(), [index]. */
static uint32_t
parse_path(struct parser *parser)
{
    uint32_t left = parse_term(parser);
    while (!failed(parser) && (at_sign(parser, '.') || at_sign(parser, '['))) {
        uint32_t offset = parser->token.offset;
        bool index = at_sign(parser, '[');
        advance(parser);
        if (index) {
            uint32_t right = parse_level(parser, LEVEL_IMPLIES);
            if (!expect(parser, ']', "a closing bracket is expected")) {
                return NO_OPERATION;
            }
            left =
                add(parser,
                    (struct operation){.kind = OPERATION_AT, .offset = offset, .left = left, .right = right});
        } else if (parser->token.kind == TOKEN_WORD || parser->token.kind == TOKEN_QUOTED) {
            left = parse_name(parser, left, false);
        } else {
            return fail(parser, FHIRPATH_SYNTAX, "a name is expected behind the point");
        }
    }
    return left;
}

/* Signs before a path; and the guard of all recursion. */
static uint32_t
parse_signed(struct parser *parser)
{
    uint32_t operand = NO_OPERATION;
    if (parser->nesting >= FHIRPATH_NESTING_MAX) {
        return fail(parser, FHIRPATH_TOO_DEEP, "the expression is nested too deeply");
    }
    parser->nesting++;
    if (at_sign(parser, '-') || at_sign(parser, '+')) {
        struct operation sign = {
            .kind = OPERATION_SIGN, .code = (uint8_t)parser->token.sign, .offset = parser->token.offset};
        advance(parser);
        sign.left = parse_signed(parser);
        operand = add(parser, sign);
    } else {
        operand = parse_path(parser);
    }
    parser->nesting--;
    return operand;
}

struct infix {
    const char *text;
    enum level level;
    enum binary binary;
};

/* The operators between two operands (N1, 6.8). Those of one level bind to the left. */
static const struct infix infixes[] = {
    {"*", LEVEL_PRODUCT, BINARY_TIMES},
    {"/", LEVEL_PRODUCT, BINARY_DIVIDED},
    {"div", LEVEL_PRODUCT, BINARY_DIV},
    {"mod", LEVEL_PRODUCT, BINARY_MOD},
    {"+", LEVEL_SUM, BINARY_PLUS},
    {"-", LEVEL_SUM, BINARY_MINUS},
    {"&", LEVEL_SUM, BINARY_JOINED},
    {"|", LEVEL_UNION, BINARY_UNION},
    {"<=", LEVEL_INEQUALITY, BINARY_AT_MOST},
    {"<", LEVEL_INEQUALITY, BINARY_LESS},
    {">", LEVEL_INEQUALITY, BINARY_GREATER},
    {">=", LEVEL_INEQUALITY, BINARY_AT_LEAST},
    {"=", LEVEL_EQUALITY, BINARY_EQUAL},
    {"~", LEVEL_EQUALITY, BINARY_EQUIVALENT},
    {"!=", LEVEL_EQUALITY, BINARY_NOT_EQUAL},
    {"!~", LEVEL_EQUALITY, BINARY_NOT_EQUIVALENT},
    {"in", LEVEL_MEMBERSHIP, BINARY_IN},
    {"contains", LEVEL_MEMBERSHIP, BINARY_CONTAINS},
    {"and", LEVEL_AND, BINARY_AND},
    {"or", LEVEL_OR, BINARY_OR},
    {"xor", LEVEL_OR, BINARY_XOR},
    {"implies", LEVEL_IMPLIES, BINARY_IMPLIES},
};

/* The operator that is next, or NULL. A sign's text has its second byte only when that belongs to it. */
static const struct infix *
next_infix(const struct parser *parser)
{
    if (parser->token.kind != TOKEN_WORD && parser->token.kind != TOKEN_SIGN) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof infixes / sizeof infixes[0]; i++) {
        if (parser->token.text.size == strlen(infixes[i].text) &&
            memcmp(parser->token.text.data, infixes[i].text, parser->token.text.size) == 0) {
            return &infixes[i];
        }
    }
    return NULL;
}

/*
 * An operand and all operators behind it that bind at least as tightly as `least`. A right operand takes only
 * what binds tighter, so operators of one level bind to the left; `is` and `as` have a type on their right.
 */
static uint32_t
parse_level(struct parser *parser, enum level least)
{
    uint32_t left = parse_signed(parser);
    while (!failed(parser)) {
        uint32_t offset = parser->token.offset;
        if (least <= LEVEL_TYPE && (at_word(parser, "is") || at_word(parser, "as"))) {
            enum type_test test = at_word(parser, "is") ? TYPE_IS : TYPE_AS;
            advance(parser);
            left = parse_type(parser, left, test, offset);
            continue;
        }
        const struct infix *infix = next_infix(parser);
        if (infix == NULL || infix->level < least) {
            break;
        }
        advance(parser);
        uint32_t right = parse_level(parser, infix->level + 1);
        left = add(parser, (struct operation){.kind = OPERATION_BINARY,
                                              .code = (uint8_t)infix->binary,
                                              .offset = offset,
                                              .left = left,
                                              .right = right});
    }
    return failed(parser) ? NO_OPERATION : left;
}

uint32_t
parse_expression(struct build *build, struct span source)
{
    struct parser parser = {.build = build, .lexer = {.source = source, .fault = build->fault}};
    advance(&parser);
    uint32_t whole = parse_level(&parser, LEVEL_IMPLIES);
    if (!failed(&parser) && parser.token.kind != TOKEN_END) {
        return fail(&parser, FHIRPATH_SYNTAX, "an operator is expected here, or the end");
    }
    return failed(&parser) ? NO_OPERATION : whole;
}
