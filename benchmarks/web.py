"""The web application under load: readers and programs at once, beside a fixed reference page of the same run.

    make bench-web

Starts a server of its own with the demonstration in it (needs ``make demo`` before) and reads from it over kept
connections. A rate means nothing without the machine it was measured on, so each is printed beside that of the
reference page, which answers two bytes and touches neither database nor templates.
"""

import argparse
import asyncio
import gzip
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READERS, SECONDS = 50, 8.0
REFERENCE = "/alive/"


@dataclass(frozen=True)
class Load:
    """What readers met on one address: answers a second, their times in ms, answers that were not 200."""

    rate: float
    middle: float
    p95: float
    wrong: int


async def _reader(port: int, path: str, end: float, times: list[float], wrong: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\nAccept-Language: en\r\n\r\n"
    try:
        while time.perf_counter() < end:
            began = time.perf_counter()
            writer.write(request.encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
            if length:
                await reader.readexactly(int(length[1]))
            else:  # chunked
                while (size := int((await reader.readline()).strip() or b"0", 16)) > 0:
                    await reader.readexactly(size + 2)
                await reader.readline()
            times.append(time.perf_counter() - began)
            if " 200 " not in head.split("\r\n", 1)[0] + " ":
                wrong.append(1)
    finally:
        writer.close()


async def _load(port: int, path: str, readers: int, seconds: float) -> Load:
    times: list[float] = []
    wrong: list[int] = []
    end = time.perf_counter() + seconds
    await asyncio.gather(*(_reader(port, path, end, times, wrong) for _ in range(readers)))
    ordered = sorted(times)
    return Load(
        len(times) / seconds,
        statistics.median(ordered) * 1e3,
        ordered[int(0.95 * (len(ordered) - 1))] * 1e3,
        len(wrong),
    )


def load(port: int, path: str, readers: int = READERS, seconds: float = SECONDS) -> Load:
    """Read an address by so many readers at once, each asking again as soon as it is answered."""
    return asyncio.run(_load(port, path, readers, seconds))


def fetched(port: int, path: str) -> tuple[bytes, float]:
    """One answer, unpacked, and the seconds it took."""
    began = time.perf_counter()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return answer.read(), time.perf_counter() - began


def weight(port: int, page: bytes) -> dict[str, int]:
    """Compressed bytes of a page and of each script and style that it loads."""
    out = {"page": len(gzip.compress(page, 6))}
    for link in re.findall(rb'(?:src|href)="(/static/[^"]+\.(?:js|css))"', page):
        out[link.decode().rpartition("/")[2]] = len(gzip.compress(fetched(port, link.decode())[0], 6))
    return out


def serve(made: Path, data: Path) -> tuple["subprocess.Popen[bytes]", int]:
    """A server with the demonstration in it, without a worker, and its port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    environment = os.environ | {
        "MUTIRAO_DATA": str(data), "MUTIRAO_DEMO_OUT": str(made), "MUTIRAO_API_OPEN": "100000000",
    }  # fmt: skip
    code = "from mutirao.cli.main import run; raise SystemExit(run())"
    command = [sys.executable, "-c", code, "serve", "--port", str(port), "--no-worker", "--workers", "2"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    for _ in range(600):
        try:
            fetched(port, REFERENCE)
            return process, port
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    process.kill()
    raise SystemExit("the server did not start")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--made", type=Path, default=ROOT / "out" / "boston", help="output of `make demo`")
    given = parser.parse_args()
    if not (given.made / "summary.json").is_file():
        raise SystemExit(f"{given.made} holds no finished plan: run `make demo` first.")
    with tempfile.TemporaryDirectory() as data:
        process, port = serve(given.made, Path(data))
        try:
            _measure(port)
        finally:
            process.terminate()
            process.wait(20)


def _measure(port: int) -> None:
    plans = json.loads(fetched(port, "/api/plans")[0])
    first = (plans["items"] if isinstance(plans, dict) else plans)[0]["id"]
    plan = f"/plans/{first}/"
    pages = {
        "reference (2 bytes)": REFERENCE,
        "front page": "/",
        "plan page": plan,
        "API: one plan": f"/api/plans/{first}",
        "API: cities": "/api/cities",
    }
    for path in pages.values():
        fetched(port, path)  # each process reads its files once
        fetched(port, path)
    print(f"{READERS} readers at once, {SECONDS:.0f} s each; times as the reader meets them, on this machine\n")
    print(f"{'what':22s} {'answers/s':>10s} {'of reference':>13s} {'median ms':>10s} {'p95 ms':>8s} {'not 200':>8s}")
    base = None
    for name, path in pages.items():
        met = load(port, path)
        base = base or met
        beside = met.rate / base.rate
        print(f"{name:22s} {met.rate:10.0f} {beside:13.2f} {met.middle:10.1f} {met.p95:8.1f} {met.wrong:8d}")
    page, _ = fetched(port, plan)
    alone = min(fetched(port, plan)[1] for _ in range(5))
    reference = min(fetched(port, REFERENCE)[1] for _ in range(5))
    times = f"{alone / reference:.0f} x the reference page ({reference * 1e3:.1f} ms)"
    print(f"\nplan page alone: {alone * 1e3:.0f} ms, {times}")
    parts = weight(port, page)
    each = ", ".join(f"{k} {v / 1e3:.0f}" for k, v in parts.items())
    print(f"plan page compressed: {sum(parts.values()) / 1e3:.0f} kB: {each}")
    print("aims on two free cores: p95 below 300 ms, above 500 API reads/s, page below 1 s and 700 kB")


if __name__ == "__main__":
    main()
