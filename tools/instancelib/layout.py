"""Where everything of an instance is, and which account each program of it has.

Started by an ordinary user, every program runs as that user and everything is below the instance's directory: what one
program may read, all may.

Started by root, nothing of it runs as root but nginx's master process: PostgreSQL runs as `postgres`, workers as
`anamnesis`, the background program as `anamnesis-jobs`, the store as `anamnesis-store`, the scanner as `anamnesis-scan` (tools/install makes them), nginx's
workers as `www-data` with the group of the sockets. The store's files have a group, `anamnesis-objects`. Those accounts have to reach their files; when they cannot (a clone below /root), the instance's files are
in /var/lib/anamnesis-HASH instead, and the instance's directory holds links to them.
"""
import grp
import hashlib
import json
import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

from . import Trouble

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
PROGRAMS_BUILT = Path(os.environ.get("ANAMNESIS_BUILD", BUILD)).resolve()  # elsewhere: the sanitizers' build
PROGRAMS = ("anamnesis", "anamnesis-fcgi", "anamnesis-jobs", "anamnesis-store",
            "anamnesis-scan", "anamnesis-scan-engine", "anamnesis-scan-clamd", "anamnesis-scan-picture", "anamnesis-scan-document",
            "anamnesis-store-fetch")
OBJECTS_GROUP = "anamnesis-objects"
FILES_GROUP = "anamnesis-files"  # of those that have the keyring for files; nginx's workers may be in the store's own group

FRESHCLAM = Path("/var/lib/clamav")
SIGNATURES_SECONDS = 24 * 3600  # then ours are written anew
# What every scanner finds (eicar.org); in two parts, so that this file is not found.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"

# sun_path of Linux has 108 bytes; the longest name below the directory of sockets is pg/.s.PGSQL.5432.lock.
SOCKET_PATH_MAX = 107
LONGEST_SOCKET = len("/pg/.s.PGSQL.5432.lock")


class Account:
    """Who a program runs as, and the groups that it has beside its own."""

    def __init__(self, name, groups=()):
        try:
            self.entry = pwd.getpwnam(name)
            self.groups = [grp.getgrnam(group).gr_gid for group in groups]
        except KeyError:
            raise Trouble(f"There is no account {name!r}, or no group {' or '.join(groups) or name!r}. `tools/install run` makes it.") from None
        self.name = name

    @property
    def popen(self):
        """For subprocess: how to become this account. Nothing to do unless we are root."""
        if os.getuid() != 0:
            return {}
        return {"user": self.entry.pw_uid, "group": self.entry.pw_gid, "extra_groups": self.groups}

    def own(self, path, group=None):
        """`group`: another one than the account's."""
        if os.getuid() == 0:
            os.chown(path, self.entry.pw_uid, self.entry.pw_gid if group is None else grp.getgrnam(group).gr_gid)


def can_reach(account, path):
    done = subprocess.run(["/usr/bin/test", "-x", path], cwd="/", **account.popen, check=False)
    return done.returncode == 0


class Layout:
    """The paths and accounts of one instance. Makes the directories that are missing."""

    def __init__(self, var):
        self.var = Path(os.path.abspath(var))
        self.hash = hashlib.sha256(str(self.var).encode()).hexdigest()[:8]
        root = os.getuid() == 0
        me = pwd.getpwuid(os.getuid()).pw_name
        self.root = root
        self.database_account = Account("postgres" if root else me)
        self.program_account = Account("anamnesis" if root else me)
        self.jobs_account = Account("anamnesis-jobs" if root else me, [OBJECTS_GROUP] if root else [])
        self.store_account = Account("anamnesis-store" if root else me, [OBJECTS_GROUP, FILES_GROUP] if root else [])
        self.scan_account = Account("anamnesis-scan" if root else me, [OBJECTS_GROUP, FILES_GROUP] if root else [])

    def prepare(self):
        """Directories, with their owners and modes."""
        self._make(self.var, 0o755)
        self.state = self._find_state()
        self.programs = PROGRAMS_BUILT
        if self.state != self.var:
            self._make(self.state, 0o755)
            self._copy_programs()
        self.run = self._find_run()
        self.pg_run = self._make(self.run / "pg", 0o755, self.database_account)
        # The store's socket gets the directory's group, in which nginx's workers are.
        self.store_run = self._make(self.run / "store", 0o2750, self.store_account, "anamnesis")
        self.log = self._make(self.state / "log", 0o755)
        self.pg_log = self._make(self.log / "postgresql", 0o750, self.database_account)
        # Passed through by both accounts, listed by neither; each file in it has one reader.
        self.keys = self._make(self.state / "keys", 0o711)
        self.mail = self._make(self.state / "mail", 0o700, self.jobs_account)
        self.audit = self._make(self.state / "audit", 0o700, self.jobs_account)
        for path in (*self.mail.rglob("*"), *self.audit.rglob("*")):
            self.jobs_account.own(path)  # an instance of before had one account for both
        self.objects = self._make_objects()
        self.signatures = self._find_signatures()
        self.scan_room = self._make(self.state / "scan", 0o700, self.scan_account)
        self.tls = self._make(self.state / "tls", 0o755)
        self.nginx = self._make(self.state / "nginx", 0o755)
        self._make(self.nginx / "tmp", 0o700, Account("www-data") if self.root else None)
        self.site = self._copy_site()
        self.body = self._find_body()
        self.data = self.state / "postgresql"
        self.pids = self._make(self.state / "pids", 0o755)
        self._link()
        return self

    def recorded(self):
        """What the last start left in instance.json, or None."""
        try:
            return json.loads((self.var / "instance.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def record(self, **facts):
        write_private(self.var / "instance.json", json.dumps(facts, indent=2) + "\n")

    @staticmethod
    def _make(path, mode, account=None, group=None):
        try:
            path.mkdir(parents=True, exist_ok=True)
            if account is not None:
                account.own(path, group)
            path.chmod(mode)
        except OSError as fault:
            raise Trouble(f"Cannot make the directory {path}: {fault.strerror}. Choose another by VAR=DIR.") from None
        return path

    def _make_objects(self):
        """The bytes of files. Whoever is in the group makes and removes them; a worker is not, and may look at a name that it
        knows below incoming/. What is made there gets the group."""
        objects = self._make(self.state / "objects", 0o2751, self.store_account, OBJECTS_GROUP)
        self._make(objects / "incoming", 0o2771, self.store_account, OBJECTS_GROUP)
        self._make(objects / "sealed", 0o2770, self.store_account, OBJECTS_GROUP)
        return objects

    def _find_signatures(self):
        """freshclam's, when it has fetched some; else ones of our own, which find nothing but the EICAR test file."""
        if any(FRESHCLAM.glob("*.c[vl]d")):
            return FRESHCLAM
        signatures = self._make(self.state / "signatures", 0o755)
        file = signatures / "development.ndb"
        text = f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n"
        # Files are not looked at by signatures of a week ago, whatever they are.
        if not file.exists() or file.read_text(encoding="ascii") != text or file.stat().st_mtime < time.time() - SIGNATURES_SECONDS:
            file.write_text(text, encoding="ascii")
        return signatures

    def _find_state(self):
        programs = (self.program_account, self.jobs_account, self.store_account, self.scan_account)
        if not self.root or (all(can_reach(account, self.var) for account in (self.database_account, *programs)) and
                             all(can_reach(account, PROGRAMS_BUILT) for account in programs)):
            return self.var
        state = Path(f"/var/lib/anamnesis-{self.hash}")
        if not state.exists():
            print(f"  {self.var} cannot be reached by the accounts that PostgreSQL and the workers run as;\n"
                  f"  their files go to {state}")
        return state

    def _copy_programs(self):
        """Beside the state, where the account that runs them reaches them."""
        self.programs = self._make(self.state / "bin", 0o755)
        for name in PROGRAMS:
            source, copy = PROGRAMS_BUILT / name, self.programs / name
            if source.exists() and (not copy.exists() or source.stat().st_mtime > copy.stat().st_mtime):
                fresh = copy.with_suffix(".new")
                shutil.copy2(source, fresh)
                fresh.rename(copy)

    def _copy_site(self):
        """nginx's workers read the pages; they reach them in the state's directory in any case."""
        site = self._make(self.nginx / "site", 0o755)
        for source, target in ((TOP / "nginx" / "www", site / "www"), (BUILD / "docs", site / "docs")):
            if source.exists():
                shutil.copytree(source, target, dirs_exist_ok=True)
        for name in ("headers.conf", "docs-headers.conf", "errors.conf"):
            shutil.copy2(TOP / "nginx" / name, site / name)
        return site

    def _find_run(self):
        """The sockets' directory: in the state, or below /tmp when that path is too long for a socket."""
        run = self.state / "run"
        if len(str(run)) + LONGEST_SOCKET > SOCKET_PATH_MAX:
            run = Path(f"/tmp/anamnesis-{self.hash}")
            run.mkdir(mode=0o755, exist_ok=True)
            if run.is_symlink() or run.stat().st_uid not in (os.getuid(), self.program_account.entry.pw_uid):
                raise Trouble(f"{run} belongs to somebody else. Choose a shorter directory by VAR=DIR.")
        # Others may pass through to PostgreSQL's socket, which asks for a password.
        return self._make(run, 0o755, self.program_account)

    def _find_body(self):
        """Request bodies that do not fit in memory: on a tmpfs, so that they never reach a disk."""
        shared = Path("/dev/shm")
        place = shared / f"anamnesis-{self.hash}" if os.access(shared, os.W_OK) else self.nginx / "body"
        place.mkdir(mode=0o700, exist_ok=True)
        if place.is_symlink() or place.stat().st_uid not in (os.getuid(), self._site_uid()):
            raise Trouble(f"{place} belongs to somebody else; remove it.")
        return self._make(place, 0o700, Account("www-data") if self.root else None)

    def _site_uid(self):
        return pwd.getpwnam("www-data").pw_uid if self.root else os.getuid()

    def _link(self):
        """So that DIR/log, DIR/mail and DIR/keys are where people look for them."""
        if self.state == self.var:
            return
        for name in ("log", "mail", "keys", "objects", "tls", "nginx"):
            link = self.var / name
            if not link.is_symlink() and not link.exists():
                link.symlink_to(self.state / name)


def write_private(path, text, account=None, mode=0o600):
    """In one step, never readable by others, not even for a moment."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if account is not None:
        account.own(fresh)
    fresh.chmod(mode)
    fresh.rename(path)
