"""Writes a structure and a writer for each object that a reply can be or contain (build/gen/reply.h, reply.c)."""
from .emit_schema import c_string
from .source import c_name

# What a member is, by the type and format of its schema: its C type, and the function of lib/http/reply.h that writes it.
SCALARS = {("string", "date-time"): ("struct reply_time ", "reply_time_member"), ("string", "idn-email"): ("const char *", "reply_email_member"),
           ("string", None): ("const char *", "reply_text_member"), ("integer", None): ("struct reply_integer ", "reply_integer_member"),
           ("boolean", None): ("struct reply_flag ", "reply_flag_member")}
ANY_JSON = ("const char *", "reply_raw_member")
NULL = {"type": "null"}


def snake(name):
    """QuestionnaireItem -> questionnaire_item"""
    return c_name("".join("_" + one if one.isupper() and at else one for at, one in enumerate(name)))


def is_object(schema):
    """Of members that the contract names, all of them."""
    return schema.get("type") == "object" and "properties" in schema and schema.get("additionalProperties") is False


class Member:
    """A property of an object, as C."""

    def __init__(self, writers, owner, name, schema, required):
        self.wire, self.name, self.required = name, c_name(name), required
        ref, schema, self.nullable = writers.plain(schema)
        self.constant = schema.get("const") if required and not self.nullable and schema.get("type") == "string" else None
        self.items = self.inner = None
        if is_object(schema):
            self.inner = writers.of(ref, schema, f"{owner}_{self.name}")
        elif schema.get("type") == "array":
            item_ref, item, nullable = writers.plain(schema.get("items", {}))
            if not nullable and is_object(item):
                self.inner = self.items = writers.of(item_ref, item, f"{owner}_{self.name.removesuffix('s')}")
            elif not nullable and item.get("type") == "string" and item.get("format") not in ("date-time", "idn-email"):
                self.items = "text"
        self.type, self.function = SCALARS.get((schema.get("type"), schema.get("format")),
                                               SCALARS[("string", None)] if schema.get("type") == "string" else ANY_JSON)

    def rule(self):
        return "REPLY_OPTIONAL" if not self.required else "REPLY_NULLABLE" if self.nullable else "REPLY_REQUIRED"

    def declaration(self):
        note = {"REPLY_OPTIONAL": " /* or left out */", "REPLY_NULLABLE": " /* or null */"}.get(self.rule(), "")
        if self.constant is not None:
            return None
        if self.items:
            item = "const char *const *" if self.items == "text" else f"const struct reply_{self.items} *"
            return f"    {item}{self.name};{note}\n    size_t {self.name}_count;"
        return f"    {f'const struct reply_{self.inner} *' if self.inner else self.type}{self.name};{note}"

    def statements(self, owner):
        """Of the writer: each begins with what the missing member would be called."""
        whole, value = c_string(f"{owner}.{self.wire}"), f"it->{self.name}"
        if self.constant is not None:
            return f"    json_text(out, {c_string(self.wire)}, {c_string(self.constant)});"
        if not (self.items or self.inner):
            return f"    {self.function}(out, {whole}, {value}, {self.rule()});"
        writes = (f"            json_value_text(out, {value}[i]);" if self.items == "text"
                  else f"            reply_{self.inner}(out, &{value}[i]);")
        if self.items:
            return (f"    if (reply_has(out, {whole}, {value}, {self.rule()})) {{\n        json_begin_array(out);\n"
                    f"        for (size_t i = 0; i < {value}_count; i++) {{\n{writes}\n        }}\n        json_end_array(out);\n    }}")
        return f"    if (reply_has(out, {whole}, {value}, {self.rule()})) {{\n        reply_{self.inner}(out, {value});\n    }}"


class Writers:
    """The objects that are met in replies, each once: those that others contain come first."""

    def __init__(self, contract):
        self.contract = contract
        self.made = {}  # C name -> (members, name in the contract)
        for operation in contract.routed:
            for response in operation.responses.values():
                for kind, media in response.get("content", {}).items():
                    if kind == "application/json":
                        self.take(media["schema"])

    def take(self, schema):
        for one in schema.get("oneOf", [schema]):
            ref, found, _ = self.plain(one)
            if "oneOf" in found:
                self.take(found)
            elif is_object(found) and ref is not None:
                self.of(ref, found, None)

    def plain(self, schema):
        """(reference, schema, nullable) with references followed, and null taken out of the type or the alternatives."""
        ref, nullable = None, False
        while True:
            if "$ref" in schema:
                ref, schema = schema["$ref"], self.contract.pointer(schema["$ref"], "a reply")
            elif NULL in schema.get("oneOf", []) and len(schema["oneOf"]) == 2:
                nullable = True
                schema = next(one for one in schema["oneOf"] if one != NULL)
            elif isinstance(schema.get("type"), list) and "null" in schema["type"]:
                nullable = True
                rest = [one for one in schema["type"] if one != "null"]
                schema = {**schema, "type": rest[0] if len(rest) == 1 else rest}
            else:
                return ref, schema, nullable

    def of(self, ref, schema, inline):
        title = ref.rsplit("/", 1)[-1] if ref else inline
        name = snake(title)
        if name not in self.made:
            self.made[name] = None  # it may contain itself
            members = [Member(self, name, key, one, key in schema.get("required", [])) for key, one in schema["properties"].items()]
            self.made[name] = (members, title)
        return name


def reply_header(writers):
    parts = []
    for name, (members, title) in writers.made.items():
        rows = [row for row in (member.declaration() for member in members) if row is not None] or ["    char nothing;"]
        parts += [f"/* {title} */", f"struct reply_{name} {{", *rows, "};", "",
                  f"void reply_{name}(struct json_out *out, const struct reply_{name} *it);", ""]
    forward = [f"struct reply_{name};" for name in writers.made]
    return "\n".join(["/*", " * What replies are made of, from openapi.yaml: a structure for each object of a reply, and its writer. A required",
                      " * member that is not set is refused: the reply is not sent, and the transaction does not commit (lib/http/reply.h).",
                      " */", "#ifndef ANAMNESIS_GEN_REPLY_H", "#define ANAMNESIS_GEN_REPLY_H", "", '#include "lib/http/reply.h"', "",
                      *forward, "", *parts, "#endif", ""])


def reply_source(writers):
    parts = ['#include "build/gen/reply.h"', ""]
    for name, (members, title) in writers.made.items():
        unused = ["    (void)it;"] if all(member.constant is not None for member in members) else []
        parts += ["void", f"reply_{name}(struct json_out *out, const struct reply_{name} *it)", "{", *unused, "    json_begin_object(out);",
                  *(member.statements(title) for member in members), "    json_end_object(out);", "}", ""]
    return "\n".join(parts)
