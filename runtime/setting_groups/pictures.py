"""Limits on pictures."""

from pydantic import BaseModel, Field


class PictureSettings(BaseModel):
    """Limits on pictures and on the work on them."""

    max_upload_mb: int = Field(30, description="Largest picture file taken, in MB.", gt=0)
    max_megapixels: int = Field(50, description="Largest picture taken, in millions of pixels.", gt=0)
    imaging_processes: int = Field(2, description="Child processes that work on pictures at the same time.", gt=0)
    imaging_memory_mb: int = Field(3000, description="Memory one picture process may take, in MB.", gt=0)
    imaging_cpu_seconds: int = Field(
        120,
        description="CPU time that one step on a picture may take, in seconds (proving an upload: a sixth of it). What "
        "takes longer is refused for good, as what passes the memory is.",
        gt=5,
    )
    preview_watermark: str = Field("预览 PREVIEW", description="Words laid over previews; empty for none.")
    private_picture_hosts: str = Field(
        "",
        description="Hosts (name:port, comma-separated) on private addresses that pictures may be fetched from. "
        "Empty in production: only public addresses are fetched.",
    )
