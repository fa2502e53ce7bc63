"""The edge tests have an instance with low limits of its own: ANAMNESIS_EDGE_DEMO names its demo.json."""

import json
import os
import pathlib
import ssl
import sys
import urllib.parse

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True  # the tree may belong to somebody else
sys.path.insert(0, str(TOP / "tests"))

from support import client as api  # noqa: E402  (the path is set above)


@pytest.fixture(scope="session")
def demo():
    path = os.environ.get("ANAMNESIS_EDGE_DEMO")
    if not path:
        pytest.exit("ANAMNESIS_EDGE_DEMO must name the demo.json of an instance with low limits", 2)
    found = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    found["var"] = pathlib.Path(path).parent
    found["port"] = urllib.parse.urlsplit(found["base_url"]).port
    return found


@pytest.fixture
def client(demo):
    """From an address of its own: limits are per address."""
    return api.Client(demo["base_url"], demo["ca_file"])


@pytest.fixture
def tls(demo):
    """Opens a TLS connection from an address of its own, for what no HTTP library would send."""
    import socket

    def connect(address=None, context=None, session=None):
        context = context or ssl.create_default_context(cafile=demo["ca_file"])
        plain = socket.create_connection(("127.0.0.1", demo["port"]), timeout=10,
                                         source_address=(address or api.random_address(), 0))
        return context.wrap_socket(plain, server_hostname="localhost", session=session)
    return connect
