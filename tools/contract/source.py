"""Reads openapi.yaml and problems.tsv, resolves references, and says everything that is wrong with them."""
import re

import yaml

METHODS = ("get", "head", "post", "put", "patch", "delete")  # in the order of enum http_method
STAFF_ROLES = ("owner", "physician", "assistant", "auditor")
LANES, TXS, AUDITS = ("api", "auth", "bulk"), ("none", "read", "idempotent", "write"), ("none", "event", "patient", "patients")
X_FIELDS = {"x-roles", "x-owner", "x-step-up", "x-lane", "x-tx", "x-audit", "x-body-limit", "x-served-by", "x-signs-out",
            "x-patient-words", "x-handler", "x-bytes"}
# Whose the thing is that an operation reaches, and what kinds of things a path (else a body) can name.
OWNERS = {"none": ("nobody",), "staff": ("own", "practice"), "patient": ("own",)}
OBJECTS = ("questionnaire", "value-set", "patient", "invitation", "assignment", "response", "upload", "session", "passkey", "staff")
OBJECTS_OF_PATIENTS = ("patient", "invitation", "assignment", "response", "upload")
OF_PATIENTS = ("patient", "patients")  # audit rows that name patients
WORDS_MAX = 120  # of a sentence in a patient's access log
LANGUAGES = "#/components/schemas/PracticeLanguage"  # that there are texts in: lib/mail/texts, compared by a test
SESSIONS = {"staffSession": "staff", "patientSession": "patient"}
PORTALS = {"admin": "staff", "patient": "patient"}  # whose part of the API a path is in, by its first segment
BEARER = "bearer"  # carries either session in place of its cookie
OPERATION_MEMBERS = {"operationId", "tags", "summary", "description", "security", "parameters", "requestBody",
                     "responses", "externalDocs", "deprecated"} | X_FIELDS
BYTES = ("thumbnail", "view", "original", "granted")  # of a patient's file
PATH_VALUES_MAX = 4  # REQUEST_PATH_VALUES_MAX
C_WORDS = {"auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern",
           "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed",
           "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while"}


class ContractError(Exception):
    """The contract cannot be used; the message says where and why."""


class Yaml12Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as JSON people expect it: no dates, no yes/no, and a member may be given once only."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise ContractError(f"line {key_node.start_mark.line + 1}: `{key}` is given twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


Yaml12Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":timestamp", ":bool", ":merge"))]
    for first, resolvers in Yaml12Loader.yaml_implicit_resolvers.items()}
Yaml12Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))


def c_name(name):
    """`If-Match` -> if_match: a name that C takes."""
    lower = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return lower + "_" if lower in C_WORDS or not lower or lower[0].isdigit() else lower


class Problem:
    def __init__(self, line, where):
        cells = line.split("\t")
        if len(cells) != 5 or not re.fullmatch(r"[a-z]+(-[a-z]+)*", cells[0]) or not re.fullmatch(r"[45]\d\d", cells[1]):
            raise ContractError(f"{where}: must read code, status, by, SQLSTATEs, title, separated by tabs")
        if cells[2] not in ("worker", "store", "nginx", "both"):
            raise ContractError(f"{where}: a problem is answered by worker, by store, by nginx, or by both nginx and one of ours")
        if not cells[4].isprintable() or (cells[2] not in ("worker", "store") and set(cells[4]) & set('"\\$')):
            raise ContractError(f"{where}: the title has what nginx.conf, or the JSON that it writes, would read as something else")
        self.code, self.status, self.title = cells[0], int(cells[1]), cells[4]
        self.by_worker, self.by_nginx = cells[2] != "nginx", cells[2] in ("nginx", "both")
        self.sqlstates = [] if cells[3] == "-" else cells[3].split(",")
        for state in self.sqlstates:
            if not re.fullmatch(r"[0-9A-Z]{5}|[0-9A-Z]{2,4}\*", state):
                raise ContractError(f"{where}: `{state}` is not an SQLSTATE, or its start and `*`")
        self.enum = "PROBLEM_" + self.code.upper().replace("-", "_")


def read_problems(path):
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    problems = [Problem(line, f"{path}:{number}") for number, line in enumerate(lines[1:], 2)
                if line and not line.startswith("#")]
    codes = [problem.code for problem in problems]
    states = [state for problem in problems for state in problem.sqlstates]
    statuses = [problem.status for problem in problems if problem.by_nginx]
    if 500 not in statuses:
        raise ContractError(f"{path}: nginx answers no 500, which stands for whatever else it meets")
    for what, values in (("code", codes), ("SQLSTATE", states), ("status by nginx", statuses)):
        twice = sorted({str(value) for value in values if values.count(value) > 1})
        if twice:
            raise ContractError(f"{path}: {what} given twice: {', '.join(twice)}")
    return problems


class Parameter:
    def __init__(self, contract, raw, where):
        raw = contract.resolve(raw, where)
        self.name, self.place = raw.get("name"), raw.get("in")
        self.required = raw.get("required", False)
        self.schema = raw.get("schema")
        self.where = f"{where}: parameter {self.name}"
        if self.place not in ("path", "query", "header") or self.schema is None:
            raise ContractError(f"{self.where}: needs `in: path|query|header` and a schema")
        if self.place == "path" and not self.required:
            raise ContractError(f"{self.where}: a path parameter is required")


class Operation:
    """One method of one path, checked."""

    def __init__(self, contract, path, method, raw, shared):
        self.path, self.method, self.raw = path, method, raw
        self.id = raw.get("operationId", "")
        self.where = f"{method.upper()} {path}"
        self.fail = contract.fail
        self.served_by = raw.get("x-served-by")
        self.summary = raw.get("summary")
        self.lane, self.tx, self.audit = (raw.get(f"x-{name}") for name in ("lane", "tx", "audit"))
        self.roles = raw.get("x-roles", [])
        self.owner = raw.get("x-owner", {})
        self.step_up = raw.get("x-step-up", False)
        self.signs_out = raw.get("x-signs-out", False)
        self.patient_words = raw.get("x-patient-words")
        self.handler = raw.get("x-handler", self.id)
        self.bytes = raw.get("x-bytes")
        self.portal = PORTALS.get(path.split("/")[1], "none")
        self.parameters = [Parameter(contract, one, self.where) for one in shared + raw.get("parameters", [])]
        self.body = contract.resolve(raw["requestBody"], self.where) if "requestBody" in raw else None
        self.body_limit = raw.get("x-body-limit", 0)
        self.responses = {int(status): contract.resolve(response, self.where)
                          for status, response in raw.get("responses", {}).items() if str(status).isdigit()}
        self.realm, self.session = "none", "none"
        self.check_members()
        self.read_security()
        if self.served_by is None:
            self.check_fields()
            self.check_owner()
            self.check_handler()
            self.check_patient_words(contract)
            self.check_parameters()
            self.check_statuses()
            self.check_bytes()

    def check(self, good, text):
        if not good:
            self.fail(f"{self.where}: {text}")

    def check_members(self):
        self.check(re.fullmatch(r"[a-z][a-z0-9_]*", self.id), "operationId must be snake_case")
        self.check(self.summary, "has no summary")
        for member in self.raw:
            self.check(member in OPERATION_MEMBERS, f"`{member}` is not known")
        self.check(self.served_by in (None, "nginx"), "x-served-by must be nginx")
        self.check(self.responses and len(self.responses) == len(self.raw["responses"]),
                   "must list its responses by status")

    def read_security(self):
        security = self.raw.get("security")
        self.check(isinstance(security, list), "has no security; say `security: []` if it needs no session")
        names = [name for one in security or [] for name in one]
        optional = {} in (security or [])
        self.check(not names and not optional or len(names) == 2 and names[0] in SESSIONS and names[1] == BEARER,
                   f"security must be [], or one of {', '.join(SESSIONS)} and {BEARER}, with {{}} if it is optional")
        if names and names[0] in SESSIONS:
            self.realm = SESSIONS[names[0]]
            self.session = "optional" if optional else "required"

    def check_fields(self):
        self.check(self.lane in LANES, f"x-lane must be one of {', '.join(LANES)}")
        self.check(self.tx in TXS, f"x-tx must be one of {', '.join(TXS)}")
        self.check(self.audit in AUDITS, f"x-audit must be one of {', '.join(AUDITS)}")
        allowed = {"none": (), "staff": STAFF_ROLES, "patient": ("patient",)}[self.realm]
        self.check(set(self.roles) <= set(allowed) and bool(self.roles) == bool(allowed)
                   and len(self.roles) == len(set(self.roles)),
                   f"x-roles must name {' or '.join(allowed) if allowed else 'nobody: there is no session'}")
        self.check(self.step_up in (True, False) and (not self.step_up or self.session == "required"),
                   "x-step-up is true or false, and needs a session")
        self.check(self.signs_out in (True, False) and (not self.signs_out or self.session == "required"),
                   "x-signs-out is true or false, and needs a session")
        self.check(self.tx != "none" or self.audit == "none", "an audit row needs a transaction (x-tx)")
        self.check((self.body is None) == (self.body_limit == 0), "x-body-limit goes with a requestBody")
        if self.body is not None:
            types = list(self.body.get("content", {}))
            self.check(types == ["application/json"], "the body must be application/json and nothing else")

    @property
    def of_patients(self):
        """Whether staff reaches a patient's thing, which the practice may have kept to the care team."""
        return self.realm == "staff" and self.owner.get("object") in OBJECTS_OF_PATIENTS

    def check_owner(self):
        """An operation that does not say whose things it reaches is not built."""
        good = isinstance(self.owner, dict) and set(self.owner) <= {"of", "object", "care-team"}
        self.check(good and self.owner.get("of") in OWNERS[self.realm],
                   f"x-owner must say `of: {' or '.join(OWNERS[self.realm])}`, and nothing else but an object")
        if good:
            named = self.owner.get("object")
            self.check(named is None or named in OBJECTS, f"the object of x-owner must be one of {', '.join(OBJECTS)}")
            self.check("{" not in self.path or named, "the path names something: x-owner must say its object")
            self.check(named is None or "{" in self.path or self.body, "x-owner has an object that nothing names")
            self.check(self.owner.get("care-team", "any") == "any" and ("care-team" not in self.owner or self.of_patients),
                       "x-owner's care-team can only be `any`, for what is a patient's")

    def check_handler(self):
        self.check(isinstance(self.handler, str) and re.fullmatch(r"[a-z][a-z0-9_]*", self.handler), "x-handler must be snake_case")
        self.check(self.session == "none" or self.realm == self.portal, "the session is another portal's than the path")
        self.check("x-handler" not in self.raw or self.portal != "none", "x-handler is for operations below /admin or /patient")

    def check_patient_words(self, contract):
        """A patient reads what staff did with their data; what the patient did is not in the access log."""
        shown = self.realm == "staff" and self.audit in OF_PATIENTS
        self.check(shown == (self.patient_words is not None),
                   "must say in x-patient-words what it is to the patient" if shown else "x-patient-words are read by nobody")
        if shown and self.patient_words is not None:
            contract.check_words(self.patient_words, self.where)

    def check_parameters(self):
        template = re.findall(r"\{([^}]*)\}", self.path)
        given = [one.name for one in self.parameters if one.place == "path"]
        self.check(sorted(template) == sorted(given), f"the path names {template}, the parameters {given}")
        self.check(len(template) <= PATH_VALUES_MAX, f"more than {PATH_VALUES_MAX} path parameters")
        for one in self.parameters:
            self.check(one.place != "header" or one.name.lower() != "if-match" or one.required,
                       "If-Match must be required: without it 428")

    def check_statuses(self):
        expected = {413: self.body is not None, 415: self.body is not None, 503: self.tx != "none",
                    401: self.session == "required" or None,
                    428: any(one.name.lower() == "if-match" for one in self.parameters)}
        for status, needed in expected.items():
            if needed is not None:
                self.check((status in self.responses) == needed,
                           f"{'must' if needed else 'cannot'} answer {status}: {'declare it' if needed else 'remove it'}")
        self.check(min(self.responses, default=500) < 400, "declares no success")

    def check_bytes(self):
        """Whatever is no JSON and no page of ours is bytes of a patient's file, and tests/api/test_bytes.py asks for it."""
        given = [kind for response in self.responses.values() for kind in response.get("content", {})
                 if kind not in ("application/json", "text/html") and not kind.endswith("+json")]
        self.check(self.bytes in (None, *BYTES), f"x-bytes must be one of {', '.join(BYTES)}")
        self.check(bool(given) == (self.bytes is not None), "must say in x-bytes which bytes of a file it gives"
                   if given else "x-bytes are of what gives the bytes of a file")
        self.check(self.bytes is None or (self.session, self.audit) == ("required", "patient"),
                   "bytes of a file are for a session, and a row of the patient's log")


class Contract:
    def __init__(self, path):
        self.errors = []
        self.name = str(path)
        try:
            self.document = yaml.load(path.read_text(encoding="utf-8"), Loader=Yaml12Loader)
        except (yaml.YAMLError, ContractError) as error:
            raise ContractError(f"{path}: {error}") from error
        self.operations = []
        self.languages = sorted(self.pointer(LANGUAGES, "x-patient-words")["enum"])
        self.other_words = self.document.get("x-patient-words")
        self.check_words(self.other_words, "the document")
        for route, item in self.document.get("paths", {}).items():
            self.check_path(route)
            shared = item.get("parameters", [])
            for method, raw in item.items():
                if method in METHODS:
                    self.operations.append(Operation(self, route, method, raw, shared))
                elif method != "parameters":
                    self.fail(f"{route}: `{method}` is not known")
        ids = [operation.id for operation in self.operations]
        for one in sorted({one for one in ids if ids.count(one) > 1}):
            self.fail(f"operationId {one} is given twice")
        self.check_handlers()

    def check_handlers(self):
        """A handler of several operations is named by each of them."""
        for one in self.routed:
            same = [other for other in self.routed if other.handler == one.handler]
            if "x-handler" in one.raw and len(same) == 1:
                self.fail(f"{one.where}: no other operation has the x-handler {one.handler}")
            if "x-handler" not in one.raw and len(same) > 1:
                self.fail(f"{one.where}: {one.id} is the x-handler of others")

    @property
    def routed(self):
        return [operation for operation in self.operations if operation.served_by is None]

    def fail(self, text):
        self.errors.append(f"{self.name}: {text}")

    def check_words(self, words, where):
        """A sentence in each language."""
        if not isinstance(words, dict) or sorted(words) != self.languages:
            self.fail(f"{where}: x-patient-words must have {', '.join(self.languages)}, and nothing else")
            return
        for language, text in words.items():
            if not isinstance(text, str) or not 0 < len(text) <= WORDS_MAX or text.strip() != text or not text.isprintable():
                self.fail(f"{where}: x-patient-words: {language} must be text on one line, of at most {WORDS_MAX} characters")

    def raise_errors(self):
        if self.errors:
            raise ContractError("\n".join(self.errors))

    def check_path(self, route):
        for segment in route.split("/")[1:]:
            if not re.fullmatch(r"[A-Za-z0-9._~-]+|\{[a-z_]+\}", segment) or segment in (".", ".."):
                self.fail(f"{route}: a segment must be unreserved characters (RFC 3986) or {{name}}")

    def pointer(self, ref, where):
        """What `#/a/b` names."""
        if not isinstance(ref, str) or not ref.startswith("#"):
            raise ContractError(f"{self.name}: {where}: {ref} is not in this document")
        value = self.document
        for token in ref[1:].split("/")[1:]:
            token = token.replace("~1", "/").replace("~0", "~")
            if not isinstance(value, dict) or token not in value:
                raise ContractError(f"{self.name}: {where}: {ref} does not exist")
            value = value[token]
        return value

    def resolve(self, value, where):
        """Follows a reference object (parameters, responses, request bodies)."""
        hops = 0
        while isinstance(value, dict) and "$ref" in value:
            value = self.pointer(value["$ref"], where)
            hops += 1
            if hops > 8:
                raise ContractError(f"{self.name}: {where}: references go in a circle")
        return value
