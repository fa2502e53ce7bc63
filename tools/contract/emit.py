"""Writes everything but the schema tables: problems, rows, input structures, lanes, the golden table."""
import json
import re

from .emit_schema import c_bool, c_row, c_string
from .schema import SchemaError, check_request_schema
from .source import METHODS, STAFF_ROLES, c_name

CALLERS = ("nobody", *STAFF_ROLES, "patient")
OWNERSHIPS = ["own", "practice", "other-practice"]  # the caller's own, another's of the same practice, another practice's
OTHER_CARE_TEAM = "other-care-team"  # of the practice, whose policy keeps it to a care team that the caller is not of
CARE_TEAM_ROLES = ("physician", "assistant")

C_TYPES = {"API_TEXT": "const char *", "API_INTEGER": "int64_t ", "API_NUMBER": "double ", "API_BOOLEAN": "bool ",
           "API_JSON": "struct json_object *", "API_REVISION": "int64_t "}
SCALARS = {"string": "API_TEXT", "integer": "API_INTEGER", "number": "API_NUMBER", "boolean": "API_BOOLEAN"}


def lines_of(*parts):
    return "\n".join(part for part in parts if part is not None) + "\n"


# --- problems

def problems_header(problems):
    names = ",\n".join(f"    {one.enum} /* {one.status} */" for one in problems)
    return f"""\
/* What can go wrong, from problems.tsv: a code, an HTTP status, a title, and the SQLSTATEs that mean it. */
#ifndef ANAMNESIS_GEN_PROBLEMS_H
#define ANAMNESIS_GEN_PROBLEMS_H

enum problem {{
    PROBLEM_NONE,
{names}
}};
enum {{ PROBLEM_COUNT = {len(problems) + 1} }};

/* The code, e.g. "not-found"; "none" for PROBLEM_NONE. */
const char *problem_code(enum problem problem);

/* A sentence for people. */
const char *problem_title(enum problem problem);

/* The HTTP status; 200 for PROBLEM_NONE. */
int problem_status(enum problem problem);

/* What a five-character SQLSTATE means; PROBLEM_INTERNAL for one that the table does not name. */
enum problem problem_of_sqlstate(const char *sqlstate);

#endif
"""


def problems_nginx(problems):
    """What nginx answers by itself, by status."""
    ours = {one.status: one for one in problems if one.by_nginx}
    codes = [f"    {status}     {one.code};" for status, one in sorted(ours.items()) if status != 500]
    titles = [f'    {status}     "{one.title}";' for status, one in sorted(ours.items()) if status != 500]
    return lines_of("# Made by tools/gen_api.py from problems.tsv.",
                    "map $status $problem_code {", f"    default {ours[500].code};", *codes, "}",
                    "map $status $problem_title {", f'    default "{ours[500].title}";', *titles, "}")


def problems_source(problems):
    rows = "\n".join(c_row(code=c_string(one.code), status=one.status, title=c_string(one.title)) for one in problems)
    states = [(state.rstrip("*"), one.enum) for one in problems for state in one.sqlstates]
    states.sort(key=lambda state: (-len(state[0]), state[0]))  # the whole state before its class
    state_rows = "\n".join(c_row(start=c_string(state), size=len(state), problem=enum) for state, enum in states) or c_row(start='""', size=99)
    return f"""\
#include "build/gen/problems.h"

#include <stddef.h>
#include <string.h>

static const struct {{
    const char *code;
    int status;
    const char *title;
}} problems[PROBLEM_COUNT] = {{
    {{.code = "none", .status = 200, .title = "No problem"}},
{rows}
}};

static const struct {{
    const char *start;
    size_t size;
    enum problem problem;
}} states[] = {{
{state_rows}
}};

const char *
problem_code(enum problem problem)
{{
    return problems[problem].code;
}}

const char *
problem_title(enum problem problem)
{{
    return problems[problem].title;
}}

int
problem_status(enum problem problem)
{{
    return problems[problem].status;
}}

enum problem
problem_of_sqlstate(const char *sqlstate)
{{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {{
        if (strncmp(sqlstate, states[i].start, states[i].size) == 0) {{
            return states[i].problem;
        }}
    }}
    return PROBLEM_INTERNAL;
}}
"""


# --- input structures and rows

class Field:
    """One member of an input structure."""

    def __init__(self, name, wire, source, schema, node, required, path_index=0):
        self.name, self.wire, self.source, self.node = c_name(name), wire, source, node
        self.required, self.path_index = required, path_index
        group = source.removeprefix("FROM_").lower()
        self.pointer = f"/{group}/{wire}" if group in ("path", "query", "header") else None
        default = schema.get("default") if isinstance(schema, dict) else None
        self.type = "API_JSON"
        kinds = schema.get("type", []) if isinstance(schema, dict) else []
        kinds = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
        if len(kinds) == 1:
            self.type = SCALARS.get(kinds[0], "API_JSON")
        elif not kinds and isinstance(schema, dict):
            listed = schema.get("enum", [schema["const"]] if "const" in schema else [])
            if listed and all(isinstance(value, str) for value in listed):
                self.type = "API_TEXT"
        if source == "FROM_HEADER" and wire == "if-match":
            self.type = "API_REVISION"
        if default is not None and self.type not in ("API_TEXT", "API_INTEGER", "API_BOOLEAN"):
            raise SchemaError(f"{name}: a default can be text, a whole number or a boolean")
        self.default_text = default if self.type == "API_TEXT" else None
        self.default_integer = int(default or 0) if self.type in ("API_INTEGER", "API_BOOLEAN") else 0

    def row(self, struct):
        return c_row(name=c_string(self.name), wire_name=c_string(self.wire), pointer=c_string(self.pointer), source=self.source,
                     path_index=self.path_index, type=self.type, required=c_bool(self.required), schema=self.node,
                     offset=f"offsetof(struct {struct}, {self.name})", has_offset=f"offsetof(struct {struct}, has_{self.name})",
                     default_text=c_string(self.default_text), default_integer=self.default_integer)


def resolved(contract, schema, where):
    """The schema with its reference followed; annotations beside the reference win."""
    hops = 0
    while isinstance(schema, dict) and "$ref" in schema and hops < 8:
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        target = contract.pointer(schema["$ref"], where)
        schema = {**target, **beside} if isinstance(target, dict) else target
        hops += 1
    return schema


def parameter_fields(contract, compiler, operation):
    order = re.findall(r"\{([^}]*)\}", operation.path)
    places = {"path": "FROM_PATH", "query": "FROM_QUERY", "header": "FROM_HEADER"}
    for one in sorted(operation.parameters, key=lambda one: list(places).index(one.place)):
        schema = resolved(contract, one.schema, one.where)
        wire = one.name.lower() if one.place == "header" else one.name
        field = Field(one.name, wire, places[one.place], schema, compiler.compile(one.schema, one.where), one.required,
                      order.index(one.name) if one.place == "path" else 0)
        if field.type not in ("API_TEXT", "API_INTEGER", "API_BOOLEAN", "API_REVISION"):
            raise SchemaError(f"{one.where}: must be text, a whole number or a boolean")
        if any(keyword in schema for keyword in ("allOf", "anyOf", "oneOf")):
            raise SchemaError(f"{one.where}: alternatives are not for parameters")
        yield field


def body_alternatives(contract, operation, schema):
    """The objects that a body can be: itself, or what its oneOf names; [] when it is something else."""
    schema = resolved(contract, schema, operation.where)
    if not isinstance(schema, dict):
        return []
    found = [resolved(contract, one, operation.where) for one in schema.get("oneOf", [schema])]
    return found if all(one.get("type") == "object" and "properties" in one for one in found) else []


def body_fields(contract, compiler, operation, schema):
    """A field for each member; of alternatives, of any of them, and required when all of them require it."""
    alternatives = body_alternatives(contract, operation, schema)
    if not alternatives:
        yield Field("body", "", "FROM_WHOLE_BODY", {}, -1, False)
    members = {}
    for one in alternatives:
        for name, member in one["properties"].items():
            if members.setdefault(name, member) != member:
                raise SchemaError(f"{operation.where}: the body's alternatives mean different things by `{name}`")
    for name, one in members.items():
        where = f"{operation.where}: body/{name}"
        yield Field(name, name, "FROM_BODY", resolved(contract, one, where), compiler.compile(one, where),
                    all(name in alternative.get("required", []) for alternative in alternatives))


def object_of(operation):
    """The kind of what is changed: what the path names, else the caller's own account or the practice."""
    own = "patient" if operation.realm == "patient" else "staff"
    return operation.owner.get("object") or {"own": own, "practice": "practice"}.get(operation.owner.get("of"))


class Row:
    """An operation with its fields and nodes."""

    def __init__(self, contract, compiler, operation):
        self.operation = operation
        self.fields = list(parameter_fields(contract, compiler, operation))
        self.body_schema = -1
        errors = contract.errors
        for one in operation.parameters:
            check_request_schema(one.schema, lambda ref: contract.pointer(ref, one.where), one.where, errors)
        if operation.body is not None:
            schema = operation.body["content"]["application/json"]["schema"]
            if set(schema) != {"$ref"}:
                raise SchemaError(f"{operation.where}: the body has no name: put it into components/schemas")
            self.body_schema = compiler.compile(schema, f"{operation.where}: body")
            self.fields += body_fields(contract, compiler, operation, schema)
            check_request_schema(schema, lambda ref: contract.pointer(ref, operation.where),
                                 f"{operation.where}: body", errors)
        names = [field.name for field in self.fields]
        for name in sorted({name for name in names if names.count(name) > 1}):
            errors.append(f"{operation.where}: `{name}` is in two places of the request")
        self.replies = [reply for status, response in operation.responses.items() for reply in self.reply(compiler, status, response)]
        self.replies.sort(key=lambda reply: reply[0] >= 300)  # successes first, otherwise as they are listed

    def reply(self, compiler, status, response):
        """A row; of a file one for each type that it can have."""
        content = response.get("content", {})
        where = f"{self.operation.where}: {status}"
        if len(content) > 1 and self.operation.bytes is None:
            raise SchemaError(f"{where}: more than one content type")
        for content_type, media in content.items():
            is_json = content_type == "application/json" or content_type.endswith("+json")
            yield status, compiler.compile(media["schema"], where) if is_json else -1, content_type
        if not content:
            yield status, -1, None

    def tables(self):
        name = self.operation.id
        out = []
        if self.fields:
            out += [f"static const struct api_field fields_{name}[] = {{",
                    *(field.row(f"{self.operation.handler}_in") for field in self.fields), "};"]
        out += [f"static const struct api_reply replies_{name}[] = {{",
                *(c_row(status=status, schema=node, content_type=c_string(kind)) for status, node, kind in self.replies), "};"]
        if self.operation.patient_words is not None:
            out += [f"static const char *const words_{name}[] = {{{word_cells(self.operation.patient_words)}}};"]
        return lines_of(*out)

    def row(self):
        one = self.operation
        roles = " | ".join([f"ROLE_{role.upper()}" for role in one.roles] + ["ROLE_STEP_UP"] * one.step_up) or "0"
        count = len(self.fields)
        body_required = one.body is not None and one.body.get("required", False)
        return c_row(
            id=c_string(one.id), method=f"HTTP_{one.method.upper()}", path=c_string(one.path), lane=f"LANE_{one.lane.upper()}",
            tx=f"TX_{one.tx.upper()}", realm=f"REALM_{one.realm.upper()}", portal=f"REALM_{one.portal.upper()}",
            session_optional=c_bool(one.session == "optional"), roles=roles, signs_out=c_bool(one.signs_out),
            object=c_string(object_of(one)), audit=f"AUDIT_{one.audit.upper()}", body_limit=one.body_limit,
            has_body=c_bool(one.body is not None), body_required=c_bool(body_required), body_schema=self.body_schema,
            fields=f"fields_{one.id}" if count else "NULL", field_count=count, input_size=f"sizeof(struct {one.handler}_in)",
            replies=f"replies_{one.id}", reply_count=len(self.replies),
            patient_words=f"words_{one.id}" if one.patient_words else "NULL", call=f"call_{one.handler}")


class Handler:
    """A function and its input: of one operation, or of several that x-handler gives it."""

    def __init__(self, name, rows):
        self.name, self.rows = name, rows
        self.members = {}
        for row in rows:
            for field in row.fields:
                if self.members.setdefault(field.name, field.type) != field.type:
                    raise SchemaError(f"{row.operation.where}: `{field.name}` is of another type in what shares its x-handler")

    def struct(self):
        members = [f"    {C_TYPES[kind]}{name};\n    bool has_{name};" for name, kind in self.members.items()]
        return lines_of(f"struct {self.name}_in {{", *(members or ["    char nothing;"]), "};")

    def prototype(self):
        served = [f"{one.method.upper()} {one.path}: {one.summary}" for one in (row.operation for row in self.rows)]
        return lines_of("/* " + "\n * ".join(served) + " */",
                        f"enum problem h_{self.name}(struct request *rq, const struct {self.name}_in *in);")

    def call(self):
        return (f"static enum problem\ncall_{self.name}(struct request *rq, const void *in)\n"
                f"{{\n    return h_{self.name}(rq, in);\n}}")


def handlers_of(rows):
    names = dict.fromkeys(row.operation.handler for row in rows)
    return [Handler(name, [row for row in rows if row.operation.handler == name]) for name in names]


def api_header(rows):
    return lines_of("/* Input structures and handlers, from openapi.yaml. A handler that is missing fails to link. */",
                    "#ifndef ANAMNESIS_GEN_API_H", "#define ANAMNESIS_GEN_API_H", "", '#include "lib/http/api.h"', "",
                    "struct json_object;", "", "\n".join(one.struct() + "\n" + one.prototype() for one in handlers_of(rows)), "#endif")


def routes_source(rows):
    """One api_route for each path, with its operations by method."""
    paths = {}
    for index, row in enumerate(rows):
        paths.setdefault(row.operation.path, {})[row.operation.method] = index
    out, table = [], []
    for number, (path, methods) in enumerate(paths.items()):
        segments = ["NULL" if part.startswith("{") else c_string(part) for part in path.split("/")[1:]]
        if "get" in methods:
            methods.setdefault("head", methods["get"])  # RFC 9110 section 9.3.2
        allow = ", ".join(method.upper() for method in METHODS if method in methods)
        cells = ", ".join(str(methods.get(method, -1)) for method in METHODS)
        out.append(f"static const char *const segments_{number}[] = {{{', '.join(segments)}}};")
        table.append(c_row(segments=f"segments_{number}", segment_count=len(segments), operations=f"{{{cells}}}",
                           allow=c_string(allow)))
    return lines_of(*out, "", "const struct api_route api_routes[] = {", *table, "};",
                    f"const size_t api_route_count = {len(table)};")


def word_cells(words):
    return ", ".join(c_string(words[language]) for language in sorted(words))


def table_source(contract, rows):
    return lines_of('#include "build/gen/api.h"', "", *(one.call() for one in handlers_of(rows)), *(row.tables() for row in rows),
                    f"const char *const api_languages[] = {{{', '.join(map(c_string, contract.languages))}}};",
                    f"const size_t api_language_count = {len(contract.languages)};",
                    f"const char *const api_other_words[] = {{{word_cells(contract.other_words)}}};", "",
                    "const struct api_operation api_operations[] = {", *(row.row() for row in rows), "};",
                    f"const size_t api_operation_count = {len(rows)};", "", routes_source(rows))


# --- what is not C

def openapi_files(contract):
    """The served document, and its bytes as C."""
    text = json.dumps(contract.document, ensure_ascii=False, separators=(",", ":"))
    data = text.encode("utf-8")
    cells = [str(byte) if byte < 128 else f"'\\{byte:03o}'" for byte in data]  # a char may be signed
    rows = [", ".join(cells[at:at + 24]) + "," for at in range(0, len(data), 24)]
    source = lines_of('#include "build/gen/openapi_json.h"', "",
                      "/* Bytes, not a literal: C promises no literal of this length. */",
                      "const char openapi_json_text[] = {", *rows, "0};",
                      "const size_t openapi_json_size = sizeof openapi_json_text - 1;")
    header = lines_of("/* openapi.yaml as JSON: what GET /openapi.json answers. */",
                      "#ifndef ANAMNESIS_GEN_OPENAPI_JSON_H", "#define ANAMNESIS_GEN_OPENAPI_JSON_H", "",
                      "#include <stddef.h>", "",
                      f'#define OPENAPI_VERSION "{contract.document["info"]["version"]}" /* of contract and programs */', "",
                      "extern const char openapi_json_text[];",
                      "extern const size_t openapi_json_size; /* bytes, without the NUL */", "", "#endif")
    return text + "\n", source, header


def lanes(contract):
    """An nginx map from the path to the pool of workers that serves it."""
    by_path = {}
    for operation in contract.routed:
        if by_path.setdefault(operation.path, operation.lane) != operation.lane:
            contract.fail(f"{operation.path}: its operations are in different lanes; nginx chooses by path")
    out = ["map $uri $anamnesis_lane {", "    default api;"]
    for path, lane in sorted(by_path.items()):
        if lane != "api":
            parts = re.split(r"\{[^}]*\}", path)
            pattern = '"~^' + "[^/]+".join(re.escape(part) for part in parts) + '$"'
            out.append(f"    {path if len(parts) == 1 else pattern} {lane};")
    return lines_of("# Made by tools/gen_api.py from openapi.yaml.", *out, "}")


def tabbed(rows):
    """A line of its own for each row, whatever the others are: a new one shows as one in review."""
    return lines_of(*("\t".join(row) for row in rows))


def access_cells(operation, whose, mine):
    """What each of CALLERS must be answered, when the thing that is named is (`mine`) or is not one that they reach."""
    kept = whose == OTHER_CARE_TEAM and "care-team" not in operation.owner
    for caller in CALLERS:
        realm = "none" if caller == "nobody" else "patient" if caller == "patient" else "staff"
        if operation.realm == "none":
            yield "allowed"
        elif realm != operation.realm:
            yield "allowed" if operation.signs_out and caller != "nobody" else "401"
        elif caller not in operation.roles:
            yield "403"
        else:
            yield "allowed" if mine and not (kept and caller in CARE_TEAM_ROLES) else "404"


def golden_access(contract):
    """Every role x operation x ownership: tests/api/test_access_matrix.py asks them all."""
    rows = [("method", "path", "operation", "object", "whose", *CALLERS)]
    for one in sorted(contract.routed, key=lambda one: (one.path, METHODS.index(one.method))):
        named = one.owner.get("object")
        whose = ["-"] if named is None else OWNERSHIPS[OWNERSHIPS.index(one.owner["of"]):] + [OTHER_CARE_TEAM] * one.of_patients
        for index, owner in enumerate(whose):
            mine = index == 0 or owner == OTHER_CARE_TEAM
            rows.append((one.method.upper(), one.path, one.id, named or "-", owner, *access_cells(one, owner, mine)))
    return tabbed(rows)


def golden(contract):
    """Who may do what, one line an operation: a change of access shows in review."""
    header = ("method", "path", "operation", "session", "roles", "lane", "tx", "audit", "body")
    rows = [header]
    for one in sorted(contract.routed, key=lambda one: (one.path, METHODS.index(one.method))):
        session = {"none": "-", "required": one.realm, "optional": f"{one.realm}?"}[one.session] + "+fresh" * one.step_up
        rows.append((one.method.upper(), one.path, one.id, session, ",".join(one.roles) or "-", one.lane, one.tx,
                     one.audit, str(one.body_limit or "-")))
    return tabbed(rows)
