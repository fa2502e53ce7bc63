"""run, start, stop, status, remove."""
import fcntl
import json
import os
import shlex
import shutil
import signal
import ssl
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from . import Trouble, demo, site
from .layout import FILES_GROUP, FRESHCLAM, PROGRAMS_BUILT, TOP, Account, Layout, write_private
from .postgres import Postgres
from .processes import Process

READY_SECONDS = 30
STATUS_STOPPED = 3
DEFAULT_REQUEST_SECONDS = 30
# Where AWS puts them (lib/cloud/credentials.h); nothing else of the caller's is passed on.
S3_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")


class Instance:
    """Everything of one instance; directories are there."""

    def __init__(self, layout, port):
        self.layout = layout
        self.port = port
        self.database = Process(layout, "postgresql", signal.SIGINT)
        self.workers = Process(layout, "fcgi")
        self.jobs = Process(layout, "jobs")
        self.store = Process(layout, "store")
        self.scan = Process(layout, "scan")
        self.nginx = Process(layout, "nginx", signal.SIGQUIT, patience=5)
        self.processes = (self.database, self.workers, self.jobs, self.store, self.scan, self.nginx)
        self.postgres = Postgres(layout, self.database)

    def environment(self):
        """The configuration of all programs. What the caller's environment says goes before the defaults."""
        keys = self.layout.keys
        ours = {
            "ANAMNESIS_DATABASE_URL_FILE": keys / "api.url",
            "ANAMNESIS_JOBS_DATABASE_URL_FILE": keys / "jobs.url",
            "ANAMNESIS_SCAN_DATABASE_URL_FILE": keys / "scan.url",
            "ANAMNESIS_KEYRING_FILE": keys / "keyring.json",
            "ANAMNESIS_JOBS_KEYRING_FILE": keys / "keyring-jobs.json",
            "ANAMNESIS_FILES_KEYRING_FILE": keys / "keyring-files.json",
            "ANAMNESIS_BASE_URL": f"https://localhost:{self.port}",
            "ANAMNESIS_SOCKET_DIR": self.layout.run,
            "ANAMNESIS_STORE_DIR": self.layout.objects,
            "ANAMNESIS_STORE_SOCKET_DIR": self.layout.store_run,
            "ANAMNESIS_SIGNATURES": self.layout.signatures,
            "ANAMNESIS_SCAN_DIRECTORY": self.layout.scan_room,
            "ANAMNESIS_MAIL_DIR": self.layout.mail,
            "ANAMNESIS_AUDIT_CHECKPOINT_DIR": self.layout.audit,
        }
        given = {name: value for name, value in os.environ.items() if name.startswith("ANAMNESIS_")}
        for name in list(ours):
            base = name.removesuffix("_FILE")
            if base in given or base + "_FILE" in given:
                del ours[name]
        in_s3 = bool(given.get("ANAMNESIS_STORE_URL"))
        if in_s3:
            ours.pop("ANAMNESIS_STORE_DIR", None)  # files are in one place
        if "ANAMNESIS_KEYRING_FILE" not in ours:
            for name in ("ANAMNESIS_JOBS_KEYRING_FILE", "ANAMNESIS_FILES_KEYRING_FILE"):
                ours.pop(name, None)  # a keyring of the caller's is not ours to divide
        passed = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TZ", *(S3_KEYS if in_s3 else ()))
                  if name in os.environ}
        return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **passed,
                **{name: str(value) for name, value in ours.items()}, **given}

    def _environment_of(self, *prefixes, without):
        """Nothing that is another program's: variables that begin so, or have one of these names."""
        names = set(without) | {f"{name}_FILE" for name in without}
        return {name: value for name, value in self.environment().items()
                if not name.startswith(prefixes) and name not in names}

    def workers_environment(self):
        return self._environment_of("ANAMNESIS_JOBS_", without=("ANAMNESIS_FILES_KEYRING", "ANAMNESIS_SCAN_DATABASE_URL"))

    def jobs_environment(self):
        own = {"ANAMNESIS_JOBS_KEYRING", "ANAMNESIS_JOBS_KEYRING_FILE"} & self.environment().keys()
        return self._environment_of(without=("ANAMNESIS_DATABASE_URL", "ANAMNESIS_SCAN_DATABASE_URL", "ANAMNESIS_FILES_KEYRING",
                                             *(("ANAMNESIS_KEYRING",) if own else ())))

    def store_environment(self):
        """No database, and no key but one."""
        own = {"ANAMNESIS_FILES_KEYRING", "ANAMNESIS_FILES_KEYRING_FILE"} & self.environment().keys()
        return self._environment_of("ANAMNESIS_JOBS_", without=("ANAMNESIS_DATABASE_URL", "ANAMNESIS_SCAN_DATABASE_URL",
                                                                *(("ANAMNESIS_KEYRING",) if own else ())))

    def scan_environment(self):
        """As the store's, with a database."""
        own = {"ANAMNESIS_FILES_KEYRING", "ANAMNESIS_FILES_KEYRING_FILE"} & self.environment().keys()
        return self._environment_of("ANAMNESIS_JOBS_", without=("ANAMNESIS_DATABASE_URL", *(("ANAMNESIS_KEYRING",) if own else ())))

    def command_environment(self):
        """For the operator's command: it connects as the owner."""
        environment = {name: value for name, value in self.environment().items()
                       if name not in ("ANAMNESIS_DATABASE_URL_FILE", "ANAMNESIS_JOBS_DATABASE_URL_FILE", "ANAMNESIS_SCAN_DATABASE_URL_FILE")}
        return environment | {"ANAMNESIS_OWNER_DATABASE_URL_FILE": str(self.layout.keys / "owner.url")}

    def write_command_file(self):
        """What `anamnesis --instance DIR` reads (cli/instance.c): the configuration of all programs, and the connections of
        all roles. A value's line ends are written as \\n."""
        keys = self.layout.keys
        found = self.environment()
        for name, path in (("ANAMNESIS_OWNER_DATABASE_URL", keys / "owner.url"),
                           ("ANAMNESIS_AUDITOR_DATABASE_URL", keys / "auditor.url"),
                           ("ANAMNESIS_TLS_CERT", self.layout.tls / "server.pem")):
            if not {name, f"{name}_FILE"} & found.keys():
                found[f"{name}_FILE"] = str(path)
        escaped = {name: value.replace("\\", "\\\\").replace("\n", "\\n") for name, value in found.items()
                   if name.startswith("ANAMNESIS_") and name != "ANAMNESIS_INSTANCE"}
        write_private(self.layout.var / "command.env", "".join(f"{name}={escaped[name]}\n" for name in sorted(escaped)))


@contextmanager
def step(text):
    """One line of progress: what is being done, then how long it took."""
    print(f"  {text} ...", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" {time.monotonic() - began:.1f} s", flush=True)


@contextmanager
def locked(var):
    """Two starts or stops of one instance at once would trip over each other."""
    Path(var).mkdir(parents=True, exist_ok=True)
    with open(Path(var) / ".lock", "w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(f"Another start or stop of {var} is under way; wait for it.") from None
        yield


def make_keys(instance):
    """Three keyrings: the workers', the background program's, and that of the programs for files. An instance of before had
    fewer."""
    layout, environment = instance.layout, {"PATH": "/usr/bin:/bin"}
    whole, jobs, files = (layout.keys / name for name in ("keyring.json", "keyring-jobs.json", "keyring-files.json"))
    if not whole.exists():
        with step("making keys"):
            write_private(whole, demo.run_command(layout, environment, "keys", "create"), layout.program_account, 0o400)
    elif not jobs.exists() and '"audit"' not in whole.read_text(encoding="utf-8"):
        with step("adding the audit key"):
            demo.run_command(layout, environment, "keys", "upgrade", str(whole))
    elif '"files"' not in whole.read_text(encoding="utf-8"):
        with step("adding the key for files"):
            demo.run_command(layout, environment | {"ANAMNESIS_JOBS_KEYRING_FILE": str(jobs)}, "keys", "upgrade", str(whole))
    if '"audit"' in whole.read_text(encoding="utf-8"):
        with step("dividing the keys"):
            jobs.unlink(missing_ok=True)  # of a start that was ended in between: nothing is in it alone
            demo.run_command(layout, environment, "keys", "split", str(whole), str(jobs))
    layout.jobs_account.own(jobs)
    if not files.exists():
        with step("giving the store its key"):
            demo.run_command(layout, environment, "keys", "split", str(whole), "--files", str(files))
    layout.store_account.own(files, FILES_GROUP)
    files.chmod(0o440)


def start_database(instance):
    first = not instance.postgres.done.exists()
    if instance.database.pid() is not None and instance.postgres.is_renewed():
        with step("stopping PostgreSQL, which was renewed"):
            instance.database.stop()
    if instance.database.pid() is None:
        if first:
            with step("creating the database cluster"):
                instance.postgres.create()
        with step("starting PostgreSQL"):
            instance.postgres.start()
    for role in ("superuser", "owner", "api", "jobs", "scan", "auditor"):
        instance.postgres.url(role)
    make_keys(instance)
    environment = instance.command_environment()
    with step("bringing the database up to date"):
        instance.postgres.bootstrap()
        before = json.loads(demo.run_command(instance.layout, environment, "migrate", "--json"))
        if not first and before["applied"]:
            instance.postgres.forget_statistics()
        instance.postgres.done.touch()
    with step("demonstration practices"):
        return demo.practices(instance.layout, environment)


def start_programs(instance):
    environment, layout = instance.workers_environment(), instance.layout
    if "ANAMNESIS_CONTRACT_LOG" in environment:
        # By a way that the workers' account can go. It may not make files there, but may write this one.
        note = environment["ANAMNESIS_CONTRACT_LOG"] = os.path.realpath(environment["ANAMNESIS_CONTRACT_LOG"])
        if not os.path.exists(note):
            Path(note).touch(mode=0o600)
            layout.program_account.own(note)
    workers, jobs, store, scan = (layout.programs / f"anamnesis-{name}" for name in ("fcgi", "jobs", "store", "scan"))
    with step("starting the workers, the background program, the store and the scanner"):
        instance.workers.renew([workers], layout.program_account, environment, gently=True)
        if jobs.exists():
            instance.jobs.renew([jobs], layout.jobs_account, instance.jobs_environment())
        if store.exists():
            instance.store.renew([store], layout.store_account, instance.store_environment())
        if scan.exists():
            parts = [layout.programs / f"anamnesis-scan-{part}" for part in ("engine", "picture", "document")]
            instance.scan.renew([scan], layout.scan_account, instance.scan_environment(), parts)


def start_nginx(instance):
    seconds = int(instance.environment().get("ANAMNESIS_REQUEST_SECONDS", DEFAULT_REQUEST_SECONDS))
    running = instance.nginx.pid() is not None
    with step("starting nginx" if not running else "nginx"):
        site.certificates(instance.layout)
        if not running:
            site.require_free(instance.port)
        configuration = site.configure(instance.layout, instance.port, seconds)
        site.prepare_log(instance.layout)
        if running:
            instance.nginx.signal(signal.SIGHUP)
        else:
            # The master process needs root's rights only for its own files; its workers have none.
            me = Account("root") if instance.layout.root else instance.layout.program_account
            instance.nginx.start([site.nginx_program(), "-p", instance.layout.nginx, "-c", configuration,
                                  "-e", "stderr"], me, {"PATH": "/usr/bin:/bin"})


def wait_until_ready(instance, facts):
    context = ssl.create_default_context(cafile=facts["ca_file"])
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    deadline = time.monotonic() + READY_SECONDS
    with step("waiting until it is ready"):
        while True:
            try:
                with opener.open(f"https://localhost:{instance.port}/readyz", timeout=5):
                    if (instance.layout.store_run / "store.sock").is_socket():
                        return
                    reason = "the store does not listen yet"
            except (urllib.error.URLError, OSError) as fault:
                reason = fault
            for process in (instance.workers, instance.store, instance.scan, instance.nginx):
                if process.pid() is None:
                    raise Trouble(f"{process.name} has ended.\n{process.last_words()}")
            if time.monotonic() > deadline:
                raise Trouble(f"It was not ready within {READY_SECONDS} s ({reason}).\n"
                              f"{instance.workers.last_words()}\n{instance.nginx.last_words()}")
            time.sleep(0.03)


def bring_up(var, port):
    """Everything that does not run yet. Gives the instance and what demo.json says."""
    if not (PROGRAMS_BUILT / "anamnesis-fcgi").exists():
        raise Trouble("The programs are not built: make build")
    os.umask(0o022)
    layout = Layout(var).prepare()
    instance = Instance(layout, port)
    recorded = layout.recorded()
    if recorded is not None and recorded["port"] != port and instance.nginx.pid() is not None:
        raise Trouble(f"{layout.var} runs already, on port {recorded['port']}. First: make stop VAR={var}")
    layout.record(port=port, state=str(layout.state))
    made = start_database(instance)
    facts = demo.write(layout, port, instance.postgres, made)
    start_programs(instance)
    start_nginx(instance)
    instance.write_command_file()
    wait_until_ready(instance, facts)
    return instance, facts


def command_example(instance):
    """How the operator's command is called for this instance; from the source's directory `var` is found by itself."""
    var = instance.layout.var
    program = os.path.relpath(PROGRAMS_BUILT / "anamnesis")
    chosen = "" if var == TOP / "var" and os.getcwd() == str(TOP) else f" --instance {shlex.quote(os.path.relpath(var))}"
    return f"{program}{chosen} practice list"


def tell(instance, facts):
    accounts = "\n".join(f"    {account['email']}  {account['password']}   ({account['role']}, {practice['name']})"
                         for practice in facts["practices"] for account in practice["staff"])
    if instance.layout.signatures != FRESHCLAM and "ANAMNESIS_SIGNATURES" not in os.environ:
        print("\n  Development signatures: uploads are scanned, but only test files are found. For others install freshclam\n"
              f"  (Debian's clamav-freshclam), which fetches them into {FRESHCLAM}, and start again.")
    print(f"""
  Anamnesis runs at {facts['base_url']}
    the contract    {facts['base_url']}/docs
    CA certificate  {facts['ca_file']}
    mail            {facts['mail_dir']}
    logs            {instance.layout.log}
    all of it       {instance.layout.var / 'demo.json'} (with the accounts' one-time-code secrets)
    its command     {command_example(instance)}
  Accounts:
{accounts}
""", flush=True)


def start(var, port):
    """In the background. What runs already stays; programs that were built anew are replaced without a gap, those that would be
    started with other settings now are started again."""
    with locked(var):
        instance, facts = bring_up(var, port)
    tell(instance, facts)
    print(f"  Stop it with: make stop{'' if str(var) == 'var' else f' VAR={var}'}", flush=True)
    return 0


def shut_down(instance):
    for process in (instance.nginx, instance.scan, instance.store, instance.workers, instance.jobs, instance.database):
        if process.pid() is None:
            process.stop()
            continue
        with step(f"stopping {process.name}"):
            process.stop()
    shutil.rmtree(instance.layout.body, ignore_errors=True)


def run(var, port):
    """In the foreground: until Ctrl-C, SIGTERM, or until one of the programs ends."""
    def interrupt(number, frame):
        raise KeyboardInterrupt
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    status = 0
    instance = None
    with locked(var):
        try:
            instance, facts = bring_up(var, port)
            tell(instance, facts)
            print("  Ctrl-C stops it.", flush=True)
            while all(process.pid() is not None for process in instance.processes):
                time.sleep(0.5)
            for process in instance.processes:
                if process.pid() is None:
                    print(f"\n{process.name} has ended.\n{process.last_words()}", file=sys.stderr)
            status = 1
        except KeyboardInterrupt:
            print(flush=True)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            shut_down(instance if instance is not None else Instance(Layout(var).prepare(), port))
    return status


def existing(var, port):
    """The instance of that directory, or None when there never was one."""
    layout = Layout(var)
    recorded = layout.recorded()
    if recorded is None:
        print(f"There is no instance in {layout.var}.")
        return None
    return Instance(layout.prepare(), recorded["port"])


def stop(var, port):
    if not Path(var).exists():
        print(f"There is no instance in {var}.")
        return 0
    with locked(var):
        instance = existing(var, port)
        if instance is not None:
            if all(process.pid() is None for process in instance.processes):
                print(f"Nothing runs in {instance.layout.var}.")
            shut_down(instance)
    return 0


def remove(var, port):
    """Stops it and deletes everything of it: database, keys, mail, logs."""
    stop(var, port)
    layout = Layout(var)
    recorded = layout.recorded()
    if recorded is not None:
        shutil.rmtree(recorded["state"], ignore_errors=True)
        shutil.rmtree(layout.var, ignore_errors=True)
        print(f"{layout.var} is deleted.")
    return 0


def status(var, port):
    instance = existing(var, port)
    if instance is None:
        return STATUS_STOPPED
    for process in instance.processes:
        pid = process.pid()
        since = "" if pid is None else time.strftime(" since %Y-%m-%d %H:%M:%S", time.localtime(process.started_at()))
        print(f"  {process.name:12} {'stopped' if pid is None else f'runs, process {pid}{since}'}")
    running = all(process.pid() is not None for process in instance.processes)
    if running:
        print(f"  https://localhost:{instance.port}, {instance.layout.var / 'demo.json'}")
    return 0 if running else STATUS_STOPPED
