"""Prints the OpenAPI document, from which clients are generated: `make clients`."""

import json

from gateway.app import create_app
from runtime.settings import Settings

if __name__ == "__main__":
    print(json.dumps(create_app(Settings.model_construct()).openapi(), ensure_ascii=False, indent=2))
