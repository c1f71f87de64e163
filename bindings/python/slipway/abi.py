"""The structs and functions of slipway.h, in its order. Nothing here decides anything.

`Tests/Integration/test_python.py` has a C compiler compare every size and offset with the header.
"""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Dict, List, NamedTuple, Tuple, Type

# Structs that come in are read through their address: as ints, the arguments of a callback cost no objects.
LogFunction = CFUNCTYPE(None, c_int32, c_char_p, c_void_p)
ClosedFunction = CFUNCTYPE(None, c_void_p)
CompleteFunction = CFUNCTYPE(None, c_void_p, c_void_p)
ProgressFunction = CFUNCTYPE(None, c_void_p, c_void_p)
ItemFunction = CFUNCTYPE(None, c_size_t, c_void_p, c_void_p)

DELIVERY_POLLED = 1
ORIGINAL_UNCHANGED, ORIGINAL_ALLOWED, ORIGINAL_DENIED = 0, 1, 2
KEEP, REMOVE_WHEN_DONE = 0, 1


class ClientOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("delivery", c_int32),
        ("streampixel_base_url", c_char_p),
        ("streampixel_api_key", c_char_p),
        ("streampixel_user_id", c_char_p),
        ("entermedia_base_url", c_char_p),
        ("entermedia_key", c_char_p),
        ("entermedia_user", c_char_p),
        ("entermedia_password", c_char_p),
        ("proxy", c_char_p),
        ("ca_bundle", c_char_p),
        ("user_agent", c_char_p),
        ("on_closed", ClosedFunction),
        ("on_closed_user_data", c_void_p),
        ("connect_timeout_ms", c_uint32),
        ("idle_timeout_ms", c_uint32),
        ("deadline_ms", c_uint32),
        ("max_attempts", c_uint32),
        ("retry_delay_ms", c_uint32),
        ("max_connections", c_uint32),
        ("streampixel_rate_window_ms", c_uint32),
        ("allow_insecure", c_int32),
    ]


_HEADER: List[Tuple[str, Any]] = [("struct_size", c_uint32), ("deadline_ms", c_uint32), ("on_progress", ProgressFunction)]


class UploadRequest(ctypes.Structure):
    _fields_ = _HEADER + [
        ("project_id", c_char_p),
        ("file_url", c_char_p),
        ("manual_release", c_int32),
        ("skip_url_check", c_int32),
        ("expected_size", c_uint64),
    ]


class DistributeRequest(ctypes.Structure):
    _fields_ = _HEADER + [("project_id", c_char_p), ("upload_id", c_char_p)]


class ListProjectsRequest(ctypes.Structure):
    _fields_ = _HEADER


class ProjectRequest(ctypes.Structure):
    _fields_ = _HEADER + [("project_id", c_char_p)]


class WaitForBuildRequest(ctypes.Structure):
    _fields_ = _HEADER + [
        ("project_id", c_char_p),
        ("upload_id", c_char_p),
        ("until", c_int32),
        ("interval_ms", c_uint32),
        ("max_interval_ms", c_uint32),
        ("settle_ms", c_uint32),
    ]


class ReceiveWebhookRequest(ctypes.Structure):
    _fields_ = _HEADER + [
        ("body", c_char_p),  # with body_size, so NULs inside are fine
        ("body_size", c_size_t),
        ("confirm", c_int32),
        ("reserved", c_int32),
    ]


class LoginRequest(ctypes.Structure):
    _fields_ = _HEADER


class DistributionCreateRequest(ctypes.Structure):
    _fields_ = _HEADER + [
        ("asset_id", c_char_p),
        ("distribution_id", c_char_p),
        ("allow_original", c_int32),
        ("skip_verify", c_int32),
    ]


class DistributionEditRequest(ctypes.Structure):
    _fields_ = _HEADER + [
        ("distribution_id", c_char_p),
        ("asset_id", c_char_p),
        ("original", c_int32),
        ("skip_verify", c_int32),
    ]


class DistributionRequest(ctypes.Structure):
    _fields_ = _HEADER + [("distribution_id", c_char_p)]


class Term(ctypes.Structure):
    _fields_ = [("field", c_char_p), ("match", c_char_p), ("value", c_char_p)]


class DistributionSearchRequest(ctypes.Structure):
    _fields_ = _HEADER + [
        ("terms", POINTER(Term)),
        ("term_count", c_size_t),
        ("page", c_uint32),
        ("page_size", c_uint32),
    ]


class DistributionCreateManyRequest(ctypes.Structure):
    _fields_ = _HEADER + [
        ("asset_ids", POINTER(c_char_p)),
        ("asset_count", c_size_t),
        ("distribution_ids", POINTER(c_char_p)),
        ("on_item", ItemFunction),
        ("allow_original", c_int32),
        ("skip_verify", c_int32),
        ("max_parallel", c_uint32),
        ("reserved", c_uint32),
    ]


class AssetUploadRequest(ctypes.Structure):
    _fields_ = _HEADER + [
        ("file_path", c_char_p),
        ("asset_id", c_char_p),
        ("source_path", c_char_p),
        ("name", c_char_p),
    ]


class AssetRequest(ctypes.Structure):
    _fields_ = _HEADER + [("asset_id", c_char_p)]


class Storage(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("addressing", c_int32),
        ("bucket", c_char_p),
        ("put_url", c_char_p),
        ("directory", c_char_p),
        ("endpoint", c_char_p),
        ("region", c_char_p),
        ("key_prefix", c_char_p),
        ("access_key_id", c_char_p),
        ("secret_access_key", c_char_p),
        ("session_token", c_char_p),
        ("profile", c_char_p),
        ("public_url", c_char_p),
        ("link", c_int32),
        ("link_hours", c_uint32),
        ("content_type", c_char_p),
        ("content_disposition", c_char_p),
        ("acl", c_char_p),
        ("storage_class", c_char_p),
        ("encryption", c_char_p),
        ("encryption_key_id", c_char_p),
        ("put_headers", POINTER(c_char_p)),
        ("put_header_count", c_size_t),
        ("checksum", c_int32),
        ("sign_payload", c_int32),
        ("part_size", c_uint64),
        ("parallel_parts", c_uint32),
        ("abort_unfinished", c_int32),
        ("bytes_per_second", c_uint64),
    ]


class StoreRequest(ctypes.Structure):
    _fields_ = _HEADER + [
        ("storage", POINTER(Storage)),
        ("file_path", c_char_p),
        ("key", c_char_p),
        ("metadata_names", POINTER(c_char_p)),
        ("metadata_values", POINTER(c_char_p)),
        ("metadata_count", c_size_t),
        ("always_send", c_int32),
        ("skip_url_check", c_int32),
    ]


class StorageObjectRequest(ctypes.Structure):
    _fields_ = _HEADER + [("storage", POINTER(Storage)), ("key", c_char_p)]


class StorageAbortRequest(ctypes.Structure):
    _fields_ = _HEADER + [
        ("storage", POINTER(Storage)),
        ("key", c_char_p),
        ("upload_id", c_char_p),
        ("min_age_minutes", c_uint32),
        ("reserved", c_uint32),
    ]


class CheckPackageRequest(ctypes.Structure):
    _fields_ = _HEADER + [("file_path", c_char_p)]


class ReleaseRequest(ctypes.Structure):
    _fields_ = _HEADER + [
        ("project_id", c_char_p),
        ("file_path", c_char_p),
        ("resume_from", c_char_p),
        ("source_path", c_char_p),
        ("manual_release", c_int32),
        ("hosted", c_int32),
        ("interval_ms", c_uint32),
        ("max_interval_ms", c_uint32),
        ("settle_ms", c_uint32),
        ("ignore_findings", c_int32),
        ("storage", POINTER(Storage)),
    ]


class ResultStruct(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("status", c_int32),
        ("operation", c_uint64),
        ("http_status", c_int32),
        ("attempts", c_uint32),
        ("retriable", c_int32),
        ("reserved", c_uint32),
        ("retry_after_ms", c_uint64),
        ("message", c_void_p),
        ("hint", c_void_p),
        ("document", c_void_p),
    ]


class ProgressStruct(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("stage", c_int32),
        ("operation", c_uint64),
        ("elapsed_ms", c_uint64),
        ("wait_ms", c_uint64),
        ("state", c_void_p),
        ("service_state", c_void_p),
        ("message", c_void_p),
        ("attempt", c_uint32),
        ("release_stage", c_int32),
        ("bytes_done", c_uint64),
        ("bytes_total", c_uint64),
        ("bytes_per_second", c_uint64),
        ("time_left_ms", c_uint64),
        ("items_done", c_uint64),
        ("items_failed", c_uint64),
        ("items_total", c_uint64),
        ("resume_from", c_void_p),
    ]


#: The header's name of each struct above.
STRUCTS: Dict[str, Type[ctypes.Structure]] = {
    "slipway_client_options": ClientOptions,
    "slipway_upload_request": UploadRequest,
    "slipway_distribute_request": DistributeRequest,
    "slipway_list_projects_request": ListProjectsRequest,
    "slipway_project_request": ProjectRequest,
    "slipway_wait_for_build_request": WaitForBuildRequest,
    "slipway_receive_webhook_request": ReceiveWebhookRequest,
    "slipway_entermedia_login_request": LoginRequest,
    "slipway_entermedia_distribution_create_request": DistributionCreateRequest,
    "slipway_entermedia_distribution_edit_request": DistributionEditRequest,
    "slipway_entermedia_distribution_request": DistributionRequest,
    "slipway_entermedia_term": Term,
    "slipway_entermedia_distribution_search_request": DistributionSearchRequest,
    "slipway_entermedia_distribution_create_many_request": DistributionCreateManyRequest,
    "slipway_entermedia_asset_upload_request": AssetUploadRequest,
    "slipway_entermedia_asset_request": AssetRequest,
    "slipway_storage": Storage,
    "slipway_store_request": StoreRequest,
    "slipway_storage_object_request": StorageObjectRequest,
    "slipway_storage_abort_request": StorageAbortRequest,
    "slipway_check_package_request": CheckPackageRequest,
    "slipway_release_request": ReleaseRequest,
    "slipway_result": ResultStruct,
    "slipway_progress": ProgressStruct,
}


class Signature(NamedTuple):
    result: Any
    arguments: Tuple[Any, ...]
    blocks: bool
    """True: the interpreter lock is given back during the call. The others return at once; giving it back would cost more than they do."""


_START = Signature(c_int32, (c_void_p, c_void_p, CompleteFunction, c_void_p, c_void_p), blocks=False)

#: The functions that this package calls.
FUNCTIONS: Dict[str, Signature] = {
    "slipway_version_number": Signature(c_uint32, (), blocks=False),
    "slipway_version_string": Signature(c_char_p, (), blocks=False),
    "slipway_status_name": Signature(c_char_p, (c_int32,), blocks=False),
    "slipway_set_log": Signature(c_int32, (c_int32, LogFunction, c_void_p), blocks=True),
    "slipway_client_create": Signature(c_int32, (c_void_p, POINTER(c_void_p), c_char_p, c_size_t), blocks=True),
    "slipway_client_release": Signature(c_int32, (c_void_p,), blocks=False),
    "slipway_client_poll": Signature(c_int32, (c_void_p, c_uint32, c_void_p), blocks=False),
    "slipway_client_wait": Signature(c_int32, (c_void_p, c_uint32), blocks=True),
    "slipway_cancel": Signature(c_int32, (c_void_p, c_uint64), blocks=False),
    "slipway_result_json": Signature(c_char_p, (c_void_p, c_char_p), blocks=False),
    "slipway_upload": _START,
    "slipway_distribute": _START,
    "slipway_list_projects": _START,
    "slipway_get_project": _START,
    "slipway_get_project_stats": _START,
    "slipway_test_webhook": _START,
    "slipway_wait_for_build": _START,
    "slipway_receive_webhook": _START,
    "slipway_entermedia_login": _START,
    "slipway_entermedia_distribution_create": _START,
    "slipway_entermedia_distribution_edit": _START,
    "slipway_entermedia_distribution_get": _START,
    "slipway_entermedia_distribution_delete": _START,
    "slipway_entermedia_distribution_search": _START,
    "slipway_entermedia_distribution_create_many": _START,
    "slipway_entermedia_asset_upload": _START,
    "slipway_entermedia_asset_get": _START,
    "slipway_entermedia_asset_delete": _START,
    "slipway_store": _START,
    "slipway_storage_delete": _START,
    "slipway_storage_list_unfinished": _START,
    "slipway_storage_abort_unfinished": _START,
    "slipway_check_package": _START,
    "slipway_release": _START,
}
