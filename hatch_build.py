"""Builds the index's kernel while Tocsin is installed. Where that cannot be, the index does without it."""

import runpy
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_KERNEL = Path("subscriptions/queries/index/kernel")


class KernelHook(BuildHookInterface[Any]):
    """Puts the compiled library beside its source, or into the wheel, which is one for this platform then."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the library; `version` says whether the checkout itself is installed ("editable")."""
        building = runpy.run_path(str(Path(self.root) / _KERNEL / "build.py"))
        try:
            library = building["build"]()
        except (building["NotBuiltError"], OSError) as error:
            self.app.display_warning(f"The index of topics will do without its compiled steps: {error}")
            return
        if version != "editable":
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{_platform()}"
            build_data["force_include"][str(library)] = str(_KERNEL / library.name)


def _platform() -> str:
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
