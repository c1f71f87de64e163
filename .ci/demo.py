"""`make demo`: a build goes on the air against the local stand-in of the services, through the C ABI.

Starts the emulator, which is EnterMediaDB and Streampixel in one, makes a small build (or takes yours), and runs bindings/c/examples/release.c
on it: zip, asset, distribution, upload, states, distribute, live. While the emulator runs, the public link is read as anybody would.
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
from emulator import Emulator, make_build, request  # noqa: E402


def read_public_link(emulator: Emulator, size: int) -> int:
    """Reads what was hosted, without a key: as Streampixel did, and as anybody can who knows the link."""
    distributions = emulator.media()["distributions"]
    link = f"{emulator.entermedia['baseUrl']}/services/distribution/published/{distributions[0]['id']}"
    answer = request("GET", link)
    print(f"\nwhile the stand-in ran, the build was public at {link}\n(HTTP {answer.status}, {len(answer.body):,} bytes)")
    return 0 if answer.status == 200 and len(answer.body) == size else 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Brings a build on the air against local stand-ins of EnterMediaDB and Streampixel.")
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
        with Emulator(["--state-ms", "1000", "--rate-window-ms", "2000", "--entermedia-password", "demo-password"]) as emulator:
            media = emulator.entermedia
            print(f"the stand-ins listen: Streampixel at {emulator.base_url}, EnterMediaDB at {media['baseUrl']}")
            print(f"the build is {build} ({build.stat().st_size:,} bytes)\n", flush=True)
            environment = dict(
                os.environ, STREAMPIXEL_BASE_URL=emulator.base_url, STREAMPIXEL_API_KEY=emulator.api_key, STREAMPIXEL_USER_ID=emulator.user_id,
                ENTERMEDIA_BASE_URL=media["baseUrl"], ENTERMEDIA_USER=media["user"], ENTERMEDIA_PASSWORD=media["password"],
                RELEASE_MANUAL="1", RELEASE_PACE_MS="200",
            )  # fmt: skip
            environment.pop("ENTERMEDIA_KEY", None)
            status = subprocess.run([ROOT / "build" / "release", build, emulator.project_id], env=environment, check=False).returncode
            return status or read_public_link(emulator, build.stat().st_size)


if __name__ == "__main__":
    sys.exit(main())
