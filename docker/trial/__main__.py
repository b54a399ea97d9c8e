"""Tests the containers: builds the images, starts the demo, plays an order and measures; `make docker-try`.

If no engine is reachable, root starts one. If images cannot be pulled, stand-ins are built from a plain Debian and the
programs in our packages (stand-ins/Dockerfile). Everything else is removed at the end.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from docker.trial.containers import Containers
from docker.trial.engine import Skipped, building_client, engine, say
from docker.trial.images import Images

USUAL_FOLDER = "/var/tmp/darkroom-trial"  # noqa: S108 - our own engine keeps its Debian image there


def main() -> int:
    """Return 0 if the order was completed, or if there is no engine."""
    folder = Path(os.environ.get("DOCKER_TRIAL") or USUAL_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with engine(folder):
            images = Images(folder, building_client())
            images.ours()
            with tempfile.TemporaryDirectory(dir=folder) as copy:
                containers = Containers(Path(copy))
                containers.take(images)
                _try(containers)
    except Skipped as reason:
        say(f"skipped: {reason}")
    except (subprocess.CalledProcessError, AssertionError) as error:
        say(f"the containers do not work: {error}")
        return 1
    return 0


def _try(containers: Containers) -> None:
    try:
        containers.start()
        containers.play()
        containers.start_again()
        containers.measure()
        containers.stop()
    except subprocess.CalledProcessError:
        containers.tell_all()
        raise
    finally:
        containers.remove()


if __name__ == "__main__":
    sys.exit(main())
