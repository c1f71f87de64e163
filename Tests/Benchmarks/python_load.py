"""Sends POSTs from Python with one of several clients, so many in flight, and prints one JSON line as the C programs do.

    python_load.py --client slipway|slipway-await|aiohttp|requests --base-url URL --in-flight 64 [--seconds 2] [--warm-up 0.5]

Each does the same job: a body made from a dict, the answer parsed and checked. `slipway` starts the next call in the callback of the
last one, `slipway-await` and `aiohttp` run one task per call in flight, `requests` one thread.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import threading
import time
from typing import Any, Tuple

PROJECT = "665a1c2e9b1d4f0012ab34cd"
BODY = {"apiKey": "benchmark-key", "userId": "benchmark-user", "projectId": PROJECT}


class Count:
    """What finished so far, and whether to go on. Each runner adds from one thread, or holds the lock."""

    def __init__(self) -> None:
        self.calls = 0
        self.failures = 0
        self.stopping = False
        self.first_failure = ""

    def failed(self, why: object) -> None:
        self.failures += 1
        self.first_failure = self.first_failure or str(why)


Sample = Tuple[float, float, int]  # the clock and the CPU time in seconds, and the calls so far


def sample(count: Count) -> Sample:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.monotonic(), usage.ru_utime + usage.ru_stime, count.calls


def measure(count: Count, warm_up: float, seconds: float) -> tuple[Sample, Sample]:
    """Watches the clock on a thread that has nothing else to do."""
    time.sleep(warm_up)
    begin = sample(count)
    time.sleep(seconds)
    return begin, sample(count)


async def measure_on_loop(count: Count, warm_up: float, seconds: float) -> tuple[Sample, Sample]:
    """Watches the clock between other tasks of the loop."""
    await asyncio.sleep(warm_up)
    begin = sample(count)
    await asyncio.sleep(seconds)
    return begin, sample(count)


def slipway_client(arguments: argparse.Namespace) -> Any:
    import slipway

    service = slipway.Streampixel(api_key=BODY["apiKey"], user_id=BODY["userId"], base_url=arguments.base_url)
    return slipway.Client(streampixel=service, proxy="", max_connections=arguments.in_flight)


def run_slipway(arguments: argparse.Namespace, count: Count) -> tuple[Sample, Sample]:
    with slipway_client(arguments) as client:

        def finished(operation: Any) -> None:
            if count.stopping:
                return
            try:
                if not operation.result(0).delivered:
                    count.failed("the sink's answer says: not delivered")
            except Exception as error:
                count.failed(error)
            count.calls += 1
            start()

        def start() -> None:
            client.test_webhook(PROJECT, wait=False).add_done_callback(finished)

        for _ in range(arguments.in_flight):
            start()
        samples = measure(count, arguments.warm_up, arguments.seconds)
        count.stopping = True
    return samples


def run_slipway_await(arguments: argparse.Namespace, count: Count) -> tuple[Sample, Sample]:
    async def caller(client: Any) -> None:
        while not count.stopping:
            if not (await client.test_webhook(PROJECT, wait=False)).delivered:
                count.failed("the sink's answer says: not delivered")
            count.calls += 1

    async def main() -> tuple[Sample, Sample]:
        with slipway_client(arguments) as client:
            callers = [asyncio.ensure_future(caller(client)) for _ in range(arguments.in_flight)]
            samples = await measure_on_loop(count, arguments.warm_up, arguments.seconds)
            count.stopping = True
            for error in await asyncio.gather(*callers, return_exceptions=True):
                if error is not None:
                    count.failed(error)
            return samples

    return asyncio.run(main())


def run_aiohttp(arguments: argparse.Namespace, count: Count) -> tuple[Sample, Sample]:
    import aiohttp

    url = arguments.base_url + "/projects/test-webhook"

    async def caller(session: Any) -> None:
        while not count.stopping:
            async with session.post(url, json=BODY) as response:
                answer = await response.json()
                if response.status != 200 or answer["success"] is not True:
                    count.failed(f"{response.status} {answer}")
            count.calls += 1

    async def main() -> tuple[Sample, Sample]:
        connector = aiohttp.TCPConnector(limit=arguments.in_flight)
        async with aiohttp.ClientSession(connector=connector) as session:
            callers = [asyncio.ensure_future(caller(session)) for _ in range(arguments.in_flight)]
            samples = await measure_on_loop(count, arguments.warm_up, arguments.seconds)
            count.stopping = True
            for error in await asyncio.gather(*callers, return_exceptions=True):
                if error is not None:
                    count.failed(error)
            return samples

    return asyncio.run(main())


def run_requests(arguments: argparse.Namespace, count: Count) -> tuple[Sample, Sample]:
    import requests

    url = arguments.base_url + "/projects/test-webhook"
    lock = threading.Lock()

    def caller() -> None:
        with requests.Session() as session:
            session.trust_env = False
            while not count.stopping:
                try:
                    response = session.post(url, json=BODY, timeout=60)
                    good = response.status_code == 200 and response.json()["success"] is True
                    why: object = response.text
                except (requests.RequestException, ValueError, KeyError) as error:
                    good, why = False, error
                with lock:
                    count.calls += 1
                    if not good:
                        count.failed(why)

    callers = [threading.Thread(target=caller) for _ in range(arguments.in_flight)]
    for thread in callers:
        thread.start()
    samples = measure(count, arguments.warm_up, arguments.seconds)
    count.stopping = True
    for thread in callers:
        thread.join()
    return samples


RUNNERS = {"slipway": run_slipway, "slipway-await": run_slipway_await, "aiohttp": run_aiohttp, "requests": run_requests}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--client", choices=sorted(RUNNERS), required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--warm-up", type=float, default=0.5)
    arguments = parser.parse_args()
    count = Count()
    begin, end = RUNNERS[arguments.client](arguments, count)
    calls, seconds = end[2] - begin[2], end[0] - begin[0]
    result = {
        "calls": calls,
        "seconds": round(seconds, 6),
        "rate": round(calls / seconds, 1),
        "cpu_us": round((end[1] - begin[1]) * 1e6 / calls, 3) if calls else 0.0,
        "failures": count.failures,
    }
    print(json.dumps(result))
    if count.failures:
        raise SystemExit(f"{arguments.client}: {count.failures} calls failed, the first one: {count.first_failure}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
