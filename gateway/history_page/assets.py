"""The scripts and the style sheet of the page."""

from pathlib import Path

from gateway.assets import AssetFolder

ASSETS = AssetFolder("/history/static", Path(__file__).parent / "static")
router = ASSETS.router()
