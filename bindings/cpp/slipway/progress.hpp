// How far an operation is. Part of slipway.hpp.
#ifndef SLIPWAY_PROGRESS_HPP
#define SLIPWAY_PROGRESS_HPP

#include "build_state.hpp"
#include "release_stage.hpp"
#include "time.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

/// What an operation is busy with.
enum class Stage : std::int32_t {
    checking = SLIPWAY_STAGE_CHECKING,
    waiting_turn = SLIPWAY_STAGE_WAITING_TURN,
    requesting = SLIPWAY_STAGE_REQUESTING,
    retrying = SLIPWAY_STAGE_RETRYING,
    waiting_build = SLIPWAY_STAGE_WAITING_BUILD,
    transferring = SLIPWAY_STAGE_TRANSFERRING,
    many = SLIPWAY_STAGE_MANY
};

/// How far an operation is; see slipway_progress.
struct Progress {
    Stage stage = Stage::requesting;
    std::uint64_t operation = 0;
    Milliseconds elapsed{0};   ///< Since the operation started.
    Milliseconds wait{0};      ///< How long from now nothing will happen, as far as is known.
    BuildState state = BuildState::none;
    std::string service_state; ///< The service's own word for it, or empty.
    std::string message;       ///< One sentence for a person.
    std::uint32_t attempt = 0; ///< 1 for the first attempt at the current request.

    ReleaseStage release_stage = ReleaseStage::none; ///< Of Client::release.
    /// What makes the same release go on from here, in this process or in another one, or empty. Keep the latest.
    std::string resume_from;

    std::uint64_t bytes_done = 0;       ///< Of the file that is being sent.
    std::uint64_t bytes_total = 0;      ///< The file's size, or 0 when no file is being sent.
    std::uint64_t bytes_per_second = 0; ///< Lately; 0 while that is not known.
    Milliseconds time_left{0};          ///< For what is being sent, at that rate; 0 while that is not known.

    /// Of Client::entermedia_distribution_create_many: those that have ended; of Client::store: the parts that the storage has,
    std::uint64_t items_done = 0;
    std::uint64_t items_failed = 0; ///< those of them that failed,
    std::uint64_t items_total = 0;  ///< and all of them.
};

/// Gets an operation's progress, at most ten times a second, the last news always.
using OnProgress = std::function<void(const Progress &)>;

namespace detail {

inline Progress copied(const slipway_progress &from) {
    Progress progress;
    progress.stage = static_cast<Stage>(from.stage);
    progress.operation = from.operation;
    progress.elapsed = Milliseconds(from.elapsed_ms);
    progress.wait = Milliseconds(from.wait_ms);
    progress.state = build_state(from.state);
    progress.service_state = from.service_state;
    progress.message = from.message;
    progress.attempt = from.attempt;
    progress.release_stage = static_cast<ReleaseStage>(from.release_stage);
    progress.resume_from = from.resume_from;
    progress.bytes_done = from.bytes_done;
    progress.bytes_total = from.bytes_total;
    progress.bytes_per_second = from.bytes_per_second;
    progress.time_left = Milliseconds(from.time_left_ms);
    progress.items_done = from.items_done;
    progress.items_failed = from.items_failed;
    progress.items_total = from.items_total;
    return progress;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_progress) == 128, "Progress: carry the new member");

} // namespace detail

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_PROGRESS_HPP
