"""Connecting to Temporal, with the converter that every party must share."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter


async def connect(address: str, namespace: str) -> Client:
    """Return a client. Raises RuntimeError where no server answers at the address."""
    return await Client.connect(address, namespace=namespace, data_converter=pydantic_data_converter)
