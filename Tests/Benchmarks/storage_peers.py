#!/usr/bin/env python3
"""One file to storage, by one of the Python packages that Slipway is compared with, in a process that does nothing else.

    storage_peers.py boto3|awscrt|obstore|minio --endpoint URL --authority FILE --bucket NAME --key KEY --file FILE

Each is used as its documentation shows it for a file, with its own defaults for parts, parallelism and checksums. Keys and region come from
the environment.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import urllib.parse

REGION = os.environ.get("AWS_REGION", "us-east-1")


def with_boto3(endpoint: str, authority: str, bucket: str, key: str, file: str) -> None:
    import boto3
    from botocore.config import Config

    client = boto3.client("s3", endpoint_url=endpoint, verify=authority, config=Config(s3={"addressing_style": "path"}))
    client.upload_file(file, bucket, key)


def with_awscrt(endpoint: str, authority: str, bucket: str, key: str, file: str) -> None:
    from awscrt import auth, http, io, s3

    url = urllib.parse.urlsplit(endpoint)
    tls = None
    if url.scheme == "https":
        options = io.TlsContextOptions()
        options.override_default_trust_store_from_path(ca_filepath=authority)
        tls = io.ClientTlsContext(options).new_connection_options()
        tls.set_server_name(url.hostname)
    group = io.EventLoopGroup()
    client = s3.S3Client(
        bootstrap=io.ClientBootstrap(group, io.DefaultHostResolver(group)),
        region=REGION,
        signing_config=s3.create_default_s3_signing_config(
            region=REGION,
            credential_provider=auth.AwsCredentialsProvider.new_environment(),
        ),
        tls_mode=s3.S3RequestTlsMode.ENABLED if tls else s3.S3RequestTlsMode.DISABLED,
        tls_connection_options=tls,
    )
    headers = http.HttpHeaders([("Host", url.netloc), ("Content-Length", str(os.path.getsize(file)))])
    request = http.HttpRequest("PUT", f"/{bucket}/{key}", headers)
    client.make_request(type=s3.S3RequestType.PUT_OBJECT, request=request, send_filepath=file).finished_future.result()


def with_obstore(endpoint: str, authority: str, bucket: str, key: str, file: str) -> None:
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        bucket,
        endpoint=endpoint,
        region=REGION,
        client_options={"allow_http": True, "root_certificate": pathlib.Path(authority).read_text()},
    )
    obstore.put(store, key, pathlib.Path(file))


def with_minio(endpoint: str, authority: str, bucket: str, key: str, file: str) -> None:
    from minio import Minio

    url = urllib.parse.urlsplit(endpoint)
    os.environ["SSL_CERT_FILE"] = authority  # where it looks for what to trust
    access, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    client = Minio(url.netloc, access_key=access, secret_key=secret, secure=url.scheme == "https", region=REGION)
    client.fput_object(bucket, key, file)


PEERS = {"boto3": with_boto3, "awscrt": with_awscrt, "obstore": with_obstore, "minio": with_minio}


def main() -> None:
    parser = argparse.ArgumentParser(description="One file to storage, by a Python package.")
    parser.add_argument("peer", choices=PEERS)
    for name in ("endpoint", "authority", "bucket", "key", "file"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    PEERS[arguments.peer](arguments.endpoint, arguments.authority, arguments.bucket, arguments.key, arguments.file)


if __name__ == "__main__":
    main()
