"""Who asks: keys that are given, of the environment, of the files of AWS's own tools; and keys that are no good."""

from __future__ import annotations

import pathlib
import secrets as random_secrets
from typing import Any, Callable, Dict

import pytest

import slipway
from recorder import Recorder, Secrets
from s3_fixtures import S3, s3, s3_servers, swift
from storage_fixtures import NewFile, client, failure, holds, home, new_file, settings

Write = Callable[..., None]
NO_KEYS: Dict[str, Any] = {"access_key_id": None, "secret_access_key": None}


@pytest.fixture
def write(home: pathlib.Path) -> Write:
    """Into a file of AWS's tools; {id} and {secret} are those of a server."""

    def write(s3: S3, text: str, path: str = ".aws/credentials") -> None:
        file = home / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text.format(id=s3.access_key_id, secret=s3.secret_access_key))

    return write


@pytest.fixture
def wrong(secrets: Secrets) -> str:
    return secrets.add(f"wrong-{random_secrets.token_hex(16)}")


def is_stored(s3: S3, client: slipway.Client, new_file: NewFile, **changes: Any) -> bool:
    file = new_file()
    client.store(file, settings(s3, **{**NO_KEYS, **changes}), always_send=True)
    return holds(s3, "MyGame.bin", file)


# Where they come from


def test_of_the_environment(s3: S3, client: slipway.Client, new_file: NewFile, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    assert is_stored(s3, client, new_file, region=None)


PROFILES: Dict[str, Dict[str, str]] = {
    "of the file of credentials": {".aws/credentials": "[ci]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"},
    "of the configuration": {".aws/config": "[profile ci]\naws_access_key_id={id}\naws_secret_access_key={secret}\nregion=us-east-1\n"},
    "of both": {
        ".aws/credentials": "[ci]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n",
        ".aws/config": "[profile ci]\nregion = us-east-1\noutput = json\n",
    },
    "among others": {
        ".aws/credentials": "# mine\n[default]\naws_access_key_id=x\naws_secret_access_key=y\n\n[ci]\r\naws_access_key_id\t= {id}  \r\n"
        "aws_secret_access_key = {secret}\r\n[other]\naws_access_key_id=z\n"
    },
}  # fmt: skip


@pytest.mark.parametrize("files", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("named", ["by the environment", "by the settings"])
def test_of_a_profile(
    s3: S3, client: slipway.Client, new_file: NewFile, write: Write, monkeypatch: pytest.MonkeyPatch, files: Dict[str, str], named: str
) -> None:
    for path, text in files.items():
        write(s3, text, path)
    if named == "by the environment":
        monkeypatch.setenv("AWS_PROFILE", "ci")
        assert is_stored(s3, client, new_file)
    else:
        assert is_stored(s3, client, new_file, profile="ci")


def test_of_the_default_profile(s3: S3, client: slipway.Client, new_file: NewFile, write: Write) -> None:
    write(s3, "[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
    assert is_stored(s3, client, new_file)


def test_of_files_elsewhere(
    s3: S3, client: slipway.Client, new_file: NewFile, write: Write, home: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(s3, "[ci]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n", "keys")
    write(s3, "[profile ci]\nregion = us-east-1\n", "more")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "keys"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "more"))
    assert is_stored(s3, client, new_file, profile="ci", region=None)


def test_which_goes_before_which(
    s3: S3, client: slipway.Client, new_file: NewFile, write: Write, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    """Given ones, the profile that is given, the environment's, AWS_PROFILE. Each is right where those behind it are wrong."""
    bad = f"[{{}}]\naws_access_key_id = nobody\naws_secret_access_key = {wrong}\n"
    good = "[{}]\naws_access_key_id = {{id}}\naws_secret_access_key = {{secret}}\n"
    write(s3, bad.format("ci") + bad.format("default"))
    monkeypatch.setenv("AWS_PROFILE", "ci")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.secret_access_key)
    assert is_stored(s3, client, new_file), "the environment's before AWS_PROFILE"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", wrong)
    assert is_stored(s3, client, new_file, access_key_id=s3.access_key_id, secret_access_key=s3.secret_access_key, profile="ci")
    write(s3, good.format("ci") + bad.format("default"))
    assert is_stored(s3, client, new_file, profile="ci"), "the profile that is given before the environment's"
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert is_stored(s3, client, new_file), "AWS_PROFILE before default"


def test_files_are_only_read(s3: S3, client: slipway.Client, new_file: NewFile, write: Write, home: pathlib.Path) -> None:
    write(s3, "[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
    file = home / ".aws" / "credentials"
    file.chmod(0o400)
    before = (file.read_bytes(), file.stat().st_mtime_ns, sorted(home.rglob("*")))
    assert is_stored(s3, client, new_file)
    assert before == (file.read_bytes(), file.stat().st_mtime_ns, sorted(home.rglob("*")))


# None, or half of them

HALVES: Dict[str, Dict[str, Any]] = {
    "an id": {"access_key_id": "an-id"}, "a secret": {"secret_access_key": "the-secret-of-half-a-pair"},
    "an id of the environment": {"AWS_ACCESS_KEY_ID": "an-id"},
    "a secret of the environment": {"AWS_SECRET_ACCESS_KEY": "the-secret-of-half-a-pair"},
}  # fmt: skip


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_half_of_a_pair(
    swift: S3, client: slipway.Client, new_file: NewFile, half: Dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = swift.proxy()
    for name, value in half.items():
        if name.isupper():
            monkeypatch.setenv(name, value)
    given = {name: value for name, value in half.items() if not name.isupper()}
    with pytest.raises(slipway.InvalidArgumentError) as refused:
        client.store(new_file(), settings(swift, proxy, **{**NO_KEYS, **given}))
    (name,) = half
    assert name in refused.value.message and "of-half" not in str(refused.value) and refused.value.hint and proxy.requests() == []


UNUSABLE: Dict[str, str] = {
    "": "there is no profile ci",
    "[other]\naws_access_key_id=a\naws_secret_access_key=b\n": "there is no profile ci",
    "[ci]\nregion = us-east-1\n": "the profile ci has no keys",
    "[ci]\naws_access_key_id = a\n": "alone",
    "[ci]\naws_secret_access_key = the-secret-of-half-a-pair\n": "alone",
    "[ci]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = other\n": "role_arn",
    "[ci]\nsso_session = a\n": "sso_session",
    "[ci]\ncredential_process = /bin/touch {touched}\n": "credential_process",
}  # fmt: skip


@pytest.mark.parametrize("text, words", UNUSABLE.items(), ids=UNUSABLE.values())
def test_profiles_that_are_of_no_use(
    swift: S3, client: slipway.Client, new_file: NewFile, home: pathlib.Path, text: str, words: str
) -> None:
    proxy = swift.proxy()
    (home / ".aws").mkdir()
    (home / ".aws" / "credentials").write_text(text.format(touched=home / "touched"))
    with pytest.raises(slipway.InvalidArgumentError) as refused:
        client.store(new_file(), settings(swift, proxy, profile="ci", **NO_KEYS))
    assert words in refused.value.message and refused.value.hint and "of-half" not in str(refused.value)
    assert proxy.requests() == [] and not (home / "touched").exists()


def test_none_at_all(swift: S3, client: slipway.Client, new_file: NewFile) -> None:
    proxy = swift.proxy()
    for call in (
        lambda storage: client.store(new_file(), storage), lambda storage: client.storage_delete(storage, "a"),
        client.storage_list_unfinished, client.storage_abort_unfinished,
    ):  # fmt: skip
        with pytest.raises(slipway.InvalidArgumentError, match="no credentials") as refused:
            call(settings(swift, proxy, **NO_KEYS))
        assert "AWS_ACCESS_KEY_ID" in refused.value.hint and "AWS_PROFILE" in refused.value.hint
    assert proxy.requests() == []


# What the storage says of them


def test_a_wrong_secret(s3: S3, client: slipway.Client, new_file: NewFile, wrong: str) -> None:
    error, _ = failure(slipway.UnauthorizedError, lambda: client.store(new_file(), settings(s3, secret_access_key=wrong)))
    assert error.http_status == 403 and "SignatureDoesNotMatch" in error.message and "secret access key" in error.hint
    assert not error.retriable and error.attempts <= 2 and s3.keys() == []


def test_an_id_that_nobody_knows(s3: S3, client: slipway.Client, new_file: NewFile, wrong: str) -> None:
    storage = settings(s3, access_key_id="nobody", secret_access_key=wrong)
    error, _ = failure(slipway.UnauthorizedError, lambda: client.store(new_file(), storage))
    assert error.http_status == 403 and error.hint and s3.keys() == []


def test_a_session_token(
    s3: S3, client: slipway.Client, new_file: NewFile, secrets: Secrets, monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    """Neither server has such keys, nor minds them. It goes with each request, and is signed."""
    token = secrets.add(f"token-{random_secrets.token_hex(20)}/+=")
    for source in ("settings", "environment", "profile"):
        proxy = s3.proxy()
        changes: Dict[str, Any] = {}
        if source == "settings":
            changes = {"session_token": token}
        elif source == "environment":
            for name, value in {**s3.environment(), "AWS_SESSION_TOKEN": token}.items():
                monkeypatch.setenv(name, value)
            changes = NO_KEYS
        else:
            write(s3, "[ci]\naws_access_key_id={id}\naws_secret_access_key={secret}\naws_session_token=" + token + "\n")
            changes = {**NO_KEYS, "profile": "ci"}
        client.store(new_file(), settings(s3, proxy, link=slipway.Link.NONE, **changes), always_send=True)
        requests = proxy.requests()
        assert len(requests) == 3 and all(request.headers["x-amz-security-token"] == token for request in requests)
        assert all(";x-amz-security-token" in request.headers["authorization"] for request in requests)


def test_a_session_token_is_part_of_a_link(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    """As S3 has it: without the token nobody could check the signature."""
    stored = client.store(new_file(), settings(s3, session_token="a/token+for=links"), check_url=False)
    assert "X-Amz-Security-Token=a%2Ftoken%2Bfor%3Dlinks" in str(stored.url) and s3.secret_access_key not in str(stored.url)


def test_no_secret_is_told(s3: S3, client: slipway.Client, new_file: NewFile, recorder: Recorder, wrong: str) -> None:
    """The suite looks for all of them when it ends; here what would tell them is made to happen."""
    client.store(new_file(), settings(s3))
    failure(slipway.UnauthorizedError, lambda: client.store(new_file(), settings(s3, secret_access_key=wrong), always_send=True))
    text = recorder.text()
    assert s3.secret_access_key not in text
    assert wrong not in text
    assert "AWS4-HMAC-SHA256 Credential=" not in text, "what authorizes a request is nobody's business"
