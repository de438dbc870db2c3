"""The agents themselves, out of the wheels in which pip has them. What was fetched once is kept."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

# The agent, its package, and where its program is in the wheel.
PACKAGES = {
    "claude": ("claude-agent-sdk", "claude_agent_sdk/_bundled/claude"),
    "codex": ("openai-codex-cli-bin", "codex_cli_bin/bin/codex"),
}


class Missing(Exception):
    """Why there is no such agent here."""


def default_directory():
    """Outside of the repository: the wheels are large, and not ours to pass on."""
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return str(pathlib.Path(cache, "neuraphage-proofs", "wheels"))


def program(agent, directory):
    """The path of an agent's program. Without a wheel of it in the directory, pip is asked for the newest."""
    package, inside = PACKAGES[agent]
    directory = pathlib.Path(directory).resolve()
    wheel = newest(package, directory) or download(package, directory)
    unpacked = wheel.with_suffix("")
    if not unpacked.exists():
        unpack(wheel, unpacked)
    if not os.access(unpacked / inside, os.X_OK):
        raise Missing(f"{wheel.name} holds no {inside}")
    return str(unpacked / inside)


def newest(package, directory):
    wheels = directory.glob(package.replace("-", "_") + "-*.whl")
    return max(wheels, key=lambda wheel: wheel.stat().st_mtime, default=None)


def download(package, directory):
    directory.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "--no-deps", "--only-binary", ":all:", "--dest", directory, package],
                          capture_output=True, text=True)
    wheel = newest(package, directory)
    if done.returncode or not wheel:
        said = (done.stderr.strip() or "nothing was downloaded").splitlines()[-1]
        raise Missing(f"pip has no {package} for this machine: {said}")
    return wheel


def unpack(wheel, target):
    """Unpacks a wheel, with modes, and gives it its name only when it is whole."""
    partial = tempfile.mkdtemp(prefix=".unpacking-", dir=target.parent)
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                path = archive.extract(member, partial)
                if mode := member.external_attr >> 16 & 0o777:
                    os.chmod(path, mode)
        os.rename(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
