/*
 * The rows that tools/gen_api.py makes of openapi.yaml: what is served, to whom, with which input and which
 * replies. build/gen/api.h declares the tables, the input structures and the handlers.
 */
#ifndef ANAMNESIS_HTTP_API_H
#define ANAMNESIS_HTTP_API_H

#include "build/gen/problems.h"
#include "lib/http/request.h"
#include "lib/http/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { API_METHODS = HTTP_OTHER };

enum api_lane { LANE_API, LANE_AUTH, LANE_BULK };
enum api_tx { TX_NONE, TX_READ, TX_IDEMPOTENT, TX_WRITE };
enum api_audit { AUDIT_NONE, AUDIT_EVENT, AUDIT_PATIENT, AUDIT_PATIENTS };
enum api_source { FROM_PATH, FROM_QUERY, FROM_HEADER, FROM_BODY, FROM_WHOLE_BODY };

/* The C type of an input structure's member. */
enum api_type {
    API_TEXT,    /* const char *, NULL when absent or null */
    API_INTEGER, /* int64_t */
    API_NUMBER,  /* double */
    API_BOOLEAN, /* bool */
    API_JSON,    /* struct json_object *, borrowed from the body's tree, NULL when absent or null */
    API_REVISION /* int64_t, from If-Match; see admission_revision() for what is more than one tag */
};

struct api_field {
    const char *name;      /* of the input structure's member */
    const char *wire_name; /* in the contract; a header's in lower case */
    const char *pointer;   /* what violations are reported with; NULL for the body's */
    enum api_source source;
    int path_index; /* FROM_PATH: of request.path_values */
    enum api_type type;
    bool required;
    int schema; /* node */
    size_t offset;
    size_t has_offset;
    const char *default_text; /* when absent: has_X stays false, X has this */
    int64_t default_integer;  /* booleans too */
};

struct api_reply {
    int status;
    int schema;               /* node; SCHEMA_NONE: no body, or one that is not JSON */
    const char *content_type; /* NULL: no body */
};

struct api_operation {
    const char *id;
    enum http_method method;
    const char *path; /* the template */
    enum api_lane lane;
    enum api_tx tx;
    enum realm realm;  /* whose session it takes; REALM_NONE: none */
    enum realm portal; /* staff's below /admin, patients' below /patient, also without a session */
    bool session_optional;
    unsigned roles;     /* bits of enum role */
    bool signs_out;     /* a session that has ended is signed out of */
    const char *object; /* the kind of what it reaches, e.g. "patient"; NULL: nothing in particular */
    enum api_audit audit;
    size_t body_limit; /* bytes */
    bool has_body;
    bool body_required;
    int body_schema; /* node, or SCHEMA_NONE */
    const struct api_field *fields;
    size_t field_count;
    size_t input_size;               /* bytes of the input structure */
    const struct api_reply *replies; /* the first success is what a handler gives unless it says otherwise */
    size_t reply_count;
    const char *const
        *patient_words; /* what it is to the patient, as api_languages; NULL: not in an access log */
    enum problem (*call)(struct request *rq, const void *in);
};

/* One path. Segments of the template; NULL stands for a value. */
struct api_route {
    const char *const *segments;
    size_t segment_count;
    int operations[API_METHODS]; /* by enum http_method; -1: none */
    const char *allow;           /* the Allow header's value */
};

extern const struct api_operation api_operations[];
extern const size_t api_operation_count;
extern const char *const api_languages[]; /* tags, sorted */
extern const size_t api_language_count;
extern const char
    *const api_other_words[]; /* what a patient is told of what no operation says, as api_languages */
extern const struct api_route api_routes[];
extern const size_t api_route_count;
extern const struct schema api_schema;
extern const int api_problem_schema; /* node of a problem body */

#endif
