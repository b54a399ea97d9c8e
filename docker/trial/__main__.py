"""Tries the containers for real: builds the images, brings the demo up, plays an order, measures; `make docker-try`.

Where no engine can be reached one is started, by root only. Where images cannot be pulled, stand-ins for them are made
of a plain Debian and the programs of our packages (stand-ins/Dockerfile). Everything else is removed at the end.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from docker.trial.containers import Containers
from docker.trial.engine import Skipped, building_client, engine, say
from docker.trial.images import Images

USUAL_FOLDER = "/var/tmp/darkroom-trial"  # noqa: S108 - a Debian is made once, and kept there by an engine of our own


def main() -> int:
    """Return 0 where the order went through, or there is nothing to try with."""
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
