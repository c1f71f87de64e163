// slipway.hpp: slipway.h for C++17 and later, header-only. Its parts lie in the folder slipway/ next to it.
//
//     #include <slipway.hpp>
//
//     slipway::ClientOptions options;                        // keys: from the environment, see slipway_client_options
//     slipway::Client client(options);
//
//     slipway::ReleaseRequest request;
//     request.project_id = "665a1c2e9b1d4f0012ab34cd";
//     request.file_path = "Saved/MyGame-1.0.zip";
//     slipway::Release release = client.release(request).get().value();
//
// What the calls do stands in slipway.h; these files say only what C++ adds.
//
// OWNERSHIP. A Client owns its handle and moves, but does not copy. Everything else is a plain value: results are copied out of the
// library inside its callback, so they live as long as you keep them.
//
// TWO WAYS to get an answer, the same for each operation:
//     client.release(request).get()            a Pending: wait for it, cancel it, or turn it into a std::future
//     client.release(request, callback)        a callback: called exactly once if the returned Operation says that
//                                              it started, never otherwise
// Callbacks come on the threads that slipway.h names, with its rules: never in parallel for one client, do not block in them. What a
// request has of them (on_progress, on_item) is kept until the operation's end, and dropped then.
//
// ERRORS. No operation throws because of what a service, the network or the library answered: a Result has a status, a
// message and a hint. Result::value() is for those who prefer exceptions: it gives the answer, or throws
// slipway::Error, more exactly an ErrorOf<Answer>, which has what the answer says in spite of the failure. The only other
// function that throws an Error is the constructor of Client; Client::create is its twin
// that does not. A call that could not even start answers in the same way: a Pending is then ready, with the status. No
// future is ever left without an answer, except that a polled client's come when it is polled.
//
// EXCEPTIONS that leave a callback of yours end there: they are given to ClientOptions::on_exception, if there is one, and never reach C.
//
// WITHOUT EXCEPTIONS or RTTI (-fno-exceptions -fno-rtti) everything is there but value(), Error, on_exception and the throwing constructor.
//
// Copyright 2026 the Slipway authors. SPDX-License-Identifier: Apache-2.0
#ifndef SLIPWAY_HPP
#define SLIPWAY_HPP

#include "slipway/build_state.hpp"    // BuildState
#include "slipway/client.hpp"         // Client
#include "slipway/client_options.hpp" // ClientOptions, Delivery
#include "slipway/entermedia.hpp"     // EnterMedia...
#include "slipway/log.hpp"            // set_log
#include "slipway/mode.hpp"           // SLIPWAY_HPP_EXCEPTIONS
#include "slipway/operation.hpp"      // Operation, Pending
#include "slipway/progress.hpp"       // Progress, Stage, OnProgress
#include "slipway/release.hpp"        // ReleaseRequest, Release, CheckPackageRequest, Package
#include "slipway/release_stage.hpp"  // ReleaseStage
#include "slipway/result.hpp"         // Result, Outcome, Error, ErrorOf, OnComplete
#include "slipway/status.hpp"         // Status
#include "slipway/storage.hpp"        // S3Storage, PutUrlStorage, DirectoryStorage, StoreRequest, StoredObject and so on
#include "slipway/streampixel.hpp"    // UploadRequest, Upload and so on
#include "slipway/time.hpp"           // Milliseconds, forever

#include <string_view>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

/// The version of these files. They belong to the slipway.h of the same version; version() is that of the library which was loaded.
#define SLIPWAY_HPP_VERSION "0.1.0"
static_assert(std::string_view(SLIPWAY_HPP_VERSION) == SLIPWAY_VERSION_STRING, "slipway.hpp and slipway.h are of different versions");

/// The version of the library, such as "0.1.0".
inline std::string_view version() noexcept { return slipway_version_string(); }

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_HPP
