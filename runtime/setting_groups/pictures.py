"""Settings of the limits on pictures."""

from pydantic import BaseModel, Field, FilePath, field_validator

from adapters.address import host_and_port


class PictureSettings(BaseModel):
    """Limits on pictures and on imaging work."""

    max_upload_mb: int = Field(30, description="Maximum size of a picture file, in MB.", gt=0)
    max_megapixels: int = Field(50, description="Maximum size of a picture, in megapixels.", gt=0)
    imaging_processes: int = Field(2, description="Child processes that work on pictures in parallel.", gt=0)
    imaging_memory_mb: int = Field(3000, description="Memory limit of one imaging process, in MB.", gt=0)
    imaging_cpu_seconds: int = Field(
        120,
        description="Limit on the CPU time of one step on a picture, in seconds (for checking an upload: a sixth of "
        "it). A picture that exceeds it, or the memory limit, is rejected for good.",
        gt=5,
    )
    preview_watermark: str = Field("预览 PREVIEW", description="Text of the watermark on previews; empty for none.")
    label_producer: str = Field(
        "",
        description="Who made a picture, in the label that every file made by a model carries (GB 45438-2025): 001, 1, "
        "the 18 characters of the shop's social credit code and 5 digits for the service; empty: SHOP_NAME.",
        max_length=100,
    )
    c2pa_certificate: FilePath | None = Field(
        None,
        description="PEM file of the shop's own C2PA certificate (ES256), followed by those above it. With it and "
        "C2PA_KEY, every file that a model made is signed (Content Credentials; not PSD).",
    )
    c2pa_key: FilePath | None = Field(None, description="PEM file (PKCS #8) of that certificate's private key.")
    clamd_address: str = Field(
        "",
        description="Host and port of a ClamAV daemon (clamd), which scans each file from outside before it is opened; "
        "empty: none are scanned. Its StreamMaxLength must be 200M, the largest file that designers hand in.",
    )
    private_picture_hosts: str = Field(
        "",
        description="Hosts on private networks that pictures may be fetched from (name:port, comma-separated). Leave "
        "empty in production: then only public addresses are fetched.",
    )

    @field_validator("clamd_address")
    @classmethod
    def _is_a_host_and_a_port(cls, address: str) -> str:
        return host_and_port(address) if address.strip() else ""
