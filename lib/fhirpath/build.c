/*
 * The tables that the parser fills, and the one block that is made of them.
 *
 * Tables grow in the arena by doubling, and a row may move when another one is added: rows are named by
 * index, and no pointer into a table may be held across table_add. An operation is added after its operands,
 * so its height (how many calls of the evaluator wait for each other) is known at once, and
 * FHIRPATH_HEIGHT_MAX bounds the evaluator's recursion before it ever runs.
 *
 * The block holds offsets from its own start and no pointers, so that a form may keep it inside its own block
 * and move it. Each table begins at a multiple of 8. Compiled regular expressions are copied into it, too.
 */
#include "lib/fhirpath/build.h"

#include "lib/fhirpath/lex.h"

#include <string.h>

enum { TABLE_FIRST = 16, BLOCK_ALIGN = 8 };

void
build_start(struct build *build, struct arena *arena, struct fhirpath_fault *fault)
{
    *build = (struct build){.arena = arena, .fault = fault};
    build->operations.row = sizeof(struct operation);
    build->heights.row = sizeof(uint16_t);
    build->constants.row = sizeof(struct constant);
    build->arguments.row = sizeof(uint32_t);
    build->links.row = sizeof(struct pool_text);
    build->read.row = sizeof(bool);
    build->uses.row = sizeof(struct use);
    build->patterns.row = sizeof(struct span);
    build->pool.row = 1;
}

/* Room for so many rows more. */
static void
make_room(struct build *build, struct table *table, size_t more)
{
    size_t room = table->room == 0 ? TABLE_FIRST : table->room;
    while (room < table->count + more) {
        room *= 2;
    }
    if (room > table->room) {
        void *rows = arena_array(build->arena, room, table->row);
        if (table->count > 0) {
            memcpy(rows, table->rows, table->count * table->row);
        }
        table->rows = rows;
        table->room = (uint32_t)room;
    }
}

void *
table_add(struct build *build, struct table *table, const void *row)
{
    make_room(build, table, 1);
    char *added = (char *)table->rows + table->count * table->row;
    memcpy(added, row, table->row);
    table->count++;
    return added;
}

struct operation *
build_at(const struct build *build, uint32_t index)
{
    return (struct operation *)build->operations.rows + index;
}

static uint16_t
height_at(const struct build *build, uint32_t index)
{
    return index == NO_OPERATION ? 0 : ((const uint16_t *)build->heights.rows)[index];
}

/* One more than the highest of the operands and arguments. */
static uint16_t
height_of(const struct build *build, const struct operation *operation)
{
    uint16_t height = height_at(build, operation->left);
    if (operation->kind == OPERATION_BINARY || operation->kind == OPERATION_AT) {
        uint16_t right = height_at(build, operation->right);
        height = right > height ? right : height;
    }
    for (uint32_t i = 0; i < operation->count; i++) {
        uint16_t argument = height_at(build, ((const uint32_t *)build->arguments.rows)[operation->right + i]);
        height = argument > height ? argument : height;
    }
    return (uint16_t)(height + 1);
}

uint32_t
build_operation(struct build *build, const struct operation *operation)
{
    uint16_t height = height_of(build, operation);
    if (build->operations.count >= FHIRPATH_OPERATIONS_MAX) {
        lex_fault(build->fault, FHIRPATH_TOO_LONG, operation->offset,
                  "the expression has too many operations");
        return NO_OPERATION;
    }
    if (height > FHIRPATH_HEIGHT_MAX) {
        lex_fault(build->fault, FHIRPATH_TOO_DEEP, operation->offset,
                  "too many operations wait for each other");
        return NO_OPERATION;
    }
    (void)table_add(build, &build->heights, &height);
    (void)table_add(build, &build->operations, operation);
    return build->operations.count - 1;
}

bool
build_text(struct build *build, struct span text, bool escapes, uint32_t offset, struct pool_text *added)
{
    make_room(build, &build->pool, text.size + 1);
    char *out = (char *)build->pool.rows + build->pool.count;
    size_t size = text.size;
    if (escapes) {
        size = lex_unescape(text, out);
        if (size == SIZE_MAX) {
            lex_fault(build->fault, FHIRPATH_SYNTAX, offset, "there is a wrong escape in this text");
            return false;
        }
    } else if (size > 0) {
        memcpy(out, text.data, size);
    }
    out[size] = '\0';
    *added = (struct pool_text){build->pool.count, (uint32_t)size};
    build->pool.count += (uint32_t)size + 1;
    return true;
}

const char *
build_string(const struct build *build, struct pool_text text)
{
    return (const char *)build->pool.rows + text.offset;
}

static size_t
aligned(size_t size)
{
    return (size + BLOCK_ALIGN - 1) / BLOCK_ALIGN * BLOCK_ALIGN;
}

/* Reserves room for a table behind the others; returns where it begins. */
static uint32_t
reserve_table(size_t *bytes, size_t size)
{
    size_t offset = *bytes;
    *bytes = aligned(offset + size);
    return (uint32_t)offset;
}

static void
copy_table(struct fhirpath *program, uint32_t offset, const struct table *table)
{
    if (table->count > 0) {
        memcpy((char *)program + offset, table->rows, table->count * table->row);
    }
}

static void
copy_patterns(struct fhirpath *program, const struct build *build, uint32_t bytes_at)
{
    struct stored_pattern *stored = (struct stored_pattern *)(void *)((char *)program + program->patterns_at);
    const struct span *patterns = build->patterns.rows;
    for (uint32_t i = 0; i < build->patterns.count; i++) {
        stored[i] = (struct stored_pattern){bytes_at, (uint32_t)patterns[i].size};
        memcpy((char *)program + bytes_at, patterns[i].data, patterns[i].size);
        bytes_at += (uint32_t)aligned(patterns[i].size);
    }
}

struct fhirpath *
build_program(struct build *build, struct span source)
{
    struct pool_text kept;
    (void)build_text(build, source, false, 0, &kept);
    size_t bytes = aligned(sizeof(struct fhirpath));
    struct fhirpath head = {
        .operation_count = build->operations.count,
        .constant_count = build->constants.count,
        .argument_count = build->arguments.count,
        .link_count = build->links.count,
        .use_count = build->uses.count,
        .pattern_count = build->patterns.count,
        .operations_at = reserve_table(&bytes, build->operations.count * sizeof(struct operation)),
        .source = kept,
        .clock = build->clock,
    };
    head.constants_at = reserve_table(&bytes, build->constants.count * sizeof(struct constant));
    head.arguments_at = reserve_table(&bytes, build->arguments.count * sizeof(uint32_t));
    head.links_at = reserve_table(&bytes, build->links.count * sizeof(struct pool_text));
    head.uses_at = reserve_table(&bytes, build->uses.count * sizeof(struct use));
    head.patterns_at = reserve_table(&bytes, build->patterns.count * sizeof(struct stored_pattern));
    head.pool_at = reserve_table(&bytes, build->pool.count);
    size_t patterns_at = bytes;
    const struct span *patterns = build->patterns.rows;
    for (uint32_t i = 0; i < build->patterns.count; i++) {
        bytes += aligned(patterns[i].size);
    }
    head.bytes = bytes;
    struct fhirpath *program = arena_alloc(build->arena, bytes);
    *program = head;
    copy_table(program, head.operations_at, &build->operations);
    copy_table(program, head.constants_at, &build->constants);
    copy_table(program, head.arguments_at, &build->arguments);
    copy_table(program, head.links_at, &build->links);
    copy_table(program, head.uses_at, &build->uses);
    copy_table(program, head.pool_at, &build->pool);
    copy_patterns(program, build, (uint32_t)patterns_at);
    return program;
}
