"""The scripts and the style sheet of the board."""

from pathlib import Path

from gateway.assets import AssetFolder

ASSETS = AssetFolder("/staff/static", Path(__file__).parent / "static")
router = ASSETS.router()
