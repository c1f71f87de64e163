"""A release is ended by SIGKILL, at every request that it makes and between them, and run again with what it had printed.

Whatever the moment: at the end there is one build, one asset and one distribution (or none, where they are to be removed); and at no
time is there anything that the printed lines do not lead to. A run of this file closes with a table of all moments.
"""

from __future__ import annotations

import dataclasses
import pathlib
import select
import signal
import subprocess
import sys
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import pytest

import slipway
from conftest import HERE
from emulator import request, wait_until
from release_child import HOLDING
from release_site import ASSET, ASSET_CREATE, CREATE, DELETE, FOREVER, PUBLISHED, Site, file, site
from valve import Valve

# The table


@dataclasses.dataclass
class Row:
    moment: str
    printed: str
    existed: str
    end: str


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[List[Row]]:
    rows: List[Row] = []
    yield rows
    head = Row("killed", "last line printed", "made by then", "after the run that followed")
    widths = [max(len(getattr(row, field.name)) for row in [head, *rows]) for field in dataclasses.fields(Row)]
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print()
        for row in [head, *rows]:
            cells = zip(dataclasses.astuple(row), widths)
            print("  ".join(text.ljust(width) for text, width in cells).rstrip())


# The process


class Child:
    """release_child.py, under way."""

    def __init__(self, site: Site, file: pathlib.Path, resume_from: Optional[str], *options: str, base_url: Optional[str] = None) -> None:
        command = [sys.executable, str(HERE / "release_child.py"), site.project_id, str(file), *options]
        command += ["--resume-from", resume_from] if resume_from else []
        environment = site.environment(**({"ENTERMEDIA_BASE_URL": base_url} if base_url else {}))
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines: List[str] = []

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Of what only a running process can bring about."""
        wait_until(lambda: condition() or self.process.poll() is not None, what=what)
        assert self.process.poll() is None, f"it ended before {what}: {self.process.communicate()}"

    def wait_until_holding(self) -> None:
        output = self.process.stdout
        assert output is not None
        wait_until(lambda: select.select([output], [], [], 0)[0], what="the first line")
        for line in output:
            self.lines.append(line.strip())
            if self.lines[-1] == HOLDING:
                return
        raise AssertionError(f"it ended before it was to stand still: {self.process.communicate()}")

    def kill(self) -> List[str]:
        """Ends it, and returns what it had printed."""
        self.process.kill()
        out, err = self.process.communicate(timeout=10)
        assert (self.process.returncode, err) == (-signal.SIGKILL, ""), (self.process.returncode, err)
        return [line for line in [*self.lines, *out.splitlines()] if line != HOLDING]


# Moments


@dataclasses.dataclass(frozen=True)
class Moment:
    """When it is killed: where it stands still by itself, or when the server holds one of its requests."""

    label: str
    told: str
    """What the last printed line must be by then: "nothing", "link" or "id"."""
    hold: Optional[str] = None
    request: Tuple[str, str] = ("", "")
    """Method and call, of which the server holds the answer."""
    skip: int = 0
    """How many such requests pass before."""
    effect: Optional[Callable[[Site], object]] = None
    """What the held request has brought about; None: nothing yet."""
    resends: bool = False
    """The file must be sent once more."""

    def reach(self, site: Site, child: Child, fault: Optional[int]) -> None:
        if self.hold is not None:
            child.wait_until_holding()
        else:
            assert fault is not None
            child.wait_until(lambda: site.is_hit(fault), self.label)
            if self.effect is not None:
                effect = self.effect
                child.wait_until(lambda: effect(site), f"the effect of {self.label}")

    def arm(self, site: Site) -> Optional[int]:
        """Before the process begins."""
        if not self.request[0]:
            return None
        method, call = self.request
        return site.hold(call, method, skip=self.skip, after="arrival" if self.effect is None else "processing")


def held(method: str, call: str, label: str, told: str, effect: Callable[[Site], object], resends: bool = False) -> List[Moment]:
    """The two moments of a request that changes something: it is on its way; it has arrived, and its answer is on its way."""
    return [
        Moment(f"{label} is on its way", told, request=(method, call), resends=resends),
        Moment(f"{label} has arrived", told, request=(method, call), effect=effect),
    ]


# In the order in which a release makes its requests. test_these_are_all_requests sees to it that none is missing.
HOSTING = [
    Moment("before anything", "nothing", hold="start", resends=True),
    Moment("before the link is printed", "nothing", hold="link", resends=True),
    Moment("the link is printed", "link", hold="link-told", resends=True),
    Moment("the library is asked for the asset", "link", request=("GET", ASSET), resends=True),
    *held("POST", ASSET_CREATE, "the file", "link", lambda site: site.assets(), resends=True),
    Moment("the library is asked for the new asset", "link", request=("GET", ASSET), skip=1),
    *held("POST", CREATE, "the new distribution", "link", lambda site: site.distributions()),
    Moment("the link's head is read", "link", request=("HEAD", PUBLISHED)),
    Moment("the link's first bytes are read", "link", request=("GET", PUBLISHED)),
    Moment("the link's last bytes are read", "link", request=("GET", PUBLISHED), skip=1),
]
REGISTERING = [
    Moment("the project is read", "link", request=("GET", "project")),
    *held("POST", "upload-file", "the registration", "link", lambda site: site.builds()),
    Moment("before the upload id is printed", "link", hold="id"),
    Moment("the upload id is printed", "id", hold="id-told"),
]
WAITING = [Moment("the project is read for the build", "id", request=("GET", "project"), skip=1)]
STATES = ["pending", "Downloading Files", "Extracting & Scanning", "Saving to Repository", "Distribute"]
DISTRIBUTING = [
    *held("POST", "distribute-file", "the distribution request", "id",
          lambda site: any(entry["status"] == "Distribute" for entry in site.builds()[0]["history"])),
]
REMOVING = [
    *held("DELETE", ASSET, "the asset's removal", "id", lambda site: not site.assets()),
    *held("DELETE", DELETE, "the distribution's removal", "id", lambda site: not site.distributions()),
]


# The story of a release


@dataclasses.dataclass
class Story:
    """A release that is killed again and again, and at last comes to its end."""

    site: Site
    file: pathlib.Path
    table: List[Row]
    manual: bool = False
    remove: bool = False
    base_url: Optional[str] = None
    printed: List[str] = dataclasses.field(default_factory=list)

    @property
    def options(self) -> List[str]:
        return ["--manual"] * self.manual + ["--remove"] * self.remove

    @property
    def resume_from(self) -> Optional[str]:
        return self.printed[-1] if self.printed else None

    def start(self, *options: str) -> Child:
        return Child(self.site, self.file, self.resume_from, *self.options, *options, base_url=self.base_url)

    def note(self, label: str, lines: List[str]) -> None:
        """The process was killed. What there is now is found by what was printed, or it is an orphan."""
        self.printed += lines
        names = {line.rsplit("/", 1)[-1] for line in self.printed if "://" in line}
        assert set(self.site.assets()) <= names and set(self.site.distributions()) <= names, (self.printed, self.site.emulator.media())
        assert {build["fileUrl"] for build in self.site.builds()} <= set(self.printed), (self.printed, self.site.builds())
        printed = "" if self.resume_from is None else "link" if "://" in self.resume_from else "upload id"
        self.table.append(Row(label, printed, self.inventory(), ""))

    def kill_at(self, moment: Moment) -> None:
        fault = moment.arm(self.site)
        child = self.start(*(["--hold", moment.hold] if moment.hold else []))
        try:
            moment.reach(self.site, child, fault)
        finally:
            lines = child.kill()
        # What is held stays held: the emulator lets go of it when it ends.
        self.site.emulator.clear_faults()
        self.note(moment.label, lines)

    def inventory(self) -> str:
        counts = [(len(self.site.assets()), "asset"), (len(self.site.distributions()), "distribution"), (len(self.site.builds()), "build")]
        return ", ".join(f"{count} {what}{'s' if count > 1 else ''}" for count, what in counts if count) or "nothing"

    def arguments(self) -> Dict[str, Any]:
        return self.site.arguments(
            file_path=self.file, resume_from=self.resume_from, auto_release=not self.manual, remove_when_done=self.remove)

    def finish(self, by_hand: bool = False) -> slipway.Release:
        """The last run, to the end; and what there is then. `by_hand`: the build is where it stays, unless it is moved."""
        media = self.site.media(base_url=self.base_url) if self.base_url else None
        operation: "slipway.Operation[slipway.Release]" = self.site.client(media).release(**self.arguments(), wait=False)
        if by_hand:
            put(self.site, "Distribute")
            self.site.emulator.set_build(self.site.builds()[0]["uploadId"], status="Approved", live=True)
        release = operation.result(20)
        assert (release.stage, release.live, release.removed, release.resume_from) == ("done", True, self.remove, None)
        self.check(release)
        return release

    def check(self, release: slipway.Release) -> None:
        (build,) = self.site.builds()
        assert build["uploadId"] == release.upload_id == self.site.customer.live()
        assert build["autoRelease"] is not self.manual and build["fileUrl"] == release.file_url
        names = {line.rsplit("/", 1)[-1] for line in self.printed if "://" in line} or {build["fileUrl"].rsplit("/", 1)[-1]}
        (name,) = names
        assert self.site.assets() == self.site.distributions() == ([] if self.remove else [name])
        if not self.remove:
            assert request("GET", build["fileUrl"]).body == self.file.read_bytes()
        if self.table:
            self.table[-1].end = f"live; {self.inventory()}"


def story_of(moment: Moment, site: Site, file: pathlib.Path, table: List[Row], manual: bool, remove: bool) -> Story:
    story = Story(site, file, table, manual, remove)
    story.kill_at(moment)
    kind = "nothing" if story.resume_from is None else "link" if "://" in story.resume_from else "id"
    assert kind == moment.told
    return story


def test_these_are_all_requests(site: Site, file: pathlib.Path) -> None:
    """A request that is new here is one at which nothing was killed yet."""
    site.client().release(**site.arguments(file_path=file, auto_release=False, remove_when_done=True))
    made: List[Tuple[str, str]] = []
    for entry in site.requests():
        (call,) = [call for call in (ASSET_CREATE, ASSET, CREATE, PUBLISHED, DELETE, "project", "upload-file", "distribute-file")
                   if entry["path"] == site.path(call) or call.endswith("*") and entry["path"].startswith(site.path(call)[:-1])]
        if not (call == "project" and made[-1] == (entry["method"], call)):
            made.append((entry["method"], call))
    killed: List[Tuple[str, str]] = []
    for moment in [*HOSTING, *REGISTERING, *WAITING, *DISTRIBUTING, *WAITING, *REMOVING]:
        if moment.request[0] and not (moment.request in killed[-1:] and moment.effect is not None):
            killed.append(moment.request)
    assert made == killed


@pytest.mark.parametrize("moment", [*HOSTING, *REGISTERING, *WAITING], ids=lambda moment: moment.label)
def test_killed(moment: Moment, site: Site, file: pathlib.Path, table: List[Row]) -> None:
    story = story_of(moment, site, file, table, manual=False, remove=False)
    release = story.finish()
    assert len(site.asked(ASSET_CREATE)) == (2 if moment.resends and moment.request[1] == ASSET_CREATE else 1), "never sent without need"
    assert len(site.asked("upload-file")) <= 2
    if moment.told == "id":
        assert [step.stage for step in release.timeline] == ["wait"]
    elif not moment.resends and moment.request[1] != CREATE:
        assert site.asked("upload-file") and len(site.asked(CREATE)) <= 2


@pytest.mark.parametrize("state", STATES)
def test_killed_while_the_service_works(state: str, site: Site, file: pathlib.Path, table: List[Row]) -> None:
    site.emulator.settings(stateMs=FOREVER)
    story = Story(site, file, table, remove=True)
    child = story.start()
    child.wait_until(site.builds, "the registration")
    put(site, state, child)
    story.note(f"the build is in the state {state}", child.kill())
    assert story.resume_from == site.builds()[0]["uploadId"]
    story.finish(by_hand=True)
    assert len(site.asked("upload-file")) == len(site.asked(ASSET_CREATE)) == 1


def put(site: Site, state: str, child: Optional[Child] = None, **members: Any) -> None:
    """Puts the build into a state by hand, and returns when it was asked for since."""
    if state != "pending":
        site.emulator.set_build(site.builds()[0]["uploadId"], status=state, **members)
    asked = len(site.asked("project"))
    # The next question may have been on its way; the one behind it was not.
    (child.wait_until if child else wait_until)(lambda: len(site.asked("project")) >= asked + 2, what=f"a look at the state {state}")


@pytest.mark.parametrize("moment", DISTRIBUTING, ids=lambda moment: moment.label)
def test_killed_while_it_distributes(moment: Moment, site: Site, file: pathlib.Path, table: List[Row]) -> None:
    story_of(moment, site, file, table, manual=True, remove=False).finish()
    # Again, unless the build is seen on its way already: how far the service is by then is its own affair.
    assert 1 <= len(site.asked("distribute-file")) <= 2


def test_killed_while_it_goes_live(site: Site, file: pathlib.Path, table: List[Row]) -> None:
    """A build that is seen on its way is not sent on it again."""
    site.emulator.settings(stateMs=FOREVER)
    story = Story(site, file, table, manual=True, remove=True)
    child = story.start()
    child.wait_until(site.builds, "the registration")
    site.emulator.set_build(site.builds()[0]["uploadId"], status="Approved")
    child.wait_until(lambda: site.builds()[0]["status"] == "Distribute", "the distribution")
    put(site, "Distribute", child)
    story.note("the build is on its way, by request", child.kill())
    story.finish(by_hand=True)
    assert len(site.asked("distribute-file")) == 1


@pytest.mark.parametrize("moment", REMOVING, ids=lambda moment: moment.label)
def test_killed_while_it_removes(moment: Moment, site: Site, file: pathlib.Path, table: List[Row]) -> None:
    story_of(moment, site, file, table, manual=False, remove=True).finish()


@pytest.mark.parametrize("moment", REMOVING[1:3], ids=lambda moment: moment.label)
def test_killed_while_it_removes_what_was_rejected(moment: Moment, site: Site, table: List[Row]) -> None:
    """The verdict is not forgotten by that, nor is the rest of the build that nobody wants."""
    story = story_of(moment, site, site.build(without=["engine"]), table, manual=False, remove=True)
    with pytest.raises(slipway.RejectedError) as caught:
        site.client().release(**story.arguments())
    assert caught.value.result.removed is True and caught.value.resume_from is None
    assert site.assets() == site.distributions() == [] and len(site.builds()) == 1
    table[-1].end = f"rejected; {story.inventory()}"


def test_killed_again_and_again(site: Site, file: pathlib.Path, table: List[Row]) -> None:
    """Each run has as much as the one before has left it."""
    story = Story(site, file, table, manual=True, remove=True)
    story.kill_at(HOSTING[2])
    story.kill_at(HOSTING[4])
    story.kill_at(HOSTING[5])
    story.kill_at(next(moment for moment in HOSTING if moment.request[1] == CREATE))
    story.kill_at(Moment("the link is read again", "link", request=("GET", PUBLISHED)))
    story.kill_at(REGISTERING[2])
    story.kill_at(Moment("the project is read again", "link", request=("GET", "project")))
    story.kill_at(REGISTERING[-1])
    story.kill_at(Moment("the build is waited for", "id", request=("GET", "project")))
    for moment in [*DISTRIBUTING, *REMOVING]:
        story.kill_at(moment)
    story.finish()
    assert len(site.asked(ASSET_CREATE)) == 2, "one was lost on its way"


# In the middle of the file


@pytest.fixture
def valve(site: Site) -> Iterator[Valve]:
    valve = Valve(site.base_url)
    yield valve
    valve.close()


def test_killed_in_the_middle_of_the_file(site: Site, table: List[Row], valve: Valve) -> None:
    file = site.build(size=24 << 20)
    story = Story(site, file, table, base_url=valve.base_url)
    valve.limit = file.stat().st_size // 2
    child = story.start()
    child.wait_until(valve.is_shut.is_set, "the middle of the file")
    lines = child.kill()
    valve.open()
    assert len(lines) == 1 and not site.assets()
    story.note("half of the file has arrived", lines)
    story.finish()


# What arrives although its sender is dead


@pytest.mark.parametrize("late, second", [(800, 0), (300, 600)], ids=["behind the second one", "before the second one"])
def test_registration_that_arrives_after_its_sender_was_killed(
    site: Site, file: pathlib.Path, table: List[Row], late: int, second: int
) -> None:
    """The service takes one registration in so long: that, and a look just before each attempt, is why there is one build."""
    site.emulator.settings(rateWindowMs=1000, rateLimitText="seconds")
    story = Story(site, file, table)
    fault = site.fault("delay", "upload-file", delayMs=late)
    if second:
        site.fault("delay", "upload-file", delayMs=second)
    child = story.start()
    child.wait_until(lambda: site.is_hit(fault), "the registration")
    story.note(f"the registration arrives {late} ms later", child.kill())
    story.finish()
    wait_until(lambda: all(entry["status"] for entry in site.asked("upload-file")), what="the late registration")
    assert len(site.builds()) == 1


def test_killed_while_it_waits_for_its_turn(site: Site, file: pathlib.Path, table: List[Row]) -> None:
    customer = site.customer
    site.emulator.settings(rateWindowMs=60_000, rateLimitText="seconds")
    other = site.emulator.add_project(userId=customer.user_id)
    status, _ = site.emulator.post(
        "upload-file", apiKey=customer.api_key, userId=customer.user_id, projectId=other, fileUrl=site.emulator.file_url("MyGame.zip"))
    assert status == 200
    story = Story(site, file, table)
    child = story.start()
    child.wait_until(lambda: any(entry["status"] == 429 for entry in site.asked("upload-file")), "a 429")
    story.note("it waits for its turn", child.kill())
    site.emulator.settings(rateWindowMs=0)
    story.finish()
