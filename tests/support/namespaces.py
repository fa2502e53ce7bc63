"""Namespaces that an ordinary user makes: a kernel, or a container, may not have them."""

import subprocess

import pytest


def need(*kinds):
    """Skips the test where unshare(1) cannot make these (--net, --mount) with a user namespace."""
    done = subprocess.run(["unshare", *kinds, "--map-root-user", "true"], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        pytest.skip(f"no namespaces here: {done.stderr.strip()}")
