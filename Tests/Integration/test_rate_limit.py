"""The service takes one upload and one distribute per user in two minutes: nobody gets a 429 by us, and one that comes is waited out.

The stand-in's window is a few hundred milliseconds here. When it saw each request is in its journal, by its own clock.
"""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Dict, List

import pytest

import slipway
from conftest import Customer
from emulator import Emulator, wait_until

NewCustomer = Callable[[], Customer]
DISTRIBUTE = "/pixelStripeApi/projects/distribute-file"


def distribute(client: slipway.Client, customer: Customer, build: str, **options: Any) -> "slipway.Operation[slipway.DistributionTrigger]":
    return client.distribute(project_id=customer.project_id, upload_id=build, wait=False, **options)


def times(customer: Customer, call: str) -> List[int]:
    return [entry["at"] for entry in customer.posts(call)]


def another_process_was_faster(customer: Customer, build: str) -> None:
    status, _ = customer.emulator.post(
        "distribute-file", apiKey=customer.api_key, userId=customer.user_id, projectId=customer.project_id, uploadId=build)
    assert status == 200
    customer.emulator.clear_journal()


@pytest.mark.parametrize("call", ["upload-file", "distribute-file"])
def test_clients_of_one_user_never_exceed_the_limit(customer: Customer, emulator: Emulator, call: str) -> None:
    window = 250
    emulator.settings(rateWindowMs=window)
    clients = [customer.client(customer.streampixel(rate_window=window / 1000)) for _ in range(2)]
    build = customer.add_build()
    operations: List[slipway.Operation[Any]] = []
    for client in clients * 2:
        if call == "upload-file":
            url = emulator.file_url("MyGame.zip")
            operations.append(client.upload(project_id=customer.project_id, file_url=url, check_url=False, wait=False))
        else:
            operations.append(distribute(client, customer, build))
    for operation in operations:
        operation.result(20)
    assert [entry["status"] for entry in customer.posts(call)] == [200] * 4, "no 429 was ever asked for"
    seen = times(customer, call)
    assert all(later - earlier >= window for earlier, later in zip(seen, seen[1:])), seen


def test_first_call_does_not_wait(customer: Customer) -> None:
    client = customer.client(customer.streampixel(rate_window=120.0))
    start = time.monotonic()
    distribute(client, customer, customer.add_build()).result(5)
    assert time.monotonic() - start < 2


def test_upload_and_distribute_have_turns_of_their_own(customer: Customer, emulator: Emulator) -> None:
    client = customer.client(customer.streampixel(rate_window=120.0), deadline=5)
    client.distribute(project_id=customer.project_id, upload_id=customer.add_build())
    client.upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"))


def test_users_have_turns_of_their_own(new_customer: NewCustomer) -> None:
    for customer in (new_customer(), new_customer()):
        client = customer.client(customer.streampixel(rate_window=120.0), deadline=5)
        client.distribute(project_id=customer.project_id, upload_id=customer.add_build())


def test_refused_calls_use_up_their_turn_too(customer: Customer, emulator: Emulator) -> None:
    """The service counts what it understood, whatever it answered then."""
    emulator.settings(rateWindowMs=300)
    client = customer.client(customer.streampixel(rate_window=0.3))
    with pytest.raises(slipway.NotFoundError):
        client.distribute(project_id=customer.project_id, upload_id="0123456789abcdef01234567")
    client.distribute(project_id=customer.project_id, upload_id=customer.add_build())
    assert [entry["status"] for entry in customer.posts("distribute-file")] == [404, 200]


@pytest.mark.parametrize("told", ["Retry-After", "seconds"])
def test_429_is_waited_out_and_never_shorter_than_told(customer: Customer, emulator: Emulator, told: str) -> None:
    emulator.settings(rateWindowMs=900, rateLimitText="seconds" if told == "seconds" else "minutes", retryAfter=told == "Retry-After")
    build = customer.add_build()
    another_process_was_faster(customer, build)
    seen: List[slipway.Progress] = []
    trigger = distribute(customer.client(), customer, build, on_progress=seen.append).result(20)
    assert trigger.upload_id == build
    posts = customer.posts("distribute-file")
    assert [post["status"] for post in posts] == [429, 200]
    assert posts[1]["at"] - posts[0]["at"] >= 1000, "one second was told"
    waiting = [progress for progress in seen if progress.stage in (slipway.Stage.WAITING_TURN, slipway.Stage.RETRYING)]
    assert waiting and waiting[0].wait > 0.5


def test_429_to_an_upload_is_waited_out(customer: Customer, emulator: Emulator) -> None:
    emulator.settings(rateWindowMs=900, rateLimitText="seconds")
    url = emulator.file_url("MyGame.zip")
    emulator.post("upload-file", apiKey=customer.api_key, userId=customer.user_id, projectId=customer.project_id, fileUrl=url)
    (first,) = customer.builds()
    upload = customer.client().upload(project_id=customer.project_id, file_url=url)
    assert [build["uploadId"] for build in customer.builds()] == [first["uploadId"], upload.upload_id]
    seen = customer.posts("upload-file")
    assert [post["status"] for post in seen] == [200, 429, 200]
    assert seen[2]["at"] - seen[1]["at"] >= 1000


def test_minutes_and_a_word_without_a_number(new_customer: NewCustomer, emulator: Emulator) -> None:
    for message, least in (("Rate limit exceeded. Try again in 2 minutes.", 120), ("Rate limit exceeded. Try again in 1 minute.", 60),
                           ("Rate limit exceeded. Please wait 45 seconds", 45), ("Too many requests", 77)):
        customer = new_customer()
        emulator.clear_faults()
        emulator.fault("status", path=DISTRIBUTE, status=429, body=json.dumps({"message": message}))
        client = customer.client(customer.streampixel(rate_window=77.0), deadline=400)
        seen: List[slipway.Progress] = []
        operation = distribute(client, customer, customer.add_build(), on_progress=seen.append)

        def waits() -> bool:
            return any(progress.wait > 1 for progress in seen)

        wait_until(waits, what=f"the wait after {message!r}")
        assert least - 2 <= seen[-1].wait <= least * 1.5 + 5, (message, seen[-1])
        operation.cancel()
        assert isinstance(operation.exception(5), slipway.CancelledError)
        assert len(customer.posts("distribute-file")) == 1


def test_who_waits_for_a_turn_says_so_and_can_be_cancelled(customer: Customer) -> None:
    client = customer.client(customer.streampixel(rate_window=60.0), deadline=120)
    build = customer.add_build()
    distribute(client, customer, build).result(5)
    seen: List[slipway.Progress] = []
    waiting = distribute(client, customer, build, on_progress=seen.append)
    behind = distribute(client, customer, build)
    wait_until(lambda: seen, what="progress")
    assert seen[-1].stage == slipway.Stage.WAITING_TURN
    assert 50 < seen[-1].wait <= 60 and seen[-1].message
    start = time.monotonic()
    waiting.cancel()
    with pytest.raises(slipway.CancelledError):
        waiting.result(5)
    assert time.monotonic() - start < 1
    assert not behind.done()
    client.close(5)
    assert isinstance(behind.exception(5), slipway.CancelledError)
    assert len(customer.posts("distribute-file")) == 1, "what was cancelled never went out"


def test_cancelled_turn_is_passed_on(customer: Customer, emulator: Emulator) -> None:
    window = 400
    emulator.settings(rateWindowMs=window)
    client = customer.client(customer.streampixel(rate_window=window / 1000))
    build = customer.add_build()
    first, second, third = (distribute(client, customer, build) for _ in range(3))
    first.result(5)
    second.cancel()
    third.result(5)
    seen = times(customer, "distribute-file")
    assert len(seen) == 2
    assert window <= seen[1] - seen[0] < 2 * window, "the third came in the second's place"


def test_deadline_before_the_turn_ends_at_once(customer: Customer) -> None:
    client = customer.client(customer.streampixel(rate_window=60.0))
    build = customer.add_build()
    distribute(client, customer, build).result(5)
    start = time.monotonic()
    with pytest.raises(slipway.RateLimitedError) as caught:
        client.distribute(project_id=customer.project_id, upload_id=build, deadline=30)
    assert time.monotonic() - start < 2
    error = caught.value
    assert error.retriable and error.retry_after is not None and 50 < error.retry_after <= 60
    assert error.message and error.hint
    assert (error.http_status, error.attempts) == (None, 0)
    assert len(customer.posts("distribute-file")) == 1


def test_deadline_before_what_a_429_tells_ends_at_once(customer: Customer, emulator: Emulator) -> None:
    emulator.settings(rateWindowMs=60_000)
    build = customer.add_build()
    another_process_was_faster(customer, build)
    start = time.monotonic()
    with pytest.raises(slipway.RateLimitedError) as caught:
        customer.client().distribute(project_id=customer.project_id, upload_id=build, deadline=10)
    assert time.monotonic() - start < 2
    assert caught.value.retry_after is not None and 60 <= caught.value.retry_after < 75


def test_what_is_not_limited_does_not_wait(customer: Customer) -> None:
    client = customer.client(customer.streampixel(rate_window=60.0))
    build = customer.add_build()
    distribute(client, customer, build).result(5)
    waiting = distribute(client, customer, build, deadline=120)
    for _ in range(20):
        client.project(customer.project_id, deadline=5)
    assert not waiting.done()


def test_429_to_a_question_is_waited_out(customer: Customer, emulator: Emulator) -> None:
    headers: Dict[str, str] = {"Retry-After": "1"}
    emulator.fault("status", path="/pixelStripeApi/*", status=429, body='{"message":"Rate limit exceeded"}', headers=headers)
    assert customer.client().project(customer.project_id).id == customer.project_id
    first, second = emulator.journal()
    assert second["at"] - first["at"] >= 1000
