"""A release to a bucket is ended by SIGKILL, at every request that it makes and between them, and run again with what it had printed.

Whatever the moment: at the end there is one build, one object (or none, where it is to be removed) and no unfinished upload; and at no
time is there anything that the printed lines do not lead to. A run of this file closes with a table of all moments.
"""

from __future__ import annotations

import dataclasses
import pathlib
import subprocess
import sys
import urllib.parse
from typing import Any, Callable, Dict, List, Optional, Tuple

import pytest

import slipway
from conftest import HERE
from emulator import request
from fault_proxy import FaultProxy
from release_site import Site, site
from release_storage_site import Bucket, Host, new_host, swift_bucket
from s3_fixtures import s3_servers
from storage_fixtures import PART, MiB, home, parts_sent
from test_release_killed import DISTRIBUTING, REGISTERING, WAITING, Child, Moment, Row, Story, held, table
from wire_faults import Fault, Stall

HEAD, LIST, CREATE, PART_PUT, COMPLETE, READ, DELETE = (
    "HeadObject", "ListMultipartUploads", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "GetObject", "DeleteObject",
)  # fmt: skip
"""What a release asks a bucket for."""


@pytest.fixture
def file(tmp_path: pathlib.Path, site: Site) -> pathlib.Path:
    """Of two parts."""
    return site.build(size=6 * MiB)


# The process


class BucketChild(Child):
    """release_storage_child.py, under way."""

    def __init__(self, site: Site, bucket: Bucket, file: pathlib.Path, resume_from: Optional[str], *options: str) -> None:
        command = [sys.executable, str(HERE / "release_storage_child.py"), site.project_id, str(file)]
        command += [bucket.s3.bucket, bucket.proxy.endpoint, bucket.prefix, str(PART), *options]
        command += ["--resume-from", resume_from] if resume_from else []
        environment = site.customer.environment(**bucket.s3.environment())
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines: List[str] = []


# Moments


class BucketSite(Site):
    """A site of which a bucket's requests can be held as the services' can."""

    def __init__(self, site: Site, bucket: Bucket) -> None:
        super().__init__(site.customer, site.folder)
        self.bucket = bucket
        self._stalls: Dict[int, Fault] = {}

    def hold(self, call: str, method: str = "*", **members: Any) -> int:
        if not call[0].isupper():
            return super().hold(call, method, **members)
        is_done = members.get("after") == "processing"
        # Numbers that the emulator does not give.
        number = -1 - len(self._stalls)
        proxy: FaultProxy = self.bucket.proxy
        self._stalls[number] = proxy.fault(Stall("response" if is_done else "request"), on=call, nth=members.get("skip", 0) + 1)
        return number

    def is_hit(self, fault: int) -> bool:
        if fault >= 0:
            return super().is_hit(fault)
        try:
            self._stalls[fault].wait(0)
        except TimeoutError:
            return False
        return True

    def asked_bucket(self) -> List[str]:
        """The library's own requests: a build's download is the service's."""
        requests = self.bucket.proxy.requests(where=lambda request: request.headers.get("user-agent", "").startswith("Slipway/"))
        return [request.operation for request in requests]


@pytest.fixture
def place(site: Site, swift_bucket: Bucket) -> BucketSite:
    """Of the stricter server."""
    return BucketSite(site, swift_bucket)


@pytest.fixture
def rclone_place(site: Site, new_host: Callable[[str], Host]) -> BucketSite:
    """Of the one that takes least back of an upload that was broken off."""
    made = new_host("rclone")
    assert isinstance(made, Bucket)
    return BucketSite(site, made)


def bucket_of(site: Site) -> Bucket:
    assert isinstance(site, BucketSite)
    return site.bucket


def parts_there(site: Site) -> int:
    bucket = bucket_of(site)
    return sum(len(bucket.s3.parts(key, upload_id)) for upload_id, key in bucket.s3.unfinished().items())


# In the order in which a release makes its requests. test_these_are_all_requests sees to it that none is missing.
HOSTING = [
    Moment("before anything", "nothing", hold="start"),
    Moment("before the place is printed", "nothing", hold="link"),
    Moment("the place is printed", "link", hold="link-told"),
    Moment("the bucket is asked for the object", "link", request=("HEAD", HEAD)),
    Moment("the bucket is asked for unfinished uploads", "link", request=("GET", LIST)),
    *held("POST", CREATE, "the new upload", "link", lambda site: bucket_of(site).unfinished()),
    *held("PUT", PART_PUT, "the first part", "link", lambda site: parts_there(site) == 1),
    Moment("the second part is on its way", "link", request=("PUT", PART_PUT), skip=1),
    Moment("the second part has arrived", "link", request=("PUT", PART_PUT), skip=1, effect=lambda site: parts_there(site) == 2),
    *held("POST", COMPLETE, "the completion", "link", lambda site: bucket_of(site).keys()),
    Moment("the bucket is asked for the new object", "link", request=("HEAD", HEAD), skip=1),
    Moment("the link's head is read", "link", request=("HEAD", HEAD), skip=2),
    Moment("the link's first bytes are read", "link", request=("GET", READ)),
    Moment("the link's last bytes are read", "link", request=("GET", READ), skip=1),
]
REMOVING = held("DELETE", DELETE, "the object's removal", "id", lambda site: not bucket_of(site).keys())

SENT_AGAIN = {"the new upload is on its way": [CREATE], "the completion is on its way": [COMPLETE]}
"""What is asked for once more: it did not arrive. Of parts, see `parts_sent`: those that are held have not gone on to the server."""


# The story of a release


@dataclasses.dataclass
class BucketStory(Story):
    """A release to a bucket that is killed again and again, and at last comes to its end."""

    @property
    def bucket(self) -> Bucket:
        return bucket_of(self.site)

    def start(self, *options: str) -> Child:
        return BucketChild(self.site, self.bucket, self.file, self.resume_from, *self.options, *options)

    @property
    def keys(self) -> List[str]:
        """Of what was printed."""
        head = f"s3://{self.bucket.s3.bucket}/"
        assert all(line.startswith(head) for line in self.printed if "://" in line)
        return sorted({urllib.parse.unquote(line.removeprefix(head)) for line in self.printed if "://" in line})

    def note(self, label: str, lines: List[str]) -> None:
        self.printed += lines
        assert {*self.bucket.keys(), *self.bucket.unfinished()} <= set(self.keys), (self.printed, self.inventory())
        links = {self.bucket.link(key) for key in self.keys}
        assert {build["fileUrl"].partition("?")[0] for build in self.site.builds()} <= links, (self.printed, self.site.builds())
        printed = "" if self.resume_from is None else "place" if "://" in self.resume_from else "upload id"
        self.table.append(Row(label, printed, self.inventory(), ""))

    def inventory(self) -> str:
        parts = f" of {parts_there(self.site)} parts" if self.bucket.unfinished() else ""
        bucket = self.bucket
        counts = [(len(bucket.keys()), "object"), (len(bucket.unfinished()), "unfinished upload"), (len(self.site.builds()), "build")]
        words = [f"{count} {what}{'s' if count > 1 else ''}{parts if 'upload' in what else ''}" for count, what in counts if count]
        return ", ".join(words) or "nothing"

    def arguments(self) -> Dict[str, Any]:
        return {"storage": self.bucket.storage(part_size=PART, parallel_parts=1), **super().arguments()}

    def check(self, release: slipway.Release) -> None:
        (build,) = self.site.builds()
        assert build["uploadId"] == release.upload_id == self.site.customer.live() and build["autoRelease"] is not self.manual
        (key,) = self.keys or [str(release.key)]
        assert build["fileUrl"].partition("?")[0] == self.bucket.link(key)
        assert self.bucket.keys() == ([] if self.remove else [key]) and self.bucket.unfinished() == []
        if not self.remove:
            assert request("GET", build["fileUrl"]).body == self.file.read_bytes()
        if self.table:
            self.table[-1].end = f"live; {self.inventory()}"


def story_of(
    moment: Moment, site: BucketSite, file: pathlib.Path, table: List[Row], manual: bool = False, remove: bool = False
) -> BucketStory:
    story = BucketStory(site, file, table, manual, remove)
    story.kill_at(moment)
    kind = "nothing" if story.resume_from is None else "link" if "://" in story.resume_from else "id"
    assert kind == moment.told
    return story


def test_these_are_all_requests(place: BucketSite, file: pathlib.Path) -> None:
    """A request that is new here is one at which nothing was killed yet. Those to the service are as ever: see test_release_killed.py."""
    arguments = BucketStory(place, file, [], manual=True, remove=True).arguments()
    place.customer.client().release(**arguments)
    killed: List[Tuple[str, str, int]] = []
    for moment in [*HOSTING, *REMOVING]:
        if moment.request[0] and (*moment.request, moment.skip) not in killed:
            killed.append((*moment.request, moment.skip))
    assert place.asked_bucket() == [operation for _, operation, _ in killed]


@pytest.mark.parametrize("moment", [*HOSTING, *REGISTERING, *WAITING], ids=lambda moment: moment.label)
def test_killed(moment: Moment, place: BucketSite, file: pathlib.Path, table: List[Row]) -> None:
    story = story_of(moment, place, file, table)
    release = story.finish()
    made = [operation for operation in story.bucket.changes() if operation != PART_PUT]
    assert made == sorted([CREATE, COMPLETE, *SENT_AGAIN.get(moment.label, [])], key=[CREATE, COMPLETE].index)
    assert parts_sent(story.bucket.proxy) == [1, 2], "what has arrived is not sent again"
    assert 1 <= len(place.asked("upload-file")) <= 2
    if moment.told == "id":
        assert [step.stage for step in release.timeline] == ["wait"]


@pytest.mark.parametrize("moment", DISTRIBUTING, ids=lambda moment: moment.label)
def test_killed_while_it_distributes(
    moment: Moment, place: BucketSite, file: pathlib.Path, table: List[Row]
) -> None:
    story_of(moment, place, file, table, manual=True).finish()


@pytest.mark.parametrize("moment", REMOVING, ids=lambda moment: moment.label)
def test_killed_while_it_removes(moment: Moment, place: BucketSite, file: pathlib.Path, table: List[Row]) -> None:
    story_of(moment, place, file, table, remove=True).finish()


@pytest.mark.parametrize("moment", REMOVING, ids=lambda moment: moment.label)
def test_killed_while_it_removes_what_was_rejected(
    moment: Moment, place: BucketSite, table: List[Row]
) -> None:
    """The verdict is not forgotten by that, nor is the rest of the build that nobody wants."""
    story = story_of(moment, place, place.build(without=["engine"]), table, remove=True)
    with pytest.raises(slipway.RejectedError) as caught:
        place.customer.client().release(**story.arguments())
    assert caught.value.result.removed is True and caught.value.resume_from is None
    assert story.bucket.keys() == [] == story.bucket.unfinished() and len(place.builds()) == 1
    table[-1].end = f"rejected; {story.inventory()}"


def test_killed_again_and_again(rclone_place: BucketSite, file: pathlib.Path, table: List[Row]) -> None:
    """Each run has as much as the one before has left it."""
    story = BucketStory(rclone_place, file, table, manual=True, remove=True)
    labels = [
        "the place is printed", "the new upload has arrived", "the first part has arrived", "the second part has arrived",
        "the completion has arrived", "the link's first bytes are read",
    ]  # fmt: skip
    moments = {moment.label: moment for moment in HOSTING}
    for label in labels:
        moment = moments[label]
        # In a run that goes on with an upload, the second part is the first one that is sent.
        story.kill_at(dataclasses.replace(moment, skip=0) if moment.request[1] == PART_PUT else moment)
    story.kill_at(next(moment for moment in REGISTERING if moment.request[0] == "POST" and moment.effect is not None))
    story.kill_at(REGISTERING[-1])
    for moment in [*DISTRIBUTING[1:], *REMOVING]:
        story.kill_at(moment)
    story.finish()
    assert parts_sent(story.bucket.proxy) == [1, 2] and len(rclone_place.asked("upload-file")) == 1


def test_killed_in_the_middle_of_a_part(place: BucketSite, file: pathlib.Path, table: List[Row]) -> None:
    story = BucketStory(place, file, table)
    fault = story.bucket.proxy.fault(Stall(after=2 * MiB), on=PART_PUT)
    child = story.start()
    try:
        child.wait_until(lambda: fault.hits and story.bucket.proxy.requests(PART_PUT)[0].body_bytes >= 2 * MiB, "the middle of the part")
    finally:
        lines = child.kill()
    story.note("half of the first part has arrived", lines)
    assert story.bucket.unfinished() == story.keys
    story.finish()
    assert story.bucket.changes() == [CREATE, PART_PUT, PART_PUT, PART_PUT, COMPLETE]
