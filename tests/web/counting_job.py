"""A job for tests of the worker: keeps the contract of a job and does what the name of its rule says.

Writes one line to ``began.txt`` beside the city for each time that it began and one to ``ended.txt`` for each end.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

folder = Path(sys.argv[1])
job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
notes = Path(job["city"])
wish = job["asked"].get("set_by", "")
number = folder.parent.name


def gone() -> None:
    """Whoever began this job has died: end with it."""
    while os.read(0, 4096):
        pass
    os._exit(9)


def note(name: str) -> None:
    with (notes / name).open("a", encoding="ascii") as opened:
        opened.write(f"{number} {folder.name} {os.getpid()}\n")


if os.environ.get("MUTIRAO_PARENT") == "1":
    threading.Thread(target=gone, daemon=True).start()
note("began.txt")
steps = {"es": "contando", "pt-br": "contando"}
print("not a line of the contract", flush=True)
print(json.dumps({"share": 0.2, "step": "counting", "steps": steps}), flush=True)
if wish == "wrong":
    why = {"en": ["Row 3 is wrong."], "es": ["La fila 3 está mal."], "pt-br": ["A linha 3 está errada."]}
    (folder / "why.json").write_text(json.dumps(why), encoding="utf-8")
    sys.exit(3)
if wish == "fault":
    raise RuntimeError("nobody foresaw this")
if wish == "killed":
    os.kill(os.getpid(), 9)
if wish == "greedy":
    held = b"x" * 400_000_000
if wish in ("slow", "greedy"):
    time.sleep(60)
# Long on the first try only, so that a second one shows that the first was given up.
time.sleep(60 if wish == "long at first" and folder.name == "attempt-1" else 0.05)
(folder / "result").mkdir()
(folder / "result" / "check.json").write_text('{"good": true}', encoding="ascii")
(folder / "result" / "summary.json").write_text(json.dumps({"by": folder.name}), encoding="ascii")
print(json.dumps({"share": 0.9, "step": "counted", "steps": steps}), flush=True)
note("ended.txt")
