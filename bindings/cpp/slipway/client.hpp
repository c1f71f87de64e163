// Settings, connections and running operations. Part of slipway.hpp.
#ifndef SLIPWAY_CLIENT_HPP
#define SLIPWAY_CLIENT_HPP

#include "arguments.hpp"
#include "call.hpp"
#include "client_options.hpp"
#include "entermedia.hpp"
#include "operation.hpp"
#include "release.hpp"
#include "result.hpp"
#include "status.hpp"
#include "storage.hpp"
#include "streampixel.hpp"
#include "time.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <utility>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

/// Settings, connections and running operations.
class Client {
public:
    /// Has nothing: operations answer invalid_argument. So does a client that was moved from.
    Client() noexcept = default;

    /// Creates a client; the result's message says what is wrong with the options and what to do.
    [[nodiscard]] static Result<Client> create(const ClientOptions &options = {}) {
        Result<Client> result;
        detail::Arguments arguments;
        slipway_client_options c = detail::to_c(options, arguments);
        if (!arguments.good()) {
            result.status = Status::invalid_argument;
            result.message = "One of the client's options contains a NUL";
            return result;
        }

        Client &client = result.answer;
        client.host_ = std::make_shared<detail::Host>();
        client.host_->on_closed = options.on_closed;
#if SLIPWAY_HPP_EXCEPTIONS
        client.host_->on_exception = options.on_exception;
#endif
        client.linger_ = options.linger.value_or(options.delivery == Delivery::polled ? std::chrono::seconds(10) : Milliseconds(0));
        auto owned = std::make_unique<std::shared_ptr<detail::Host>>(client.host_);
        c.on_closed = detail::Host::closed;
        c.on_closed_user_data = owned.get();

        char message[1024] = "";
        result.status = static_cast<Status>(slipway_client_create(&c, &client.handle_, message, sizeof message));
        result.message = message;
        if (result.ok()) static_cast<void>(owned.release()); // Host::closed has it now.
        return result;
    }

#if SLIPWAY_HPP_EXCEPTIONS
    /// As `create`; throws Error.
    explicit Client(const ClientOptions &options) : Client(create(options).value()) {}
#endif

    Client(Client &&other) noexcept { swap(other); }

    Client &operator=(Client &&other) noexcept {
        Client(std::move(other)).swap(*this);
        return *this;
    }

    /// Releases: what still runs completes with Status::cancelled, then comes on_closed. Does not block, but see
    /// ClientOptions::linger. Legal inside callbacks.
    ~Client() {
        if (!handle_) return;
        slipway_client_release(handle_);
        if (linger_.count() > 0) slipway_client_close(handle_, detail::timeout(linger_));
    }

    void swap(Client &other) noexcept {
        std::swap(handle_, other.handle_);
        host_.swap(other.host_);
        std::swap(linger_, other.linger_);
    }

    /// The handle, for the functions of slipway.h. Stays the client's.
    slipway_client *handle() const noexcept { return handle_; }
    explicit operator bool() const noexcept { return handle_ != nullptr; }

    /// Ends the client without blocking; see slipway_client_release. A polled one still has to be polled, or closed.
    Status release() noexcept { return static_cast<Status>(slipway_client_release(handle_)); }

    /// Releases, and blocks until on_closed has returned: ok, or deadline_exceeded, and the call may be repeated.
    /// Inside a callback: would_deadlock.
    Status close(Milliseconds timeout = forever) noexcept {
        return static_cast<Status>(slipway_client_close(handle_, detail::timeout(timeout)));
    }

    /// Asks an operation to stop; see slipway_cancel.
    Status cancel(std::uint64_t operation) noexcept { return static_cast<Status>(slipway_cancel(handle_, operation)); }

    // Delivery::polled. For any other client these answer invalid_argument, and closed once on_closed was called.

    /// Delivers callbacks that are due, at most `max_callbacks` of them (0: all), on this thread. `delivered` gets their number.
    Status poll(std::uint32_t max_callbacks = 0, std::uint32_t *delivered = nullptr) noexcept {
        return static_cast<Status>(slipway_client_poll(handle_, max_callbacks, delivered));
    }

    /// Blocks until there is something to poll: ok, or deadline_exceeded.
    Status wait(Milliseconds timeout = forever) noexcept {
        return static_cast<Status>(slipway_client_wait(handle_, detail::timeout(timeout)));
    }

    /// A descriptor that is readable while there is something to poll; the client's own. -1 when there is none.
    int poll_fd() const noexcept {
        int fd = -1;
        return slipway_client_poll_fd(handle_, &fd) == SLIPWAY_OK ? fd : -1;
    }

    /// Delivers callbacks on this thread until `done()` is true, which is asked before the first and after each: ok, or
    /// deadline_exceeded, or why polling is impossible. For one thread at a time.
    template <class Predicate> Status run_until(Predicate done, Milliseconds timeout = forever) {
        using Clock = std::chrono::steady_clock;
        const Clock::time_point start = Clock::now();
        while (!done()) {
            std::uint32_t delivered = 0;
            const Status polled = poll(1, &delivered);
            if (polled != Status::ok) return polled;
            if (delivered > 0) continue;
            const auto passed = std::chrono::duration_cast<Milliseconds>(Clock::now() - start);
            const Status waited = wait(timeout == forever ? forever : timeout - passed);
            if (waited != Status::ok) return waited;
        }
        return Status::ok;
    }

    // The whole way. Each of the following starts one operation; what it does stands in slipway.h.

    /// Takes a .zip to a live build: slipway_release.
    Pending<Release> release(ReleaseRequest request) { return pending<Release>(slipway_release, std::move(request)); }

    [[nodiscard]] Operation release(ReleaseRequest request, OnComplete<Release> on_complete) {
        return start(slipway_release, std::move(request), std::move(on_complete));
    }

    /// Reads a packaged build's table of contents: slipway_check_package.
    Pending<Package> check_package(CheckPackageRequest request) { return pending<Package>(slipway_check_package, std::move(request)); }

    [[nodiscard]] Operation check_package(CheckPackageRequest request, OnComplete<Package> on_complete) {
        return start(slipway_check_package, std::move(request), std::move(on_complete));
    }

    // Storage.

    /// Stores a file, in a bucket, by a PUT or in a folder, and makes a link to it: slipway_store.
    Pending<StoredObject> store(StoreRequest request) { return pending<StoredObject>(slipway_store, std::move(request)); }

    [[nodiscard]] Operation store(StoreRequest request, OnComplete<StoredObject> on_complete) {
        return start(slipway_store, std::move(request), std::move(on_complete));
    }

    /// Removes an object: slipway_storage_delete.
    Pending<StorageDeletion> storage_delete(StorageObjectRequest request) {
        return pending<StorageDeletion>(slipway_storage_delete, std::move(request));
    }

    [[nodiscard]] Operation storage_delete(StorageObjectRequest request, OnComplete<StorageDeletion> on_complete) {
        return start(slipway_storage_delete, std::move(request), std::move(on_complete));
    }

    /// Lists uploads that were never completed: slipway_storage_list_unfinished.
    Pending<UnfinishedUploads> storage_list_unfinished(StorageObjectRequest request) {
        return pending<UnfinishedUploads>(slipway_storage_list_unfinished, std::move(request));
    }

    [[nodiscard]] Operation storage_list_unfinished(StorageObjectRequest request, OnComplete<UnfinishedUploads> on_complete) {
        return start(slipway_storage_list_unfinished, std::move(request), std::move(on_complete));
    }

    /// Throws away uploads that were never completed: slipway_storage_abort_unfinished.
    Pending<AbortedUploads> storage_abort_unfinished(StorageAbortRequest request) {
        return pending<AbortedUploads>(slipway_storage_abort_unfinished, std::move(request));
    }

    [[nodiscard]] Operation storage_abort_unfinished(StorageAbortRequest request, OnComplete<AbortedUploads> on_complete) {
        return start(slipway_storage_abort_unfinished, std::move(request), std::move(on_complete));
    }

    // Streampixel.

    /// Registers a build: slipway_upload.
    Pending<Upload> upload(UploadRequest request) { return pending<Upload>(slipway_upload, std::move(request)); }

    [[nodiscard]] Operation upload(UploadRequest request, OnComplete<Upload> on_complete) {
        return start(slipway_upload, std::move(request), std::move(on_complete));
    }

    /// Puts an approved build on the streaming servers: slipway_distribute.
    Pending<Distribution> distribute(DistributeRequest request) { return pending<Distribution>(slipway_distribute, std::move(request)); }

    [[nodiscard]] Operation distribute(DistributeRequest request, OnComplete<Distribution> on_complete) {
        return start(slipway_distribute, std::move(request), std::move(on_complete));
    }

    /// Lists all projects: slipway_list_projects.
    Pending<Projects> projects(ProjectsRequest request = {}) { return pending<Projects>(slipway_list_projects, std::move(request)); }

    [[nodiscard]] Operation projects(ProjectsRequest request, OnComplete<Projects> on_complete) {
        return start(slipway_list_projects, std::move(request), std::move(on_complete));
    }

    /// Reads a project with its builds: slipway_get_project.
    Pending<Project> project(ProjectRequest request) { return pending<Project>(slipway_get_project, std::move(request)); }

    [[nodiscard]] Operation project(ProjectRequest request, OnComplete<Project> on_complete) {
        return start(slipway_get_project, std::move(request), std::move(on_complete));
    }

    /// Reads how many people play and wait: slipway_get_project_stats.
    Pending<ProjectStats> project_stats(ProjectRequest request) {
        return pending<ProjectStats>(slipway_get_project_stats, std::move(request));
    }

    [[nodiscard]] Operation project_stats(ProjectRequest request, OnComplete<ProjectStats> on_complete) {
        return start(slipway_get_project_stats, std::move(request), std::move(on_complete));
    }

    /// Has the service send its test event to the project's webhook: slipway_test_webhook.
    Pending<WebhookTest> test_webhook(ProjectRequest request) { return pending<WebhookTest>(slipway_test_webhook, std::move(request)); }

    [[nodiscard]] Operation test_webhook(ProjectRequest request, OnComplete<WebhookTest> on_complete) {
        return start(slipway_test_webhook, std::move(request), std::move(on_complete));
    }

    /// Waits for the verdict on a build: slipway_wait_for_build.
    Pending<WaitedBuild> wait_for_build(WaitRequest request) { return pending<WaitedBuild>(slipway_wait_for_build, std::move(request)); }

    [[nodiscard]] Operation wait_for_build(WaitRequest request, OnComplete<WaitedBuild> on_complete) {
        return start(slipway_wait_for_build, std::move(request), std::move(on_complete));
    }

    /// Reads an event that your web server got: slipway_receive_webhook.
    Pending<WebhookEvent> receive_webhook(WebhookRequest request) {
        return pending<WebhookEvent>(slipway_receive_webhook, std::move(request));
    }

    [[nodiscard]] Operation receive_webhook(WebhookRequest request, OnComplete<WebhookEvent> on_complete) {
        return start(slipway_receive_webhook, std::move(request), std::move(on_complete));
    }

    // EnterMedia.

    /// Logs in now, instead of on first use: slipway_entermedia_login.
    Pending<EnterMediaLogin> entermedia_login(EnterMediaLoginRequest request = {}) {
        return pending<EnterMediaLogin>(slipway_entermedia_login, std::move(request));
    }

    [[nodiscard]] Operation entermedia_login(EnterMediaLoginRequest request, OnComplete<EnterMediaLogin> on_complete) {
        return start(slipway_entermedia_login, std::move(request), std::move(on_complete));
    }

    /// Publishes an asset: slipway_entermedia_distribution_create.
    Pending<EnterMediaDistribution> entermedia_distribution_create(EnterMediaDistributionCreateRequest request) {
        return pending<EnterMediaDistribution>(slipway_entermedia_distribution_create, std::move(request));
    }

    [[nodiscard]] Operation entermedia_distribution_create(EnterMediaDistributionCreateRequest request,
                                                           OnComplete<EnterMediaDistribution> on_complete) {
        return start(slipway_entermedia_distribution_create, std::move(request), std::move(on_complete));
    }

    /// Publishes many assets: slipway_entermedia_distribution_create_many.
    Pending<EnterMediaDistributionsCreated> entermedia_distribution_create_many(EnterMediaDistributionCreateManyRequest request) {
        return pending<EnterMediaDistributionsCreated>(slipway_entermedia_distribution_create_many, std::move(request));
    }

    [[nodiscard]] Operation entermedia_distribution_create_many(EnterMediaDistributionCreateManyRequest request,
                                                                OnComplete<EnterMediaDistributionsCreated> on_complete) {
        return start(slipway_entermedia_distribution_create_many, std::move(request), std::move(on_complete));
    }

    /// Points a distribution at another asset, or changes what it gives: slipway_entermedia_distribution_edit.
    Pending<EnterMediaDistribution> entermedia_distribution_edit(EnterMediaDistributionEditRequest request) {
        return pending<EnterMediaDistribution>(slipway_entermedia_distribution_edit, std::move(request));
    }

    [[nodiscard]] Operation entermedia_distribution_edit(EnterMediaDistributionEditRequest request,
                                                         OnComplete<EnterMediaDistribution> on_complete) {
        return start(slipway_entermedia_distribution_edit, std::move(request), std::move(on_complete));
    }

    /// Reads a distribution: slipway_entermedia_distribution_get.
    Pending<EnterMediaDistribution> entermedia_distribution_get(EnterMediaDistributionRequest request) {
        return pending<EnterMediaDistribution>(slipway_entermedia_distribution_get, std::move(request));
    }

    [[nodiscard]] Operation entermedia_distribution_get(EnterMediaDistributionRequest request,
                                                        OnComplete<EnterMediaDistribution> on_complete) {
        return start(slipway_entermedia_distribution_get, std::move(request), std::move(on_complete));
    }

    /// Removes a distribution: slipway_entermedia_distribution_delete.
    Pending<EnterMediaDistributionDeletion> entermedia_distribution_delete(EnterMediaDistributionRequest request) {
        return pending<EnterMediaDistributionDeletion>(slipway_entermedia_distribution_delete, std::move(request));
    }

    [[nodiscard]] Operation entermedia_distribution_delete(EnterMediaDistributionRequest request,
                                                           OnComplete<EnterMediaDistributionDeletion> on_complete) {
        return start(slipway_entermedia_distribution_delete, std::move(request), std::move(on_complete));
    }

    /// Looks for distributions: slipway_entermedia_distribution_search.
    Pending<EnterMediaDistributions> entermedia_distribution_search(EnterMediaDistributionSearchRequest request = {}) {
        return pending<EnterMediaDistributions>(slipway_entermedia_distribution_search, std::move(request));
    }

    [[nodiscard]] Operation entermedia_distribution_search(EnterMediaDistributionSearchRequest request,
                                                           OnComplete<EnterMediaDistributions> on_complete) {
        return start(slipway_entermedia_distribution_search, std::move(request), std::move(on_complete));
    }

    /// Sends a file: slipway_entermedia_asset_upload.
    Pending<EnterMediaAssetUpload> entermedia_asset_upload(EnterMediaAssetUploadRequest request) {
        return pending<EnterMediaAssetUpload>(slipway_entermedia_asset_upload, std::move(request));
    }

    [[nodiscard]] Operation entermedia_asset_upload(EnterMediaAssetUploadRequest request, OnComplete<EnterMediaAssetUpload> on_complete) {
        return start(slipway_entermedia_asset_upload, std::move(request), std::move(on_complete));
    }

    /// Reads an asset: slipway_entermedia_asset_get.
    Pending<EnterMediaAsset> entermedia_asset_get(EnterMediaAssetRequest request) {
        return pending<EnterMediaAsset>(slipway_entermedia_asset_get, std::move(request));
    }

    [[nodiscard]] Operation entermedia_asset_get(EnterMediaAssetRequest request, OnComplete<EnterMediaAsset> on_complete) {
        return start(slipway_entermedia_asset_get, std::move(request), std::move(on_complete));
    }

    /// Removes an asset, with its file and all its links: slipway_entermedia_asset_delete.
    Pending<EnterMediaAssetDeletion> entermedia_asset_delete(EnterMediaAssetRequest request) {
        return pending<EnterMediaAssetDeletion>(slipway_entermedia_asset_delete, std::move(request));
    }

    [[nodiscard]] Operation entermedia_asset_delete(EnterMediaAssetRequest request, OnComplete<EnterMediaAssetDeletion> on_complete) {
        return start(slipway_entermedia_asset_delete, std::move(request), std::move(on_complete));
    }

private:
    template <class CRequest>
    using Function = slipway_status (*)(slipway_client *, const CRequest *, slipway_complete_fn, void *, slipway_operation *);

    /// Translates the request and starts its operation.
    template <class Answer, class CRequest, class Request>
    Operation start(Function<CRequest> function, Request request, OnComplete<Answer> on_complete) {
        using Call = detail::Call<Answer>;
        detail::Arguments arguments;
        CRequest c = detail::to_c(request, arguments);
        if (!arguments.good()) return Operation(handle_, 0, Status::invalid_argument);
        c.deadline_ms = detail::setting(request.deadline);
        c.on_progress = request.on_progress ? Call::progressed : nullptr;
        std::unique_ptr<Call> call = detail::call_for(on_complete, request);
        call->host = host_;
        call->on_complete = std::move(on_complete);
        call->on_progress = std::move(request.on_progress);
        std::uint64_t operation = 0;
        const slipway_status status = function(handle_, &c, Call::completed, call.get(), &operation);
        if (status == SLIPWAY_OK) static_cast<void>(call.release()); // Call::completed has it now; it may be gone already.
        return Operation(handle_, operation, static_cast<Status>(status));
    }

    template <class Answer, class CRequest, class Request> Pending<Answer> pending(Function<CRequest> function, Request request) {
        auto promise = std::make_shared<std::promise<Result<Answer>>>(); // Shared, because a std::function has to be copyable.
        std::future<Result<Answer>> future = promise->get_future();
        OnComplete<Answer> keep = [promise](Result<Answer> result) { promise->set_value(std::move(result)); };
        const Operation operation = start(function, std::move(request), std::move(keep));
        if (!operation) promise->set_value(detail::refused<Answer>(operation.status()));
        return Pending<Answer>(operation, std::move(future));
    }

    slipway_client *handle_ = nullptr;
    std::shared_ptr<detail::Host> host_;
    Milliseconds linger_{0};
};

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_CLIENT_HPP
