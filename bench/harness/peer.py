"""The Node service: fetched by npm, as many processes as there are api workers, its own site in front."""

import os
import pathlib
import platform
import shutil
import subprocess
import time

from harness.instance import TOP

NODE_VERSION = "20.20.2"
SOURCES = ("package.json", "package-lock.json", ".npmrc", "server.mjs", "database.mjs", "form.mjs", "keys.mjs")


def npm(directory, *arguments):
    done = subprocess.run(["npm", *arguments, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                          cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"npm {arguments[0]} failed: {done.stderr[-1500:]}")


def node_20(directory):
    """The path of a Node 20: the system's if it is one, else npm's package of the binary."""
    system = shutil.which("node")
    if system:
        version = subprocess.run([system, "--version"], capture_output=True, text=True, check=True).stdout
        if version.startswith("v20."):
            return system
    package = f"node-linux-{'arm64' if platform.machine() == 'aarch64' else 'x64'}"
    binary = directory / "node" / "node_modules" / package / "bin" / "node"
    if not binary.exists():
        (directory / "node").mkdir(parents=True, exist_ok=True)
        npm(directory / "node", "install", "--prefix", ".", f"{package}@{NODE_VERSION}")
    return str(binary)


def install():
    """Copies the sources and fetches what they need into build/bench/peer; returns (node, directory)."""
    directory = TOP / "build" / "bench"
    peer = directory / "peer"
    peer.mkdir(parents=True, exist_ok=True)
    for name in SOURCES:
        shutil.copy(TOP / "bench" / "peer" / name, peer / name)
    subprocess.run([TOP / "tools" / "npm-packages", peer], check=True)
    return node_20(directory), peer


class Peer:
    """Running processes of the peer, each on a socket of its own, so that nginx shares the requests out evenly."""

    def __init__(self, directory, processes, environment):
        self.directory = pathlib.Path(directory)
        self.sockets = [self.directory / f"peer-{number}.sock" for number in range(processes)]
        self.environment = environment
        self.processes = []

    def start(self, node, sources):
        self.directory.mkdir(mode=0o755, exist_ok=True)
        for number, socket in enumerate(self.sockets):
            socket.unlink(missing_ok=True)
            log = open(self.directory / f"peer-{number}.log", "w", encoding="utf-8")
            environment = os.environ | self.environment | {
                "PEER_SOCKET": str(socket), "PEER_QUERIES": str(TOP / "sql" / "queries"), "NODE_ENV": "production"}
            self.processes.append(subprocess.Popen([node, "server.mjs"], cwd=sources, env=environment, stdout=log,
                                                   stderr=log))
        for socket in self.sockets:
            for _ in range(100):
                if socket.exists():
                    break
                time.sleep(0.1)
            else:
                raise RuntimeError(f"the peer did not start; see {self.directory}")
            socket.chmod(0o666)

    @property
    def pids(self):
        return [process.pid for process in self.processes]

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []
