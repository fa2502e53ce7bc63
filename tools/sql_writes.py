"""Which statements write: those that change or lock a row, in their own text or in a function of ours that they come to."""
import re
from pathlib import Path

WRITES = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+(ONLY\s+)?[a-z_.]+\s+(AS\s+)?(\w+\s+)?SET|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE|CLUSTER|"
    r"FOR\s+(NO\s+KEY\s+)?UPDATE|FOR\s+(KEY\s+)?SHARE|nextval|setval|pg_advisory\w*|lo_\w+|EXECUTE\s+format)\b", re.IGNORECASE)
# What every transaction leaves, whatever it is for: the proven actor, when the session was last seen, and the audit row.
TRACES = {"session_prove", "session_none", "audit_close"}
PINS = {"auth.pin"}  # setval on a sequence of the session's own, where the proven actor stands


def without_comments(text):
    return re.sub(r"--[^\n]*", "", text)


class Functions:
    """The functions below sql/functions, and which of them write."""

    def __init__(self, top):
        self.texts = {f"{path.parent.name}.{path.stem}": without_comments(path.read_text(encoding="utf-8"))
                      for path in Path(top).glob("*/*.sql")}
        self.name = re.compile(r"\b(\w+\.\w+)\s*\(")

    def called(self, text):
        return {name for name in self.name.findall(text) if name in self.texts}

    def reached(self, text):
        """What the text calls, and what that calls, to the end."""
        found, left = set(), self.called(text)
        while left:
            found |= left
            left = {name for one in left for name in self.called(self.texts[one])} - found
        return found

    def statement_writes(self, name, text):
        plain = without_comments(text)
        texts = [plain, *(self.texts[one] for one in self.reached(plain) - PINS)]
        return name not in TRACES and any(WRITES.search(one) for one in texts)
