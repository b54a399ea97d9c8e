"""S3-compatible object storage: SeaweedFS in one process."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from stack.child import Child
from stack.ports import LOOPBACK
from stack.programs import program
from stack.servers.server import Server, Site

PROBE = "stack/is-ready.txt"


class Storage(Server):
    """One private bucket with one access key, created at the first start."""

    name = "storage"
    usual_ports: ClassVar = {"storage": 8333}
    # Ports of the parts of the process, except its admin part, which chooses its own.
    inner_ports: ClassVar = {
        "s3.port.grpc": 8334,
        "master.port": 8335,
        "master.port.grpc": 8336,
        "volume.port": 8337,
        "volume.port.grpc": 8338,
        "filer.port": 8339,
        "filer.port.grpc": 8340,
    }

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.folder = site.folder.path / "storage"
        self.port = site.ports["storage"]
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.bucket = site.user.s3_bucket_name
        self.keys = {
            "AWS_ACCESS_KEY_ID": site.user.aws_access_key_id,
            "AWS_SECRET_ACCESS_KEY": site.secret("aws_secret_access_key"),
        }
        self.settings = {
            "S3_ENDPOINT_URL": self.url,
            "S3_BUCKET_NAME": self.bucket,
            "AWS_REGION": site.user.aws_region,
            **self.keys,
        }
        self.links = {"Object storage (S3)": f"{self.url}/{self.bucket}"}

    def child(self, env: Mapping[str, str]) -> Child:  # noqa: ARG002 - it needs no settings
        """Return its child process."""
        flags: dict[str, object] = {
            "dir": ".",
            "ip": LOOPBACK,
            "ip.bind": LOOPBACK,
            "bucket": self.bucket,
            "s3.port": self.port,
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "webdav": "false",
            "admin.ui": "false",
            "master.telemetry": "false",
            "volume.preStopSeconds": 0,
            # Not in /tmp, where another user's may exist; relative paths are always short enough.
            "s3.localSocket": "s3.sock",
            "filer.localSocket": "filer.sock",
            **{flag: self.site.ports[flag] for flag in self.inner_ports},
        }
        return Child(
            name=self.name,
            argv=[program("weed"), "mini", *(f"-{flag}={value}" for flag, value in flags.items())],
            env=self.keys,
            cwd=self.folder,
            prepare=self._make_folder,
            is_ready=self._is_ready,
        )

    async def _make_folder(self) -> None:
        self.folder.mkdir(exist_ok=True)

    async def _is_ready(self) -> bool:
        bucket = S3Store(
            self.bucket,
            endpoint=self.url,
            region=self.site.user.aws_region,
            access_key_id=self.keys["AWS_ACCESS_KEY_ID"],
            secret_access_key=self.keys["AWS_SECRET_ACCESS_KEY"],
            client_options={"allow_http": True},
            retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=2)},
        )
        try:  # write and read a file: its parts connect only some time after it listens
            await obstore.put_async(bucket, PROBE, b"ready")
            await (await obstore.get_async(bucket, PROBE)).bytes_async()
        except BaseError:
            return False
        return True
