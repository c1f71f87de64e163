"""`make demo`: a build goes on the air against the local stand-in of the service, through the C ABI.

Starts the emulator, makes a small build (or takes yours), and runs bindings/c/examples/go_live.c on it.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests" / "Integration"))
from emulator import Emulator, make_build  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description="Brings a build on the air against a local stand-in of Streampixel.")
    parser.add_argument("--build", type=pathlib.Path, help="a .zip of a packaged build; without it, a small one is made")
    given = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="slipway-demo-") as folder:
        if given.build is None:
            build = pathlib.Path(folder) / "MyGame-1.0.zip"
            make_build(build)
        else:
            build = given.build.resolve()
            if not build.is_file():
                print(f"demo: {build} is not a file", file=sys.stderr)
                return 1
        # Quick states, so that the whole way takes seconds instead of the service's 5 to 50 minutes.
        with Emulator(["--state-ms", "1000", "--rate-window-ms", "2000"], files=build.parent) as emulator:
            print(f"the stand-in of the service listens at {emulator.base_url}")
            print(f"the build is {build} ({build.stat().st_size:,} bytes)\n", flush=True)
            environment = dict(os.environ, STREAMPIXEL_API_KEY=emulator.api_key, STREAMPIXEL_USER_ID=emulator.user_id)
            link = emulator.file_url(build.name)
            command = [ROOT / "build" / "go_live", "--base-url", emulator.base_url, "--interval", "200", link, emulator.project_id]
            return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
