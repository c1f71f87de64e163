"""A release to a storage that is taken up again: by what it was told, by its upload id alone, with another file, in the wrong place."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any, Callable, Dict, List, Optional

import pytest

import slipway
from emulator import wait_until
from release_site import Site, failure, file, reused, site, stages
from release_storage_site import SIGNATURE, Bucket, Folder, Host, any_host, bucket, client, encoded, host, named, new_host, swift_bucket
from s3_fixtures import s3_servers
from storage_fixtures import PART, MiB, home, parts_sent
from wire_faults import Answer, Stall


def again(client: slipway.Client, site: Site, host: Host, error: slipway.SlipwayError, **arguments: Any) -> slipway.Release:
    """The same call goes on, to its end. There is one build."""
    done: slipway.Release = client.release(storage=host.storage(), **site.arguments(resume_from=error.resume_from, **arguments))
    assert (done.stage, done.live, done.resume_from) == ("done", True, None) and len(site.builds()) == 1
    assert site.builds()[0]["uploadId"] == done.upload_id == site.customer.live()
    return done


def check_hosted(host: Host, key: Optional[str], file: pathlib.Path) -> None:
    """It is there, once, and nothing else."""
    (there,) = host.keys()
    assert there == (key or there) and host.read(there) == file.read_bytes()
    assert not isinstance(host, Bucket) or host.unfinished() == []


# From each of its points


def cancelled_when_told(client: slipway.Client, arguments: Dict[str, Any]) -> slipway.SlipwayError:
    """Ended by the host while it is told what to resume from, before anything is made of that."""
    operations: List["slipway.Operation[slipway.Release]"] = []

    def on_progress(progress: slipway.Progress) -> None:
        if progress.resume_from is not None:
            wait_until(lambda: operations, what="the operation")
            operations[0].cancel()

    operations.append(client.release(on_progress=on_progress, wait=False, **arguments))
    error = operations[0].exception(10)
    assert isinstance(error, slipway.CancelledError) and error.resume_from is not None
    return error


def test_nothing_is_made(site: Site, client: slipway.Client, file: pathlib.Path, any_host: Host) -> None:
    error = cancelled_when_told(client, {"storage": any_host.storage(), **site.arguments(file_path=file)})
    assert any_host.changes() == [] == any_host.keys() and site.changes() == []
    assert error.resume_from == any_host.resume_point(error.result.key) and error.result.stage == "host"
    done = again(client, site, any_host, error, file_path=file)
    assert done.key == error.result.key and reused(done) == [] and len(site.asked("upload-file")) == 1
    check_hosted(any_host, done.key, file)


def test_nothing_is_made_and_there_is_no_file(site: Site, client: slipway.Client, file: pathlib.Path, host: Host) -> None:
    error = cancelled_when_told(client, {"storage": host.storage(), **site.arguments(file_path=file)})
    late = failure(slipway.FileError, client, {"storage": host.storage(), **site.arguments(resume_from=error.resume_from)})
    assert late.message.startswith("register: ") and "not there" in late.message and SIGNATURE not in str(late)
    assert late.resume_from == error.resume_from and site.builds() == [] and host.changes() == []


def test_some_parts_are_there(site: Site, client: slipway.Client, bucket: Bucket) -> None:
    """What has arrived is not sent again."""
    file = site.build(size=21 * MiB)
    fault = bucket.proxy.fault(Stall(), on="UploadPart", nth=4)
    storage = bucket.storage(part_size=PART, parallel_parts=1)
    operation = client.release(storage=storage, **site.arguments(file_path=file, wait=False))
    fault.wait()
    operation.cancel()
    error = operation.exception(10)
    assert isinstance(error, slipway.CancelledError) and error.result.stage == "host"
    assert bucket.unfinished() == [error.result.key] and bucket.keys() == [] and parts_sent(bucket.proxy) == [1, 2, 3]
    bucket.proxy.reset()
    done = client.release(storage=storage, **site.arguments(file_path=file, resume_from=error.resume_from))
    assert (done.live, done.key) == (True, error.result.key) and len(site.builds()) == 1
    assert parts_sent(bucket.proxy) == [4, 5] and bucket.changes() == ["UploadPart", "UploadPart", "CompleteMultipartUpload"]
    check_hosted(bucket, done.key, file)


def cut_off(site: Site, client: slipway.Client, host: Host, file: pathlib.Path) -> slipway.SlipwayError:
    """A release that is hosted and not registered."""
    site.fault("status", "upload-file", status=403)
    error = failure(slipway.ForbiddenError, client, {"storage": host.storage(), **site.arguments(file_path=file)})
    assert error.result.stage == "register" and error.resume_from == host.resume_point(error.result.key)
    assert site.builds() == [] and len(host.keys()) == 1
    return error


def test_hosted(site: Site, client: slipway.Client, file: pathlib.Path, any_host: Host) -> None:
    error = cut_off(site, client, any_host, file)
    changes = any_host.changes()
    done = again(client, site, any_host, error, file_path=file)
    assert done.key == error.result.key and reused(done) == ["host"] and any_host.changes() == changes
    assert [url.partition("?")[0] for url in any_host.downloads()] == [any_host.link(done.key)]
    check_hosted(any_host, done.key, file)


def test_hosted_and_there_is_no_file(site: Site, client: slipway.Client, file: pathlib.Path, named: Host) -> None:
    """The machine that has the file need not be the one that goes on."""
    error = cut_off(site, client, named, file)
    file.unlink()
    done = again(client, site, named, error, remove_when_done=True)
    assert (done.removed, done.key, done.size) == (True, error.result.key, None) and stages(done) == ["register", "wait", "remove"]
    assert named.keys() == []


def test_removed_meanwhile(site: Site, client: slipway.Client, file: pathlib.Path, named: Host) -> None:
    """By somebody who tidies up: it is hosted again, under the same name."""
    error = cut_off(site, client, named, file)
    storage = named.storage()
    client.storage_delete(storage, str(error.result.key).removeprefix(f"{named.prefix}/"))
    assert named.keys() == []
    done = again(client, site, named, error, file_path=file)
    assert done.key == error.result.key and reused(done) == []
    check_hosted(named, done.key, file)


def lost(site: Site, client: slipway.Client, host: Host, file: pathlib.Path) -> slipway.SlipwayError:
    """A release that is registered, and does not know it."""
    site.fault("close", "upload-file", after="processing")
    site.fault("status", "project", skip=1, count=0, status=500)
    error = failure(slipway.NetworkError, client, {"storage": host.storage(), **site.arguments(file_path=file)})
    assert error.result.stage == "register" and len(site.builds()) == 1 and error.result.upload_id is None
    assert error.resume_from == host.resume_point(error.result.key)
    site.emulator.clear_faults()
    return error


@pytest.mark.parametrize("with_file", [True, False], ids=["with the file", "without"])
def test_registered(site: Site, client: slipway.Client, file: pathlib.Path, named: Host, with_file: bool) -> None:
    """A presigned link is another one each time; the build is found all the same, and not registered again."""
    error = lost(site, site.customer.client(max_attempts=2), named, file)
    changes = named.changes()
    done = again(client, site, named, error, **({"file_path": file} if with_file else {}))
    assert reused(done) == (["host", "register"] if with_file else ["register"]) and named.changes() == changes
    assert len(site.asked("upload-file")) == 1
    check_hosted(named, done.key, file)


def test_registered_by_a_put_url_with_an_unguessable_name(
    site: Site, client: slipway.Client, file: pathlib.Path, new_host: Callable[[str], Host]
) -> None:
    """Whoever makes such names for his URLs has what a release's own name gives."""
    host = new_host("put-url")
    host.name = f"MyGame-{'0123456789abcdef' * 2}.zip"  # type: ignore[attr-defined]
    error = lost(site, site.customer.client(max_attempts=2), host, file)
    done = again(client, site, host, error, file_path=file)
    assert reused(done) == ["host", "register"] and host.changes() == ["PUT"]


def test_answer_to_the_registration_is_lost(site: Site, client: slipway.Client, file: pathlib.Path, host: Host) -> None:
    """In one run, the build is found whatever its link is."""
    site.fault("close", "upload-file", after="processing")
    release = client.release(storage=host.storage(), **site.arguments(file_path=file))
    assert release.live is True and len(site.builds()) == 1 == len(site.asked("upload-file"))


def test_after_the_end(site: Site, client: slipway.Client, file: pathlib.Path, named: Host) -> None:
    """By its place and its upload id, with and without the file: there is nothing left to do, and nothing is done."""
    first = client.release(storage=named.storage(), **site.arguments(file_path=file))
    changes = (named.changes(), site.changes())
    for point in (named.resume_point(first.key), str(first.upload_id)):
        for more in ({"file_path": file}, {}):
            done = client.release(storage=named.storage(), **site.arguments(resume_from=point, settle=0.02, **more))
            assert (done.stage, done.live, done.upload_id) == ("done", True, first.upload_id)
            assert point != named.resume_point(first.key) or done.key == first.key
    assert (named.changes(), site.changes()) == changes and len(site.builds()) == 1


def test_link_of_a_public_object(site: Site, client: slipway.Client, file: pathlib.Path, new_host: Callable[[str], Host]) -> None:
    """What a clean link leads to can be gone on with by the link, too: the build is found, and what it was registered from is removed."""
    host = new_host("swift-public")
    first = client.release(storage=host.storage(), **site.arguments(file_path=file))
    assert first.file_url == host.link(first.key)
    done = client.release(storage=host.storage(), **site.arguments(resume_from=first.file_url, remove_when_done=True))
    assert (done.live, done.removed, done.upload_id) == (True, True, first.upload_id) and len(site.builds()) == 1
    assert host.keys() == []


# By the upload id alone


def test_removed_by_the_builds_link(site: Site, client: slipway.Client, file: pathlib.Path, named: Host) -> None:
    """There is only the id of the build: what it was registered from is found by its link, and only that is removed."""
    other = client.release(storage=named.storage(), **site.arguments(file_path=file))
    release = client.release(storage=named.storage(), **site.arguments(file_path=file))
    done = client.release(storage=named.storage(), **site.arguments(resume_from=release.upload_id, remove_when_done=True))
    assert (done.live, done.removed, done.key) == (True, True, release.key) and stages(done) == ["wait", "remove"]
    assert named.keys() == [other.key]
    once_more = client.release(storage=named.storage(), **site.arguments(resume_from=release.upload_id))
    assert once_more.live is True, "what is removed is not needed"


def test_rejected_build_is_removed_by_its_link(site: Site, client: slipway.Client, named: Host) -> None:
    file = site.build(without=["engine"])
    error = failure(slipway.RejectedError, client, {"storage": named.storage(), **site.arguments(file_path=file)})
    assert named.keys() == [error.result.key]
    arguments = site.arguments(resume_from=error.result.upload_id, remove_when_done=True)
    late = failure(slipway.RejectedError, client, {"storage": named.storage(), **arguments})
    assert (late.result.removed, late.result.key, late.resume_from) == (True, error.result.key, None) and named.keys() == []


def test_not_removed_from_another_storage(
    site: Site, client: slipway.Client, file: pathlib.Path, swift_bucket: Bucket, new_host: Callable[[str], Host]
) -> None:
    """Live it is. What is to be removed is not there, and that is told; the right storage still does it."""
    release = client.release(storage=swift_bucket.storage(), **site.arguments(file_path=file))
    for storage in (new_host("swift").storage(), swift_bucket.storage(key_prefix="elsewhere"), new_host("directory").storage()):
        arguments = site.arguments(resume_from=release.upload_id, remove_when_done=True)
        error = failure(slipway.NotFoundError, client, {"storage": storage, **arguments})
        assert error.message.startswith("remove: ") and "storage" in error.hint and error.resume_from == release.upload_id
        assert (error.result.live, error.result.removed) == (True, False) and swift_bucket.keys() == [release.key]
    done = again(client, site, swift_bucket, error, remove_when_done=True)
    assert done.removed is True and swift_bucket.keys() == []


def test_removal_fails(site: Site, file: pathlib.Path, bucket: Bucket) -> None:
    """It is live, and the same call goes on with what is left to do."""
    client = site.customer.client(max_attempts=2)
    bucket.proxy.fault(Answer.error(500, "InternalError"), on="DeleteObject", times=None)
    error = failure(slipway.ServerError, client, {"storage": bucket.storage(), **site.arguments(file_path=file, remove_when_done=True)})
    assert error.message.startswith("remove: ") and (error.result.live, error.result.removed) == (True, False)
    assert bucket.keys() == [error.result.key] and error.resume_from == error.result.upload_id
    bucket.proxy.reset()
    assert again(client, site, bucket, error, remove_when_done=True).removed is True and bucket.keys() == []


# With another file


def change_size(site: Site, file: pathlib.Path) -> None:
    site.build(size=80 * 1024)


def change_sums(site: Site, file: pathlib.Path) -> None:
    """Other checksums in the table of contents, and nothing else."""
    content = bytearray(file.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 16] ^= 1
    file.write_bytes(content)


def test_another_file(site: Site, client: slipway.Client, file: pathlib.Path, host: Host) -> None:
    """Somebody has packaged anew: the link is to give what is released now."""
    error = cut_off(site, client, host, file)
    change_sums(site, file)
    done = again(client, site, host, error, file_path=file)
    assert reused(done) == [] and done.key == error.result.key
    check_hosted(host, done.key, file)


@pytest.mark.parametrize("change", [change_size, change_sums], ids=["size", "sums"])
def test_another_file_than_the_one_that_was_registered(
    site: Site, client: slipway.Client, file: pathlib.Path, named: Host, change: Any
) -> None:
    """Going on with the build that is there would call the old one live: nothing is overwritten, and the way out is told."""
    content = file.read_bytes()
    first = client.release(storage=named.storage(), **site.arguments(file_path=file))
    changes = (named.changes(), site.changes())
    change(site, file)
    arguments = site.arguments(file_path=file, resume_from=named.resume_point(first.key))
    error = failure(slipway.FileError, client, {"storage": named.storage(), **arguments})
    assert error.message.startswith("host: ") and str(first.upload_id) in error.message and "without resume_from" in error.hint
    assert (named.changes(), site.changes()) == changes and len(site.builds()) == 1
    assert named.keys() == [first.key] and named.read(str(first.key)) == content


def test_next_build_of_a_put_url(site: Site, client: slipway.Client, file: pathlib.Path, new_host: Callable[[str], Host]) -> None:
    """Its one name is for each build anew: another file is another build."""
    host = new_host("put-url")
    first = client.release(storage=host.storage(), **site.arguments(file_path=file))
    change_size(site, file)
    second = client.release(storage=host.storage(), **site.arguments(file_path=file))
    assert second.live is True and second.upload_id != first.upload_id and len(site.builds()) == 2
    check_hosted(host, None, file)


# In another place


def test_of_another_place(
    site: Site, client: slipway.Client, file: pathlib.Path, swift_bucket: Bucket, new_host: Callable[[str], Host]
) -> None:
    """Known before anything is read or sent."""
    point = swift_bucket.resume_point(f"{swift_bucket.prefix}/MyGame-{'0' * 32}.zip")
    hosts = [swift_bucket, swift_bucket, new_host("swift"), new_host("directory"), new_host("put-url")]
    storages = [swift_bucket.storage(key_prefix="elsewhere"), swift_bucket.storage(key_prefix=None)]
    storages += [host.storage() for host in hosts[2:]]
    for host, storage in zip(hosts, storages):
        for more in ({"file_path": file}, {}):
            error = failure(slipway.InvalidArgumentError, client, {"storage": storage, **site.arguments(resume_from=point, **more)})
            assert "resume_from" in error.message and point in error.message and "storage" in error.hint
            assert host.changes() == [] == host.keys() and site.requests() == [] and error.result.timeline == ()


def test_without_its_storage(site: Site, client: slipway.Client, file: pathlib.Path, swift_bucket: Bucket) -> None:
    """The storage was forgotten: that is what is told."""
    point = swift_bucket.resume_point(f"{swift_bucket.prefix}/MyGame-{'0' * 32}.zip")
    for releasing in (client, site.client()):
        for more in ({"file_path": file}, {}):
            error = failure(slipway.InvalidArgumentError, releasing, site.arguments(resume_from=point, **more))
            assert "resume_from" in error.message and "storage" in error.hint and site.requests() == [] == site.assets()


def test_without_a_link(site: Site, client: slipway.Client, file: pathlib.Path, swift_bucket: Bucket) -> None:
    """A storage that gives none is refused for a release that is resumed as for a new one, before anything is sent."""
    point = swift_bucket.resume_point(f"{swift_bucket.prefix}/MyGame-{'0' * 32}.zip")
    for more in ({"file_path": file}, {}):
        arguments = {"storage": swift_bucket.storage(link=slipway.Link.NONE), **site.arguments(resume_from=point, **more)}
        error = failure(slipway.InvalidArgumentError, client, arguments)
        assert "link" in error.message and error.hint and swift_bucket.keys() == []
        assert [line for line in site.requests() if "upload-file" in str(line)] == []


@pytest.mark.parametrize(
    "garbage",
    ["s3://", "s3:///", "s3://{bucket}", "s3://{bucket}/", "s3://{bucket}/{prefix}/", "s3://{bucket}/{prefix}/../x.zip",
     "S3://{bucket}/x.zip", "s3://{bucket}/{prefix}/a.zip?versionId=1"],
)  # fmt: skip
def test_garbage(site: Site, client: slipway.Client, file: pathlib.Path, swift_bucket: Bucket, garbage: str) -> None:
    point = garbage.format(bucket=swift_bucket.s3.bucket, prefix=encoded(swift_bucket.prefix))
    for more in ({"file_path": file}, {}):
        arguments = {"storage": swift_bucket.storage(), **site.arguments(resume_from=point, **more)}
        error = failure(slipway.InvalidArgumentError, client, arguments)
        assert "resume_from" in error.message and error.hint and swift_bucket.proxy.requests() == [] == site.requests()


def test_link_of_somebody_else(site: Site, client: slipway.Client, file: pathlib.Path, host: Host) -> None:
    """It is registered, and nothing is hosted or removed."""
    url = site.emulator.file_url("MyGame.zip")
    done = client.release(storage=host.storage(), **site.arguments(resume_from=url))
    assert (done.live, done.file_url, done.key, done.asset_id) == (True, url, None, None) and stages(done) == ["register", "wait"]
    removing = site.arguments(resume_from=url, remove_when_done=True)
    error = failure(slipway.InvalidArgumentError, client, {"storage": host.storage(), **removing})
    assert error.hint and len(site.builds()) == 1 and host.changes() == [] == host.keys()


@pytest.mark.parametrize("key", ["latest.zip", "channels/latest.zip"])
def test_channel_is_left_alone(site: Site, client: slipway.Client, file: pathlib.Path, bucket: Bucket, key: str) -> None:
    """An object whose name is not of Slipway's making may be anybody's: it is never overwritten and never removed."""
    key = f"{bucket.prefix}/{key}"
    bucket.s3.put(key, b"of somebody else")
    for more in ({}, {"file_path": file}, {"remove_when_done": True}, {"file_path": file, "remove_when_done": True}):
        arguments = {"storage": bucket.storage(), **site.arguments(resume_from=bucket.resume_point(key), **more)}
        error = failure(slipway.InvalidArgumentError, client, arguments)
        assert bucket.resume_point(key) in error.message and error.hint and site.builds() == []
    assert bucket.keys() == [key] and bucket.read(key) == b"of somebody else" and bucket.changes() == []


@pytest.mark.parametrize("name", ["latest.zip", "builds of/ü+/latest.zip"])
def test_channel_of_a_directory_is_left_alone(
    site: Site, client: slipway.Client, file: pathlib.Path, new_host: Callable[[str], Host], name: str
) -> None:
    """The same of a file that a web server gives. Its link can be registered, as any other."""
    host = new_host("directory")
    assert isinstance(host, Folder)
    there = host.folder / name
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_bytes(file.read_bytes())
    done = client.release(storage=host.storage(), **site.arguments(resume_from=host.link(name)))
    assert (done.live, done.key, stages(done)) == (True, None, ["register", "wait"])
    other = site.build("Other.zip", size=80 * 1024)
    error = failure(
        slipway.FileError, client, {"storage": host.storage(), **site.arguments(resume_from=host.link(name), file_path=other)})
    assert error.result.stage == "register" and len(site.builds()) == 1
    removing = site.arguments(resume_from=host.link(name), remove_when_done=True)
    failure(slipway.InvalidArgumentError, client, {"storage": host.storage(), **removing})
    by_id = site.arguments(resume_from=done.upload_id, remove_when_done=True)
    late = failure(slipway.NotFoundError, client, {"storage": host.storage(), **by_id})
    assert (late.result.live, late.result.removed) == (True, False)
    assert host.keys() == [name] and host.read(name) == file.read_bytes()


# Names that are not simple

PREFIXES = ["", "ü/Größe 1/", "100%/a+b&c=d;'", "a?b", "a#b", "%2e/%3f", "x" * 200]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_prefixes(site: Site, client: slipway.Client, file: pathlib.Path, new_host: Callable[[str], Host], prefix: str) -> None:
    """Whatever stands in front of the name, the release is told where it is, and found again."""
    for kind in ("swift", "directory"):
        host = new_host(kind)
        storage: Any = host.storage(key_prefix=prefix)
        error = cancelled_when_told(client, {"storage": storage, **site.arguments(file_path=file)})
        assert error.result.key is not None and error.resume_from == host.resume_point(error.result.key)
        arguments = site.arguments(file_path=file, resume_from=error.resume_from, remove_when_done=True)
        done = client.release(storage=dataclasses.replace(storage), **arguments)
        assert (done.live, done.removed, done.key) == (True, True, error.result.key) and host.keys() == []
