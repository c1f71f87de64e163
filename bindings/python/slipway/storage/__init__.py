"""Settings of where objects are stored: an S3, a PutURL or a Directory."""

from .addressing import Addressing
from .checksum import Checksum
from .directory import Directory
from .link import Link
from .put_url import PutURL
from .s3 import S3
from .storage import Storage

__all__ = ["Addressing", "Checksum", "Directory", "Link", "PutURL", "S3", "Storage"]
