"""A server that behaves as it is told, for the tests of the supervisor: `standin.py ready.txt [how...]`."""

import signal
import subprocess
import sys
import time
from pathlib import Path

ready, *how = sys.argv[1:]
story = Path(ready).with_suffix(".story")


def tell(what: str) -> None:
    with story.open("a") as file:
        file.write(f"{Path(ready).stem} {what}\n")


def stop(signum: int, frame: object) -> None:
    tell(f"stops on {signal.Signals(signum).name}")
    sys.exit(0)


signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in how else stop)
signal.signal(signal.SIGINT, stop)
if "parent" in how:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print(f"child {child.pid}", flush=True)
tell("starts")
if "broken" in how:
    sys.exit("no such table: orders")
if "job" in how:
    sys.exit(0)
if "slow" in how:
    time.sleep(60)
Path(ready).write_text("ready")
if "mortal" in how:
    time.sleep(0.2)
    sys.exit("out of paper")
while True:
    time.sleep(60)
