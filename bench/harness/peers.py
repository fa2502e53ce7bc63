"""The peers: their programs are fetched and built, started on sockets of their own, and reached through a site like ours."""

import os
import pathlib
import platform
import re
import shutil
import subprocess
import time

from harness import site
from harness.instance import TOP

NODE_VERSION = "20.20.2"
SOURCES = TOP / "bench" / "peers"
BUILT = TOP / "build" / "bench" / "peers"
STARTING_SECONDS = 20
NODE_CONNECTIONS = 4  # of each process


class CannotBuild(RuntimeError):
    """Why a peer is not there: its compiler, or the packages that it needs."""


def copied(name):
    """The sources of a peer, in the directory where what they need is put beside them."""
    shutil.copytree(SOURCES / name, BUILT / name, dirs_exist_ok=True)
    return BUILT / name


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


def node():
    """The command that runs the Node peer; what it needs is fetched by npm."""
    directory = copied("node")
    subprocess.run([TOP / "tools" / "npm-packages", directory], check=True)
    return [node_20(TOP / "build" / "bench"), str(directory / "server.mjs")]


def go():
    """The command that runs the Go peer, built as its go.sum says. CannotBuild where there is no Go or no module."""
    if shutil.which("go") is None:
        raise CannotBuild("there is no Go here (Debian's golang-go will do)")
    directory = copied("go")
    done = subprocess.run(["go", "build", "-trimpath", "-buildvcs=false", "-o", "peer", "."], cwd=directory, capture_output=True,
                          text=True, check=False, env=os.environ | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"})
    if done.returncode != 0:
        raise CannotBuild(f"go build failed ({done.stderr.strip().splitlines()[-1]})")
    return [str(directory / "peer")]


def node_version():
    return subprocess.run([node_20(TOP / "build" / "bench"), "--version"], capture_output=True, text=True,
                          check=True).stdout.strip().removeprefix("v")


def go_version():
    if shutil.which("go") is None:
        return None
    text = subprocess.run(["go", "version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"go(\d[\d.]*)", text).group(1)


class Running:
    """Running processes of one peer, each on a socket of its own, so that nginx shares the requests out evenly."""

    def __init__(self, directory, name, command, processes, environment):
        self.directory = pathlib.Path(directory)
        self.name = name
        self.command = command
        self.sockets = [self.directory / f"{name}-{number}.sock" for number in range(processes)]
        self.environment = environment
        self.processes = []

    def start(self):
        self.directory.mkdir(mode=0o755, exist_ok=True)
        for socket in self.sockets:
            socket.unlink(missing_ok=True)
            environment = os.environ | self.environment | {
                "PEER_SOCKET": str(socket), "PEER_QUERIES": str(TOP / "sql" / "queries"), "NODE_ENV": "production"}
            with open(socket.with_suffix(".log"), "w", encoding="utf-8") as log:
                self.processes.append(subprocess.Popen(self.command, cwd=self.directory, env=environment, stdout=log, stderr=log))
        end = time.monotonic() + STARTING_SECONDS
        for process, socket in zip(self.processes, self.sockets):
            while not socket.exists():
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{self.name} did not start: {socket.with_suffix('.log').read_text()[-1500:]}")
                time.sleep(0.05)
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


class Peer:
    """
    One way of running a peer, with nginx in front of it: a context. Node runs two processes a processor, but not more than we have
    workers; Go one process with as many connections as we have.
    """

    def __init__(self, instance, name, command, workers, pipelined):
        self.instance = instance
        self.directory = instance.var / "peer"
        self.directory.mkdir(exist_ok=True)
        self.port = instance.port + 1
        one = name.startswith("Go")
        processes = 1 if one else min(workers, 2 * os.cpu_count())
        self.running = Running(self.directory, "go" if one else "node", command, processes, {
            "ANAMNESIS_DATABASE_URL": instance.demo["database_urls"]["api"], "ANAMNESIS_KEYRING_FILE": str(instance.keyring),
            "PEER_PIPELINE": "1" if pipelined else "0", "PEER_CONNECTIONS": str(workers if one else NODE_CONNECTIONS)})
        self.front = site.Site(self.directory, site.peer_site(
            (instance.var / "nginx" / "nginx.conf").read_text(encoding="utf-8"), instance_port=instance.port,
            port=self.port, directory=self.directory, sockets=self.running.sockets))
        self.url = instance.base_url.replace(str(instance.port), str(self.port))

    @property
    def pids(self):
        return self.running.pids

    def __enter__(self):
        try:
            self.running.start()
            self.front.start(self.url, self.instance.demo["ca_file"])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.front.stop()
        self.running.stop()
