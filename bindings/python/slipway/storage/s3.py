"""Settings of S3-compatible storage."""

from __future__ import annotations

import ctypes
import dataclasses
from typing import Optional

from .. import abi
from ..arguments import constant, count, optional_text, text
from .addressing import Addressing
from .checksum import Checksum
from .link import Link
from .storage import Storage


@dataclasses.dataclass(frozen=True, repr=False)
class S3(Storage):
    """A bucket of S3-compatible storage: AWS, Cloudflare R2, DigitalOcean Spaces, MinIO, Ceph and what else speaks like them.

    bucket               it must exist
    endpoint             such as "https://minio.example.com:9000", without the bucket. Default: AWS in that region
    region               "auto" for R2. Default: the environment variables AWS_REGION and AWS_DEFAULT_REGION, the profile's region,
                         "us-east-1"
    key_prefix           in front of every key, with a slash in between: "builds" makes "builds/MyGame.zip"
    access_key_id        with secret_access_key. Default: the environment variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
                         AWS_SESSION_TOKEN, then the profile
    session_token        comes with temporary keys
    profile              in the files ~/.aws/credentials and ~/.aws/config (or where AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE
                         say), which are only read; it goes before the environment's keys. Default: AWS_PROFILE, "default"
    public_url           what objects are read through, such as "https://builds.example.com": the key is put behind it, percent-encoded
    link_hours           how long a presigned link works, 1 to 168, but no longer than temporary keys do. Default 12: the service downloads
                         when its queue has come to it
    content_type         default: "application/zip" for a key that ends in .zip, else "application/octet-stream"
    content_disposition  such as "attachment"
    acl                  x-amz-acl, such as "public-read"
    storage_class        x-amz-storage-class
    encryption           x-amz-server-side-encryption: "AES256" or "aws:kms"
    encryption_key_id    x-amz-server-side-encryption-aws-kms-key-id
    sign_payload         the signature covers the content over https, too. It always does over http
    part_size            in bytes, 5 MiB to 5 GiB; a file that is not larger goes by one PUT. Default: 16 MiB, or for files of more than
                         16 GiB a thousandth of the file. Grows by itself where a file would have more than 10,000 parts
    parallel_parts       parts on their way at the same time, at most 64. Default 8
    abort_unfinished     an upload that ends early is aborted, so that nothing unfinished stays. Otherwise what has arrived stays, and the
                         next `store` goes on from it; the provider charges for it until then
    bytes_per_second     a limit on what is sent, all parts together. Default: none
    """

    bucket: str
    endpoint: Optional[str] = None
    region: Optional[str] = None
    key_prefix: Optional[str] = None
    access_key_id: Optional[str] = dataclasses.field(default=None, repr=False)
    secret_access_key: Optional[str] = dataclasses.field(default=None, repr=False)
    session_token: Optional[str] = dataclasses.field(default=None, repr=False)
    profile: Optional[str] = None
    addressing: Addressing = Addressing.AUTOMATIC
    public_url: Optional[str] = None
    link: Link = Link.AUTOMATIC
    link_hours: Optional[int] = None
    content_type: Optional[str] = None
    content_disposition: Optional[str] = None
    acl: Optional[str] = None
    storage_class: Optional[str] = None
    encryption: Optional[str] = None
    encryption_key_id: Optional[str] = None
    checksum: Checksum = Checksum.NONE
    sign_payload: bool = False
    part_size: Optional[int] = None
    parallel_parts: Optional[int] = None
    abort_unfinished: bool = False
    bytes_per_second: Optional[int] = None

    def _struct(self) -> abi.Storage:
        return abi.Storage(
            struct_size=ctypes.sizeof(abi.Storage),
            addressing=constant("storage.addressing", self.addressing, Addressing),
            bucket=text("storage.bucket", self.bucket),
            endpoint=optional_text("storage.endpoint", self.endpoint),
            region=optional_text("storage.region", self.region),
            key_prefix=optional_text("storage.key_prefix", self.key_prefix),
            access_key_id=optional_text("storage.access_key_id", self.access_key_id),
            secret_access_key=optional_text("storage.secret_access_key", self.secret_access_key),
            session_token=optional_text("storage.session_token", self.session_token),
            profile=optional_text("storage.profile", self.profile),
            public_url=optional_text("storage.public_url", self.public_url),
            link=constant("storage.link", self.link, Link),
            link_hours=count("storage.link_hours", self.link_hours, 168),
            content_type=optional_text("storage.content_type", self.content_type),
            content_disposition=optional_text("storage.content_disposition", self.content_disposition),
            acl=optional_text("storage.acl", self.acl),
            storage_class=optional_text("storage.storage_class", self.storage_class),
            encryption=optional_text("storage.encryption", self.encryption),
            encryption_key_id=optional_text("storage.encryption_key_id", self.encryption_key_id),
            checksum=constant("storage.checksum", self.checksum, Checksum),
            sign_payload=bool(self.sign_payload),
            part_size=count("storage.part_size", self.part_size, 2**64 - 1),
            parallel_parts=count("storage.parallel_parts", self.parallel_parts, 64),
            abort_unfinished=bool(self.abort_unfinished),
            bytes_per_second=count("storage.bytes_per_second", self.bytes_per_second, 2**64 - 1),
        )
