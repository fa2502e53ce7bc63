"""A keyring's file is replaced by the commands that change it, and stays whose it was: programs that read it go on reading it."""

import grp
import json
import os
import pwd
import stat

import pytest

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def keyring(bare, tmp_path):
    """A keyring of a migrated database: (path, what its file is, command)."""
    path = tmp_path / "keyring.json"
    assert bare.command("keys", "create", path).returncode == 0

    def command(*arguments):
        done = bare.command(*arguments, ANAMNESIS_KEYRING_FILE=str(path))
        assert done.returncode == 0, done.stderr
        return done
    command("migrate")
    return path, command


def facts(path):
    found = path.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


def give_away(path, mode):
    """To an account that is not the caller's; gives what the file is now. As nobody but root can, a user keeps it."""
    path.chmod(mode)
    if AS_ROOT:
        os.chown(path, pwd.getpwnam("postgres").pw_uid, grp.getgrnam("daemon").gr_gid)
        assert facts(path) != (0, 0, mode)
    return facts(path)


def versions(path, kind="kek"):
    return sorted(entry["version"] for entry in json.loads(path.read_text(encoding="utf-8"))[kind])


@pytest.mark.parametrize("mode", [0o400, 0o440])
def test_every_command_that_changes_it_keeps_owner_group_and_mode(keyring, mode):
    path, command = keyring
    was = give_away(path, mode)
    inode = path.stat().st_ino
    command("keys", "rotate", "--prepare", "--wait", "0")
    assert versions(path) == [1, 2] and facts(path) == was and path.stat().st_ino != inode
    command("keys", "rotate", "--wait", "0")
    assert facts(path) == was
    command("keys", "retire", "--kind", "kek", "1")
    assert versions(path) == [2] and facts(path) == was
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("lacking", [{"audit"}, {"files"}, {"audit", "files"}])
def test_an_upgrade_keeps_owner_group_and_mode(keyring, lacking):
    path, command = keyring
    whole = json.loads(path.read_text(encoding="utf-8"))
    path.chmod(0o600)
    path.write_text(json.dumps({kind: keys for kind, keys in whole.items() if kind not in lacking}), encoding="utf-8")
    was = give_away(path, 0o440)
    command("keys", "upgrade", path)
    after = json.loads(path.read_text(encoding="utf-8"))
    assert after.keys() == whole.keys() and facts(path) == was
    assert all((after[kind] == whole[kind]) == (kind not in lacking) for kind in whole)
    assert all(versions(path, kind) == [1] for kind in lacking)


def test_the_directorys_group_does_not_become_the_files(keyring):
    """In a directory with the set-group-ID bit."""
    path, command = keyring
    if AS_ROOT:
        os.chown(path.parent, 0, grp.getgrnam("daemon").gr_gid)
    path.parent.chmod(0o2755)
    was = facts(path)
    command("keys", "rotate", "--prepare", "--wait", "0")
    assert versions(path) == [1, 2] and facts(path) == was


def test_a_link_goes_on_pointing_to_the_file(keyring, tmp_path_factory):
    path, command = keyring
    real = tmp_path_factory.mktemp("elsewhere") / "real.json"
    path.rename(real)
    path.symlink_to(real)
    was = give_away(real, 0o400)
    command("keys", "rotate", "--prepare", "--wait", "0")
    assert path.is_symlink() and versions(real) == [1, 2] and facts(real) == was
