#include "lib/db/bind.h"

#include "lib/base/log.h"
#include "lib/base/span.h"
#include "lib/base/uuid.h"

#include <endian.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

/* Type identifiers are fixed by PostgreSQL (pg_type.dat) and part of its wire protocol. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_JSON = 114,
    OID_BYTEA_ARRAY = 1001,
    OID_TEXT_ARRAY = 1009,
    OID_TIMESTAMPTZ = 1184,
    OID_UUID = 2950,
    OID_UUID_ARRAY = 2951
};

/* Microseconds from 1970-01-01 to 2000-01-01, where PostgreSQL counts from. */
#define POSTGRES_EPOCH INT64_C(946684800000000)

static Oid
type_oid(enum db_type type)
{
    static const Oid oids[] = {[DB_UUID] = OID_UUID,
                               [DB_TEXT] = OID_TEXT,
                               [DB_JSON] = OID_JSON,
                               [DB_ENUM] = OID_TEXT,
                               [DB_INT4] = OID_INT4,
                               [DB_INT8] = OID_INT8,
                               [DB_BOOL] = OID_BOOL,
                               [DB_BYTEA] = OID_BYTEA,
                               [DB_TIMESTAMPTZ] = OID_TIMESTAMPTZ,
                               [DB_UUID_ARRAY] = OID_UUID_ARRAY,
                               [DB_TEXT_ARRAY] = OID_TEXT_ARRAY,
                               [DB_BYTEA_ARRAY] = OID_BYTEA_ARRAY};
    return oids[type];
}

static void
put32(unsigned char **at, uint32_t value)
{
    uint32_t wire = htobe32(value);
    memcpy(*at, &wire, sizeof wire);
    *at += sizeof wire;
}

static size_t
element_size(enum db_type type, const struct db_array *array, size_t i)
{
    if (type == DB_UUID_ARRAY) {
        return UUID_SIZE;
    }
    if (type == DB_TEXT_ARRAY) {
        return strlen(((const char *const *)array->items)[i]);
    }
    return ((const struct span *)array->items)[i].size;
}

static bool
put_element(enum db_type type, const struct db_array *array, size_t i, unsigned char *at)
{
    if (type == DB_UUID_ARRAY) {
        return uuid_parse(((const char *const *)array->items)[i], at);
    }
    size_t size = element_size(type, array, i);
    const void *data = type == DB_TEXT_ARRAY ? (const void *)((const char *const *)array->items)[i]
                                             : ((const struct span *)array->items)[i].data;
    if (size != 0) {
        memcpy(at, data, size);
    }
    return true;
}

/* array_send's format: dimensions, has-null flag, element type, then count, lower bound and the elements. */
static bool
bind_array(const struct db_field *field, const struct db_array *array, struct arena *arena,
           const char **value, int *length)
{
    static const enum db_type elements[] = {
        [DB_UUID_ARRAY] = DB_UUID, [DB_TEXT_ARRAY] = DB_TEXT, [DB_BYTEA_ARRAY] = DB_BYTEA};
    size_t size = 20;
    for (size_t i = 0; i < array->count; i++) {
        size += 4 + element_size(field->type, array, i);
    }
    if (size > INT_MAX || array->count > INT_MAX) {
        return false;
    }
    unsigned char *data = arena_alloc(arena, size);
    unsigned char *at = data;
    put32(&at, array->count == 0 ? 0 : 1);
    put32(&at, 0);
    put32(&at, type_oid(elements[field->type]));
    if (array->count != 0) {
        put32(&at, (uint32_t)array->count);
        put32(&at, 1);
    }
    for (size_t i = 0; i < array->count; i++) {
        size_t part = element_size(field->type, array, i);
        put32(&at, (uint32_t)part);
        if (!put_element(field->type, array, i, at)) {
            return false;
        }
        at += part;
    }
    *value = (const char *)data;
    *length = (int)(at - data);
    return true;
}

static bool
bind_number(const struct db_field *field, const unsigned char *at, struct arena *arena, const char **value,
            int *length)
{
    unsigned char *data = arena_alloc(arena, sizeof(int64_t));
    *value = (const char *)data;
    if (field->type == DB_BOOL) {
        bool flag = false;
        memcpy(&flag, at, sizeof flag);
        data[0] = flag ? 1 : 0;
        *length = 1;
        return true;
    }
    int64_t number = 0;
    memcpy(&number, at, sizeof number);
    if (field->type == DB_INT4) {
        if (number < INT32_MIN || number > INT32_MAX) {
            return false;
        }
        put32(&data, (uint32_t)(int32_t)number);
        *length = 4;
        return true;
    }
    uint64_t wire = htobe64((uint64_t)(field->type == DB_TIMESTAMPTZ ? number - POSTGRES_EPOCH : number));
    memcpy(data, &wire, sizeof wire);
    *length = 8;
    return true;
}

static bool
bind_one(const struct db_field *field, const unsigned char *in, struct arena *arena, const char **value,
         int *length)
{
    const unsigned char *at = in + field->offset;
    switch (field->type) {
    case DB_UUID:
    case DB_TEXT:
    case DB_JSON: {
        const char *text = NULL;
        memcpy(&text, at, sizeof text);
        *value = text; /* text format: libpq takes the length from the NUL */
        return text != NULL || field->nullable;
    }
    case DB_BYTEA: {
        struct span span;
        memcpy(&span, at, sizeof span);
        bool null = span.data == NULL && field->nullable;
        *value = null ? NULL : span.data == NULL ? "" : (const char *)span.data;
        *length = (int)span.size;
        return span.size <= INT_MAX;
    }
    case DB_UUID_ARRAY:
    case DB_TEXT_ARRAY:
    case DB_BYTEA_ARRAY: {
        struct db_array array;
        memcpy(&array, at, sizeof array);
        return bind_array(field, &array, arena, value, length);
    }
    default:
        break;
    }
    if (field->nullable) {
        bool given = false;
        memcpy(&given, in + field->has_offset, sizeof given);
        if (!given) {
            *value = NULL;
            return true;
        }
    }
    return bind_number(field, at, arena, value, length);
}

bool
bind_params(const struct statement *statement, const void *in, struct arena *arena, struct bound *bound)
{
    for (size_t i = 0; i < statement->param_count; i++) {
        const struct db_field *field = &statement->params[i];
        bool text = field->type == DB_UUID || field->type == DB_TEXT || field->type == DB_JSON;
        bound->types[i] = type_oid(field->type);
        bound->formats[i] = text ? 0 : 1;
        bound->values[i] = NULL;
        bound->lengths[i] = 0;
        if (!bind_one(field, in, arena, &bound->values[i], &bound->lengths[i])) {
            return false;
        }
    }
    return true;
}

static int64_t
read_number(enum db_type type, const char *value)
{
    if (type == DB_BOOL) {
        return value[0] != 0;
    }
    if (type == DB_INT4) {
        uint32_t wire = 0;
        memcpy(&wire, value, sizeof wire);
        return (int32_t)be32toh(wire);
    }
    uint64_t wire = 0;
    memcpy(&wire, value, sizeof wire);
    int64_t number = (int64_t)be64toh(wire);
    return type == DB_TIMESTAMPTZ ? number + POSTGRES_EPOCH : number;
}

/* The server's word as its number; false, with a line in the log, when it is none of the declared ones. */
static bool
read_word(const struct db_field *field, const char *value, unsigned char *out)
{
    for (unsigned i = 0; field->words[i] != NULL; i++) {
        if (strcmp(field->words[i], value) == 0) {
            unsigned number = i + 1;
            memcpy(out + field->offset, &number, sizeof number);
            return true;
        }
    }
    log_event(LOG_ERROR, "unknown-word", LOG_TEXT("column", field->name));
    return false;
}

/* Stores one column of one row; false when the server's value is not of the declared width or is NULL. */
static bool
read_column(const struct db_field *field, const PGresult *result, int row, int column, unsigned char *out,
            struct arena *arena)
{
    bool null = PQgetisnull(result, row, column) != 0;
    const char *value = PQgetvalue(result, row, column);
    int length = PQgetlength(result, row, column);
    if (null) {
        return field->nullable; /* the structure is zeroed: NULL, {NULL, 0}, has_X false */
    }
    if (field->type == DB_ENUM) {
        return read_word(field, value, out);
    }
    if (field->type == DB_TEXT || field->type == DB_JSON) {
        memcpy(out + field->offset, &value, sizeof value);
        return true;
    }
    if (field->type == DB_UUID) {
        char *text = arena_alloc(arena, UUID_TEXT_SIZE);
        uuid_text((const unsigned char *)value, text);
        memcpy(out + field->offset, &text, sizeof text);
        return length == UUID_SIZE;
    }
    if (field->type == DB_BYTEA) {
        struct span span = {(const unsigned char *)value, (size_t)length};
        memcpy(out + field->offset, &span, sizeof span);
        return true;
    }
    int width = field->type == DB_BOOL ? 1 : field->type == DB_INT4 ? 4 : 8;
    if (length != width) {
        return false;
    }
    int64_t number = read_number(field->type, value);
    if (field->type == DB_BOOL) {
        bool flag = number != 0;
        memcpy(out + field->offset, &flag, sizeof flag);
    } else {
        memcpy(out + field->offset, &number, sizeof number);
    }
    if (field->nullable) {
        bool given = true;
        memcpy(out + field->has_offset, &given, sizeof given);
    }
    return true;
}

bool
bind_rows(const struct statement *statement, const PGresult *result, struct arena *arena, void **rows)
{
    int count = PQntuples(result);
    *rows = NULL;
    if (PQnfields(result) != (int)statement->column_count) {
        return false;
    }
    for (size_t i = 0; i < statement->column_count; i++) {
        if (PQftype(result, (int)i) != type_oid(statement->columns[i].type)) {
            return false;
        }
    }
    if (count == 0) {
        return true;
    }
    unsigned char *out = arena_array(arena, (size_t)count, statement->row_size);
    for (int row = 0; row < count; row++) {
        for (size_t i = 0; i < statement->column_count; i++) {
            if (!read_column(&statement->columns[i], result, row, (int)i,
                             out + (size_t)row * statement->row_size, arena)) {
                return false;
            }
        }
    }
    *rows = out;
    return true;
}
