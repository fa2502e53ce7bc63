"""Text from outside says in the contract what it may be: a format, a pattern or a list, or it is named here with the reason."""

import pathlib

import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
FREE = {
    "note": "a physician's words, of several lines; sealed, and shown to staff alone",
    "filename": "cleaned before it is stored (lib/media/name.h)", "content_type": "looked up in a table",
    "link_id": "compared with a definition's",
    "password": "any text at all", "current_password": "any text at all", "earlier_password": "any text at all",
    "token": "opaque: looked up by its hash", "mfa_token": "opaque: looked up by its hash",
    "choice_token": "opaque: looked up by its hash", "Anamnesis-Device": "opaque: looked up by its hash",
    "If-Match": "read strictly: tags as RFC 9110 has them",
    "recovery_code": "opaque: looked up by its hash", "cursor": "opaque: read strictly", "Idempotency-Key": "kept as a hash",
    "reason": "may have many lines", "q": "compared, never stored", "url": "compared, never stored",
    "record_number": "compared, never stored", "email": "compared, never stored",
    "time_zone": "one of the server's names", "clear": "one of the form's linkIds",
    "transports": "words of Web Authentication", "authenticatorAttachment": "a word of Web Authentication",
    "authenticatorData": "read strictly", "publicKey": "read strictly", "userHandle": "read strictly",
    "grant": "opaque: looked up by its hash",
}


class Texts:
    """The texts of all requests that say nothing of their form, by the name of the member."""

    def __init__(self, contract):
        self.contract, self.found = contract, {}

    def follow(self, node):
        while "$ref" in node:
            target = self.contract
            for part in node["$ref"][2:].split("/"):
                target = target[part]
            node = target
        return node

    def walk(self, node, name, depth=0):
        node = self.follow(node)
        types = node.get("type", [])
        told = {"format", "pattern", "enum", "const"} & set(node)
        if "string" in ([types] if isinstance(types, str) else types) and not told:
            self.found.setdefault(name, node)
        if depth < 12:
            for child, schema in node.get("properties", {}).items():
                self.walk(schema, child, depth + 1)
            for keyword in ("items", "additionalProperties"):
                if isinstance(node.get(keyword), dict):
                    self.walk(node[keyword], name, depth + 1)
            for keyword in ("oneOf", "anyOf", "allOf"):
                for schema in node.get(keyword, []):
                    self.walk(schema, name, depth + 1)


def test_every_text_of_a_request_says_what_it_may_be():
    texts = Texts(yaml.safe_load((TOP / "openapi.yaml").read_text(encoding="utf-8")))
    for methods in texts.contract["paths"].values():
        for operation in (one for one in methods.values() if isinstance(one, dict)):
            for parameter in methods.get("parameters", []) + operation.get("parameters", []):
                parameter = texts.follow(parameter)
                texts.walk(parameter["schema"], parameter["name"])
            for content in texts.follow(operation.get("requestBody", {})).get("content", {}).values():
                texts.walk(content.get("schema", {}), "body")
    assert set(texts.found) <= set(FREE), "give it a format (display-name, display-text), or a reason here"
